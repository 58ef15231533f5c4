"""Whose concern an incident is, which comes first, and what it still waits for."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.concern import Concern, concern, deadlines, urgency
from bot.domain.ids import UserId
from bot.domain.incident import IncidentState
from bot.domain.policy import Severity
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    DEV,
    EMI,
    FIRST_LINE,
    NOW,
    PLATFORM,
    SAM,
    a_policy,
    a_tier,
    a_user,
    an_escalation,
    an_incident,
    minutes,
)

POLICY = a_policy(
    services={
        "checkout": an_escalation(tiers=(a_tier(1, people=(FIRST_LINE, a_user(EMI, "emi"))), a_tier(2))),
        "search": an_escalation(tiers=(a_tier(1, people=(a_user(DEV, "dev"),)),)),
    }
)
TAKEN: dict[str, Any] = {"state": IncidentState.ACKNOWLEDGED, "assignee": BEN, "followers": (DEV,)}


@pytest.mark.parametrize(
    ("user", "groups", "whose"),
    [
        (BEN, (), Concern.OWN),
        (BEN, (FIRST_LINE.slack_id,), Concern.OWN),
        (SAM, (), Concern.NEAR),
        (DEV, (), Concern.NEAR),
        (EMI, (), Concern.NEAR),
        (ANA, (PLATFORM.slack_id, FIRST_LINE.slack_id), Concern.NEAR),
        (ANA, (PLATFORM.slack_id,), Concern.OTHER),
        (CHLOE, (), Concern.OTHER),
    ],
)
def test_it_is_of_who_has_it_and_near_to_who_reported_follows_or_works_at_its_tier(
    user: UserId, groups: tuple[str, ...], whose: Concern
) -> None:
    assert concern(an_incident(**TAKEN), POLICY, user=user, groups=groups) is whose


def test_what_counts_is_the_tier_at_which_it_is_by_the_policy_that_it_follows() -> None:
    moved = an_incident(tier=2)
    assert concern(moved, POLICY, user=EMI) is Concern.OTHER
    assert concern(moved, POLICY, user=ANA, groups=(PLATFORM.slack_id,)) is Concern.NEAR
    elsewhere = an_incident(routed_to="search")
    assert concern(elsewhere, POLICY, user=EMI) is Concern.OTHER
    assert concern(elsewhere, POLICY, user=DEV) is Concern.NEAR


def test_breached_comes_first_then_what_nobody_has_then_the_worst_then_the_oldest() -> None:
    incidents = [
        an_incident(number=1, severity=Severity.SEV2, opened_at=NOW + timedelta(minutes=1)),
        an_incident(number=2, severity=Severity.SEV2),
        an_incident(number=3),
        an_incident(number=4, **TAKEN),
        an_incident(number=5, severity=Severity.SEV4, breach_count=1),
        an_incident(number=6, severity=Severity.SEV3, breach_count=2, **TAKEN),
    ]
    assert [incident.number for incident in sorted(incidents, key=urgency)] == [5, 6, 3, 2, 1, 4]


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, [5, 20]),
        ({"tier": 2, "tier_breached_at": NOW + minutes(5)}, [10, 20]),
        ({"state": IncidentState.ON_HOLD, "hold_until": NOW + minutes(60)}, [20, 60]),
        (TAKEN, [20]),
        ({"state": IncidentState.RESOLVED}, []),
    ],
)
def test_its_deadlines_are_those_of_the_clocks_that_run(changes: dict[str, Any], due: list[int]) -> None:
    assert deadlines(an_incident(**changes), POLICY) == tuple(NOW + minutes(count) for count in due)


def test_they_are_of_every_clock() -> None:
    targets = POLICY.severities[Severity.SEV1]
    strict = a_policy(
        severities={
            Severity.SEV1: type(targets)(
                ack_within=minutes(5),
                update_every=minutes(20),
                resolve_within=minutes(90),
                ack_expires_after=minutes(30),
            )
        }
    )
    taken = an_incident(**TAKEN, active_at=NOW)
    assert deadlines(taken, strict) == (NOW + minutes(30), NOW + minutes(90), NOW + minutes(20))
