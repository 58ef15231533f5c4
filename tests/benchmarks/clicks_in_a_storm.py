"""People who click while the bot decides very many breaches; the whole bot, with everything it has to say besides."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.clock import now
from tests.benchmarks.bench import Bench, NotMeasured, Room
from tests.benchmarks.bots import BotAtWork, a_bot, asked
from tests.benchmarks.figure import Figure, at_most, percentile
from tests.benchmarks.storms import SOON, brew

PEOPLE: Final = 5
AT_ONCE: Final = 20
"""After so many clicks it is asked whether the storm is over."""

EACH: Final = 0.05
BYSTANDERS: Final = 4_000
CALM: Final = 100
FEWEST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Stormy:
    calm: Sequence[float]
    waited: Sequence[float]
    seconds: float
    memory: float
    memory_before: float


def clicks_in_a_storm(bench: Bench) -> Sequence[Figure]:
    runs = []
    for _ in bench.long_runs():
        with Room.on_sqlite() as room:
            runs.append(asyncio.run(_run(room, bench.sizes.big_storm)))
    group = f"a click during the storm of {bench.sizes.big_storm:,}, signed HTTP, whole bot, SQLite"
    calm = f"the same {PEOPLE} people just before it"
    return [
        Figure(
            group=group,
            what="answered, p99",
            unit="ms",
            runs=[percentile(one.waited, 99) for one in runs],
            target=at_most(400),
            baseline=calm,
            baseline_runs=[percentile(one.calm, 99) for one in runs],
        ),
        Figure(
            group=group,
            what="answered, p50",
            unit="ms",
            runs=[percentile(one.waited, 50) for one in runs],
            baseline=calm,
            baseline_runs=[percentile(one.calm, 50) for one in runs],
        ),
        Figure(group=group, what="clicks", unit="", runs=[len(one.waited) for one in runs]),
        Figure(group=group, what="the storm lasts", unit="s", runs=[one.seconds for one in runs]),
        Figure(
            group=group,
            what="memory of the bot, at most",
            unit="MB",
            runs=[one.memory for one in runs],
            target=at_most(200),
            baseline="the same bot before it",
            baseline_runs=[one.memory_before for one in runs],
        ),
    ]


async def _run(room: Room, count: int) -> Stormy:
    due_at = now()
    await brew(room, count, due_at, bystanders=BYSTANDERS)
    async with a_bot(room, shows=due_at - SOON) as bot:
        first = count + 1
        await bot.people.click(range(first, first + CALM), people=PEOPLE)
        calm = await bot.people.click(range(first + CALM, first + 2 * CALM), people=PEOPLE, each=EACH)
        before = await bot.process.ask("tell the usage")
        at = now() + SOON
        await bot.process.ask("release the clock", showing=due_at.isoformat(), at=at.isoformat())
        await asyncio.sleep((at - now()).total_seconds())
        waited = await _clicked_until_over(bot, range(first + 2 * CALM, first + BYSTANDERS), due_at)
        seconds = (now() - at).total_seconds()
        used = await bot.process.ask("tell the usage")
    breaches = asked(room, "SELECT count(*) FROM breaches WHERE due_at = (SELECT max(due_at) FROM breaches)")
    if breaches != count or len(waited) < FEWEST:
        raise NotMeasured(f"{breaches} breaches of {count}, {len(waited)} clicks")
    return Stormy(
        calm=calm.waited,
        waited=waited,
        seconds=seconds,
        memory=used["memory"],
        memory_before=before["memory"],
    )


async def _clicked_until_over(bot: BotAtWork, numbers: range, due_at: datetime) -> Sequence[float]:
    """The last clicks may have come when the storm was over; they count only when there are no others."""
    waited: list[float] = []
    for first in range(numbers.start, numbers.stop - AT_ONCE, AT_ONCE):
        clicked = await bot.people.click(range(first, first + AT_ONCE), people=PEOPLE, each=EACH)
        next_at = await bot.process.ask("say when the tick looks again")
        over = next_at is None or datetime.fromisoformat(next_at) > due_at
        if not over or not waited:
            waited.extend(clicked.waited)
        if over:
            return waited
    raise NotMeasured("the storm lasted longer than there was something to click")
