"""When what was disturbed, by the bots' clock: how late something may be is what the faults explain."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.delivery import LEASE, LONGEST_BACKOFF, POST_TIMEOUT, QUIET

A_MOMENT: Final = timedelta(seconds=4)
"""Loops look within a second, and each of a few transactions and calls takes some tenths."""

DOUBT: Final = POST_TIMEOUT + QUIET + A_MOMENT
"""A post whose outcome nobody knows."""

A_CLAIM_LOST: Final = LEASE + QUIET + A_MOMENT
"""A sender is gone, or could not record what it did."""

EVERY_CHANNEL: Final = "every channel"

AGAIN: Final = LONGEST_BACKOFF + A_MOMENT


@dataclass(frozen=True, slots=True)
class Trouble:
    """In one channel, in `EVERY_CHANNEL`, or, without one, with everything."""

    since: datetime
    until: datetime
    channel: str | None


class Troubles:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: list[Trouble] = []

    def note(self, lasting: timedelta, channel: str | None = None) -> None:
        now = self._clock.now()
        self._all.append(Trouble(now, now + lasting, channel))

    def everywhere(self, since: datetime, until: datetime) -> timedelta:
        """How much of that time something was wrong that concerns everything."""
        return _covered(since, until, [each for each in self._all if each.channel is None])

    def in_channel(self, channel: str, since: datetime, until: datetime) -> timedelta:
        """How much of that time something was wrong there or everywhere."""
        return _covered(since, until, [each for each in self._all if each.channel in (channel, EVERY_CHANNEL, None)])


def _covered(since: datetime, until: datetime, troubles: Collection[Trouble]) -> timedelta:
    return sum((end - start for start, end in _united(since, until, troubles)), timedelta(0))


def _united(since: datetime, until: datetime, troubles: Collection[Trouble]) -> Iterator[tuple[datetime, datetime]]:
    """The parts of the time in which there was at least one."""
    reached = since
    for trouble in sorted(troubles, key=lambda each: each.since):
        start, end = max(trouble.since, reached), min(trouble.until, until)
        if start < end:
            yield start, end
            reached = end
