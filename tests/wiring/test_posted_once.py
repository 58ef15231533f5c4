"""A connection that breaks after Slack stored the message: whatever is called, the channel gets it once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.delivery import Delivered, InDoubt
from bot.domain.ids import UserId
from bot.slack.blocks.rendered import Rendered
from bot.slack.client import make_client, make_session
from bot.slack.gateway import SlackGateway
from tests.builders import NOW, SAM, TIER_1_CHANNEL, WORKSPACE
from tests.handlers.payloads import CLICK

MESSAGE = Rendered(text="Checkout is down", blocks=[])


class StoresAndDrops:
    """Answers the question who is asking; keeps everything else it is sent, and then drops the connection."""

    def __init__(self) -> None:
        self.stored: list[str] = []
        self.url = ""

    async def serve(self, request: web.Request) -> web.Response:
        await request.read()
        if request.path.endswith("/auth.test"):
            return web.json_response({"ok": True, "team_id": WORKSPACE, "user_id": "U0THEBOT01"})
        self.stored.append(request.path.rpartition("/")[2])
        assert request.transport is not None
        request.transport.abort()
        return web.Response()


@pytest.fixture
async def slack() -> AsyncIterator[StoresAndDrops]:
    party = StoresAndDrops()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", party.serve)
    async with TestServer(app) as server:
        party.url = str(server.make_url("/api/"))
        yield party


@pytest.fixture
async def client(slack: StoresAndDrops) -> AsyncIterator[AsyncWebClient]:
    """On a connection that is in use already: one that is found dead invites to try again."""
    async with make_session() as session:
        client = make_client(token="xoxb-1", base_url=slack.url, session=session)
        await client.auth_test()
        yield client


Call = Callable[[SlackGateway, str], Awaitable[object]]


@pytest.mark.parametrize(
    ("called", "call"),
    [
        ("chat.postMessage", lambda slack, _: slack.post(TIER_1_CHANNEL, MESSAGE, key="k")),
        ("chat.postMessage", lambda slack, _: slack.tell_directly(SAM, MESSAGE)),
        ("chat.postEphemeral", lambda slack, _: slack.tell(TIER_1_CHANNEL, SAM, MESSAGE)),
        ("chat.scheduleMessage", lambda slack, _: slack.schedule(TIER_1_CHANNEL, MESSAGE, NOW + timedelta(hours=1))),
        ("chat.update", lambda slack, _: slack.edit(TIER_1_CHANNEL, "1.2", MESSAGE, key="k")),
        ("views.open", lambda slack, _: slack.open_view("1.2.3", {"type": "modal"})),
        ("views.publish", lambda slack, _: slack.publish_home(UserId(SAM), {"type": "home"})),
        ("response_url", lambda slack, url: slack.answer(f"{url}response_url", "No.")),
    ],
)
async def test_every_call_is_made_once_and_its_outcome_is_in_doubt(
    slack: StoresAndDrops, client: AsyncWebClient, called: str, call: Call
) -> None:
    outcome = await call(SlackGateway(client), slack.url)
    assert isinstance(outcome, InDoubt)
    assert slack.stored == [called]


async def test_the_client_that_bolt_makes_for_each_request_calls_once_too(
    slack: StoresAndDrops, client: AsyncWebClient
) -> None:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=WORKSPACE, bot_user_id="U0THEBOT01", bot_token="xoxb-1")

    async def clicked(ack: Callable[[], Awaitable[Any]], client: AsyncWebClient) -> None:
        await ack()
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel=TIER_1_CHANNEL, text="x")

    app = AsyncApp(client=client, authorize=authorize, signing_secret="unused", process_before_response=True)
    app.action("acknowledge")(clicked)
    answer = await app.async_dispatch(AsyncBoltRequest(body=CLICK, mode="socket_mode"))
    assert answer.status == 200
    assert slack.stored == ["chat.postMessage"]


async def test_an_answer_that_slack_takes_is_delivered_and_one_that_it_does_not_take_is_not() -> None:
    taken: list[object] = []

    async def answers(request: web.Request) -> web.Response:
        taken.append(await request.json())
        return web.Response(text="ok") if len(taken) == 1 else web.Response(status=404, text="used_url")

    app = web.Application()
    app.router.add_post("/answer", answers)
    async with TestServer(app) as server, make_session() as session:
        url = str(server.make_url("/"))
        gateway = SlackGateway(make_client(token="xoxb-1", base_url=url, session=session))
        assert await gateway.answer(f"{url}answer", "No.") == Delivered("")
        assert await gateway.answer(f"{url}answer", "No.") == InDoubt("http 404")
    assert taken == [{"text": "No.", "response_type": "ephemeral", "replace_original": False}] * 2
