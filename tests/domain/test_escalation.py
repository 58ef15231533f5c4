"""What is due when, by examples."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from bot.domain.escalation import (
    Action,
    BreachResponse,
    EnterTier,
    Exhaust,
    RepeatPage,
    UpdateStakeholders,
    apply,
    next_actions,
    next_evaluation_at,
    repeat_due_at,
    response_due_at,
    update_due_at,
)
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Policy, Repeat, Severity, Targets
from tests.builders import ANA, NOW, a_policy, a_tier, an_escalation, an_incident, minutes
from tests.domain.lives import MOMENT, run_on_time

RARELY: Final = timedelta(days=30)
POLICY: Final = a_policy()


def quiet(**changes: Any) -> Policy:
    """Nobody is told by the cadence, so that only the tiers' clocks are heard."""
    targets = Targets(ack_within=minutes(5), update_every=RARELY)
    return a_policy(severities={Severity.SEV1: targets}, services={"checkout": an_escalation(**changes)})


def acknowledged(**changes: Any) -> Incident:
    return an_incident(state=IncidentState.ACKNOWLEDGED, assignee=ANA, acknowledged_at=NOW, **changes)


def on_time(policy: Policy, *, until: datetime) -> Sequence[tuple[float, str]]:
    """The story that the clocks alone write: minutes since the opening, and what happened."""
    return [
        ((at - NOW) / minutes(1), event.fact.kind)
        for at, transition in run_on_time(an_incident(), policy, until=until)
        for event in transition.events
    ]


@pytest.mark.parametrize(
    ("incident", "at", "due"),
    [
        (an_incident(), NOW, []),
        (an_incident(), NOW + minutes(5) - MOMENT, []),
        (an_incident(), NOW + minutes(5), [BreachResponse(tier=1, due_at=NOW + minutes(5)), EnterTier(tier=2)]),
        (an_incident(), NOW - minutes(60), []),
        (an_incident(severity=Severity.SEV2), NOW + minutes(15) - MOMENT, []),
        (
            an_incident(severity=Severity.SEV2),
            NOW + minutes(15),
            [BreachResponse(tier=1, due_at=NOW + minutes(15)), EnterTier(tier=2)],
        ),
        (
            an_incident(tier=2, tier_entered_at=NOW + minutes(5)),
            NOW + minutes(10),
            [BreachResponse(tier=2, due_at=NOW + minutes(10)), EnterTier(tier=3)],
        ),
        (an_incident(tier=4), NOW + minutes(5), [BreachResponse(tier=4, due_at=NOW + minutes(5))]),
        (acknowledged(), NOW + minutes(20) - MOMENT, []),
        (acknowledged(), NOW + minutes(20), [UpdateStakeholders()]),
        (acknowledged(updated_at=NOW + minutes(20)), NOW + minutes(40) - MOMENT, []),
        (an_incident(state=IncidentState.RESOLVED, resolved_at=NOW, resolved_by=ANA), NOW + RARELY, []),
    ],
)
def test_what_is_due(incident: Incident, at: datetime, due: Sequence[Action]) -> None:
    assert next_actions(incident, POLICY, at) == due


@pytest.mark.parametrize(
    ("incident", "at", "due"),
    [
        (an_incident(), NOW + minutes(300), [BreachResponse(tier=1, due_at=NOW + minutes(5)), EnterTier(tier=2)]),
        (
            an_incident(tier=4),
            NOW + minutes(300),
            [BreachResponse(tier=4, due_at=NOW + minutes(5)), UpdateStakeholders()],
        ),
        (
            an_incident(tier=4, tier_breached_at=NOW + minutes(5)),
            NOW + minutes(300),
            [RepeatPage(number=1), UpdateStakeholders()],
        ),
        (acknowledged(), NOW + minutes(300), [UpdateStakeholders()]),
    ],
)
def test_after_a_long_silence_an_incident_moves_one_step(
    incident: Incident, at: datetime, due: Sequence[Action]
) -> None:
    assert next_actions(incident, POLICY, at) == due


def test_an_escalation_tells_the_stakeholders_so_no_update_says_the_same() -> None:
    policy = a_policy(severities={Severity.SEV1: Targets(ack_within=minutes(5), update_every=minutes(5))})

    assert UpdateStakeholders() not in next_actions(an_incident(), policy, NOW + minutes(5))


