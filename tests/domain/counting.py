"""Counted time, worked out a second time and plainly: open stretches, less the pauses, added up one by one."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.calendar import Calendar
from bot.domain.incident import Pause

NOTHING: Final = timedelta(0)
THE_END: Final = datetime(2100, 1, 1, tzinfo=UTC)


def reached_at(calendar: Calendar | None, start: datetime, part: timedelta, pauses: Sequence[Pause] = ()) -> datetime:
    """The first instant at which `part` has been counted."""
    left = part
    for opens, closes in _stretches(calendar, start, pauses):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    raise AssertionError("the calendar is open for ever")


def counted(calendar: Calendar | None, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> timedelta:
    total = NOTHING
    for opens, closes in _stretches(calendar, start, pauses):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


def _stretches(
    calendar: Calendar | None, start: datetime, pauses: Sequence[Pause]
) -> Iterator[tuple[datetime, datetime]]:
    """Open and not paused, from `start` on."""
    for opens, closes in _hours(calendar, start):
        begins = max(opens, start)
        for pause in pauses:
            if begins < pause.start < closes:
                yield begins, pause.start
            if pause.start < closes and pause.end > begins:
                begins = pause.end
        if begins < closes:
            yield begins, closes


def _hours(calendar: Calendar | None, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    if calendar is None:
        yield start, THE_END
        return
    zone = ZoneInfo(calendar.zone)
    day = start.date() - timedelta(days=2)
    while day.year < THE_END.year:
        if day not in calendar.holidays:
            for hours in calendar.week.get(day.weekday(), ()):
                last = day if hours.closes > hours.opens else day + timedelta(days=1)
                yield _instant(day, hours.opens, zone), _instant(last, hours.closes, zone)
        day += timedelta(days=1)


def _instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)
