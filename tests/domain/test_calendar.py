"""Business time: the design's golden vectors, both nights of a clock change, and what no calendar may be."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from time import tzset
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from bot.domain.calendar import Calendar, Hours, due_at, elapsed, instant_of

PARIS: Final = ZoneInfo("Europe/Paris")
HAVANA: Final = ZoneInfo("America/Havana")
APIA: Final = ZoneInfo("Pacific/Apia")
KIRITIMATI: Final = ZoneInfo("Pacific/Kiritimati")
WEEKDAYS: Final = range(5)
EVERY_DAY: Final = range(7)


def hours(opens: int, closes: int) -> tuple[Hours, ...]:
    return (Hours(opens=time(opens), closes=time(closes % 24)),)


def office(opens: int = 8, closes: int = 17, *, zone: str = "UTC", holidays: frozenset[date] = frozenset()) -> Calendar:
    return Calendar(name="office", zone=zone, week=dict.fromkeys(WEEKDAYS, hours(opens, closes)), holidays=holidays)


def daily(opens: int, closes: int, zone: ZoneInfo = PARIS) -> Calendar:
    return Calendar(name="daily", zone=zone.key, week=dict.fromkeys(EVERY_DAY, hours(opens, closes)))


def at(text: str, zone: ZoneInfo | None = None, *, fold: int = 0) -> datetime:
    """By the wall clock of the zone, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone or UTC, fold=fold).astimezone(UTC)


def test_a_weekend_counts_for_nothing() -> None:
    opened, now = at("2026-11-13 21:00"), at("2026-11-16 09:30")
    assert office().elapsed(opened, now) == timedelta(hours=1, minutes=30)
    assert now - opened == timedelta(hours=60, minutes=30)
    assert timedelta(hours=1, minutes=30) / timedelta(hours=8) == 0.1875


def test_a_night_counts_for_nothing() -> None:
    opened, now = at("2026-11-16 14:00"), at("2026-11-17 09:00")
    assert office(9, 17).elapsed(opened, now) == timedelta(hours=3)
    assert now - opened == timedelta(hours=19)


def test_a_week_of_uneven_days() -> None:
    week = {0: hours(9, 17), 1: hours(9, 16), 3: hours(8, 17)}
    calendar = Calendar(name="uneven", zone="UTC", week=week)
    assert calendar.due(at("2026-11-16 11:00"), timedelta(hours=16)) == at("2026-11-19 11:00")


def test_a_later_start_moves_the_end_by_as_much_of_the_opening_hours() -> None:
    due = office().due(at("2026-11-16 14:00"), timedelta(hours=2))
    assert office().due(at("2026-11-16 14:10"), timedelta(hours=2)) == due + timedelta(minutes=10)


def test_waits_one_after_the_other_add_up() -> None:
    first = office().due(at("2026-11-16 09:00"), timedelta(minutes=5))
    assert office().due(first, timedelta(minutes=10)) == at("2026-11-16 09:15")


def test_what_is_due_at_closing_time_is_due_then_and_not_the_next_morning() -> None:
    assert office().due(at("2026-11-16 16:00"), timedelta(hours=1)) == at("2026-11-16 17:00")
    moment = timedelta(microseconds=1)
    assert office().due(at("2026-11-16 16:00"), timedelta(hours=1) + moment) == at("2026-11-17 08:00") + moment


def test_a_break_at_noon_counts_for_nothing() -> None:
    week = dict.fromkeys(WEEKDAYS, (*hours(8, 12), *hours(13, 17)))
    calendar = Calendar(name="with a break", zone="UTC", week=week)
    assert calendar.due(at("2026-11-16 11:30"), timedelta(hours=1)) == at("2026-11-16 13:30")
    assert calendar.elapsed(at("2026-11-16 12:15"), at("2026-11-16 12:45")) == timedelta(0)


@pytest.mark.parametrize(
    ("opens", "closes", "start", "due", "night"),
    [
        (1, 5, "2026-03-29 00:00", "2026-03-29 05:00", 3),  # the clock skips 02:00 to 03:00
        (2, 5, "2026-03-29 00:00", "2026-03-29 05:00", 2),
        (0, 24, "2026-03-29 00:00", "2026-03-30 00:00", 23),
        (1, 5, "2026-10-25 00:00", "2026-10-25 05:00", 5),  # the clock shows 02:00 to 03:00 twice
        (0, 24, "2026-10-25 00:00", "2026-10-26 00:00", 25),
    ],
)
def test_a_night_of_a_clock_change_has_the_hours_that_pass(
    opens: int, closes: int, start: str, due: str, night: int
) -> None:
    calendar = daily(opens, closes)
    counted = calendar.elapsed(at(start, PARIS), at(due, PARIS))
    assert counted == timedelta(hours=night)
    assert calendar.due(at(start, PARIS), timedelta(hours=night)) == at(due, PARIS)


