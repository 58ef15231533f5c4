"""Very many updates that are due at once, over a few channels, in simulated time: how near to Slack's pace it comes."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Final

import yaml

from bot.domain.policy import Severity
from bot.playground import Message
from tests.benchmarks.bench import Bench, NotMeasured, Room
from tests.benchmarks.copying import Numbers
from tests.benchmarks.figure import Figure, at_least, at_most
from tests.benchmarks.filling import Group, filled, quiet
from tests.benchmarks.workspace import ROOT, put_up
from tests.builders import NOW
from tests.clock import ManualClock
from tests.scenarios.world import playground, running_world

CHANNELS: Final = (
    "incident-updates",
    "escalation-fallback",
    "tier-2-platform",
    "tier-3-experts",
    "tier-4-management",
)
DUE_AT: Final = NOW + timedelta(hours=1)
PER_SECOND: Final = 1
"""Slack's: posts into one channel."""

LONGEST: Final = 4
"""So many times as long as it need take, then it is given up."""


def backlog(bench: Bench) -> Sequence[Figure]:
    """Once: the clock is moved by hand, so nothing of it varies."""
    count = bench.sizes.backlog
    bench.say(f"{count} updates")
    with Room.on_sqlite() as room:
        posted, refused = asyncio.run(_posted(room, count))
    group = f"{count} updates due at once, over {len(CHANNELS)} channels, simulated time"
    allowed = len(CHANNELS) * PER_SECOND
    seconds = max(max(at) for at in posted.values())
    # The first of each channel goes at once: what is to be spread over the time are the others.
    rate = (count - len(CHANNELS)) / seconds
    beside = "as fast as Slack allows"
    return [
        Figure(
            group=group,
            what="posted",
            unit="/s",
            runs=[rate],
            target=at_least(0.95 * allowed),
            baseline=beside,
            baseline_runs=[allowed],
        ),
        Figure(
            group=group,
            what="until the last",
            unit="s",
            runs=[seconds],
            baseline=beside,
            baseline_runs=[(count - len(CHANNELS)) / allowed],
        ),
        Figure(
            group=group,
            what="calls that Slack refused with 429",
            unit="",
            runs=[refused],
            target=at_most(0),
            baseline=beside,
            baseline_runs=[0],
        ),
    ]


async def _posted(room: Room, count: int) -> tuple[Mapping[str, Sequence[float]], int]:
    """Per channel the seconds after the due instant at which Slack has each update; and the refused calls."""
    _write_policy(room)
    clock = ManualClock(DUE_AT - timedelta(seconds=1))
    group = Group(numbers=Numbers(count=count), life=quiet(DUE_AT), severities=(Severity.SEV1,))
    await filled(room.url, room.policy, [group], now=DUE_AT - timedelta(hours=1))
    async with playground(clock) as slack:
        put_up(slack, _cards(room))
        async with running_world(slack, clock, room.url, policy_file=room.policy) as story:
            updates: Mapping[str, Sequence[float]] = {}
            for _ in range(LONGEST * count // len(CHANNELS)):
                await story.advance(seconds=1)
                updates = {name: _updates(story.slack.workspace.channel(name).messages) for name in CHANNELS}
                if sum(map(len, updates.values())) >= count:
                    break
            refused = len(story.limited())
            story.said()
    if {name: len(at) for name, at in updates.items()} != dict.fromkeys(CHANNELS, count // len(CHANNELS)):
        raise NotMeasured(f"{ {name: len(at) for name, at in updates.items()} } updates were posted of {count}")
    return updates, refused


def _updates(messages: Sequence[Message]) -> Sequence[float]:
    return [float(message.ts) - DUE_AT.timestamp() for message in messages if message.is_reply]


def _write_policy(room: Room) -> None:
    """A service for each channel; its updates are posted there."""
    policy = yaml.safe_load((ROOT / "tests" / "plain_policy.yml").read_text())
    policy["services"] = {
        f"service-{number}": {"policy": "default", "stakeholder_channel": f"#{channel}"}
        for number, channel in enumerate(CHANNELS, start=1)
    }
    room.policy.write_text(yaml.safe_dump(policy, sort_keys=False))


def _cards(room: Room) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(room.file)) as connection:
        return connection.execute("SELECT channel, ts FROM cards").fetchall()
