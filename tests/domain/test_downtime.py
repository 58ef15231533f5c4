"""What a bot that was away decides when it is back: what is true now counts, and each incident moves one step."""

from datetime import timedelta
from typing import Any, Final

import pytest

from bot.domain import timeline
from bot.domain.message import PageTier, StakeholderUpdate, WarningNotice
from bot.domain.policy import ManagerRule, Occasion, Severity
from bot.domain.timeline import Target
from bot.domain.verbs import acknowledge, change_severity, escalate, hold
from tests.builders import ANA, HUGO, NOW, a_tier, a_user, an_escalation, minutes
from tests.domain.agreed import agreed
from tests.domain.history import MOMENT, History, history
from tests.domain.invariants import only_after_an_outage_a_tier_has_less_time

MORNING: Final = NOW + minutes(300)


def away(escalation: Any = None, **targets: Any) -> History:
    """Until the morning."""
    life = history(agreed(escalation, **targets))
    life.ask(MORNING)
    return life


def test_the_tier_whose_time_ran_out_breaches_once_with_its_true_lateness() -> None:
    life = away()

    assert life.story == [(300, "breached tier 1"), (300, "escalated 2")]
    (breach,) = life.breaches
    assert (breach.due_at, breach.breached_at) == (NOW + minutes(5), MORNING)


@pytest.mark.parametrize(("ack_within", "then"), [(60, 5), (5, 5), (3, 3)])
def test_the_next_tier_has_its_time_but_at_most_five_minutes(ack_within: float, then: float) -> None:
    life = away(ack_within=minutes(ack_within))

    assert life.due_at == MORNING + minutes(then)
    assert life.events[-1].fact == timeline.Escalated(from_tier=1, to_tier=2, reason="", catching_up=True)
    page = life.promises[-2].message
    assert page == PageTier(tier=2, cycle=1, catching_up=True)


def test_the_tier_after_that_has_all_its_time_again() -> None:
    life = away(ack_within=minutes(60))
    life.wait(MORNING + minutes(5))

    assert life.incident.tier == 3
    assert life.due_at == MORNING + minutes(65)


@pytest.mark.parametrize(
    ("late", "catching_up"), [(timedelta(0), False), (minutes(1) - MOMENT, False), (minutes(1), True)]
)
def test_a_busy_tick_is_no_outage(late: timedelta, catching_up: bool) -> None:
    life = history(agreed(ack_within=minutes(60)))
    life.ask(NOW + minutes(60) + late)

    assert life.incident.catching_up is catching_up


def test_of_two_targets_found_together_the_first_to_run_out_tells_of_the_outage() -> None:
    life = history(agreed(ack_within=minutes(5), resolve_within=minutes(42)))
    life.ask(NOW + minutes(42))

    assert life.story == [(42, "breached tier 1"), (42, "breached resolution"), (42, "escalated 2")]
    assert life.incident.catching_up
    only_after_an_outage_a_tier_has_less_time(life)


def test_an_outage_that_began_after_a_change_is_one_too() -> None:
    life = history(agreed(ack_within=minutes(60)), severity=Severity.SEV2)
    life.do(change_severity, by=ANA, at=NOW + minutes(10), severity=Severity.SEV1, reason="more")
    life.ask(MORNING)

    assert life.incident.catching_up


def test_a_person_who_moves_it_on_gives_all_the_time() -> None:
    life = away(ack_within=minutes(60))
    life.do(escalate, by=ANA, at=MORNING)

    assert (life.incident.tier, life.due_at) == (3, MORNING + minutes(60))


def test_the_time_for_an_answer_is_never_the_shortened_one() -> None:
    life = away(ack_within=minutes(60), ack_expires_after=minutes(30))
    life.do(acknowledge, by=ANA, at=MORNING)
    life.wait(MORNING + minutes(30))

    asked = life.events[-1].fact
    assert asked == timeline.StillAsked(assignee=ANA, answer_by=MORNING + minutes(90))


