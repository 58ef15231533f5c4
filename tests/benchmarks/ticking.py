"""The task “tick”: a process that decides what is due, with the real tick and its real loop, and says nothing."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from bot.domain.delivery import PromiseState
from bot.interpreter import settle_in
from bot.scheduler import Loop, Scheduler
from bot.services.signal import Signal
from bot.services.tick import Tick
from storage import tables
from storage.database import open_database
from tests.benchmarks.child import Asked, Json, usage
from tests.benchmarks.filling import adopted
from tests.benchmarks.held_clock import HeldClock
from tests.benchmarks.watched import WatchedDatabase, committed_at
from tests.benchmarks.workspace import WORKSPACE


class _Until:
    """The tick, and an event for when it has nothing left that was due at `due_at`."""

    def __init__(self, tick: Tick) -> None:
        self._tick = tick
        self._due_at: datetime | None = None
        self.over = asyncio.Event()

    def expect(self, due_at: datetime) -> None:
        self._due_at = due_at
        self.over.clear()

    async def __call__(self) -> datetime | None:
        next_at = await self._tick()
        if self._due_at is not None and (next_at is None or next_at > self._due_at):
            self.over.set()
        return next_at


async def tick(asked: Asked, given: Json) -> None:
    """`given`: url, policy, and at `shows` what the clock shows until a storm is asked for."""
    clock = HeldClock(datetime.fromisoformat(given["shows"]))
    database = WatchedDatabase(open_database(given["url"]), clock)
    book = await adopted(database, Path(given["policy"]), now=clock.now())
    changed = Signal()
    until = _Until(Tick(database, WORKSPACE, book, clock, changed))
    loop = Loop("tick", until, clock)
    scheduler = Scheduler([loop])
    changed.subscribe(loop.wake)
    scheduler.start()
    await loop.rested()
    settle_in()
    decider = _Decider(database, clock, until)
    await asked.answer({"be ready": usage, "decide": decider.decide, "tell the lateness": decider.lateness})
    await scheduler.stop()
    await database.close()


class _Decider:
    def __init__(self, database: WatchedDatabase, clock: HeldClock, until: _Until) -> None:
        self._database = database
        self._clock = clock
        self._until = until

    async def decide(self, *, due_at: str, at: str) -> Json:
        """When the last transaction was on disk, in milliseconds after `due_at`, and how many statements any took."""
        due = datetime.fromisoformat(due_at)
        self._until.expect(due)
        self._database.writes.clear()
        self._clock.release(showing=due, at=datetime.fromisoformat(at))
        await self._until.over.wait()
        storm = [write for write in self._database.writes if write.committed_at >= due]
        return await usage() | {
            "last": max((_milliseconds(write.committed_at - due) for write in storm), default=0),
            "statements": max((write.statements for write in storm), default=0),
        }

    async def lateness(self, *, due_at: str) -> Json:
        """In milliseconds after `due_at`, for each breach of that instant; and what else must be so by now."""
        due = datetime.fromisoformat(due_at)
        breaches, outbox = tables.breaches, tables.outbox
        async with self._database.read() as tx:
            breached_at = list(await tx.scalars(select(breaches.c.breached_at).where(breaches.c.due_at == due)))
            promised = await tx.scalar(
                select(func.count()).select_from(outbox).where(outbox.c.state == PromiseState.PENDING)
            )
        durable_at = {at: committed_at(self._database.writes, at) for at in set(breached_at)}
        return {
            "decided": [_milliseconds(at - due) for at in breached_at],
            "durable": [_milliseconds(durable_at[at] - due) for at in breached_at],
            "promised": promised,
        }


def _milliseconds(duration: timedelta) -> float:
    return duration / timedelta(milliseconds=1)
