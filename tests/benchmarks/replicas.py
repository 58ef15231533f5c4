"""Two processes that decide what is due in one PostgreSQL, against one."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from bot.clock import now
from storage import tables
from storage.database import open_database
from tests.benchmarks.bench import Bench, Room
from tests.benchmarks.figure import Figure, at_least, at_most
from tests.benchmarks.storms import BYSTANDERS, SOON, WARM_UP, a_tick, brew, let_go
from tests.databases import PostgresServer

ONE: Final = "one process on the same database"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """`stray` is how many breaches there are too many or too few."""

    per_second: float
    stray: int


def two_replicas(bench: Bench) -> Sequence[Figure]:
    ones: list[Shared] = []
    twos: list[Shared] = []
    count = bench.sizes.shared_storm
    with PostgresServer(durable=True) as server:
        for _ in bench.runs():
            for processes, results in ((1, ones), (2, twos)):
                with Room.on_postgresql(server) as room:
                    results.append(asyncio.run(_shared(room, count, processes)))
    group = f"{count:,} breaches at one instant, two processes on one PostgreSQL"
    return [
        Figure(
            group=group,
            what="decisions",
            unit="/s",
            runs=[two.per_second for two in twos],
            baseline=ONE,
            baseline_runs=[one.per_second for one in ones],
        ),
        Figure(
            group=group,
            what="as fast as one",
            unit="times",
            runs=[two.per_second / one.per_second for one, two in zip(ones, twos, strict=True)],
            target=at_least(1),
            baseline=ONE,
            baseline_runs=[1],
        ),
        Figure(
            group=group,
            what="breaches doubled or missing",
            unit="",
            runs=[two.stray for two in twos],
            target=at_most(0),
            baseline=ONE,
            baseline_runs=[one.stray for one in ones],
        ),
    ]


async def _shared(room: Room, count: int, processes: int) -> Shared:
    due_at = now()
    await brew(room, count, due_at, bystanders=BYSTANDERS)
    async with AsyncExitStack() as stack:
        replicas = [await stack.enter_async_context(a_tick(room, due_at - SOON)) for _ in range(processes)]
        for replica in replicas:
            await replica.ask("be ready")
        decided = await let_go(replicas, due_at)
    last = max(one["last"] for one in decided)
    return Shared(per_second=1_000 * count / last, stray=abs(await _breaches(room) - count - WARM_UP))


async def _breaches(room: Room) -> int:
    database = open_database(room.url)
    try:
        async with database.read() as tx:
            return await tx.scalar(select(func.count()).select_from(tables.breaches)) or 0
    finally:
        await database.close()