def test_each_tier_has_its_time_from_its_own_page_on_and_the_last_is_paged_again_until_it_is_exhausted() -> None:
    assert (
        on_time(quiet(), until=NOW + RARELY)
        == [
            (5, "breached"),
            (5, "escalated"),
            (10, "breached"),
            (10, "escalated"),
            (15, "breached"),
            (15, "escalated"),
            (20, "breached"),
            (25, "paged_again"),
            (30, "paged_again"),
            (35, "paged_again"),
            (40, "exhausted"),
            (15 + RARELY / minutes(1), "update_due"),
        ][:11]
    )


@pytest.mark.parametrize(
    ("repeat", "story"),
    [
        (None, [(5, "breached"), (5, "exhausted")]),
        (
            Repeat(every=minutes(2), times=1),
            [(5, "breached"), (7, "paged_again"), (9, "exhausted")],
        ),
        (
            Repeat(every=minutes(10), times=2),
            [(5, "breached"), (15, "paged_again"), (25, "paged_again"), (35, "exhausted")],
        ),
    ],
)
def test_the_only_tier_is_exhausted_one_interval_after_its_last_repeat(
    repeat: Repeat | None, story: Sequence[tuple[float, str]]
) -> None:
    assert on_time(quiet(tiers=(a_tier(),), repeat=repeat), until=NOW + minutes(60)) == story


def test_a_late_repeat_moves_the_next_one() -> None:
    paged_late = an_incident(
        tier=4, tier_breached_at=NOW + minutes(5), paged_at=NOW + minutes(17), repeats_sent=1, cycle=1
    )

    assert repeat_due_at(paged_late, POLICY) == NOW + minutes(22)


def test_stakeholders_hear_at_the_cadence_as_long_as_nothing_else_tells_them() -> None:
    policy = a_policy(severities={Severity.SEV1: Targets(ack_within=minutes(50), update_every=minutes(20))})

    assert on_time(policy, until=NOW + minutes(95)) == [
        (20, "update_due"),
        (40, "update_due"),
        (50, "breached"),
        (50, "escalated"),
        (70, "update_due"),
        (90, "update_due"),
    ]


@pytest.mark.parametrize(
    ("incident", "response", "repeat", "update"),
    [
        (an_incident(), NOW + minutes(5), None, NOW + minutes(20)),
        (
            an_incident(tier=4, tier_breached_at=NOW + minutes(5)),
            None,
            NOW + minutes(10),
            NOW + minutes(20),
        ),
        (
            an_incident(tier=4, tier_breached_at=NOW + minutes(5), exhausted_at=NOW + minutes(25)),
            None,
            None,
            NOW + minutes(20),
        ),
        (acknowledged(), None, None, NOW + minutes(20)),
        (acknowledged(tier=4, tier_breached_at=NOW + minutes(5)), None, None, NOW + minutes(20)),
        (an_incident(state=IncidentState.RESOLVED), None, None, None),
    ],
)
def test_when_each_clock_wants_to_be_asked(
    incident: Incident, response: datetime | None, repeat: datetime | None, update: datetime | None
) -> None:
    assert response_due_at(incident, POLICY) == response
    assert repeat_due_at(incident, POLICY) == repeat
    assert update_due_at(incident, POLICY) == update
    assert next_evaluation_at(incident, POLICY) == min(
        (instant for instant in (response, repeat, update) if instant), default=None
    )


def test_entering_a_tier_starts_it_afresh() -> None:
    worked_on = replace(
        acknowledged(first_acknowledged_at=NOW, tier=3, breach_count=2, updates_sent=4),
        tier_breached_at=NOW,
        cycle=2,
        repeats_sent=2,
        exhausted_at=NOW,
    )
    at = NOW + minutes(30)

    assert apply(worked_on, EnterTier(tier=4, by=ANA), at) == an_incident(
        tier=4,
        tier_entered_at=at,
        tier_entered_by=ANA,
        paged_at=at,
        first_acknowledged_at=NOW,
        breach_count=2,
        updated_at=at,
        updates_sent=5,
    )


def test_exhaustion_is_a_flag_and_not_a_state() -> None:
    exhausted = apply(an_incident(), Exhaust(), NOW + minutes(25))

    assert exhausted == an_incident(exhausted_at=NOW + minutes(25))


def test_an_unknown_action_is_an_error() -> None:
    unknown: Any = object()

    with pytest.raises(AssertionError):
        apply(an_incident(), unknown, NOW)
