"""From a click to the disk: acknowledgements through the desk, one after the other and many at a time."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from bot.clock import SystemClock
from bot.domain.ids import UserId
from bot.services.incidents import IncidentDesk
from bot.services.signal import Signal
from tests.benchmarks.world import WORKSPACE, NoGroups, a_world, fill

CLICKS = 200
AT_A_TIME = 20
READER = UserId("U0READER00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicks:
    """Milliseconds from each click to its commit, and how many of them went through in a second."""

    waited: Sequence[float]
    per_second: float


async def clicks(url: str) -> tuple[Clicks, Clicks]:
    """One after the other; and 20 people who each click as soon as they were answered."""
    clock = SystemClock()
    async with a_world(url, clock) as world:
        await fill(world, 2 * CLICKS + 1, due_at=clock.now() + timedelta(hours=1))
        desk = IncidentDesk(world.database, WORKSPACE, world.book, NoGroups(), clock, Signal())
        await desk.acknowledge(2 * CLICKS + 1, by=READER)  # connects, and compiles the statements
        return await _click(desk, 0, people=1), await _click(desk, CLICKS, people=AT_A_TIME)


async def _click(desk: IncidentDesk, after: int, *, people: int) -> Clicks:
    numbers = iter(range(after + 1, after + CLICKS + 1))
    waited: list[float] = []

    async def person() -> None:
        for number in numbers:
            clicked = perf_counter()
            await desk.acknowledge(number, by=READER)
            waited.append(1_000 * (perf_counter() - clicked))

    started = perf_counter()
    await asyncio.gather(*(person() for _ in range(people)))
    return Clicks(waited=waited, per_second=CLICKS / (perf_counter() - started))


def bare_commits(folder: Path) -> Clicks:
    """The least that a durable fact can cost here: one row, one commit, and nothing round it."""
    with closing(sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE facts (id INTEGER PRIMARY KEY, fact TEXT)")
        waited = []
        started = perf_counter()
        for number in range(CLICKS):
            clicked = perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO facts (fact) VALUES (?)", (f"incident {number} acknowledged",))
            connection.execute("COMMIT")
            waited.append(1_000 * (perf_counter() - clicked))
        return Clicks(waited=waited, per_second=CLICKS / (perf_counter() - started))
