"""The ladder by examples: each tier's time from its own page on, repeats, exhaustion, and tiers that hold nothing."""

from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any

import pytest

from bot.domain import timeline
from bot.domain.actions import Breach, EnterTier, UpdateStakeholders
from bot.domain.calendar import Calendar, Hours
from bot.domain.clocks import repeat_due_at, response_due_at, update_due_at
from bot.domain.effect import apply
from bot.domain.escalation import next_actions, next_evaluation_at
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import EscalationPolicy, Repeat, Severity, SlowerUpdates
from bot.domain.timeline import Target
from bot.domain.transition import evaluate
from bot.domain.verbs import acknowledge, assign, cancel, escalate, resolve
from tests.builders import ANA, BEN, GRACE, NOW, a_policy, a_tier, a_user, an_escalation, an_incident, minutes
from tests.domain.agreed import RARELY, agreed
from tests.domain.history import MOMENT, History, history

FOUR_TIERS = [(5, "breached tier 1"), (5, "escalated 2"), (10, "breached tier 2"), (10, "escalated 3"),
              (15, "breached tier 3"), (15, "escalated 4"), (20, "breached tier 4")]  # fmt: skip


def waited(life: History, count: float) -> Sequence[tuple[float, str]]:
    life.wait(NOW + minutes(count))
    return life.story


def test_each_tier_has_its_time_from_its_own_page_on_and_the_last_is_paged_again_until_it_is_exhausted() -> None:
    assert waited(history(agreed()), 600) == [
        *FOUR_TIERS,
        (25, "paged again 1"),
        (30, "paged again 2"),
        (35, "paged again 3"),
        (40, "exhausted"),
    ]


def test_waits_of_five_and_then_ten_minutes_breach_at_five_and_fifteen() -> None:
    tiers = (a_tier(1), a_tier(2, ack_within={Severity.SEV1: minutes(10)}), a_tier(3))

    assert waited(history(agreed(an_escalation(tiers=tiers))), 16) == [
        (5, "breached tier 1"),
        (5, "escalated 2"),
        (15, "breached tier 2"),
        (15, "escalated 3"),
    ]


def test_a_tier_has_a_target_of_its_own_for_one_severity_only() -> None:
    policy = agreed(an_escalation(tiers=(a_tier(1, ack_within={Severity.SEV2: minutes(3)}), a_tier(2))))

    assert history(policy).due_at == NOW + minutes(5)
    assert history(policy, severity=Severity.SEV2).due_at == NOW + minutes(3)


@pytest.mark.parametrize(
    ("repeat", "story"),
    [
        (None, [(5, "breached tier 1"), (5, "exhausted")]),
        (Repeat(every=minutes(2), times=1), [(5, "breached tier 1"), (7, "paged again 1"), (9, "exhausted")]),
        (
            Repeat(every=minutes(10), times=2),
            [(5, "breached tier 1"), (15, "paged again 1"), (25, "paged again 2"), (35, "exhausted")],
        ),
    ],
)
def test_the_only_tier_is_exhausted_one_interval_after_its_last_repeat(
    repeat: Repeat | None, story: Sequence[tuple[float, str]]
) -> None:
    assert waited(history(agreed(an_escalation(tiers=(a_tier(),), repeat=repeat))), 90) == story


@pytest.mark.parametrize("at", [5 - 1 / 60_000_000, 22, 38, 90])
@pytest.mark.parametrize("verb", [acknowledge, resolve, cancel])
def test_whatever_ends_the_wait_ends_breaches_and_repeats(verb: Any, at: float) -> None:
    life = history(agreed())
    life.wait(NOW + minutes(at))
    told = len(life.story)

    life.do(verb, by=ANA, at=life.now)

    assert len(waited(life, 600)) == told + 1


def test_a_late_repeat_moves_the_next_one() -> None:
    paged_late = an_incident(
        tier=4, tier_breached_at=NOW + minutes(5), paged_at=NOW + minutes(17), repeats_sent=1, cycle=1
    )

    assert repeat_due_at(paged_late, a_policy()) == NOW + minutes(22)


