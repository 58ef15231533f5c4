"""What a policy may be and what it answers."""

from datetime import timedelta

import pytest

from bot.domain.policy import EscalationPolicy, Repeat, Severity, Targets, Tier
from tests.builders import GRACE, HUGO, IRIS, a_policy, a_tier, an_escalation, minutes


@pytest.mark.parametrize(("every", "times"), [(timedelta(0), 1), (minutes(-1), 1), (minutes(1), 0), (minutes(1), -1)])
def test_a_repeat_needs_an_interval_and_a_page(every: timedelta, times: int) -> None:
    with pytest.raises(ValueError, match="positive interval"):
        Repeat(every=every, times=times)


@pytest.mark.parametrize(
    ("ack_within", "update_every"),
    [(timedelta(0), minutes(1)), (minutes(1), timedelta(0)), (minutes(-1), minutes(1)), (minutes(1), minutes(-1))],
)
def test_targets_are_positive(ack_within: timedelta, update_every: timedelta) -> None:
    with pytest.raises(ValueError, match="positive durations"):
        Targets(ack_within=ack_within, update_every=update_every)


@pytest.mark.parametrize("tiers", [(), (a_tier(2),), (a_tier(1), a_tier(3)), (a_tier(2), a_tier(1))])
def test_tiers_are_numbered_from_one_without_a_gap(tiers: tuple[Tier, ...]) -> None:
    with pytest.raises(ValueError, match="numbered from 1"):
        EscalationPolicy(name="default", tiers=tiers, repeat=None)


def test_a_policy_answers_for_each_severity_service_and_tier() -> None:
    policy = a_policy()

    assert policy.targets(Severity.SEV1) == Targets(ack_within=minutes(5), update_every=minutes(20))
    assert policy.escalation("checkout").tier(3) == a_tier(3)
    assert [policy.escalation("checkout").is_last(number) for number in (1, 3, 4, 5)] == [False, False, True, True]


def test_every_manager_is_named_once() -> None:
    assert [manager.slack_id for manager in an_escalation().managers] == [GRACE, HUGO, IRIS]
