"""The one reader of the time. Everything else is given a clock, or an instant."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import aiohttp
import structlog

log = structlog.get_logger()


def now() -> datetime:
    """The machine's time, for what is not the bot's business: timers, signatures, the start of a playground."""
    return datetime.now(UTC)


def monotonic_seconds() -> float:
    return time.monotonic()


def elapsed_seconds() -> float:
    """As `monotonic_seconds`, and where the system can tell it goes on while the machine sleeps."""
    return time.clock_gettime(_ELAPSED) if _ELAPSED is not None else time.monotonic()


_ELAPSED: int | None = getattr(time, "CLOCK_BOOTTIME", None)


class Clock(Protocol):
    """What the bot needs to know of the time."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...

    def real_delay(self, until: datetime) -> timedelta | None:
        """How long to wait, in real time, until this clock shows `until`; None when it will not get there by itself."""
        ...

    def on_jump(self, listener: Callable[[], None]) -> None:
        """Have `listener` called when the clock jumps or changes its speed."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return now()

    def real_delay(self, until: datetime) -> timedelta | None:
        return max(until - now(), timedelta(0))

    def on_jump(self, listener: Callable[[], None]) -> None:
        """Never: a system clock that is set is noticed at the next tick, at the latest a second later."""


SLOWEST_READING = timedelta(seconds=1)
"""Within the time that an answer took, nobody knows when it was given: a reading is right to half of this."""


class ServerClock:
    """The time of a server that bots on several machines share, carried on by this machine between two readings.

    How the machine's own clock is set, or is set meanwhile, does not matter.
    """

    def __init__(self, seconds: Callable[[], float] = elapsed_seconds) -> None:
        self._seconds = seconds
        self._at_zero: datetime | None = None

    async def set_by(self, ask: Callable[[], Awaitable[datetime]]) -> bool:
        """Reads the server's time once; whether it was taken over. The first reading always is."""
        asked_at = self._seconds()
        shown = await ask()
        took = timedelta(seconds=self._seconds() - asked_at)
        if self._at_zero is not None and took > SLOWEST_READING:
            return False
        self._at_zero = shown - took / 2 - timedelta(seconds=asked_at)
        return True

    def now(self) -> datetime:
        if self._at_zero is None:
            raise LookupError("the server's clock was not read yet")
        return self._at_zero + timedelta(seconds=self._seconds())

    def real_delay(self, until: datetime) -> timedelta | None:
        return max(until - self.now(), timedelta(0))

    def on_jump(self, listener: Callable[[], None]) -> None:
        """Never: a server's clock that is set is noticed at the next reading."""


STEP_BACK_WORTH_TELLING = timedelta(seconds=10)


class SteadyClock:
    """A clock that never goes back, also not behind `floor`: it stands still until the other one has caught up."""

    def __init__(self, clock: Clock, floor: datetime | None) -> None:
        self._clock = clock
        self._highest = clock.now() if floor is None else max(floor, clock.now())
        self._warned = False

    def now(self) -> datetime:
        shown = self._clock.now()
        if shown >= self._highest:
            self._highest = shown
            self._warned = False
        elif not self._warned and self._highest - shown >= STEP_BACK_WORTH_TELLING:
            self._warned = True
            log.warning("clock.went_back", seconds=(self._highest - shown).total_seconds())
        return self._highest

    def real_delay(self, until: datetime) -> timedelta | None:
        return self._clock.real_delay(until)

    def on_jump(self, listener: Callable[[], None]) -> None:
        self._clock.on_jump(listener)


class FollowedClock:
    """A clock that runs elsewhere, perhaps faster, and tells when it changes: the playground's."""

    def __init__(self) -> None:
        self._shown = now()
        self._read_at = time.monotonic()
        self._speed = 1.0
        self._listeners: list[Callable[[], None]] = []
        self._synchronised = asyncio.Event()

    def now(self) -> datetime:
        return self._shown + timedelta(seconds=(time.monotonic() - self._read_at) * self._speed)

    def real_delay(self, until: datetime) -> timedelta | None:
        return max((until - self.now()) / self._speed, timedelta(0)) if self._speed > 0 else None

    def on_jump(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    async def synchronised(self) -> None:
        """Returns once the other clock has been read for the first time."""
        await self._synchronised.wait()

    async def follow(self, url: str) -> None:
        """Listens to the clock at `url` (a websocket that sends `now` and `speed`) until cancelled."""
        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.ws_connect(url, heartbeat=10) as socket:
                        async for message in socket:
                            self._set(message.json())
                except (aiohttp.ClientError, ValueError, KeyError) as error:
                    log.warning("clock.lost", url=url, error=str(error))
                await asyncio.sleep(1)

    def _set(self, shown: dict[str, Any]) -> None:
        # A message that was on its way while we ran ahead must not turn the time back.
        self._shown = max(
            datetime.fromisoformat(shown["now"]),
            self.now() if self._synchronised.is_set() else datetime.min.replace(tzinfo=UTC),
        )
        self._read_at = time.monotonic()
        self._speed = float(shown["speed"])
        self._synchronised.set()
        for listener in self._listeners:
            listener()
