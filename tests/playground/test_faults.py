"""Faults on request, as a client meets them."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Fault, Playground
from tests.playground.parties import FIRST_LINE, refused_with


async def _post(client: AsyncWebClient, text: str = "x") -> Any:
    return await client.chat_postMessage(channel=FIRST_LINE, text=text)


def _fault(kind: str, **more: Any) -> Fault:
    return Fault(method="chat.postMessage", kind=kind, **more)


def _texts(slack: Playground) -> list[str]:
    return [message.text for message in slack.workspace.channel(FIRST_LINE).messages]


@pytest.mark.parametrize(("kind", "posted"), [("drop_before", []), ("drop_after", ["x"]), ("truncate_after", ["x"])])
async def test_a_connection_that_breaks_leaves_the_caller_in_doubt(
    slack: Playground, client: AsyncWebClient, kind: str, posted: list[str]
) -> None:
    slack.faults.add(_fault(kind))
    with pytest.raises(aiohttp.ClientError):
        await _post(client)

    assert _texts(slack) == posted
    assert slack.workspace.calls[-1].outcome == kind


@pytest.mark.parametrize(
    ("kind", "status", "error", "posted"),
    [
        ("http_500", 500, "internal_error", []),
        ("http_503_after", 503, "internal_error", ["x"]),
        ("error:fatal_error", 200, "fatal_error", []),
        ("error_after:internal_error", 200, "internal_error", ["x"]),
        ("error:ratelimited", 200, "ratelimited", []),
        ("429", 429, "ratelimited", []),
    ],
)
async def test_an_error_comes_with_its_status_and_strikes_before_or_after_the_act(
    slack: Playground, client: AsyncWebClient, kind: str, status: int, error: str, posted: list[str]
) -> None:
    slack.faults.add(_fault(kind))
    with pytest.raises(SlackApiError) as refused:
        await _post(client)

    response = refused.value.response
    assert (response.status_code, response["error"], _texts(slack)) == (status, error, posted)


async def test_a_gateway_answers_in_html(slack: Playground, client: AsyncWebClient) -> None:
    slack.faults.add(_fault("http_502_html"))
    with pytest.raises(SlackApiError) as refused:
        await _post(client)
    assert refused.value.response.status_code == 502


async def test_retry_after_may_be_long_or_missing(slack: Playground, client: AsyncWebClient) -> None:
    slack.faults.add(_fault("429", retry_after=600))
    slack.faults.add(_fault("429", retry_after=None))
    found = []
    for _ in range(2):
        with pytest.raises(SlackApiError) as refused:
            await _post(client)
        found.append(refused.value.response.headers.get("Retry-After"))
    assert found == ["600", None]


@pytest.mark.parametrize(("kind", "at_once"), [("delay", []), ("delay_after", ["x"])])
async def test_a_held_call_goes_on_when_it_is_released(
    slack: Playground, client: AsyncWebClient, kind: str, at_once: list[str]
) -> None:
    slack.faults.add(_fault(kind))
    posting = asyncio.create_task(_post(client))
    await slack.wait_for(lambda: slack.faults.struck)
    assert _texts(slack) == at_once
    assert not posting.done()

    slack.faults.release()
    assert (await posting)["ok"]
    assert _texts(slack) == ["x"]


async def test_a_call_given_up_on_may_still_land(slack: Playground, client: AsyncWebClient) -> None:
    slack.faults.add(_fault("delay"))
    posting = asyncio.create_task(_post(client))
    await slack.wait_for(lambda: slack.faults.struck)
    posting.cancel()
    slack.faults.release()

    await slack.wait_for(lambda: _texts(slack) == ["x"])


async def test_a_fault_strikes_as_often_and_where_it_says(slack: Playground, client: AsyncWebClient) -> None:
    slack.faults.add(_fault("error:fatal_error", times=2, channel="tier-2-platform"))
    assert (await _post(client))["ok"]
    for _ in range(2):
        refused = await refused_with(client.chat_postMessage(channel="C0PLATFRM1", text="x"))
        assert refused == "fatal_error"
    assert (await client.chat_postMessage(channel="C0PLATFRM1", text="x"))["ok"]


async def test_cleared_faults_strike_no_more(slack: Playground, client: AsyncWebClient) -> None:
    slack.faults.add(Fault(method="*", kind="http_500", times=None))
    slack.faults.clear()
    assert (await client.auth_test())["ok"]


@pytest.mark.parametrize("kind", ["explode", "http_200", "error:", "drop"])
def test_an_unknown_fault_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="unknown kind of fault"):
        _fault(kind)


async def test_a_held_call_does_not_hold_up_the_end(clock: Any, session: aiohttp.ClientSession) -> None:
    async with Playground(clock) as slack:
        slack.faults.add(Fault(method="api.test", kind="delay", delay_seconds=3600))
        asking = asyncio.create_task(session.post(f"{slack.api_url}api.test").__aenter__())
        await slack.wait_for(lambda: slack.faults.struck)
    await asyncio.wait([asking])
