"""People who take turns: whose turn it is to the minute, across clock changes, and with somebody stepping in."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import Mention, Override, Rotation
from tests.builders import ANA, BEN, CHLOE, a_user

PARIS: Final = ZoneInfo("Europe/Paris")
ANA_: Final = a_user(ANA, "ana")
BEN_: Final = a_user(BEN, "ben")
CHLOE_: Final = a_user(CHLOE, "chloe")
MOMENT: Final = timedelta(microseconds=1)

ROTATION: Final = Rotation(
    people=(ANA_, BEN_, CHLOE_), zone="Europe/Paris", first_day=date(2026, 3, 16), hand_over=time(9)
)


def at(text: str, *, fold: int = 0) -> datetime:
    """By the wall clock in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("instant", "person"),
    [
        ("2026-03-16 09:00", ANA_),
        ("2026-03-20 23:59", ANA_),
        ("2026-03-23 08:59", ANA_),
        ("2026-03-23 09:00", BEN_),
        ("2026-03-30 08:59", BEN_),  # the clock changed in this week
        ("2026-03-30 09:00", CHLOE_),
        ("2026-04-06 09:00", ANA_),
        ("2026-11-02 08:59", CHLOE_),
        ("2026-11-02 09:00", ANA_),
    ],
)
def test_turns_change_at_the_hand_over_by_the_wall_clock(instant: str, person: Mention) -> None:
    assert ROTATION.on_duty(at(instant)) == person


def test_the_turn_changes_at_the_hand_over_to_the_microsecond() -> None:
    hand_over = at("2026-03-23 09:00")
    assert (ROTATION.on_duty(hand_over - MOMENT), ROTATION.on_duty(hand_over)) == (ANA_, BEN_)


def test_the_day_of_a_hand_over_is_that_of_the_zone() -> None:
    """Where it is Monday, half past nine, it is still Sunday in UTC."""
    rotation = replace(ROTATION, zone="Pacific/Kiritimati")

    assert rotation.on_duty(datetime(2026, 3, 22, 19, 30, tzinfo=UTC)) == BEN_


def test_a_turn_may_last_several_weeks() -> None:
    fortnightly = replace(ROTATION, weeks=2)
    days = ("2026-03-16 09:00", "2026-03-30 08:59", "2026-03-30 09:00", "2026-04-13 09:00", "2026-04-27 09:00")
    assert [fortnightly.on_duty(at(day)) for day in days] == [ANA_, ANA_, BEN_, CHLOE_, ANA_]


def test_before_the_first_turn_nobody_is_on_duty() -> None:
    assert ROTATION.on_duty(at("2026-03-16 09:00") - MOMENT) is None
    assert ROTATION.on_duty(at("2025-03-16 09:00")) is None


def test_somebody_alone_is_always_on_duty() -> None:
    alone = replace(ROTATION, people=(BEN_,))
    assert {alone.on_duty(at(f"2026-04-{day:02} 12:00")) for day in range(1, 31)} == {BEN_}


def test_a_hand_over_that_the_clock_skips_is_at_the_first_instant_after_it() -> None:
    at_night = replace(ROTATION, first_day=date(2026, 3, 22), hand_over=time(2, 30))
    after_the_gap = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert (at_night.on_duty(after_the_gap - MOMENT), at_night.on_duty(after_the_gap)) == (ANA_, BEN_)


def test_a_hand_over_that_comes_twice_happens_the_first_time() -> None:
    at_night = replace(ROTATION, first_day=date(2026, 10, 18), hand_over=time(2, 30))
    instants = ("2026-10-25 02:29", "2026-10-25 02:30"), ("2026-10-25 02:00", "2026-10-25 02:30", "2026-10-25 03:00")
    assert [at_night.on_duty(at(instant)) for instant in instants[0]] == [ANA_, BEN_]
    assert [at_night.on_duty(at(instant, fold=1)) for instant in instants[1]] == [BEN_, BEN_, BEN_]


def test_an_override_holds_from_its_start_until_before_its_end() -> None:
    start, end = at("2026-03-18 20:00"), at("2026-03-19 08:00")
    rotation = replace(ROTATION, overrides=(Override(start=start, end=end, person=CHLOE_),))
    on_duty = [rotation.on_duty(instant) for instant in (start - MOMENT, start, end - MOMENT, end)]
    assert on_duty == [ANA_, CHLOE_, CHLOE_, ANA_]


def test_of_two_overrides_at_the_same_time_the_later_written_wins() -> None:
    week = Override(start=at("2026-03-16 09:00"), end=at("2026-03-23 09:00"), person=BEN_)
    day = Override(start=at("2026-03-18 00:00"), end=at("2026-03-19 00:00"), person=CHLOE_)
    noon = at("2026-03-18 12:00")
    assert replace(ROTATION, overrides=(week, day)).on_duty(noon) == CHLOE_
    assert replace(ROTATION, overrides=(day, week)).on_duty(noon) == BEN_


def test_an_override_may_be_before_the_first_turn() -> None:
    early = Override(start=at("2026-03-01 00:00"), end=at("2026-03-02 00:00"), person=BEN_)
    assert replace(ROTATION, overrides=(early,)).on_duty(at("2026-03-01 12:00")) == BEN_


@given(st.integers(0, 60 * 24 * 365), st.integers(1, 4))
def test_a_whole_round_later_it_is_the_same_persons_turn(minutes: int, weeks: int) -> None:
    rotation = replace(ROTATION, zone="UTC", weeks=weeks)
    instant = datetime(2026, 3, 16, 9, tzinfo=UTC) + timedelta(minutes=minutes)
    assert rotation.on_duty(instant) == rotation.on_duty(instant + timedelta(weeks=3 * weeks))
    assert rotation.on_duty(instant) != rotation.on_duty(instant + timedelta(weeks=weeks))
