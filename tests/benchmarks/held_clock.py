"""A clock that stands still while a measurement is prepared, and then runs as the machine's does."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot import clock as machine


class HeldClock:
    """A `bot.clock.Clock`. It may be set forward again while it runs."""

    def __init__(self, shown: datetime) -> None:
        self._shown = shown
        self._ahead: timedelta | None = None
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        return self._shown if self._ahead is None else machine.now() + self._ahead

    def release(self, *, showing: datetime, at: datetime) -> None:
        """From now on it runs, such that it shows `showing` when the machine shows `at`: several agree on that."""
        if showing - at + machine.now() < self.now():
            raise ValueError("a clock does not go back")
        self._ahead = showing - at
        for listener in self._listeners:
            listener()

    def real_delay(self, until: datetime) -> timedelta | None:
        return None if self._ahead is None else max(until - self.now(), timedelta(0))

    def on_jump(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)
