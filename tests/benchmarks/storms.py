"""Very many response targets that run out at the same instant."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from bot.clock import now
from bot.services.tick import BATCH
from tests.benchmarks.bench import Bench, NotMeasured, Room
from tests.benchmarks.child import Child, Json, child
from tests.benchmarks.copying import Numbers
from tests.benchmarks.figure import Figure, Target, at_least, at_most, percentile
from tests.benchmarks.filling import Group, filled, opened, unanswered
from tests.benchmarks.obvious import THE_OBVIOUS, Obvious, obvious
from tests.databases import PostgresServer

RUNS_OF_THE_OBVIOUS: Final = 2
"""It takes seconds for what the tick does in a fraction of one."""

BYSTANDERS: Final = 100
WARM_UP: Final = 16
SOON: Final = timedelta(seconds=0.3)
"""So long before the storm the clock is let go: who waits for the instant is asleep by then."""

BEFORE: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """Milliseconds after the due instant, per incident: until it was decided, and until that was on disk."""

    decided: Sequence[float]
    durable: Sequence[float]
    statements: int
    """The most that any transaction took."""
    cpu: float
    """Milliseconds of processor time for each."""

    memory: float
    memory_before: float

    @property
    def per_second(self) -> float:
        return 1_000 * len(self.durable) / max(self.durable)


def breaches_on_sqlite(bench: Bench) -> Sequence[Figure]:
    storms, jobs = [], []
    for run in bench.runs():
        with Room.on_sqlite() as room:
            storms.append(asyncio.run(storm(room, bench.sizes.storm)))
        if run <= RUNS_OF_THE_OBVIOUS:
            with Room.on_sqlite() as room:
                jobs.append(obvious(room.folder, bench.sizes.obvious))
    return _of_storms(bench.sizes.storm, "SQLite", at_least(5_000), storms, jobs)


def breaches_on_postgresql(bench: Bench) -> Sequence[Figure]:
    storms = []
    with PostgresServer(durable=True) as server:
        for _ in bench.runs():
            with Room.on_postgresql(server) as room:
                storms.append(asyncio.run(storm(room, bench.sizes.storm)))
    with Room.on_sqlite() as room:
        jobs = [obvious(room.folder, bench.sizes.obvious)]
    return _of_storms(bench.sizes.storm, "PostgreSQL", at_least(3_000), storms, jobs)


def many_breaches(bench: Bench) -> Sequence[Figure]:
    storms = []
    for _ in bench.long_runs():
        with Room.on_sqlite() as room:
            storms.append(asyncio.run(storm(room, bench.sizes.big_storm)))
    with Room.on_sqlite() as room:
        jobs = obvious(room.folder, bench.sizes.obvious)
    group = f"{bench.sizes.big_storm:,} breaches at one instant, SQLite"
    beside = f"{THE_OBVIOUS}, {bench.sizes.obvious:,} of them"
    return [
        Figure(
            group=group,
            what="late until durable, p99",
            unit="ms",
            runs=[percentile(one.durable, 99) for one in storms],
            target=at_most(2_500),
            baseline=beside,
            baseline_runs=[percentile(jobs.durable, 99)],
        ),
        Figure(
            group=group,
            what="decisions",
            unit="/s",
            runs=[one.per_second for one in storms],
            baseline=beside,
            baseline_runs=[jobs.per_second],
        ),
        Figure(
            group=group,
            what="memory of the process, at most",
            unit="MB",
            runs=[one.memory for one in storms],
            target=at_most(200),
            baseline="the same process before it",
            baseline_runs=[one.memory_before for one in storms],
        ),
    ]


async def storm(room: Room, count: int) -> Storm:
    due_at = now()
    await brew(room, count, due_at, bystanders=BYSTANDERS)
    async with a_tick(room, due_at - SOON) as process:
        before = await process.ask("be ready")
        (decided,) = await let_go([process], due_at)
        late = await process.ask("tell the lateness", due_at=due_at.isoformat())
    if len(late["decided"]) != count or late["promised"] < 2 * count:
        raise NotMeasured(f"{len(late['decided'])} breaches of {count}, {late['promised']} promises")
    return Storm(
        decided=late["decided"],
        durable=late["durable"],
        statements=decided["statements"],
        cpu=1_000 * (decided["cpu"] - before["cpu"]) / count,
        memory=decided["memory"],
        memory_before=before["memory"],
    )


async def brew(room: Room, count: int, due_at: datetime, *, bystanders: int) -> None:
    """`count` incidents that nobody answered, after them some that were just opened, and last a few that are due a
    little earlier: a bot that is running has decided something before."""
    groups = [
        Group(numbers=Numbers(count=count), life=unanswered(due_at)),
        Group(numbers=Numbers(first=count + 1, count=bystanders), life=opened(due_at - BEFORE)),
        Group(numbers=Numbers(first=count + bystanders + 1, count=WARM_UP), life=unanswered(due_at - BEFORE)),
    ]
    await filled(room.url, room.policy, groups, now=due_at - BEFORE)


def a_tick(room: Room, shows: datetime) -> AbstractAsyncContextManager[Child]:
    return child("tick", url=room.url, policy=str(room.policy), shows=shows.isoformat())


async def let_go(processes: Sequence[Child], due_at: datetime) -> Sequence[Json]:
    """What each process says once everything that is due is decided, by whomever."""
    at = (now() + SOON).isoformat()
    return list(
        await asyncio.gather(*(process.ask("decide", due_at=due_at.isoformat(), at=at) for process in processes))
    )


def _of_storms(
    count: int, where: str, decisions: Target, storms: Sequence[Storm], jobs: Sequence[Obvious]
) -> Sequence[Figure]:
    group = f"{count:,} breaches at one instant, {where}"
    usual = median(one.per_second for one in jobs)
    return [
        Figure(
            group=group,
            what="decisions",
            unit="/s",
            runs=[one.per_second for one in storms],
            target=decisions,
            baseline=THE_OBVIOUS,
            baseline_runs=[one.per_second for one in jobs],
        ),
        Figure(
            group=group,
            what="processor time of the bot for each",
            unit="ms",
            runs=[one.cpu for one in storms],
            baseline=THE_OBVIOUS,
            baseline_runs=[one.cpu for one in jobs],
        ),
        Figure(
            group=group,
            what="as many as the obvious design",
            unit="times",
            runs=[one.per_second / usual for one in storms],
        ),
        *(
            Figure(
                group=group,
                what=f"late until durable, p{percent}",
                unit="ms",
                runs=[percentile(one.durable, percent) for one in storms],
                target=at_most(400) if percent == 99 else None,
                baseline=THE_OBVIOUS,
                baseline_runs=[percentile(one.durable, percent) for one in jobs],
            )
            for percent in (50, 99)
        ),
        Figure(
            group=group,
            what="late in the ledger, p99",
            unit="ms",
            runs=[percentile(one.decided, 99) for one in storms],
            baseline="the same until durable",
            baseline_runs=[percentile(one.durable, 99) for one in storms],
        ),
        Figure(
            group=group,
            what=f"statements for a batch of {BATCH}",
            unit="",
            runs=[one.statements for one in storms],
            baseline=f"one for each of {BATCH}",
            baseline_runs=[BATCH],
        ),
    ]
