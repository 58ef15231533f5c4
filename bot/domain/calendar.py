"""Business time: weekly hours in a time zone, without the holidays. Instants in, instants and durations out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
MIDNIGHT = time(0)
DAYS_KNOWN = 4096
DUES_KNOWN = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Open from `opens` to `closes` on one day, by the wall clock; `closes` at midnight is the end of the day."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.closes != MIDNIGHT and self.closes <= self.opens:
            raise ValueError("hours end after they begin, on the same day")


Window = tuple[datetime, datetime]
"""An open stretch, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When a target's time counts. `week` has the hours of each weekday, Monday 0; a missing day is closed."""

    name: str
    zone: str
    week: Mapping[int, tuple[Hours, ...]]
    holidays: frozenset[date] = frozenset()
    _days: dict[date, tuple[Window, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The days that were asked for: every clock of every incident asks for the same few."""
    _dues: dict[tuple[datetime, timedelta], datetime] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What `due` answered: many incidents are decided at one instant, and their clocks start at it."""

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if not any(self.week.get(day) for day in range(7)):
            raise ValueError("a calendar is open at some time of the week")
        for hours in self.week.values():
            if any(earlier.closes == MIDNIGHT or later.opens < earlier.closes for earlier, later in pairwise(hours)):
                raise ValueError("the hours of a day are in order and do not overlap")

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The business time between two instants; zero when `end` is not after `start`."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        windows = takewhile(lambda window: window[0] < end, self._windows(start))
        counted = sum((min(closes, end) - max(opens, start) for opens, closes in windows), timedelta(0))
        return max(counted, timedelta(0))

    def due(self, start: datetime, target: timedelta) -> datetime:
        """The first instant at which `target` of business time has passed since `start`."""
        start = start.astimezone(UTC)
        known = self._dues.get((start, target))
        if known is None:
            if len(self._dues) >= DUES_KNOWN:
                self._dues.clear()
            known = self._dues[start, target] = self._due(start, target)
        return known

    def _due(self, start: datetime, left: timedelta) -> datetime:
        if left <= timedelta(0):
            return start
        for opens, closes in self._windows(start):
            begins = max(opens, start)
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
        raise AssertionError("a calendar that is open at some time of the week never ends")

    def _windows(self, after: datetime) -> Iterator[Window]:
        """The open stretches that end after `after`, in order, without end."""
        day = after.astimezone(ZoneInfo(self.zone)).date() - ONE_DAY
        while True:
            for window in self._day(day):
                if window[1] > after:
                    yield window
            day += ONE_DAY

    def _day(self, day: date) -> tuple[Window, ...]:
        known = self._days.get(day)
        if known is None:
            if len(self._days) >= DAYS_KNOWN:
                self._days.clear()
            hours = () if day in self.holidays else self.week.get(day.weekday(), ())
            known = self._days[day] = _windows_of(day, hours, ZoneInfo(self.zone))
        return known


def _windows_of(day: date, week_day: tuple[Hours, ...], zone: ZoneInfo) -> tuple[Window, ...]:
    """Without what a clock change skips."""
    windows = (
        (
            instant_of(day, hours.opens, zone),
            instant_of(day + ONE_DAY if hours.closes == MIDNIGHT else day, hours.closes, zone),
        )
        for hours in week_day
    )
    return tuple((opens, closes) for opens, closes in windows if closes > opens)


def instant_of(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """A wall time that is skipped is the first instant after the gap; one that comes twice is its first occurrence."""
    local = datetime.combine(day, wall, zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    # Within the gap `fold` chooses the offset: with 1 that of after the change, which gives an instant before it.
    before, after = local.replace(fold=1).astimezone(UTC), instant
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == after.astimezone(zone).utcoffset():
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def due_at(calendar: Calendar | None, start: datetime, target: timedelta) -> datetime:
    """When `target` has passed since `start`, around the clock or by the calendar."""
    return start.astimezone(UTC) + target if calendar is None else calendar.due(start, target)


def elapsed(calendar: Calendar | None, start: datetime, end: datetime) -> timedelta:
    """What counted of the time between two instants; zero when `end` is not after `start`."""
    if calendar is not None:
        return calendar.elapsed(start, end)
    return max(end.astimezone(UTC) - start.astimezone(UTC), timedelta(0))
