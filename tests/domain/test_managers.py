"""Who is told beside the tiers, by examples: at the opening, at warnings, by the number of the breach, at the end."""

from collections.abc import Sequence
from typing import Any, Final

import pytest

from bot.domain import timeline
from bot.domain.actions import Exhaust, InformManagers
from bot.domain.message import BreachNotice, ExhaustedAlarm, ManagersNotice, WarningNotice
from bot.domain.policy import ManagerRule, Mention, Occasion, Severity
from bot.domain.transition import perform
from bot.domain.verbs import acknowledge
from tests.builders import (
    ANA,
    CHLOE,
    FALLBACK_CHANNEL,
    GRACE,
    HUGO,
    IRIS,
    NOW,
    a_user,
    an_escalation,
    an_incident,
    minutes,
)
from tests.domain.agreed import agreed
from tests.domain.history import History, history

CHIEF: Final = a_user(IRIS, "iris")
DEPUTY: Final = a_user(CHLOE, "chloe")


def rule(occasion: Occasion, number: int = 0, *tell: Mention, tier_managers: bool = False) -> ManagerRule:
    """For severity 1 only."""
    return ManagerRule(
        occasion=occasion,
        number=number,
        severities=frozenset({Severity.SEV1}),
        tell=tell,
        tier_managers=tier_managers,
    )


def life(*rules: ManagerRule, severity: Severity = Severity.SEV1, **targets: Any) -> History:
    return history(agreed(an_escalation(manager_rules=rules), **targets), severity=severity)


def told(lived: History, kind: type) -> Sequence[tuple[str, ...]]:
    messages = (each.message for each in lived.promises if isinstance(each.message, kind))
    return [tuple(manager.slack_id for manager in message.told) for message in messages]  # type: ignore[union-attr]


def test_each_breach_is_told_to_the_managers_of_its_tier() -> None:
    lived = life()
    lived.wait(NOW + minutes(20))

    assert told(lived, BreachNotice) == [(GRACE,), (GRACE,), (GRACE, HUGO), (IRIS,)]


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        (Severity.SEV1, [(GRACE,), (GRACE, CHLOE), (GRACE, HUGO, IRIS)]),
        (Severity.SEV2, [(GRACE,), (GRACE,), (GRACE, HUGO)]),
    ],
)
def test_rules_add_others_by_the_number_of_the_breach_and_the_severity(
    severity: Severity, expected: Sequence[tuple[str, ...]]
) -> None:
    lived = life(rule(Occasion.BREACH, 2, DEPUTY), rule(Occasion.BREACH, 3, CHIEF), severity=severity)
    lived.wait(NOW + minutes(15))

    assert told(lived, BreachNotice) == expected


def test_the_number_counts_all_breaches_of_the_incident() -> None:
    lived = life(rule(Occasion.BREACH, 2, DEPUTY), resolve_within=minutes(60))
    lived.wait(NOW + minutes(5))
    lived.do(acknowledge, by=ANA, at=NOW + minutes(6))
    lived.wait(NOW + minutes(60))

    assert told(lived, BreachNotice) == [(GRACE,), (GRACE, CHLOE)]


@pytest.mark.parametrize(
    ("rules", "severity", "expected"),
    [
        ((), Severity.SEV1, []),
        ((rule(Occasion.OPENING, 0, CHIEF),), Severity.SEV1, [(IRIS,)]),
        ((rule(Occasion.OPENING, 0, CHIEF),), Severity.SEV2, []),
        ((rule(Occasion.OPENING, 0, tier_managers=True),), Severity.SEV1, [(GRACE,)]),
        ((rule(Occasion.OPENING, 0, CHIEF), rule(Occasion.OPENING, 0, DEPUTY, CHIEF)), Severity.SEV1, [(IRIS, CHLOE)]),
    ],
)
def test_some_hear_of_the_opening(
    rules: Sequence[ManagerRule], severity: Severity, expected: Sequence[tuple[str, ...]]
) -> None:
    opened = life(*rules, severity=severity)

    assert told(opened, ManagersNotice) == expected
    assert [event.fact for event in opened.events[1:]] == [timeline.ManagersInformed(told=each) for each in expected]
    assert opened.incident.managers_told == tuple(person for each in expected for person in each)


def test_at_three_quarters_the_tiers_managers_are_added_if_the_policy_says_so() -> None:
    lived = life(rule(Occasion.WARNING, 75, DEPUTY, tier_managers=True), ack_within=minutes(20), warn_at=(50, 75))
    lived.wait(NOW + minutes(15))

    assert told(lived, WarningNotice) == [(), (CHLOE, GRACE)]


def test_the_notice_belongs_below_the_card_of_the_tier() -> None:
    changed = perform(
        an_incident(tier=3, cycle=5, card_cycle=4), agreed(), (InformManagers(told=(CHIEF,)), Exhaust(told=())), NOW
    )

    assert [promise.message for promise in changed.promises] == [
        ManagersNotice(tier=3, card=4, told=(CHIEF,)),
        ExhaustedAlarm(tier=3, card=4),
    ]


def test_who_was_warned_is_remembered() -> None:
    lived = life(rule(Occasion.WARNING, 50, CHIEF), ack_within=minutes(20), warn_at=(50,))
    lived.wait(NOW + minutes(10))

    assert lived.incident.managers_told == (IRIS,)


def test_exhaustion_is_told_to_every_manager_of_the_policy_in_the_fallback_channel() -> None:
    lived = life(rule(Occasion.BREACH, 9, DEPUTY))
    lived.wait(NOW + minutes(60))

    (alarm,) = (each for each in lived.promises if isinstance(each.message, ExhaustedAlarm))
    assert alarm.channel == FALLBACK_CHANNEL
    assert lived.incident.managers_told == (GRACE, HUGO, IRIS, CHLOE)


def test_who_was_told_is_remembered_once() -> None:
    lived = life()
    lived.wait(NOW + minutes(15))

    assert lived.incident.managers_told == (GRACE, HUGO)