def test_missed_updates_are_one() -> None:
    life = history(agreed(ack_within=minutes(600), update_every=minutes(20)))
    life.ask(MORNING)

    updates = [each for each in life.promises if isinstance(each.message, StakeholderUpdate)]
    assert len(updates) == 1
    assert life.due_at == MORNING + minutes(20)


def test_missed_warnings_are_in_the_story_and_said_to_nobody() -> None:
    life = away(ack_within=minutes(330), warn_at=(50, 75, 95))

    warned = [event.fact for event in life.events if isinstance(event.fact, timeline.Warned)]
    assert [(fact.percent, fact.told) for fact in warned] == [(50, ()), (75, ())]
    assert not any(isinstance(each.message, WarningNotice) for each in life.promises)
    life.wait(NOW + minutes(320))
    assert [each.message.percent for each in life.promises if isinstance(each.message, WarningNotice)] == [95]


@pytest.mark.parametrize(("late", "told"), [(minutes(1) - MOMENT, (HUGO,)), (minutes(1), ())])
def test_of_a_warning_a_minute_late_nobody_is_told(late: timedelta, told: tuple[str, ...]) -> None:
    rule = ManagerRule(
        occasion=Occasion.WARNING, number=50, severities=frozenset({Severity.SEV1}), tell=(a_user(HUGO, "hugo"),)
    )
    life = history(agreed(an_escalation(manager_rules=(rule,)), ack_within=minutes(60), warn_at=(50,)))
    life.ask(NOW + minutes(30) + late)

    (warned,) = (event.fact for event in life.events if isinstance(event.fact, timeline.Warned))
    assert (warned.told, life.incident.managers_told) == (told, told)
    assert any(isinstance(each.message, WarningNotice) for each in life.promises) is bool(told)


def test_warnings_that_a_breach_overtook_are_not_even_in_the_story() -> None:
    assert [line for _, line in away(ack_within=minutes(200), warn_at=(50, 75)).story] == [
        "breached tier 1",
        "escalated 2",
    ]


def test_of_two_targets_each_breaches_and_the_incident_moves_one_tier() -> None:
    moving = an_escalation(escalate_on_resolution_breach=True)
    life = away(moving, resolve_within=minutes(60))

    assert [line for _, line in life.story] == ["breached tier 1", "breached resolution", "escalated 2"]
    assert [breach.tier for breach in life.breaches] == [1, 1], "both ran out there"
    assert [(each.target, each.due_at) for each in life.breaches] == [
        (Target.RESPONSE, NOW + minutes(5)),
        (Target.RESOLUTION, NOW + minutes(60)),
    ]


def test_a_late_resolution_breach_that_moves_it_catches_up_too() -> None:
    moving = an_escalation(escalate_on_resolution_breach=True)
    life = history(agreed(moving, ack_within=minutes(20), resolve_within=minutes(60)))
    life.do(acknowledge, by=ANA, at=NOW + minutes(1))
    life.ask(MORNING)

    assert [line for _, line in life.story] == ["acknowledged", "breached resolution", "escalated 2"]
    assert life.due_at == MORNING + minutes(5)


def test_missed_repeats_are_one() -> None:
    life = history(agreed(an_escalation(tiers=(a_tier(1),))))
    life.wait(NOW + minutes(5))
    life.ask(MORNING)

    assert life.story[-1] == (300.0, "paged again 1")
    assert life.due_at == MORNING + minutes(5)


def test_a_missed_review_is_made_now_and_all_of_the_pause_counts() -> None:
    life = history(agreed(resolve_within=minutes(60)))
    life.do(hold, by=ANA, at=NOW + minutes(1), until=NOW + minutes(30), reason="waits")
    life.ask(MORNING)

    assert life.story[-1] == (300.0, "resumed")
    assert life.due_at == MORNING + minutes(59)


def test_who_has_it_is_asked_before_they_lose_it() -> None:
    life = history(agreed(ack_expires_after=minutes(30)))
    life.do(acknowledge, by=ANA, at=NOW + minutes(1))
    life.ask(MORNING)

    assert life.story[-1] == (300.0, "still asked")
    assert life.due_at == MORNING + minutes(5)
