"""How much one person and a whole workspace may ask in a minute, so that a flood holds up nobody else."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto

from bot.clock import Clock
from bot.domain.ids import UserId

WINDOW = timedelta(minutes=1)

PER_PERSON = 60
"""Of each kind. Ten a minute would be enough for everyday, and would stop the one person at the keyboard who opens,
acknowledges and passes on dozens of incidents while everything is down. One a second is more than anybody types."""

PER_WORKSPACE = 600
"""Some ten a second; a small machine stores several hundred."""

ALWAYS_LET_IN = 6
"""Whoever asked less than this is let in, however much others ask: only those who ask a lot make a flood."""

PEOPLE_KEPT = 10_000


class Asked(StrEnum):
    """Counted apart: whatever somebody typed or sent in, they can still press a button."""

    CLICK = "click"
    WORDS = "words"


class Verdict(Enum):
    ADMITTED = auto()
    REFUSED = auto()
    REFUSED_AGAIN = auto()
    """The person was told within the last minute."""


class _Window:
    """The instants of the last minute, never more than `most`."""

    def __init__(self, most: int) -> None:
        self._instants: deque[datetime] = deque(maxlen=most)
        self._most = most

    def count(self, now: datetime) -> int:
        while self._instants and self._instants[0] <= now - WINDOW:
            self._instants.popleft()
        return len(self._instants)

    def is_full(self, now: datetime) -> bool:
        return self.count(now) >= self._most

    def add(self, now: datetime) -> None:
        self._instants.append(now)


class Quota:
    """Sliding windows in memory: a restart forgives everybody, and nothing depends on them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._workspace = _Window(PER_WORKSPACE)
        self._people: OrderedDict[tuple[UserId, Asked], _Window] = OrderedDict()
        self._told: OrderedDict[UserId, datetime] = OrderedDict()

    def admit(self, user: UserId, asked: Asked) -> Verdict:
        """What is refused does not count, so that the person is let in again as the minute goes by.

        A click is never refused because of what others do: the buttons are how a page is acknowledged and escalated.
        """
        now = self._clock.now()
        own = self._window_of(user, asked)
        of_others = asked is Asked.WORDS and own.count(now) >= ALWAYS_LET_IN and self._workspace.is_full(now)
        if own.is_full(now) or of_others:
            return self._refused(user, now)
        own.add(now)
        self._workspace.add(now)
        return Verdict.ADMITTED

    def _window_of(self, user: UserId, asked: Asked) -> _Window:
        window = self._people.setdefault((user, asked), _Window(PER_PERSON))
        self._people.move_to_end((user, asked))
        if len(self._people) > PEOPLE_KEPT:
            self._people.popitem(last=False)
        return window

    def _refused(self, user: UserId, now: datetime) -> Verdict:
        told_at = self._told.get(user)
        if told_at is not None and now - told_at < WINDOW:
            return Verdict.REFUSED_AGAIN
        self._told[user] = now
        self._told.move_to_end(user)
        if len(self._told) > PEOPLE_KEPT:
            self._told.popitem(last=False)
        return Verdict.REFUSED
