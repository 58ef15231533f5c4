"""The url an app may answer through for half an hour."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.playground import Playground
from tests.clock import ManualClock
from tests.playground.parties import ANA, FIRST_LINE, actions, button, section


@pytest.fixture
async def url(slack: Playground) -> str:
    """Of a command Ana gave in the first line's channel."""
    await slack.command("ana", FIRST_LINE, "/incident")
    slack.workspace.channel(FIRST_LINE).ephemerals.clear()
    return str(slack.envelopes[-1].payload["response_url"])


async def _send(url: str, session: aiohttp.ClientSession, **body: Any) -> tuple[int, str]:
    answer = await AsyncWebhookClient(url, session=session).send_dict(body)
    return answer.status_code, answer.body


async def test_it_tells_the_person_alone_unless_told_otherwise(
    slack: Playground, session: aiohttp.ClientSession, url: str
) -> None:
    assert await _send(url, session, text="for you") == (200, "ok")
    await _send(url, session, text="for all", response_type="in_channel", blocks=[section("for all")])

    channel = slack.workspace.channel(FIRST_LINE)
    assert [(one.text, one.ephemeral_to) for one in channel.ephemerals] == [("for you", ANA)]
    assert [(one.text, one.bot) for one in channel.messages] == [("for all", True)]


async def test_it_serves_five_times(slack: Playground, session: aiohttp.ClientSession, url: str) -> None:
    answers = [(await _send(url, session, text=str(number)))[0] for number in range(6)]
    assert answers == [200, 200, 200, 200, 200, 404]
    assert len(slack.workspace.channel(FIRST_LINE).ephemerals) == 5
    assert slack.workspace.calls[-1].outcome == "used_url"


async def test_it_serves_half_an_hour(session: aiohttp.ClientSession, url: str, clock: ManualClock) -> None:
    clock.advance(minutes=29, seconds=59)
    assert (await _send(url, session, text="in time"))[0] == 200
    clock.advance(seconds=1)
    status, body = await _send(url, session, text="too late")
    assert (status, "expired_url" in body) == (404, True)


async def test_it_refuses_what_slack_refuses(session: aiohttp.ClientSession, url: str) -> None:
    status, body = await _send(url, session, text="x", blocks=[section("x" * 3001)])
    assert (status, "invalid_blocks" in body) == (400, True)


async def test_it_replaces_or_removes_the_message_that_was_clicked(
    slack: Playground, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel=FIRST_LINE, text="card", blocks=[actions(button("ack"))])
    [card] = slack.workspace.channel(FIRST_LINE).messages
    await slack.click("ana", FIRST_LINE, card.ts, "ack")
    url = slack.envelopes[-1].payload["response_url"]

    await _send(url, session, text="done", replace_original=True)
    assert (card.text, card.blocks) == ("done", [])
    await _send(url, session, delete_original=True)
    assert card.deleted
