"""Resolution, hold, expiry and warnings by examples, around the clock."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.domain import timeline
from bot.domain.clocks import resolution_due_at, response_due_at
from bot.domain.incident import Pause
from bot.domain.message import WarningNotice
from bot.domain.policy import Severity
from bot.domain.timeline import Target
from bot.domain.verbs import (
    acknowledge,
    assign,
    change_severity,
    confirm_still_on_it,
    escalate,
    hold,
    reopen,
    resolve,
    resume,
)
from tests.builders import ANA, BEN, NOW, a_tier, an_escalation, an_incident, minutes
from tests.domain.agreed import ONE_TIER, agreed
from tests.domain.history import MOMENT, History, history


def story(life: History, until: float) -> Sequence[tuple[float, str]]:
    life.wait(NOW + minutes(until))
    return life.story


def taken(**targets: Any) -> History:
    """Ana has it from the first minute on."""
    life = history(agreed(ONE_TIER, **targets))
    life.do(acknowledge, by=ANA, at=NOW + minutes(1))
    return life


def test_the_resolution_clock_goes_on_after_an_acknowledgement() -> None:
    assert story(taken(resolve_within=minutes(60)), 90) == [(1, "acknowledged"), (60, "breached resolution")]


def test_it_does_not_start_again_at_another_tier() -> None:
    life = history(agreed(resolve_within=minutes(60), ack_within=minutes(40)))
    life.do(escalate, by=ANA, at=NOW + minutes(30))

    assert story(life, 65) == [(30, "escalated 2"), (60, "breached resolution")]


def test_it_breaches_once_whatever_follows() -> None:
    life = taken(resolve_within=minutes(60))
    life.wait(NOW + minutes(61))
    life.do(resolve, by=ANA, at=NOW + minutes(62))
    life.do(reopen, by=ANA, at=NOW + minutes(63), reason="it is back")
    life.do(acknowledge, by=ANA, at=NOW + minutes(64))
    life.do(change_severity, by=ANA, at=NOW + minutes(65), severity=Severity.SEV2, reason="less")

    assert [line for _, line in story(life, 600)].count("breached resolution") == 1


@pytest.mark.parametrize(("moves", "last"), [(True, (60, "escalated 2")), (False, (60, "breached resolution"))])
def test_it_escalates_one_tier_if_the_policy_says_so(moves: bool, last: tuple[float, str]) -> None:
    ladder = an_escalation(tiers=(a_tier(1), a_tier(2)), escalate_on_resolution_breach=moves)
    life = history(agreed(ladder, resolve_within=minutes(60)))
    life.do(acknowledge, by=ANA, at=NOW + minutes(1))

    assert story(life, 60)[-1] == last
    assert life.incident.is_open is moves


def test_from_the_last_tier_it_has_nowhere_to_go() -> None:
    ladder = an_escalation(tiers=(a_tier(1),), escalate_on_resolution_breach=True)
    life = history(agreed(ladder, resolve_within=minutes(60)))
    life.do(acknowledge, by=ANA, at=NOW + minutes(1))

    assert story(life, 90)[-1] == (60, "breached resolution")
    assert life.incident.assignee == ANA


def test_never_two_tiers_at_one_instant() -> None:
    ladder = an_escalation(escalate_on_resolution_breach=True)

    assert story(history(agreed(ladder, resolve_within=minutes(5))), 5) == [
        (5, "breached tier 1"),
        (5, "breached resolution"),
        (5, "escalated 2"),
    ]


@pytest.mark.parametrize("pauses", [[(20, 30)], [(10, 13), (30, 37)], [(59, 69)], [(2, 12)]])
def test_a_pause_of_ten_minutes_moves_the_breach_by_ten_minutes(pauses: Sequence[tuple[float, float]]) -> None:
    life = taken(resolve_within=minutes(60))
    for start, end in pauses:
        life.do(hold, by=ANA, at=NOW + minutes(start), until=NOW + minutes(600), reason="waits for a part")
        life.do(resume, by=ANA, at=NOW + minutes(end))

    assert life.due_at == NOW + minutes(70)
    assert story(life, 90)[-1] == (70, "breached resolution")


def test_on_hold_nothing_runs_out_until_the_review() -> None:
    life = taken(resolve_within=minutes(60), ack_expires_after=minutes(30))
    life.do(hold, by=ANA, at=NOW + minutes(10), until=NOW + minutes(300), reason="waits for a part")

    assert story(life, 600)[1:] == [
        (10, "held"),
        (300, "resumed"),
        (330, "still asked"),
        (335, "acknowledgement expired"),
        (340, "breached tier 1"),
        (340, "exhausted"),
        (350, "breached resolution"),
    ]
    assert life.incident.pauses == (Pause(NOW + minutes(10), NOW + minutes(300)),)


def test_holding_an_open_incident_takes_it() -> None:
    life = history(agreed())
    life.do(hold, by=BEN, at=NOW + minutes(2), until=NOW + minutes(90), reason="a known fault")

    assert (life.incident.assignee, life.incident.first_acknowledged_at) == (BEN, NOW + minutes(2))
    assert story(life, 200) == [(2, "held"), (90, "resumed")]


def test_a_longer_hold_keeps_its_beginning_and_who_has_it() -> None:
    life = taken(resolve_within=minutes(60))
    life.do(hold, by=ANA, at=NOW + minutes(10), until=NOW + minutes(20), reason="waits for a part")
    life.do(hold, by=BEN, at=NOW + minutes(15), until=NOW + minutes(40), reason="it is late")

    assert (life.incident.held_at, life.incident.held_by, life.incident.assignee) == (NOW + minutes(10), BEN, ANA)
    assert story(life, 95)[-2:] == [(40, "resumed"), (90, "breached resolution")]


def test_the_time_while_it_was_over_counts_for_nothing() -> None:
    life = taken(resolve_within=minutes(60))
    life.do(resolve, by=ANA, at=NOW + minutes(20))
    life.do(reopen, by=BEN, at=NOW + minutes(50), reason="it is back")
    life.do(acknowledge, by=ANA, at=NOW + minutes(51))

    assert story(life, 100)[-1] == (90, "breached resolution")


def test_only_a_pause_before_it_ran_out_moves_the_breach() -> None:
    policy = agreed(resolve_within=minutes(30))
    later = an_incident(
        pauses=(Pause(NOW + minutes(10), NOW + minutes(15)), Pause(NOW + minutes(40), NOW + minutes(70)))
    )

    assert resolution_due_at(later, policy) == NOW + minutes(35)
    at_that_instant = an_incident(pauses=(Pause(NOW + minutes(30), NOW + minutes(70)),))
    assert resolution_due_at(at_that_instant, policy) == NOW + minutes(30)


def test_who_has_it_is_asked_after_a_silence_and_loses_it_without_an_answer() -> None:
    assert story(taken(ack_expires_after=minutes(30)), 60) == [
        (1, "acknowledged"),
        (31, "still asked"),
        (36, "acknowledgement expired"),
        (41, "breached tier 1"),
        (41, "exhausted"),
    ]


def test_an_answer_starts_the_silence_again() -> None:
    life = taken(ack_expires_after=minutes(30))
    life.do(confirm_still_on_it, by=ANA, at=NOW + minutes(36) - MOMENT)

    assert story(life, 70)[2:] == [
        ((minutes(36) - MOMENT) / minutes(1), "still on it"),
        ((minutes(66) - MOMENT) / minutes(1), "still asked"),
    ]


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (assign, {"to": BEN}),
        (change_severity, {"severity": Severity.SEV2, "reason": "less"}),
        (hold, {"until": NOW + minutes(20) + MOMENT, "reason": "waits"}),
    ],
)
def test_any_activity_starts_the_silence_again(verb: Any, said: dict[str, Any]) -> None:
    life = taken(ack_expires_after=minutes(30))
    life.do(verb, by=ANA, at=NOW + minutes(20), **said)
    life.wait(NOW + minutes(25))

    assert life.due_at in (NOW + minutes(50), NOW + minutes(50) + MOMENT)


@pytest.mark.parametrize(
    ("verb", "said"), [(assign, {"to": BEN}), (change_severity, {"severity": Severity.SEV2, "reason": "less"})]
)
def test_any_activity_answers_the_question(verb: Any, said: dict[str, Any]) -> None:
    life = taken(ack_expires_after=minutes(30))
    life.wait(NOW + minutes(31))
    life.do(verb, by=ANA, at=NOW + minutes(33), **said)

    assert (life.incident.still_asked_at, life.due_at) == (None, NOW + minutes(63))


def test_the_tiers_own_time_is_the_time_for_an_answer() -> None:
    slow = an_escalation(tiers=(a_tier(ack_within={Severity.SEV1: minutes(12)}),), repeat=None)
    life = history(agreed(slow, ack_expires_after=minutes(30)))
    life.do(acknowledge, by=ANA, at=NOW + minutes(1))

    assert story(life, 44)[1:] == [(31, "still asked"), (43, "acknowledgement expired")]


@pytest.mark.parametrize(
    ("ack_within", "warned"),
    [(20, [(10, 50), (15, 75)]), (10, [(5, 50), (7.5, 75)]), (9, [(6.75, 75)]), (1, [(0.75, 75)])],
)
def test_the_tier_is_warned_at_half_and_three_quarters_but_once_when_there_is_little_time(
    ack_within: float, warned: Sequence[tuple[float, int]]
) -> None:
    policy = agreed(ONE_TIER, ack_within=minutes(ack_within), warn_at=(50, 75))

    assert story(history(policy), 20)[:-2] == [(at, f"warned response {percent}") for at, percent in warned]


def test_who_has_it_is_warned_of_the_resolution_and_a_pause_moves_the_warning() -> None:
    life = taken(resolve_within=minutes(60), warn_at=(50, 75))
    life.wait(NOW + minutes(40))
    life.do(hold, by=ANA, at=NOW + minutes(40), until=NOW + minutes(50), reason="waits for a part")

    assert story(life, 80)[1:] == [
        (30, "warned resolution 50"),
        (40, "held"),
        (50, "resumed"),
        (55, "warned resolution 75"),
        (70, "breached resolution"),
    ]


def test_a_warning_of_the_resolution_says_when_all_of_its_time_is_over() -> None:
    life = taken(resolve_within=minutes(60), warn_at=(50,))
    life.wait(NOW + minutes(30))

    (notice,) = (each.message for each in life.promises if isinstance(each.message, WarningNotice))
    assert (notice.target, notice.breach_at) == (Target.RESOLUTION, NOW + minutes(60))


def test_each_run_of_the_response_clock_warns_anew() -> None:
    life = history(agreed(ack_within=minutes(20), warn_at=(50,)))

    assert story(life, 35)[:4] == [
        (10, "warned response 50"),
        (20, "breached tier 1"),
        (20, "escalated 2"),
        (30, "warned response 50"),
    ]


@pytest.mark.parametrize(("percent", "at"), [(50, 5), (75, 7.5)])
def test_a_fraction_is_not_rounded(percent: int, at: float) -> None:
    life = history(agreed(ack_within=timedelta(minutes=10, microseconds=1), warn_at=(percent,)))
    life.wait(NOW + minutes(8))

    (warned,) = (event for event in life.events if isinstance(event.fact, timeline.Warned))
    assert warned.at == NOW + minutes(at)


def test_a_clock_that_does_not_run_has_no_instant() -> None:
    assert resolution_due_at(an_incident(), agreed()) is None
    assert response_due_at(an_incident(tier_breached_at=NOW), agreed()) is None
    assert history(agreed()).due_at == NOW + minutes(5)
