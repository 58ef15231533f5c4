"""From a click to its answer, when all of it is on disk."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Final

from bot.clock import now
from tests.benchmarks.bench import Bench, Room
from tests.benchmarks.bots import BotAtWork, a_bot, an_empty_listener, asked
from tests.benchmarks.clicking import Clicks
from tests.benchmarks.copying import Numbers
from tests.benchmarks.figure import Figure, at_least, at_most, percentile
from tests.benchmarks.filling import Group, filled, opened

PEOPLE: Final = 20
PER_SECOND: Final = 300
EACH: Final = PEOPLE / PER_SECOND
"""So often each person clicks, in seconds, if all together are to click as often as promised."""

WARM_UP: Final = 100
BARE_COMMITS: Final = 300
BEYOND_A_COMMIT: Final = 15
CPU_BEYOND_EMPTY: Final = 4

BARE: Final = "one bare durable SQLite commit"
EMPTY: Final = "an empty Bolt listener"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicked:
    """`cpu` is the milliseconds of processor time that the listening process took for a click of `saturated`."""

    single: Clicks
    paced: Clicks
    saturated: Clicks
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickedAtABot(Clicked):
    """`not_stored` are clicks that were answered, as every click is, with the words that nothing was stored."""

    not_stored: int


def clicks(bench: Bench) -> Sequence[Figure]:
    bots, empties, bare = [], [], []
    for _ in bench.runs():
        with Room.on_sqlite() as room:
            bots.append(asyncio.run(_clicked_at_a_bot(room, bench.sizes.clicks)))
            empties.append(asyncio.run(_clicked_at_nothing(room, bench.sizes.clicks)))
            bare.append(_bare_commits(room))
    return _of_clicks(bots, empties, bare)


async def _clicked_at_a_bot(room: Room, count: int) -> ClickedAtABot:
    just_now = now() - timedelta(seconds=1)
    total = WARM_UP + count + count + count // 3
    await filled(room.url, room.policy, [Group(numbers=Numbers(count=total), life=opened(just_now))], now=just_now)
    async with a_bot(room) as bot:
        clicked = await _clicked(bot, count)
    taken = asked(room, "SELECT count(*) FROM incidents WHERE state = 'acknowledged'")
    return ClickedAtABot(
        single=clicked.single,
        paced=clicked.paced,
        saturated=clicked.saturated,
        cpu=clicked.cpu,
        not_stored=total - taken,
    )


async def _clicked_at_nothing(room: Room, count: int) -> Clicked:
    async with an_empty_listener(room) as listener:
        return await _clicked(listener, count)


async def _clicked(bot: BotAtWork, count: int) -> Clicked:
    """Everyone's first clicks are not counted: they connect, and compile the statements."""
    first, second, third = WARM_UP + 1, WARM_UP + count + 1, WARM_UP + 2 * count + 1
    await bot.people.click(range(1, first), people=PEOPLE)
    paced = await bot.people.click(range(first, second), people=PEOPLE, each=EACH)
    before = await bot.process.ask("tell the usage")
    saturated = await bot.people.click(range(second, third), people=PEOPLE)
    after = await bot.process.ask("tell the usage")
    single = await bot.people.click(range(third, third + count // 3), people=1)
    return Clicked(
        single=single,
        paced=paced,
        saturated=saturated,
        cpu=1_000 * (after["cpu"] - before["cpu"]) / count,
    )


def _bare_commits(room: Room) -> Sequence[float]:
    """The least that a durable fact can cost here: one row, one commit, and nothing round it. In milliseconds."""
    with closing(sqlite3.connect(room.folder / "bare.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE facts (id INTEGER PRIMARY KEY, fact TEXT)")
        waited = []
        for number in range(BARE_COMMITS):
            began = perf_counter()
            connection.execute("INSERT INTO facts (fact) VALUES (?)", (f"incident {number} acknowledged",))
            waited.append(1_000 * (perf_counter() - began))
        return waited


def _of_clicks(
    bots: Sequence[ClickedAtABot], empties: Sequence[Clicked], bare: Sequence[Sequence[float]]
) -> Sequence[Figure]:
    group = "click to durable and answered, signed HTTP, SQLite"
    a_commit = median(median(one) for one in bare)
    paced = f"{PEOPLE} at a time, {PER_SECOND} clicks/s together"
    return [
        *(
            Figure(
                group=group,
                what=f"{paced}: p{percent}",
                unit="ms",
                runs=[percentile(one.paced.waited, percent) for one in bots],
                target=at_most(a_commit + BEYOND_A_COMMIT) if percent == 99 else None,
                baseline=BARE,
                baseline_runs=[percentile(one, percent) for one in bare],
            )
            for percent in (50, 99)
        ),
        Figure(
            group=group,
            what=f"{paced}: p99 at {EMPTY}",
            unit="ms",
            runs=[percentile(one.paced.waited, 99) for one in empties],
            baseline=BARE,
            baseline_runs=[percentile(one, 99) for one in bare],
        ),
        Figure(
            group=group,
            what=f"{PEOPLE} at a time, the next once answered: clicks",
            unit="/s",
            runs=[one.saturated.per_second for one in bots],
            target=at_least(PER_SECOND),
            baseline=EMPTY,
            baseline_runs=[one.saturated.per_second for one in empties],
        ),
        Figure(
            group=group,
            what=f"{PEOPLE} at a time, the next once answered: p99",
            unit="ms",
            runs=[percentile(one.saturated.waited, 99) for one in bots],
            baseline=EMPTY,
            baseline_runs=[percentile(one.saturated.waited, 99) for one in empties],
        ),
        Figure(
            group=group,
            what="one at a time: p99",
            unit="ms",
            runs=[percentile(one.single.waited, 99) for one in bots],
            baseline=EMPTY,
            baseline_runs=[percentile(one.single.waited, 99) for one in empties],
        ),
        Figure(
            group=group,
            what=f"processor time of a click beyond {EMPTY}",
            unit="ms",
            runs=[bot.cpu - empty.cpu for bot, empty in zip(bots, empties, strict=True)],
            target=at_most(CPU_BEYOND_EMPTY),
            baseline=f"of a click at {EMPTY}",
            baseline_runs=[one.cpu for one in empties],
        ),
        Figure(
            group=group,
            what="clicks that could not be stored",
            unit="",
            runs=[one.not_stored for one in bots],
            target=at_most(0),
        ),
    ]
