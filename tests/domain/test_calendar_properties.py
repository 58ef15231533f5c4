"""What holds for every calendar, at every instant: of opening hours, of due instants and of the time that counts."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.calendar import Calendar, Hours

EVERY_DAY: Final = range(7)


def hours(opens: int, closes: int) -> Hours:
    return Hours(opens=time(opens), closes=time(closes % 24))


@st.composite
def days(draw: st.DrawFn) -> tuple[Hours, ...]:
    """Up to three stretches, some of which end at midnight."""
    marks = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=6)))
    walls = [time(mark // 4 % 24, mark % 4 * 15) for mark in marks]
    return tuple(Hours(opens=opens, closes=closes) for opens, closes in list(pairwise(walls))[::2])


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    zone = draw(st.sampled_from(["UTC", "Europe/Paris", "America/Havana", "Australia/Lord_Howe", "Pacific/Kiritimati"]))
    week = draw(st.dictionaries(st.integers(0, 6), days(), min_size=1))
    closed = draw(st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=10))
    return Calendar(name="any", zone=zone, week=week, holidays=closed)


CHANGES: Final = (
    datetime(2026, 3, 8, 5, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 4, 4, 15, 0, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 0, tzinfo=UTC),
)
"""When the clocks of those zones change."""

NEAR: Final = st.integers(-100, 100)
SEASONS: Final = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))


@st.composite
def instants(draw: st.DrawFn, count: int) -> list[datetime]:
    """In their order, of one season in which the clocks change, and often close to a change."""
    season = draw(st.sampled_from(SEASONS))
    changes = [change for change in CHANGES if timedelta(0) <= change - season < timedelta(days=45)]
    any_time = st.integers(0, 45 * 86_400).map(lambda seconds: season + timedelta(seconds=seconds))
    near = st.builds(lambda change, count: change + timedelta(minutes=15 * count), st.sampled_from(changes), NEAR)
    return sorted(draw(st.lists(any_time | near, min_size=count, max_size=count)))


def targets() -> st.SearchStrategy[timedelta]:
    return st.timedeltas(timedelta(microseconds=1), timedelta(hours=10))


@given(calendars(), instants(1), targets())
def test_at_the_due_instant_exactly_the_target_has_passed(
    calendar: Calendar, instants: list[datetime], target: timedelta
) -> None:
    (start,) = instants
    due = calendar.due(start, target)
    assert calendar.elapsed(start, due) == target
    assert calendar.elapsed(start, due - timedelta(microseconds=1)) < target


@given(calendars(), instants(2), targets(), targets())
def test_a_later_start_or_a_longer_target_is_never_due_earlier(
    calendar: Calendar, instants: list[datetime], short: timedelta, more: timedelta
) -> None:
    earlier, later = instants
    assert calendar.due(earlier, short) <= calendar.due(later, short)
    assert calendar.due(earlier, short) < calendar.due(earlier, short + more)


@given(calendars(), instants(3))
def test_the_time_of_two_parts_is_that_of_the_whole(calendar: Calendar, instants: list[datetime]) -> None:
    first, middle, last = instants
    parts = calendar.elapsed(first, middle) + calendar.elapsed(middle, last)
    assert parts == calendar.elapsed(first, last)


@given(calendars(), instants(2))
def test_never_less_than_nothing_passes_and_never_more_than_by_the_wall_clock(
    calendar: Calendar, instants: list[datetime]
) -> None:
    first, last = instants
    assert timedelta(0) <= calendar.elapsed(first, last) <= last - first
    assert calendar.elapsed(last, first) == timedelta(0)


@given(instants(2))
def test_what_two_calendars_share_out_between_them_is_all_the_time_there_is(instants: list[datetime]) -> None:
    first, last = instants
    inside = Calendar(name="in", zone="Europe/Paris", week=dict.fromkeys(EVERY_DAY, (hours(3, 17),)))
    outside = Calendar(name="out", zone="Europe/Paris", week=dict.fromkeys(EVERY_DAY, (hours(0, 3), hours(17, 24))))
    assert inside.elapsed(first, last) + outside.elapsed(first, last) == last - first


@given(calendars(), instants(1), targets())
def test_nothing_is_due_outside_the_opening_hours(
    calendar: Calendar, instants: list[datetime], target: timedelta
) -> None:
    """By the wall clock alone, on every day that no clock change makes ambiguous."""
    (start,) = instants
    due = calendar.due(start, target).astimezone(ZoneInfo(calendar.zone))
    assume(all(abs(change - due) >= timedelta(days=2) for change in CHANGES))
    last = due - timedelta(microseconds=1)
    assert last.date() not in calendar.holidays
    assert any(
        one.opens <= last.time() and (one.closes == time(0) or last.time() < one.closes)
        for one in calendar.week.get(last.weekday(), ())
    )