def nowhere(*numbers: int, of: int = 4) -> EscalationPolicy:
    """A ladder in which those tiers can hold nothing."""
    tiers = (a_tier(number) for number in range(1, of + 1))
    closed = tuple(a_tier(tier.number, channel=None, people=()) if tier.number in numbers else tier for tier in tiers)
    return an_escalation(tiers=closed, repeat=None)


@pytest.mark.parametrize(
    ("empty", "first", "moves", "exhausted_at"),
    [
        ((1,), (2, (1,)), [(2, 3, ()), (3, 4, ())], 15),
        ((1, 2), (3, (1, 2)), [(3, 4, ())], 10),
        ((2,), (1, ()), [(1, 3, (2,)), (3, 4, ())], 15),
        ((2, 3), (1, ()), [(1, 4, (2, 3))], 10),
        ((3, 4), (1, ()), [(1, 2, ())], 10),
        ((1, 2, 4), (3, (1, 2)), [], 5),
    ],
)
def test_tiers_that_can_hold_nothing_are_skipped_at_once_and_the_story_says_so(
    empty: tuple[int, ...],
    first: tuple[int, tuple[int, ...]],
    moves: Sequence[tuple[int, int, tuple[int, ...]]],
    exhausted_at: float,
) -> None:
    life = history(agreed(nowhere(*empty)))
    story = waited(life, 60)

    opened, *facts = (event.fact for event in life.events)
    assert isinstance(opened, timeline.Opened)
    assert (opened.tier, opened.skipped) == first
    assert life.opened.incident.tier == first[0]
    assert [
        (fact.from_tier, fact.to_tier, fact.skipped) for fact in facts if isinstance(fact, timeline.Escalated)
    ] == moves
    assert story[-1] == (exhausted_at, "exhausted")


def test_of_the_last_that_can_hold_it_the_story_says_which_cannot() -> None:
    gap = an_escalation(tiers=(a_tier(1), a_tier(2, channel=None), a_tier(3, channel=None)))
    life = history(agreed(gap))
    life.wait(NOW + minutes(5))

    (breached,) = (event.fact for event in life.events if isinstance(event.fact, timeline.Breached))
    assert breached.skipped == (2, 3)


def test_a_person_is_taken_past_them_too() -> None:
    life = history(agreed(nowhere(2)))

    life.do(escalate, by=ANA, at=NOW, reason="not ours")

    assert life.events[-1].fact == timeline.Escalated(from_tier=1, to_tier=3, reason="not ours", skipped=(2,))


@pytest.mark.parametrize(
    ("incident", "response", "repeat", "update"),
    [
        (an_incident(), 5, None, 20),
        (an_incident(severity=Severity.SEV2), 15, None, 30),
        (an_incident(tier=2, response_started_at=NOW + minutes(5)), 10, None, 20),
        (an_incident(tier=4, tier_breached_at=NOW + minutes(5)), None, 10, 20),
        (an_incident(tier=4, tier_breached_at=NOW, exhausted_at=NOW + minutes(25)), None, None, 20),
        (an_incident(state=IncidentState.ACKNOWLEDGED, assignee=ANA), None, None, 20),
        (an_incident(state=IncidentState.RESOLVED), None, None, None),
        (an_incident(state=IncidentState.CANCELLED), None, None, None),
    ],
)
def test_when_each_clock_wants_to_be_asked(
    incident: Incident, response: float | None, repeat: float | None, update: float | None
) -> None:
    policy = a_policy()
    wanted = [None if count is None else NOW + minutes(count) for count in (response, repeat, update)]

    assert [clock(incident, policy) for clock in (response_due_at, repeat_due_at, update_due_at)] == wanted
    assert next_evaluation_at(incident, policy) == min(filter(None, wanted), default=None)


def test_an_instant_before_nothing_is_due_and_then_at_once() -> None:
    breach = Breach(target=Target.RESPONSE, due_at=NOW + minutes(5), told=(a_user(GRACE, "grace"),))

    assert next_actions(an_incident(), a_policy(), NOW - minutes(60)) == []
    assert next_actions(an_incident(), a_policy(), NOW + minutes(5) - MOMENT) == []
    assert next_actions(an_incident(), a_policy(), NOW + minutes(5)) == [breach, EnterTier(tier=2)]