def test_hours_that_the_clock_skips_whole_are_closed() -> None:
    calendar = daily(2, 3)
    assert calendar.elapsed(at("2026-03-29 00:00", PARIS), at("2026-03-30 00:00", PARIS)) == timedelta(0)
    assert calendar.due(at("2026-03-29 00:00", PARIS), timedelta(minutes=30)) == at("2026-03-30 02:30", PARIS)


def test_hours_that_end_within_the_skipped_hour_end_where_it_begins() -> None:
    week = dict.fromkeys(
        EVERY_DAY, (Hours(opens=time(1), closes=time(2, 30)), Hours(opens=time(2, 45), closes=time(4)))
    )
    calendar = Calendar(name="odd", zone="Europe/Paris", week=week)
    night = at("2026-03-29 00:00", PARIS)
    assert calendar.due(night, timedelta(hours=1)) == at("2026-03-29 01:00")
    assert calendar.elapsed(night, at("2026-03-29 12:00", PARIS)) == timedelta(hours=2)


def test_hours_that_begin_and_end_within_the_doubled_hour_do_so_the_first_time() -> None:
    week = dict.fromkeys(EVERY_DAY, (Hours(opens=time(2, 15), closes=time(2, 45)),))
    calendar = Calendar(name="odd", zone="Europe/Paris", week=week)
    assert calendar.elapsed(at("2026-10-25 00:00", PARIS), at("2026-10-26 00:00", PARIS)) == timedelta(minutes=30)
    assert calendar.due(at("2026-10-25 00:00", PARIS), timedelta(minutes=30)) == at("2026-10-25 02:45", PARIS)
    assert calendar.elapsed(at("2026-10-25 02:30", PARIS, fold=1), at("2026-10-26 00:00", PARIS)) == timedelta(0)


def test_days_whose_midnight_comes_twice_or_never_have_no_hole_and_no_overlap() -> None:
    around = daily(0, 24, HAVANA)  # there the clock changes at midnight
    for day, next_day, length in (("2026-11-01", "2026-11-02", 25), ("2026-03-08", "2026-03-09", 23)):
        start, end = instant_of(date.fromisoformat(day), time(0), HAVANA), at(f"{next_day} 00:00", HAVANA)
        assert around.elapsed(start, end) == end - start == timedelta(hours=length)


def test_a_start_given_in_a_zone_is_the_same_instant() -> None:
    """Python counts by the wall clock between two times of one zone."""
    start, end = datetime(2026, 3, 29, 0, tzinfo=PARIS), datetime(2026, 3, 29, 6, tzinfo=PARIS)
    for calendar in (daily(0, 24), None):
        assert elapsed(calendar, start, end) == timedelta(hours=5)
        assert due_at(calendar, start, timedelta(hours=5)) == end


def test_a_leap_day_is_a_day() -> None:
    assert office().due(at("2028-02-28 16:00"), timedelta(hours=10)) == at("2028-02-29 17:00")
    assert daily(0, 24).elapsed(at("2028-02-28 00:00"), at("2028-03-01 00:00")) == timedelta(hours=48)


def test_days_east_of_the_date_line_are_those_of_their_zone() -> None:
    calendar = office(zone="Pacific/Kiritimati")
    sunday_noon_utc = at("2026-11-15 12:00")  # Monday, two in the morning
    assert calendar.due(sunday_noon_utc, timedelta(hours=1)) == at("2026-11-16 09:00", KIRITIMATI)
    assert at("2026-11-16 09:00", KIRITIMATI) == at("2026-11-15 19:00")


def test_a_day_that_a_country_skipped_is_closed() -> None:
    """Samoa went from Thursday, 29 December 2011 to Saturday."""
    whole_days, working_days = daily(0, 24, APIA), office(zone="Pacific/Apia")
    thursday, saturday = at("2011-12-29 12:00", APIA), at("2011-12-31 12:00", APIA)
    assert whole_days.elapsed(thursday, saturday) == saturday - thursday == timedelta(hours=24)
    assert working_days.due(thursday, timedelta(hours=6)) == at("2012-01-02 09:00", APIA)


def test_holidays_are_closed_by_the_date_of_the_zone() -> None:
    new_year = office(zone="Pacific/Kiritimati", holidays=frozenset({date(2027, 1, 1)}))
    assert new_year.due(at("2026-12-31 16:00", KIRITIMATI), timedelta(hours=2)) == at("2027-01-04 09:00", KIRITIMATI)
    assert new_year.elapsed(at("2027-01-01 08:00", KIRITIMATI), at("2027-01-01 17:00", KIRITIMATI)) == timedelta(0)


