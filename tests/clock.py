"""A clock that shows what the test says; it stands still until it is moved."""

from collections.abc import Callable
from datetime import datetime, timedelta


class ManualClock:
    """A `bot.clock.Clock` that is only ever moved forward, and tells its listeners whenever it is."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        return self._now

    def advance(self, **by: float) -> None:
        """`advance(minutes=5)`: takes what a timedelta takes."""
        self.move_to(self._now + timedelta(**by))

    def move_to(self, instant: datetime) -> None:
        """Raises `ValueError` for an instant that has passed."""
        if instant < self._now:
            raise ValueError(f"it is {self._now} already; {instant} has passed")
        self._now = instant
        for listener in self._listeners:
            listener()

    def real_delay(self, _until: datetime) -> timedelta | None:
        """None: it does not get anywhere by itself."""
        return None

    def on_jump(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)