def test_stakeholders_hear_at_the_cadence_as_long_as_nothing_else_tells_them() -> None:
    life = history(agreed(ack_within=minutes(50), update_every=minutes(20)))
    life.wait(NOW + minutes(95))

    told = [(event.at - NOW) / minutes(1) for event in life.events if isinstance(event.fact, timeline.UpdateDue)]
    assert told == [20, 40, 70, 90]


def test_after_two_hours_they_hear_less_often() -> None:
    slower = SlowerUpdates(after=minutes(120), every=minutes(60))
    life = history(agreed(ack_within=RARELY, update_every=minutes(50), slower_updates=slower))
    life.wait(NOW + minutes(300))

    told = [(event.at - NOW) / minutes(1) for event in life.events if isinstance(event.fact, timeline.UpdateDue)]
    assert told == [50, 100, 150, 210, 270]


def test_they_hear_less_often_from_that_very_instant_on() -> None:
    slower = SlowerUpdates(after=minutes(100), every=minutes(60))
    life = history(agreed(ack_within=RARELY, update_every=minutes(50), slower_updates=slower))
    life.wait(NOW + minutes(100))

    assert life.due_at == NOW + minutes(160)


def test_an_incident_is_older_by_the_business_time_only() -> None:
    """Open for an hour a day, at three at night, when it began."""
    hours = Hours(opens=time(3), closes=time(4))
    calendar = Calendar(name="an hour a day", zone="UTC", week=dict.fromkeys(range(7), (hours,)))
    slower = SlowerUpdates(after=minutes(120), every=minutes(60))
    policy = agreed(ack_within=RARELY, update_every=minutes(20), slower_updates=slower, calendar=calendar)
    next_day = an_incident(updated_at=NOW + timedelta(days=1))

    assert update_due_at(next_day, policy) == NOW + timedelta(days=1, minutes=20)


def test_an_escalation_tells_the_stakeholders_so_no_update_says_the_same() -> None:
    policy = agreed(update_every=minutes(5))

    assert UpdateStakeholders() not in next_actions(an_incident(), policy, NOW + minutes(5))


def test_entering_a_tier_starts_it_afresh() -> None:
    worked_on = an_incident(
        state=IncidentState.ACKNOWLEDGED, assignee=ANA, acknowledged_at=NOW, active_at=NOW, still_asked_at=NOW,
        first_acknowledged_at=NOW, tier=3, breach_count=2, updates_sent=4, tier_breached_at=NOW, cycle=2,
        repeats_sent=2, exhausted_at=NOW, response_warned=2, catching_up=True, declined_by=(BEN,),
    )  # fmt: skip
    at = NOW + minutes(30)

    assert apply(worked_on, EnterTier(tier=4, by=ANA, reason="the disk"), at) == an_incident(
        tier=4, tier_entered_at=at, tier_entered_by=ANA, moved_because="the disk", paged_at=at,
        response_started_at=at, cycle=3, card_cycle=3, first_acknowledged_at=NOW, breach_count=2,
        updated_at=at, updates_sent=5,
    )  # fmt: skip


def test_a_person_who_is_only_asked_stops_no_clock() -> None:
    life = history(agreed())
    life.do(assign, by=ANA, at=NOW + minutes(2), to=BEN)

    assert waited(life, 6) == [(2, f"offered to {BEN}"), (5, "breached tier 1"), (5, "escalated 2")]


def test_rules_that_do_not_settle_are_an_error_and_no_loop() -> None:
    restless = agreed()
    object.__setattr__(restless.targets(Severity.SEV1), "update_every", minutes(-1))

    with pytest.raises(AssertionError, match=r"^the rules do not settle$"):
        evaluate(an_incident(), restless, NOW)


def test_an_unknown_action_is_an_error() -> None:
    unknown: Any = object()

    with pytest.raises(AssertionError):
        apply(an_incident(), unknown, NOW)
