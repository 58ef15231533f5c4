"""1,000 incidents whose response targets run out at the same instant, decided by the real tick and its real loop."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bot.clock import SystemClock
from bot.domain.ids import UserId
from bot.scheduler import Loop, Scheduler
from bot.services.incidents import IncidentDesk
from bot.services.signal import Signal
from bot.services.tick import Tick
from storage import tables
from tests.benchmarks.world import WORKSPACE, World, a_world, fill

INCIDENTS = 1_000
PREPARING = timedelta(seconds=2.5)
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
    clicks: Sequence[float]
    batches: int
    statements: int

    @property
    def per_second(self) -> float:
        return 1_000 * len(self.durable) / max(self.durable)


class _Finished:
    """The tick, and an event for when it has nothing left that was due at `due_at`."""

    def __init__(self, tick: Tick, due_at: datetime) -> None:
        self._tick = tick
        self._due_at = due_at
        self.event = asyncio.Event()

    async def __call__(self) -> datetime | None:
        next_at = await self._tick()
        if next_at is None or next_at > self._due_at:
            self.event.set()
        return next_at


async def storm(url: str, *, with_clicks: bool = False) -> Storm:
    """With clicks, people acknowledge other incidents, one after the other, from the due instant on."""
    clock = SystemClock()
    async with a_world(url, clock) as world:
        due_at = clock.now() + PREPARING
        await fill(world, INCIDENTS, due_at=due_at)
        await fill(world, BYSTANDERS, due_at=due_at + timedelta(hours=1), first=INCIDENTS + 1)
        changed = Signal()
        finished = _Finished(Tick(world.database, WORKSPACE, world.book, clock, changed), due_at)
        loop = Loop("tick", finished, clock)
        scheduler = Scheduler([loop])
        changed.subscribe(scheduler.wake)
        scheduler.start()
        await loop.rested()
        if clock.now() >= due_at:
            raise NotMeasured("the preparations took too long on this machine")
        world.database.forget()
        clicks: Sequence[float] = ()
        if with_clicks:
            desk = IncidentDesk(world.database, WORKSPACE, world.book, clock, Signal())
            await asyncio.sleep((due_at - clock.now()).total_seconds())
            clicks = await _click_until(finished.event, desk)
        await finished.event.wait()
        await scheduler.stop()
        return await _measured(world, due_at, clicks)


async def _click_until(end: asyncio.Event, desk: IncidentDesk) -> Sequence[float]:
    """Milliseconds from each click until it was stored."""
    clock = asyncio.get_running_loop()
    waited = []
    for number in range(INCIDENTS + 1, INCIDENTS + BYSTANDERS + 1):
        if end.is_set():
            break
        clicked = clock.time()
        await desk.acknowledge(number, by=READER)
        waited.append(1_000 * (clock.time() - clicked))
    return waited


async def _measured(world: World, due_at: datetime, clicks: Sequence[float]) -> Storm:
    batches, statements = len(world.database.committed_at), world.database.statements
    committed_at = sorted(world.database.committed_at)
    async with world.database.read() as tx:
        breached_at = list(await tx.scalars(select(tables.breaches.c.breached_at)))
        tiers = Counter(await tx.scalars(select(tables.incidents.c.tier)))
        promised = await tx.scalar(
            select(func.count()).select_from(tables.outbox).where(tables.outbox.c.state == "pending")
        )
    wanted = {2: INCIDENTS, 1: BYSTANDERS}
    if len(breached_at) != INCIDENTS or tiers != wanted or promised != 3 * INCIDENTS + len(clicks):
        raise NotMeasured(f"{len(breached_at)} breaches, tiers {dict(tiers)}, {promised} promises")
    return Storm(
        decided=[_milliseconds(at - due_at) for at in breached_at],
        durable=[_milliseconds(next(done for done in committed_at if done > at) - due_at) for at in breached_at],
        clicks=clicks,
        batches=batches,
        statements=statements,
    )


def _milliseconds(duration: timedelta) -> float:
    return duration / timedelta(milliseconds=1)