def test_two_closed_weeks_are_stepped_over() -> None:
    closed = frozenset(date(2026, 12, 21) + timedelta(days=day) for day in range(14))
    calendar = office(holidays=closed)
    assert calendar.due(at("2026-12-18 16:30"), timedelta(hours=1)) == at("2027-01-04 08:30")
    assert calendar.elapsed(at("2026-12-19 00:00"), at("2027-01-04 08:00")) == timedelta(0)


def test_nothing_has_passed_before_the_start() -> None:
    for calendar in (office(), None):
        assert elapsed(calendar, at("2026-11-16 12:00"), at("2026-11-16 09:00")) == timedelta(0)


def test_what_takes_no_time_is_due_at_once() -> None:
    night = at("2026-11-16 03:00")
    assert office().due(night, timedelta(0)) == night


def test_around_the_clock_every_minute_counts() -> None:
    saturday = at("2026-11-14 03:00")
    assert due_at(None, saturday, timedelta(hours=2)) == at("2026-11-14 05:00")
    assert elapsed(None, saturday, at("2026-11-14 05:00")) == timedelta(hours=2)
    assert due_at(office(), saturday, timedelta(hours=2)) == at("2026-11-16 10:00")
    assert elapsed(office(), saturday, at("2026-11-16 10:00")) == timedelta(hours=2)


@pytest.mark.parametrize("week", [{}, {0: ()}, {7: hours(8, 17)}])
def test_a_calendar_without_hours_is_refused(week: dict[int, tuple[Hours, ...]]) -> None:
    with pytest.raises(ValueError, match=r"^a calendar is open at some time of the week$"):
        Calendar(name="never", zone="UTC", week=week)


@pytest.mark.parametrize("closes", [8, 9])
def test_hours_that_do_not_end_after_they_begin_are_refused(closes: int) -> None:
    with pytest.raises(ValueError, match=r"^hours end after they begin, on the same day$"):
        hours(9, closes)


@pytest.mark.parametrize(
    "day", [(*hours(8, 13), *hours(12, 17)), (*hours(13, 17), *hours(8, 12)), (*hours(20, 24), *hours(21, 22))]
)
def test_hours_of_a_day_that_overlap_or_are_out_of_order_are_refused(day: tuple[Hours, ...]) -> None:
    with pytest.raises(ValueError, match=r"^the hours of a day are in order and do not overlap$"):
        Calendar(name="twice", zone="UTC", week={0: day})


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        office(zone="Europe/Atlantis")


def test_hours_of_a_day_may_follow_one_another_without_a_break() -> None:
    calendar = Calendar(name="shifts", zone="UTC", week={0: (*hours(8, 12), *hours(12, 17))})
    assert calendar.elapsed(at("2026-11-16 00:00"), at("2026-11-17 00:00")) == timedelta(hours=9)


def test_wherever_in_the_skipped_hour_it_is_the_instant_at_which_the_clock_skips() -> None:
    skips = at("2027-03-28 01:00")
    walls = (time(2, minute, second) for minute in range(60) for second in (0, 1, 30, 59))
    assert {instant_of(date(2027, 3, 28), wall, PARIS) for wall in walls if wall > time(2)} == {skips}


def test_a_wall_time_is_exact_to_the_microsecond() -> None:
    assert instant_of(date(2026, 11, 16), time(8, 0, 0, 5), PARIS) == at("2026-11-16 07:00:00.000005")


@pytest.fixture
def machine_at_the_date_line(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Its own time zone is fourteen hours ahead of UTC."""
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    tzset()
    yield
    monkeypatch.undo()
    tzset()


@pytest.mark.usefixtures("machine_at_the_date_line")
def test_the_time_zone_of_the_machine_comes_into_nothing() -> None:
    late_in_pago_pago = at("2026-11-16 23:30", ZoneInfo("Pacific/Pago_Pago"))
    whole_days = daily(0, 24, ZoneInfo("Pacific/Pago_Pago"))
    instants = (
        whole_days.due(late_in_pago_pago, timedelta(minutes=5)),
        whole_days.due(late_in_pago_pago.astimezone(PARIS), timedelta(0)),
        due_at(None, late_in_pago_pago.astimezone(PARIS), timedelta(minutes=5)),
        instant_of(date(2026, 11, 16), time(8), PARIS),
        instant_of(date(2027, 3, 28), time(2, 30), PARIS),
    )
    assert instants == (
        late_in_pago_pago + timedelta(minutes=5),
        late_in_pago_pago,
        late_in_pago_pago + timedelta(minutes=5),
        at("2026-11-16 07:00"),
        at("2027-03-28 01:00"),
    )
    assert {instant.tzinfo for instant in instants} == {UTC}
