"""The same few due incidents among ever more open ones."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from bot.clock import now
from tests.benchmarks.bench import Bench, NotMeasured, Room
from tests.benchmarks.child import Child
from tests.benchmarks.copying import Numbers
from tests.benchmarks.figure import Figure, at_most, percentile
from tests.benchmarks.filling import Group, filled, opened, unanswered
from tests.benchmarks.storms import SOON, a_tick, let_go

WARM_UPS: Final = 1
APART: Final = timedelta(seconds=15)
"""So far apart are the instants of the turns; what is not due in any has its first warning after the last of them."""

LATE: Final = 50
WITHIN: Final = 1.5


def due_among_many(bench: Bench) -> Sequence[Figure]:
    late = asyncio.run(_late(bench))
    medians = {count: median(runs) for count, runs in late.items()}
    group = f"{bench.sizes.due} due at one instant, SQLite"
    smallest = min(late)
    return [
        *(
            Figure(
                group=group,
                what=f"among {count:,} open: late until durable, p99",
                unit="ms",
                runs=runs,
                target=at_most(LATE),
                baseline=f"among {smallest:,}",
                baseline_runs=late[smallest],
            )
            for count, runs in late.items()
        ),
        Figure(
            group=group,
            what="the slowest of these medians against the fastest",
            unit="times",
            runs=[max(medians.values()) / min(medians.values())],
            target=at_most(WITHIN),
            baseline="all alike",
            baseline_runs=[1],
        ),
    ]


async def _late(bench: Bench) -> Mapping[int, Sequence[float]]:
    """The 99th percentile of each turn, by how many are open. They take turns, so that each has its share of noise."""
    turns = WARM_UPS + bench.sizes.turns
    instants = [now() + turn * APART for turn in range(turns)]
    late: dict[int, list[float]] = {count: [] for count in bench.sizes.open_incidents}
    async with AsyncExitStack() as stack:
        processes = {}
        for count in late:
            bench.say(f"filling a database with {count:,}")
            room = stack.enter_context(Room.on_sqlite())
            await _fill(room, count, bench.sizes.due, instants)
            processes[count] = await stack.enter_async_context(a_tick(room, instants[0] - SOON))
            await processes[count].ask("be ready")
        for turn, instant in enumerate(instants):
            bench.say(f"turn {turn + 1} of {turns}")
            for count, process in processes.items():
                late[count].append(await _late_in_turn(process, bench.sizes.due, instant))
    return {count: measured[WARM_UPS:] for count, measured in late.items()}


async def _fill(room: Room, count: int, due: int, instants: Sequence[datetime]) -> None:
    """What is due in a turn is spread over the whole table."""
    turns = len(instants)
    apart = max(2, count // (due * turns))
    just_before = instants[0] - APART
    groups = [
        Group(numbers=Numbers(count=count - due * turns, but_every=apart), life=opened(just_before)),
        *(
            Group(numbers=Numbers(first=apart * (turn + 1), step=apart * turns, count=due), life=unanswered(instant))
            for turn, instant in enumerate(instants)
        ),
    ]
    await filled(room.url, room.policy, groups, now=just_before)


async def _late_in_turn(process: Child, due: int, instant: datetime) -> float:
    await let_go([process], instant)
    measured = await process.ask("tell the lateness", due_at=instant.isoformat())
    if len(measured["durable"]) != due:
        raise NotMeasured(f"{len(measured['durable'])} breaches of {due}")
    return percentile(measured["durable"], 99)
