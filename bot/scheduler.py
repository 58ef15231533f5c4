"""The loops: APScheduler wakes each at the instant it asked for, at the latest after a second; a change wakes some.

The database is the truth; a job holds nothing but the time of its next look, so a restart loses nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot import clock as machine
from bot.clock import Clock

log = structlog.get_logger()

LONGEST_WAIT = timedelta(seconds=1)

APART_SECONDS = 0.1
"""So far the runs that changes cause are apart at most, so that many changes a second are seen to together."""

REST = 9
"""For each second that a run took, the loop rests so many, up to that: a quiet bot shows a change at once, and a busy
one spends no more than a tenth of its time on looking."""

FINISH_WITHIN_SECONDS = 2.0
"""How long a stop waits for the runs that are under way."""

Work = Callable[[], Awaitable[datetime | None]]


class Observer(Protocol):
    """Hears of every run of a loop."""

    def __call__(self, name: str, seconds: float, *, failed: bool) -> None: ...


def unobserved(name: str, seconds: float, *, failed: bool) -> None:
    """For loops that nobody measures."""


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
        self._task: asyncio.Task[None] | None = None
        self._planned_at: datetime | None = None
        self._waiting: asyncio.TimerHandle | None = None
        self._observer: Observer = unobserved
        self._took = 0.0
        self.finished_at = machine.monotonic_seconds()
        """When its last run ended, well or not, by `monotonic_seconds`; before the first, when it was made."""
        self.next_at: datetime | None = None
        """When the work wants to be done next, by the bot's clock; None when it waits for a change only."""

    def start(self, scheduler: AsyncIOScheduler, observer: Observer = unobserved) -> None:
        self._scheduler = scheduler
        self._observer = observer
        scheduler.add_job(
            self._turn,
            IntervalTrigger(seconds=LONGEST_WAIT.total_seconds(), timezone="UTC"),
            id=self.name,
            next_run_time=machine.now() + LONGEST_WAIT,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        self._clock.on_jump(self._jumped)
        self.wake()

    def stop(self) -> None:
        """No run starts after this."""
        self._scheduler = None
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
            self._woken = False
            self._rested.set()

    def wake(self) -> None:
        """Have the work done as soon as possible."""
        if self._woken or self._scheduler is None:
            return  # a run is on its way already, or none is to start any more
        self._woken = True
        self._rested.clear()
        if not self._running:
            # Not through APScheduler, which would look through all of its jobs for each of many wakes a second.
            self._waiting = asyncio.get_running_loop().call_later(self._pause_seconds(), self._start_run)

    def _jumped(self) -> None:
        """What it waits for may be due now, or sooner or later by the machine's clock than was planned."""
        if self.next_at is not None and self.next_at <= self._clock.now():
            self.wake()
        else:
            self._planned_at = None
            self._schedule(self._wait())

    def _pause_seconds(self) -> float:
        """None with a clock that somebody else moves: there a change and what follows from it have the same instant."""
        if self._clock.real_delay(self._clock.now()) is None:
            return 0
        apart = min(REST * self._took, APART_SECONDS)
        return max(self.finished_at + apart - machine.monotonic_seconds(), 0)

    def _start_run(self) -> None:
        self._waiting = None
        if not self._running:
            self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def running(self) -> bool:
        return self._running

    @property
    def busy(self) -> bool:
        return self._running or self._woken

    async def rested(self) -> None:
        """Returns when nothing is left to do at this instant."""
        await self._rested.wait()

    async def give_up(self) -> None:
        """Ends a run that is under way, wherever it is."""
        if self._task is not None:
            self._task.cancel()
            await self.rested()

    async def _turn(self) -> None:
        self._planned_at = None
        if not self.busy:
            await self._run()

    async def _run(self) -> None:
        self._running = True
        self._task = asyncio.current_task()
        self._rested.clear()
        wait = LONGEST_WAIT
        try:
            while True:
                self._woken = False
                self.next_at = await self._observed()
                wait = self._wait()
                # What is due by now is done in this run.
                if wait > timedelta(0) and not (self._woken and self._pause_seconds() == 0):
                    break
        except Exception:
            log.exception("loop.failed", loop=self.name)
            self._woken = False
            self.next_at = self._clock.now()  # whatever it was, it was not done
        except asyncio.CancelledError:
            log.warning("loop.given_up", loop=self.name)
            self.stop()
        finally:
            self._running = False
            self._task = None
        self._schedule(wait)
        woken, self._woken = self._woken, False
        if woken and self._scheduler is not None:
            self.wake()
        else:
            self._rested.set()

    async def _observed(self) -> datetime | None:
        began = machine.monotonic_seconds()
        failed = True
        try:
            next_at = await self._work()
            failed = False
        finally:
            self.finished_at = machine.monotonic_seconds()
            self._took = self.finished_at - began
            self._observer(self.name, self._took, failed=failed)
        return next_at

    def _wait(self) -> timedelta:
        delay = self._clock.real_delay(self.next_at) if self.next_at is not None else None
        return min(delay, LONGEST_WAIT) if delay is not None else LONGEST_WAIT

    def _schedule(self, delay: timedelta) -> None:
        """Every second it has its turn anyway; only an earlier one has to be planned."""
        if self._scheduler is None or delay >= LONGEST_WAIT:
            return
        at = machine.now() + delay
        if self._planned_at is None or at < self._planned_at:
            self._planned_at = at
            self._scheduler.modify_job(self.name, next_run_time=at)


class Scheduler:
    """The loops of one bot."""

    def __init__(self, loops: Sequence[Loop], observer: Observer = unobserved) -> None:
        self.loops = loops
        self._observer = observer
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        for loop in self.loops:
            loop.start(self._scheduler, self._observer)
        self._scheduler.start()

    async def stop(self) -> None:
        """No run starts after this; those under way are waited for, but not for long.

        One that is given up waits for Slack or a feed: what it stores, it stores in transactions that end in a moment.
        """
        self._scheduler.pause()
        for loop in self.loops:
            loop.stop()
        running = [loop for loop in self.loops if loop.busy]
        try:
            async with asyncio.timeout(FINISH_WITHIN_SECONDS):
                for loop in running:
                    await loop.rested()
        except TimeoutError:
            for loop in running:
                await loop.give_up()
        self._scheduler.shutdown(wait=False)
