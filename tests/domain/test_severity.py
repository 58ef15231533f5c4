"""A change of severity by examples: the same clocks go on with other targets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from bot.domain import timeline
from bot.domain.clocks import passed_warnings
from bot.domain.errors import SameSeverity
from bot.domain.message import ManagersNotice, PageTier, StakeholderUpdate, UpdateReason
from bot.domain.policy import ManagerRule, Occasion, Policy, Severity
from bot.domain.timeline import Target
from bot.domain.verbs import acknowledge, change_severity, hold, resume
from tests.builders import ANA, BEN, GRACE, HUGO, NOW, a_tier, a_user, an_escalation, an_incident, minutes
from tests.domain.agreed import ladder, targets
from tests.domain.history import History, history

TWO_TIERS: Final = an_escalation(tiers=(a_tier(1), a_tier(2)), repeat=None)


def policy(sev1: Mapping[str, Any], sev2: Mapping[str, Any], **changes: Any) -> Policy:
    escalation = an_escalation(tiers=TWO_TIERS.tiers, repeat=None, **changes)
    return ladder({Severity.SEV1: targets(**sev1), Severity.SEV2: targets(**sev2)}, escalation)


def changed(life: History, at: float, severity: Severity) -> Sequence[tuple[float, str]]:
    """What the change brings about at once."""
    told = len(life.story)
    life.do(change_severity, by=BEN, at=NOW + minutes(at), severity=severity, reason="it turned out so")
    return life.story[told:]


LONG: Final = policy({"ack_within": minutes(10)}, {"ack_within": minutes(30)})


def test_raised_in_time_the_clock_goes_on_with_less() -> None:
    life = history(LONG, severity=Severity.SEV2)

    assert changed(life, 4, Severity.SEV1) == [(4, "severity sev1")]
    assert life.due_at == NOW + minutes(10)


@pytest.mark.parametrize("at", [10, 10.5, 29])
def test_raised_past_the_new_target_it_breaches_now_and_once(at: float) -> None:
    life = history(LONG, severity=Severity.SEV2)

    assert changed(life, at, Severity.SEV1) == [
        (at, "severity sev1"),
        (at, "breached tier 1"),
        (at, "escalated 2"),
    ]
    (breach,) = life.breaches
    assert breach.due_at == breach.breached_at == NOW + minutes(at), "nobody owed it before"


def test_the_next_tier_then_has_all_its_time_since_the_bot_was_not_away() -> None:
    life = history(LONG, severity=Severity.SEV2)
    changed(life, 29, Severity.SEV1)

    pages = [each.message for each in life.promises if isinstance(each.message, PageTier)]
    assert pages[1:] == [PageTier(tier=2, cycle=1)]
    assert life.due_at == NOW + minutes(39)


def test_lowered_the_deadline_stretches() -> None:
    life = history(LONG)

    assert changed(life, 4, Severity.SEV2) == [(4, "severity sev2")]
    assert life.due_at == NOW + minutes(30)


def test_lowered_a_breach_stays_and_nobody_is_untold() -> None:
    life = history(policy({"resolve_within": minutes(30)}, {"resolve_within": minutes(300)}))
    life.do(acknowledge, by=ANA, at=NOW + minutes(1))
    life.wait(NOW + minutes(30))

    changed(life, 31, Severity.SEV2)
    life.wait(NOW + minutes(600))

    assert [breach.target for breach in life.breaches] == [Target.RESOLUTION]
    assert life.incident.managers_told == (GRACE,)


def test_when_it_would_have_breached_is_kept_through_all_changes() -> None:
    life = history(LONG, severity=Severity.SEV2)
    changed(life, 2, Severity.SEV1)
    changed(life, 3, Severity.SEV2)
    changed(life, 4, Severity.SEV1)

    assert life.incident.original_breach_at == NOW + minutes(30)


def test_of_what_somebody_has_it_is_the_resolution_that_would_have_breached() -> None:
    life = history(policy({"resolve_within": minutes(60)}, {"resolve_within": minutes(300)}))
    life.do(acknowledge, by=ANA, at=NOW + minutes(1))
    changed(life, 2, Severity.SEV2)

    assert life.incident.original_breach_at == NOW + minutes(60)


def test_raised_at_the_instant_of_a_warning_it_has_passed() -> None:
    life = history(
        policy({"ack_within": minutes(20), "warn_at": (50, 75)}, {"ack_within": minutes(60)}), severity=Severity.SEV2
    )
    changed(life, 10, Severity.SEV1)
    life.wait(NOW + minutes(16))

    assert [line for _, line in life.story] == ["severity sev1", "warned response 75"]


def test_raised_past_the_warnings_of_the_resolution_none_is_said_late() -> None:
    life = history(
        policy({"resolve_within": minutes(60), "warn_at": (25, 50, 75)}, {"resolve_within": minutes(600)}),
        severity=Severity.SEV2,
    )
    life.do(acknowledge, by=ANA, at=NOW + minutes(1))
    changed(life, 40, Severity.SEV1)
    life.wait(NOW + minutes(60))

    assert life.story[1:] == [(40, "severity sev1"), (45, "warned resolution 75"), (60, "breached resolution")]


def test_raised_past_its_warnings_none_is_said_late() -> None:
    life = history(
        policy({"ack_within": minutes(20), "warn_at": (25, 50, 75)}, {"ack_within": minutes(60)}),
        severity=Severity.SEV2,
    )
    assert changed(life, 12, Severity.SEV1) == [(12, "severity sev1")]

    life.wait(NOW + minutes(20))
    assert [line for _, line in life.story] == [
        "severity sev1",
        "warned response 75",
        "breached tier 1",
        "escalated 2",
    ]


def test_lowered_the_new_target_is_warned_of_again() -> None:
    life = history(
        policy(
            {"ack_within": minutes(20), "warn_at": (50,)},
            {"ack_within": minutes(60), "warn_at": (50,)},
        )
    )
    life.wait(NOW + minutes(11))
    changed(life, 12, Severity.SEV2)
    life.wait(NOW + minutes(31))

    assert life.story == [(10, "warned response 50"), (12, "severity sev2"), (30, "warned response 50")]


HELD: Final = policy(
    {"resolve_within": minutes(60), "warn_at": (50,)}, {"resolve_within": minutes(600), "warn_at": (50,)}
)


def held(at: float) -> History:
    """Of severity 2; Ana has it, and holds it from then on."""
    life = history(HELD, severity=Severity.SEV2)
    life.do(acknowledge, by=ANA, at=NOW + minutes(1))
    life.do(hold, by=ANA, at=NOW + minutes(at), until=NOW + minutes(500), reason="waits for a part")
    return life


def test_raised_on_hold_the_clock_still_stands_still() -> None:
    """On the clock are ten minutes only, so the warning at thirty is still to come, and the breach at sixty."""
    life = held(10)
    changed(life, 100, Severity.SEV1)
    life.do(resume, by=ANA, at=NOW + minutes(110))
    life.wait(NOW + minutes(200))

    assert life.story[-2:] == [(130, "warned resolution 50"), (160, "breached resolution")]


def test_raised_on_hold_past_the_new_target_it_breaches_now() -> None:
    life = held(90)
    assert changed(life, 100, Severity.SEV1) == [(100, "severity sev1"), (100, "breached resolution")]
    life.do(resume, by=ANA, at=NOW + minutes(110))
    life.wait(NOW + minutes(200))

    (breach,) = life.breaches
    assert breach.due_at == breach.breached_at == NOW + minutes(100)


def test_held_at_the_very_instant_at_which_the_new_target_is_over_it_breaches_when_raised() -> None:
    life = held(60)

    assert changed(life, 100, Severity.SEV1) == [(100, "severity sev1"), (100, "breached resolution")]


def test_a_target_that_the_severity_does_not_have_has_no_warnings() -> None:
    warned = policy({"warn_at": (75,)}, {})

    assert passed_warnings(an_incident(), warned, Target.RESOLUTION, NOW + timedelta(days=2)) == 0


OPENING: Final = ManagerRule(
    occasion=Occasion.OPENING,
    severities=frozenset({Severity.SEV1}),
    tell=(a_user(HUGO, "hugo"),),
    tier_managers=True,
)


def test_raised_the_managers_of_such_an_incident_hear_of_it() -> None:
    life = history(policy({}, {}, manager_rules=(OPENING,)), severity=Severity.SEV2)

    assert changed(life, 1, Severity.SEV1) == [(1, "severity sev1"), (1, "managers informed")]
    (notice,) = (each.message for each in life.promises if isinstance(each.message, ManagersNotice))
    assert [manager.slack_id for manager in notice.told] == [HUGO, GRACE]


def test_they_hear_of_it_only_once() -> None:
    life = history(policy({}, {}, manager_rules=(OPENING,)))
    changed(life, 1, Severity.SEV2)
    changed(life, 2, Severity.SEV1)

    assert [line for _, line in life.story] == ["managers informed", "severity sev2", "severity sev1"]


def test_lowered_nobody_is_informed() -> None:
    mild = replace(OPENING, severities=frozenset({Severity.SEV2}))
    life = history(policy({}, {}, manager_rules=(mild,)))

    assert changed(life, 1, Severity.SEV2) == [(1, "severity sev2")]


def test_of_what_nobody_has_there_is_no_sign_of_life() -> None:
    life = history(LONG)
    changed(life, 1, Severity.SEV2)

    assert life.incident.active_at is None


def test_the_change_itself_is_told() -> None:
    life = history(LONG)
    changed(life, 1, Severity.SEV2)

    (update,) = (each.message for each in life.promises if isinstance(each.message, StakeholderUpdate))
    assert (update.reason, life.incident.updated_at) == (UpdateReason.SEVERITY, NOW + minutes(1))
    assert life.events[-1].by == BEN
    assert life.events[-1].fact == timeline.SeverityChanged(
        before=Severity.SEV1, after=Severity.SEV2, reason="it turned out so"
    )


def test_the_same_severity_is_no_change() -> None:
    with pytest.raises(SameSeverity, match="INC-7 is sev1 already") as refused:
        history(LONG).do(change_severity, by=BEN, at=NOW, severity=Severity.SEV1, reason="")

    assert (refused.value.key, refused.value.severity) == ("INC-7", Severity.SEV1)
