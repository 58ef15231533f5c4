"""A clock a person can speed up, pause and move forward. Reads real time only through the function it is given."""

from collections.abc import Callable
from datetime import datetime, timedelta


class SpeedClock:
    def __init__(self, monotonic: Callable[[], float], start: datetime, speed: float = 1.0) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware instant")
        _check(speed)
        self._monotonic = monotonic
        self._speed = speed
        self._anchor = start
        self._anchored_at = monotonic()
        self._listeners: list[Callable[[], None]] = []

    @property
    def speed(self) -> float:
        return self._speed

    def now(self) -> datetime:
        elapsed = self._monotonic() - self._anchored_at
        return self._anchor + timedelta(seconds=elapsed * self._speed)

    def set_speed(self, speed: float) -> None:
        """0 pauses; 60 makes a minute of every second."""
        _check(speed)
        self._move(self.now())
        self._speed = speed
        self._tell()

    def advance(self, by: timedelta) -> None:
        """Jumps forward; a clock never goes back."""
        if by < timedelta(0):
            raise ValueError("a clock only advances")
        self._move(self.now() + by)
        self._tell()

    def real_delay(self, until: datetime) -> timedelta | None:
        """How long to wait in real time until this clock shows `until`; None while it is paused."""
        return max((until - self.now()) / self._speed, timedelta(0)) if self._speed > 0 else None

    def on_jump(self, listener: Callable[[], None]) -> None:
        """Calls the listener after every jump and every change of speed."""
        self._listeners.append(listener)

    def _move(self, instant: datetime) -> None:
        self._anchor, self._anchored_at = instant, self._monotonic()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _check(speed: float) -> None:
    if not 0 <= speed <= 100_000:
        raise ValueError("speed is between 0 (paused) and 100000")
