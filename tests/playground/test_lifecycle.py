"""Starting and stopping, many times, and the workspace everybody starts with."""

import asyncio
import re
import signal

import aiohttp
import pytest

from bot.playground import Playground, sample_workspace
from tests.clock import ManualClock
from tests.playground.parties import bolt_app, connected, web_client


async def test_each_playground_has_its_own_port_and_workspace(
    clock: ManualClock, session: aiohttp.ClientSession
) -> None:
    async with Playground(clock) as one, Playground(clock) as other:
        await web_client(one, session).chat_postMessage(channel="C0FIRSTLN1", text="x")
        assert one.url != other.url
        assert len(one.workspace.channel("tier-1-support").messages) == 1
        assert other.workspace.channel("tier-1-support").messages == []


async def test_one_after_the_other_with_an_app_connected(clock: ManualClock, session: aiohttp.ClientSession) -> None:
    before = asyncio.all_tasks()
    for _ in range(10):
        async with Playground(clock) as slack, connected(slack, bolt_app(slack, session)):
            assert slack.app_connected
    left = {task for task in asyncio.all_tasks() - before if "playground" in repr(task)}
    assert not left


async def test_an_app_still_connected_does_not_hold_up_the_end(
    clock: ManualClock, session: aiohttp.ClientSession
) -> None:
    async with Playground(clock) as slack:
        url = (await web_client(slack, session).apps_connections_open(app_token=slack.app_token))["url"]
        socket = await session.ws_connect(url)
        await socket.receive_json()
    assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_signal_handlers_are_left_alone(clock: ManualClock) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    async with Playground(clock):
        assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before


async def test_waiting_for_what_never_happens_ends(slack: Playground) -> None:
    with pytest.raises(TimeoutError, match="still not so"):
        await slack.wait_for(lambda: slack.workspace.calls, within=0.01)


def test_the_sample_has_ids_like_slacks() -> None:
    workspace = sample_workspace()
    people = [user for user in workspace.users if user not in ("USLACKBOT", "U0TIERBOT")]
    assert len(people) == 10
    assert all(re.fullmatch(r"U[A-Z0-9]{9}", user) for user in people)
    assert all(re.fullmatch(r"[CG][A-Z0-9]{9}", channel) for channel in workspace.channels)
    assert [group.handle for group in workspace.usergroups.values()] == ["first-line", "platform", "experts"]


def test_the_bot_is_in_the_channels_of_the_tiers() -> None:
    workspace = sample_workspace()
    member = {channel.name for channel in workspace.channels.values() if workspace.app.user_id in channel.members}
    assert member == {
        "tier-1-support",
        "tier-2-platform",
        "tier-3-experts",
        "tier-4-management",
        "incident-updates",
        "escalation-fallback",
    }
