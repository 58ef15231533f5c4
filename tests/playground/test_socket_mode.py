"""A real Bolt app on Socket Mode, and the protocol underneath it."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Fault, HttpDelivery, Playground
from tests.clock import ManualClock
from tests.playground.parties import (
    FIRST_LINE,
    Connect,
    actions,
    bolt_app,
    button,
    connected,
    field,
    modal,
    refused_with,
    section,
    text_input,
    web_client,
)


async def test_a_whole_story_of_command_click_and_modal(slack: Playground, app: AsyncApp, connect: Connect) -> None:
    submitted: list[str] = []

    @app.command("/incident")
    async def incident(ack: Any, command: Any, client: Any) -> None:
        await ack(f"Opened: {command['text']}")
        await client.chat_postMessage(
            channel=FIRST_LINE, text="INC-1", blocks=[section("INC-1"), actions(button("ack"))]
        )

    @app.action("ack")
    async def acknowledged(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="INC-1 is Ana's")
        await client.views_open(trigger_id=body["trigger_id"], view=modal(field("title", text_input())))

    @app.view("form")
    async def opened(ack: Any, view: Any) -> None:
        submitted.append(view["state"]["values"]["title"]["text"]["value"])
        await ack()

    await connect()

    answer = await slack.command("ana", "tier-1-support", "/incident open sev1 checkout: it is down")
    assert (answer.ok, answer.text) == (True, "Opened: open sev1 checkout: it is down")

    channel = slack.workspace.channel("tier-1-support")
    [card] = await slack.wait_for(lambda: channel.messages)
    assert (await slack.click("ana", "tier-1-support", card.ts, "ack")).ok
    assert (card.text, card.blocks, len(card.edited_versions)) == ("INC-1 is Ana's", [], 1)

    view = slack.workspace.modal("ana")
    assert view is not None
    assert (await slack.submit("ana", view.id, {"title": "Checkout is down"})).ok
    assert submitted == ["Checkout is down"]
    assert slack.workspace.modal("ana") is None


async def test_a_command_with_nobody_connected_fails_for_its_author_alone(slack: Playground) -> None:
    answer = await slack.command("ana", "general", "/incident")

    assert (answer.ok, answer.error) == (False, "dispatch_failed")
    [told] = slack.workspace.channel("general").ephemerals
    assert (told.text, told.ephemeral_to) == ('/incident failed with the error "dispatch_failed"', "U0ANA00001")


async def test_a_command_not_acknowledged_in_time_times_out(clock: ManualClock, session: aiohttp.ClientSession) -> None:
    async with Playground(clock, ack_within=0.05) as slack:
        app = bolt_app(slack, session)

        @app.command("/incident")
        async def forgets_to_acknowledge(command: Any) -> None:
            pass

        async with connected(slack, app):
            answer = await slack.command("ana", "general", "/incident open it")

    assert answer.error == "operation_timeout"
    [told] = slack.workspace.channel("general").ephemerals
    assert told.text == '/incident failed with the error "operation_timeout"'


async def test_a_url_serves_one_connection(
    slack: Playground, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    async with session.ws_connect(url) as socket:
        hello = await socket.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_only_the_app_token_opens_connections(slack: Playground, client: AsyncWebClient) -> None:
    assert await refused_with(client.apps_connections_open(app_token=slack.bot_token)) == "not_allowed_token_type"


async def test_an_eleventh_connection_is_turned_away(
    slack: Playground, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    async def connect() -> aiohttp.ClientWebSocketResponse:
        return await session.ws_connect((await client.apps_connections_open(app_token=slack.app_token))["url"])

    ten = [await connect() for _ in range(10)]
    assert (await ten[9].receive_json())["num_connections"] == 10
    assert (await (await connect()).receive_json())["reason"] == "too_many_websockets"


async def test_each_envelope_goes_to_one_of_several_connections(
    slack: Playground, app: AsyncApp, connect: Connect, session: aiohttp.ClientSession
) -> None:
    heard: list[str] = []
    second = bolt_app(slack, session)

    @app.command("/incident")
    async def first_hears(ack: Any) -> None:
        heard.append("first")
        await ack()

    @second.command("/incident")
    async def second_hears(ack: Any) -> None:
        heard.append("second")
        await ack()

    await connect()
    async with connected(slack, second):
        for _ in range(4):
            await slack.command("ana", "general", "/incident")

    assert sorted(heard) == ["first", "first", "second", "second"]


async def test_after_a_cut_the_app_comes_back_by_itself(slack: Playground, app: AsyncApp, connect: Connect) -> None:
    @app.command("/incident")
    async def incident(ack: Any) -> None:
        await ack("here")

    await connect()
    opened = _opened(slack)
    slack.cut_sockets()
    await slack.wait_for(lambda: _opened(slack) > opened and slack.app_connected)

    assert (await slack.command("ana", "general", "/incident")).text == "here"


async def test_a_refresh_makes_the_app_reconnect(slack: Playground, app: AsyncApp, connect: Connect) -> None:
    @app.command("/incident")
    async def incident(ack: Any) -> None:
        await ack("here")

    await connect()
    opened = _opened(slack)
    await slack.refresh_sockets()
    await slack.wait_for(lambda: _opened(slack) > opened and slack.app_connected)

    assert (await slack.command("ana", "general", "/incident")).text == "here"


def _opened(slack: Playground) -> int:
    return sum(call.method == "apps.connections.open" for call in slack.workspace.calls)


async def test_an_envelope_lost_on_the_road_is_a_timeout_for_the_person(
    slack: Playground, app: AsyncApp, connect: Connect
) -> None:
    heard: list[str] = []

    @app.command("/incident")
    async def incident(ack: Any, command: Any) -> None:
        heard.append(command["text"])
        await ack()

    await connect()
    slack.faults.add(Fault(method="slash_commands", kind="drop_before"))
    slack.faults.add(Fault(method="slash_commands", kind="drop_after"))

    assert (await slack.command("ana", "general", "/incident one")).error == "operation_timeout"
    assert (await slack.command("ana", "general", "/incident two")).error == "operation_timeout"
    assert (await slack.command("ana", "general", "/incident three")).ok
    assert heard == ["two", "three"]


async def test_an_envelope_can_be_delivered_twice(slack: Playground, app: AsyncApp, connect: Connect) -> None:
    heard: list[str] = []

    @app.command("/incident")
    async def incident(ack: Any, command: Any) -> None:
        heard.append(command["trigger_id"])
        await ack()

    await connect()
    await slack.command("ana", "general", "/incident")
    assert (await slack.send_again()).ok
    assert len(heard) == 2
    assert heard[0] == heard[1]


async def test_an_envelope_has_slacks_fields_and_its_acknowledgement_may_answer(
    slack: Playground, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    async with session.ws_connect(url) as socket:
        await socket.receive_json()
        asking = slack.command("ana", "tier-1-support", "/incident ask @ben in #general about R&D")
        waiting = asyncio.create_task(asking)
        envelope = await socket.receive_json()
        await socket.send_str(json.dumps({"envelope_id": envelope["envelope_id"], "payload": {"text": "ok"}}))
        assert (await waiting).text == "ok"

    payload = envelope["payload"]
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert payload["text"] == "ask <@U0BEN00001|ben> in <#C0GENERAL1|general> about R&amp;D"
    assert (payload["channel_id"], payload["channel_name"]) == (FIRST_LINE, "tier-1-support")
    assert payload["response_url"].startswith(slack.url)


async def test_http_playgrounds_have_no_sockets(clock: ManualClock, session: aiohttp.ClientSession) -> None:
    async with Playground(clock, delivery=HttpDelivery("http://127.0.0.1:9/", "secret"), wall=lambda: 0.0) as slack:
        client = web_client(slack, session)
        refused = await refused_with(client.apps_connections_open(app_token=slack.app_token))
    assert refused == "socket_mode_not_enabled"


async def test_a_silent_socket_is_noticed_by_the_app_and_replaced(
    clock: ManualClock, session: aiohttp.ClientSession
) -> None:
    async with Playground(clock, ack_within=0.05) as slack:
        app = bolt_app(slack, session)

        @app.command("/incident")
        async def incident(ack: Any) -> None:
            await ack("here")

        async with connected(slack, app):
            opened = _opened(slack)
            slack.silence_sockets()
            assert (await slack.command("ana", "general", "/incident")).error == "operation_timeout"
            await slack.wait_for(lambda: _opened(slack) > opened and slack.sockets == 1)
