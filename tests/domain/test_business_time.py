"""Clocks that count the hours of an office, by examples."""

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from bot.domain.calendar import DAYS_KNOWN, DUES_KNOWN, Calendar, Hours
from bot.domain.clocks import resolution_due_at
from bot.domain.incident import Pause
from bot.domain.verbs import (
    acknowledge,
)
from tests.builders import ANA, a_tier, an_escalation, an_incident, minutes
from tests.domain.agreed import ONE_TIER, agreed
from tests.domain.history import history

MONDAY: Final = datetime(2026, 11, 16, 0, tzinfo=UTC)
OFFICE: Final = Calendar(
    name="office", zone="UTC", week=dict.fromkeys(range(5), (Hours(opens=time(9), closes=time(17)),))
)


def hour(count: float) -> datetime:
    """Of that Monday."""
    return MONDAY + timedelta(hours=count)


def test_business_time_counts_towards_every_clock() -> None:
    """Opened Friday at 16:30 in an office of 9 to 17."""
    friday = hour(-3 * 24 + 16.5)
    ladder = an_escalation(tiers=(a_tier(1), a_tier(2)), repeat=None)
    policy = agreed(ladder, ack_within=minutes(60), resolve_within=minutes(240), update_every=minutes(90),
                    warn_at=(50,), calendar=OFFICE)  # fmt: skip
    life = history(policy, at=friday)
    life.wait(hour(13))

    assert [((event.at - MONDAY) / timedelta(hours=1), event.fact.kind) for event in life.events[1:]] == [
        (-55, "warned"),
        (9.5, "breached"),
        (9.5, "escalated"),
        (10, "warned"),
        (10.5, "breached"),
        (10.5, "exhausted"),
        (10.5, "warned"),
        (11, "update_due"),
        (12.5, "breached"),
        (12.5, "update_due"),
    ]


@pytest.mark.parametrize(
    ("held", "resumed", "due"),
    [
        (10, 10 + 1 / 6, 13 + 1 / 6),  # ten minutes of the office's time
        (16, 24 + 10, 24 + 11),  # overnight: an hour of the afternoon and one of the morning
        (18, 24 + 8, 13),  # outside of its hours a pause is no pause
    ],
)
def test_a_pause_moves_the_breach_by_the_business_time_in_it(held: float, resumed: float, due: float) -> None:
    pauses = (Pause(hour(held), hour(resumed)),)
    incident = an_incident(opened_at=hour(9), pauses=pauses)
    within = timedelta(hours=4 if due < 24 else 8)

    assert resolution_due_at(incident, agreed(resolve_within=within, calendar=OFFICE)) == hour(due)


def test_an_expiry_in_business_time_waits_for_monday() -> None:
    policy = agreed(ONE_TIER, ack_within=minutes(60), ack_expires_after=minutes(120), calendar=OFFICE)
    life = history(policy, at=hour(-3 * 24 + 15))
    life.do(acknowledge, by=ANA, at=hour(-3 * 24 + 15.5))
    life.wait(hour(11))

    assert [(event.at, event.fact.kind) for event in life.events[2:]] == [
        (hour(9.5), "still_asked"),
        (hour(10.5), "acknowledgement_expired"),
    ]


def test_a_calendar_forgets_days_that_it_was_asked_for_before_they_become_too_many() -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    whole = OFFICE.elapsed(start, start + timedelta(days=DAYS_KNOWN + 100))
    assert OFFICE.elapsed(start, start + timedelta(days=DAYS_KNOWN + 100)) == whole
    assert OFFICE.due(start, whole) <= start + timedelta(days=DAYS_KNOWN + 100)


def test_a_calendar_answers_the_same_after_very_many_other_questions() -> None:
    asked = [timedelta(microseconds=1 + count) for count in range(DUES_KNOWN + 1)]
    opens = MONDAY.replace(hour=9)
    first = [OFFICE.due(MONDAY, target) for target in asked]
    assert [OFFICE.due(MONDAY, target) for target in asked] == first == [opens + target for target in asked]


def test_an_hour_that_comes_twice_is_two_hours_to_a_calendar_that_was_asked_for_the_first() -> None:
    paris = ZoneInfo("Europe/Paris")
    all_day = Calendar(
        name="all day", zone="Europe/Paris", week=dict.fromkeys(range(7), (Hours(opens=time(0), closes=time(0)),))
    )
    again = datetime(2026, 10, 25, 2, 30, tzinfo=paris)
    due = [all_day.due(again.replace(fold=fold), minutes(5)) for fold in (0, 1)]
    assert due == [datetime(2026, 10, 25, hour, 35, tzinfo=UTC) for hour in (0, 1)]
