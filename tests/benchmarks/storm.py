"""1,000 incidents whose response targets run out at the same instant, decided by the real tick and its real loop."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from sqlalchemy import func, select

from bot.clock import SystemClock, now
from bot.domain.delivery import PromiseState
from bot.domain.ids import UserId
from bot.scheduler import Loop, Scheduler
from bot.services.incidents import IncidentDesk
from bot.services.signal import Signal
from bot.services.tick import Tick
from storage import tables
from tests.benchmarks.world import WORKSPACE, NoGroups, World, Write, a_world, fill

INCIDENTS = 1_000
PREPARING = timedelta(seconds=6)
BYSTANDERS = 100
"""Incidents that are not due, for the clicks of people while the storm lasts."""

READER = UserId("U0READER00")


class NotMeasured(Exception):
    """What was measured is not what the figure says; the text says what went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """Milliseconds after the due instant, per incident: until it was decided, and until that was durable."""

    decided: Sequence[float]
    durable: Sequence[float]
    statements: int
    """The most that any transaction took."""

    @property
    def per_second(self) -> float:
        return 1_000 * len(self.durable) / max(self.durable)


class _Until:
    """The tick, and an event for when it has nothing left that was due at `due_at`."""

    def __init__(self, tick: Tick, due_at: datetime) -> None:
        self._tick = tick
        self._due_at = due_at
        self.over = asyncio.Event()

    async def __call__(self) -> datetime | None:
        next_at = await self._tick()
        if next_at is None or next_at > self._due_at:
            self.over.set()
        return next_at


async def storm(url: str) -> Storm:
    async with _brewing(url) as (world, due_at, over):
        await over.wait()
        return await _measured(world, due_at)


async def clicks_in_a_storm(url: str) -> Sequence[float]:
    """Somebody acknowledges other incidents, one after the other: milliseconds from each click to its commit."""
    clock = asyncio.get_running_loop()
    waited = []
    async with _brewing(url) as (world, due_at, over):
        desk = IncidentDesk(world.database, WORKSPACE, world.book, NoGroups(), SystemClock(), Signal())
        await desk.acknowledge(INCIDENTS + BYSTANDERS, by=READER)  # connects, and compiles the statements
        await asyncio.sleep((due_at - now()).total_seconds())
        for number in range(INCIDENTS + 1, INCIDENTS + BYSTANDERS):
            if over.is_set():
                break
            clicked = clock.time()
            await desk.acknowledge(number, by=READER)
            waited.append(1_000 * (clock.time() - clicked))
        await over.wait()
        return waited


@asynccontextmanager
async def _brewing(url: str) -> AsyncIterator[tuple[World, datetime, asyncio.Event]]:
    """A running bot, as far as the clocks go, with the instant of the storm and an event for when it is over."""
    clock = SystemClock()
    async with a_world(url, clock) as world:
        due_at = clock.now() + PREPARING
        await fill(world, INCIDENTS, due_at=due_at)
        await fill(world, BYSTANDERS, due_at=due_at + timedelta(hours=1), first=INCIDENTS + 1)
        changed = Signal()
        until = _Until(Tick(world.database, WORKSPACE, world.book, clock, changed), due_at)
        loop = Loop("tick", until, clock)
        scheduler = Scheduler([loop])
        changed.subscribe(scheduler.wake)
        scheduler.start()
        await loop.rested()
        if clock.now() >= due_at:
            raise NotMeasured("the preparations took too long on this machine")
        world.database.writes.clear()
        yield world, due_at, until.over
        await scheduler.stop()


async def _measured(world: World, due_at: datetime) -> Storm:
    async with world.database.read() as tx:
        breached_at = list(await tx.scalars(select(tables.breaches.c.breached_at)))
        tiers = Counter(await tx.scalars(select(tables.incidents.c.tier)))
        promised = await tx.scalar(
            select(func.count()).select_from(tables.outbox).where(tables.outbox.c.state == PromiseState.PENDING)
        )
    if (len(breached_at), tiers, promised) != (INCIDENTS, {2: INCIDENTS, 1: BYSTANDERS}, 3 * INCIDENTS):
        raise NotMeasured(f"{len(breached_at)} breaches, tiers {dict(tiers)}, {promised} promises")
    writes = sorted(world.database.writes, key=attrgetter("began_at"), reverse=True)
    return Storm(
        decided=[_milliseconds(at - due_at) for at in breached_at],
        durable=[_milliseconds(_committed_at(writes, at) - due_at) for at in breached_at],
        statements=max(write.statements for write in writes),
    )


def _committed_at(writes: Sequence[Write], decided_at: datetime) -> datetime:
    """The tick reads the time as soon as its transaction has begun: it is the last one that began before."""
    return next(write.committed_at for write in writes if write.began_at <= decided_at)


def _milliseconds(duration: timedelta) -> float:
    return duration / timedelta(milliseconds=1)
