"""Slack's pace, by the playground's clock."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Playground
from tests.clock import ManualClock
from tests.playground.parties import FIRST_LINE, web_client


async def _limited(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    response = refused.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    return str(response.headers["Retry-After"])


async def test_a_channel_takes_one_post_a_second(slack: Playground, client: AsyncWebClient, clock: ManualClock) -> None:
    await client.chat_postMessage(channel=FIRST_LINE, text="one")
    await client.chat_postMessage(channel="C0PLATFRM1", text="elsewhere")
    clock.advance(milliseconds=400)
    assert await _limited(client.chat_postMessage(channel=FIRST_LINE, text="too soon")) == "1"
    clock.advance(milliseconds=600)
    await client.chat_postMessage(channel=FIRST_LINE, text="two")

    assert [one.text for one in slack.workspace.channel(FIRST_LINE).messages] == ["one", "two"]


async def test_a_refused_post_does_not_use_up_the_second(client: AsyncWebClient, clock: ManualClock) -> None:
    await client.chat_postMessage(channel=FIRST_LINE, text="one")
    for _ in range(3):
        clock.advance(milliseconds=300)
        await _limited(client.chat_postMessage(channel=FIRST_LINE, text="too soon"))
    clock.advance(milliseconds=100)
    await client.chat_postMessage(channel=FIRST_LINE, text="two")


async def test_a_tier_is_calls_per_minute(client: AsyncWebClient, clock: ManualClock) -> None:
    for _ in range(20):
        await client.usergroups_list()
    clock.advance(seconds=18)
    assert await _limited(client.usergroups_list()) == "42"
    await client.conversations_info(channel=FIRST_LINE)
    clock.advance(seconds=42)
    await client.usergroups_list()


async def test_limits_can_be_switched_off(clock: ManualClock, session: aiohttp.ClientSession) -> None:
    async with Playground(clock, rate_limits=False) as slack:
        client = web_client(slack, session)
        for number in range(25):
            await client.chat_postMessage(channel=FIRST_LINE, text=str(number))
            await client.usergroups_list()
    assert len(slack.workspace.channel(FIRST_LINE).messages) == 25
