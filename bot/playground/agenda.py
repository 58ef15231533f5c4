"""What the local Slack has to do at a later instant of the clock: event retries, scheduled messages."""

import asyncio
import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

from .model import Clock


class Agenda:
    """Work by due instant. A clock may be moved by hand, so `run_due` is also called at every activity."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._woken = asyncio.Event()

    def at(self, due: datetime, work: Callable[[], None]) -> None:
        heapq.heappush(self._entries, (due, next(self._order), work))
        self._woken.set()

    def run_due(self) -> None:
        while self._entries and self._entries[0][0] <= self._clock.now():
            heapq.heappop(self._entries)[2]()

    def clear(self) -> None:
        self._entries.clear()

    def clock_changed(self) -> None:
        self.run_due()
        self._woken.set()

    async def keep(self) -> None:
        """Runs the entries as the clock reaches them, until cancelled."""
        while True:
            self.run_due()
            self._woken.clear()
            try:
                async with asyncio.timeout(self._real_seconds()):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def _real_seconds(self) -> float | None:
        """How long to sleep until the next entry; a clock that cannot say is taken to run in real time."""
        if not self._entries:
            return None
        due = self._entries[0][0]
        real_delay = getattr(self._clock, "real_delay", None)
        delay = due - self._clock.now() if real_delay is None else real_delay(due)
        return None if delay is None else max(0.01, delay.total_seconds())
