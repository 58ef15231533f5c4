"""How long one person waits in the playground: from a click, a command or a menu to what they see of it."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final, Literal, get_args

from bot import clock as machine
from bot.app import Bot, running_bot
from bot.clock import monotonic_seconds
from bot.playground import Answer, HttpDelivery, Message, Playground, SpeedClock
from tests.benchmarks.bench import Bench, NotMeasured, Room
from tests.benchmarks.figure import Figure, at_most, percentile
from tests.scenarios.world import MANIFEST, SIGNING_SECRET, Transport, free_port, settings_for

AT_MOST: Final = 100
"""Milliseconds, for 95 of 100."""

CHANNEL: Final = "tier-1-support"


@dataclass(frozen=True, slots=True)
class Waited:
    """Milliseconds, of each that was tried."""

    acknowledged: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)


def answers(bench: Bench) -> Sequence[Figure]:
    figures: list[Figure] = []
    for transport in get_args(Transport):
        runs = []
        for _ in bench.long_runs():
            with Room.on_sqlite() as room:
                runs.append(asyncio.run(_waited(room, transport, bench.sizes.alone)))
        figures += _figures(transport, runs)
    return figures


def _figures(transport: Transport, runs: Sequence[Waited]) -> Sequence[Figure]:
    group = f"one person at a time on the playground, {'signed HTTP' if transport == 'http' else 'Socket Mode'}"
    measured = {
        "a click until Slack has its answer: p95": [run.acknowledged for run in runs],
        "a click until the card shows it: p95": [run.shown for run in runs],
        "`/incident why` until its answer is there: p95": [run.answered for run in runs],
    }
    return [
        Figure(group=group, what=what, unit="ms", runs=[percentile(run, 95) for run in waited], target=at_most(AT_MOST))
        for what, waited in measured.items()
    ]


async def _waited(room: Room, transport: Transport, count: int) -> Waited:
    port = free_port() if transport == "http" else 0
    delivery: Literal["socket"] | HttpDelivery = "socket"
    if port:
        delivery = HttpDelivery(url=f"http://127.0.0.1:{port}/slack/events", signing_secret=SIGNING_SECRET)
    clock = SpeedClock(monotonic_seconds, machine.now())
    waited = Waited()
    async with Playground(clock, delivery=delivery, manifest=MANIFEST, wall=lambda: machine.now().timestamp()) as slack:
        settings = settings_for(slack, room.url, transport=transport, port=port, policy_file=room.policy)
        async with running_bot(settings) as bot:
            for number in range(1, count + 1):
                await _done(slack.command("sam", CHANNEL, f"/incident open sev1 checkout: Host {number} is down"))
            # Of each a card and a word in its thread, one a second in a channel.
            await slack.wait_for(lambda: len(_cards(slack)) == count, within=4 * count)
            for card in _cards(slack):
                await _take(slack, bot, card, waited)
    return waited


async def _take(slack: Playground, bot: Bot, card: Message, waited: Waited) -> None:
    """When nothing else is going on, as at night."""
    await bot.settled()
    before, began = card.text, perf_counter()
    await _done(slack.click("ana", CHANNEL, card.ts, "acknowledge"))
    waited.acknowledged.append(1_000 * (perf_counter() - began))
    await slack.wait_for(lambda: card.text != before)
    waited.shown.append(1_000 * (perf_counter() - began))
    await bot.settled()
    began = perf_counter()
    await _done(slack.command("ana", CHANNEL, "/incident why INC-1"))
    waited.answered.append(1_000 * (perf_counter() - began))


def _cards(slack: Playground) -> Sequence[Message]:
    return [message for message in slack.workspace.channel(CHANNEL).visible() if not message.is_reply]


async def _done(answer: Awaitable[Answer]) -> None:
    said = await answer
    if not said.ok:
        raise NotMeasured(f"Slack showed an error: {said.error}")
