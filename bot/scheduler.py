"""The loops: APScheduler wakes each at the instant it asked for, at the latest after a second, and when facts change.

The database is the truth; a job holds nothing but the time of its next look, so a restart loses nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot import clock as machine
from bot.clock import Clock

log = structlog.get_logger()

LONGEST_WAIT = timedelta(seconds=1)

Work = Callable[[], Awaitable[datetime | None]]


class Loop:
    """Runs `work`, never twice at once, and again when it was woken meanwhile. It may be late; it does not stop."""

    def __init__(self, name: str, work: Work, clock: Clock) -> None:
        self.name = name
        self._work = work
        self._clock = clock
        self._scheduler: AsyncIOScheduler | None = None
        self._running = False
        self._woken = False
        self._rested = asyncio.Event()
        self.next_at: datetime | None = None
        """When the work wants to be done next, by the bot's clock; None when it waits for a change only."""

    def start(self, scheduler: AsyncIOScheduler) -> None:
        self._scheduler = scheduler
        scheduler.add_job(
            self._run,
            IntervalTrigger(seconds=LONGEST_WAIT.total_seconds(), timezone="UTC"),
            id=self.name,
            next_run_time=machine.now(),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        self._clock.on_jump(self.wake)
        self._woken = True

    def wake(self) -> None:
        """Have the work done as soon as possible."""
        if self._woken:
            return  # a run is on its way already
        self._woken = True
        self._rested.clear()
        if not self._running:
            # A turn of the event loop later: until then APScheduler counts a run that has just ended, and would skip.
            asyncio.get_running_loop().call_soon(self._schedule, timedelta(0))

    @property
    def running(self) -> bool:
        return self._running

    @property
    def busy(self) -> bool:
        return self._running or self._woken

    async def rested(self) -> None:
        """Returns when nothing is left to do at this instant."""
        await self._rested.wait()

    async def _run(self) -> None:
        self._running = True
        self._rested.clear()
        wait = LONGEST_WAIT
        try:
            while True:
                self._woken = False
                self.next_at = await self._work()
                wait = self._wait()
                # What is due by now is done in this run: APScheduler skips one that begins before the last has ended.
                if not self._woken and wait > timedelta(0):
                    break
        except Exception:
            log.exception("loop.failed", loop=self.name)
            self._woken = False
            self.next_at = None
        finally:
            self._running = False
            self._rested.set()
        self._schedule(wait)

    def _wait(self) -> timedelta:
        delay = self._clock.real_delay(self.next_at) if self.next_at is not None else None
        return min(delay, LONGEST_WAIT) if delay is not None else LONGEST_WAIT

    def _schedule(self, delay: timedelta) -> None:
        if self._scheduler is not None and self._scheduler.running:
            self._scheduler.modify_job(self.name, next_run_time=machine.now() + delay)


class Scheduler:
    """The loops of one bot."""

    def __init__(self, loops: Sequence[Loop]) -> None:
        self.loops = loops
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        for loop in self.loops:
            loop.start(self._scheduler)
        self._scheduler.start()

    def wake(self) -> None:
        for loop in self.loops:
            loop.wake()

    async def stop(self) -> None:
        """No run starts after this; those under way are waited for."""
        self._scheduler.pause()
        for loop in self.loops:
            if loop.running:
                await loop.rested()
        self._scheduler.shutdown(wait=False)
