"""Signed HTTP requests to Bolt on FastAPI."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI, Request
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.responses import Response

from bot.playground import HttpDelivery, Playground
from bot.playground.server import Server
from tests.clock import ManualClock
from tests.playground.parties import FIRST_LINE, actions, bolt_app, button, field, modal, section, text_input


def wall() -> float:
    """Bolt compares signatures with the machine's time."""
    return time.time()  # noqa: TID251


@asynccontextmanager
async def served(app: AsyncApp) -> AsyncIterator[str]:
    """The app behind HTTP; its request url."""
    handler: Any = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        answer: Response = await handler.handle(request)
        return answer

    api = FastAPI()
    api.add_api_route("/slack/events", events, methods=["POST"], response_model=None)
    server = Server(api, host="127.0.0.1", port=0)
    port = await server.start()
    try:
        yield f"http://127.0.0.1:{port}/slack/events"
    finally:
        await server.stop()


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[Playground]:
    async with Playground(clock, wall=wall) as slack:
        yield slack


async def test_a_whole_story_over_http(slack: Playground, session: aiohttp.ClientSession) -> None:
    app = bolt_app(slack, session)
    heard: list[str] = []

    @app.command("/incident")
    async def incident(ack: Any, command: Any, client: Any) -> None:
        await ack(text=f"Opened: {command['text']}", response_type="ephemeral")
        await client.chat_postMessage(channel=FIRST_LINE, text="x", blocks=[section("x"), actions(button("ack"))])

    @app.action("ack")
    async def acknowledged(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(field("why", text_input())))

    @app.view("form")
    async def submitted(ack: Any, view: Any) -> None:
        why = view["state"]["values"]["why"]["text"]["value"]
        await (ack() if len(why) > 3 else ack(response_action="errors", errors={"why": "Say more."}))

    @app.event("message")
    async def said(event: Any) -> None:
        heard.append(event["text"])

    async with served(app) as url:
        await slack.deliver_by(HttpDelivery(url, slack.signing_secret))
        answer = await slack.command("ana", "tier-1-support", "/incident it is down & out")
        card = slack.workspace.channel(FIRST_LINE).messages[0]
        clicked = await slack.click("ana", FIRST_LINE, card.ts, "ack")
        assert clicked.view is not None
        refused = await slack.submit("ana", clicked.view.id, {"why": "no"})
        accepted = await slack.submit("ana", clicked.view.id, {"why": "because"})
        await slack.say("ben", FIRST_LINE, "hello")

    assert answer.text == "Opened: it is down &amp; out"
    assert (refused.ok, refused.errors) == (False, {"why": "Say more."})
    assert (accepted.ok, accepted.view) == (True, None)
    assert heard == ["hello"]


async def test_a_wrong_secret_is_found_out(slack: Playground, session: aiohttp.ClientSession) -> None:
    app = bolt_app(slack, session)
    async with served(app) as url:
        await slack.deliver_by(HttpDelivery(url, "another secret"))
        assert (await slack.command("ana", "general", "/incident")).error == "dispatch_failed"


async def test_an_event_refused_is_sent_again_and_says_so(slack: Playground, session: aiohttp.ClientSession) -> None:
    app = bolt_app(slack, session)
    tries: list[tuple[str | None, str | None]] = []

    @app.middleware
    async def fails_once(req: Any, next_: Any) -> None:
        headers = req.headers
        tries.append((*headers.get("x-slack-retry-num", [None]), *headers.get("x-slack-retry-reason", [None])))
        if len(tries) == 1:
            raise RuntimeError("the database is away")
        await next_()

    @app.event("message")
    async def said() -> None:
        pass

    async with served(app) as url:
        await slack.deliver_by(HttpDelivery(url, slack.signing_secret))
        await slack.say("ana", FIRST_LINE, "hello")
        await slack.wait_for(lambda: len(tries) == 2)

    assert tries == [(None, None), ("1", "http_error")]


async def test_nobody_there_is_a_failed_dispatch(slack: Playground) -> None:
    await slack.deliver_by(HttpDelivery("http://127.0.0.1:9/slack/events", "secret"))
    assert (await slack.command("ana", "general", "/incident")).error == "dispatch_failed"


def test_http_delivery_needs_the_machines_time(clock: ManualClock) -> None:
    with pytest.raises(ValueError, match="wall"):
        Playground(clock, delivery=HttpDelivery("http://127.0.0.1:9/", "secret"))
