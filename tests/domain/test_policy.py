"""What a policy may be and what it answers."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import pytest

from bot.domain.ids import ChannelId
from bot.domain.policy import (
    EscalationPolicy,
    ManagerRule,
    Occasion,
    OnCallFeed,
    Override,
    Reactions,
    Repeat,
    Rotation,
    Severity,
    Targets,
    Tier,
)
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    GRACE,
    HUGO,
    IRIS,
    NOW,
    STAKEHOLDER_CHANNEL,
    TIER_2_CHANNEL,
    a_policy,
    a_tier,
    a_user,
    an_escalation,
    minutes,
)

ANA_THERE: Final = a_user(ANA, "ana")
BEN_THERE: Final = a_user(BEN, "ben")
CHLOE_THERE: Final = a_user(CHLOE, "chloe")

RISING: Final = "warnings come at rising percents between 0 and 100"


@pytest.mark.parametrize(("every", "times"), [(timedelta(0), 1), (minutes(-1), 1), (minutes(1), 0), (minutes(1), -1)])
def test_a_repeat_needs_an_interval_and_a_page(every: timedelta, times: int) -> None:
    with pytest.raises(ValueError, match=r"^a repeat needs a positive interval and at least one page$"):
        Repeat(every=every, times=times)


@pytest.mark.parametrize("name", ["ack_within", "update_every", "resolve_within", "ack_expires_after"])
@pytest.mark.parametrize("duration", [timedelta(0), minutes(-1)])
def test_targets_are_positive(name: str, duration: timedelta) -> None:
    durations: dict[str, Any] = {"ack_within": minutes(1), "update_every": minutes(1)} | {name: duration}
    with pytest.raises(ValueError, match=r"^targets are positive durations$"):
        Targets(**durations)


@pytest.mark.parametrize(
    ("percents", "refusal"),
    [
        ((75, 50), RISING),
        ((50, 50), RISING),
        ((0,), RISING),
        ((100,), RISING),
        (tuple(range(10, 55, 5)), "a target has at most 8 warnings"),
    ],
)
def test_warnings_are_rising_percents(percents: tuple[int, ...], refusal: str) -> None:
    with pytest.raises(ValueError, match=f"^{refusal}$"):
        Targets(ack_within=minutes(1), update_every=minutes(1), warn_at=percents)


@pytest.mark.parametrize(("target", "percents"), [(10, (50, 75)), (600, (50, 75)), (10 - 1 / 60, (75,)), (1, (75,))])
def test_below_ten_minutes_only_three_quarters_are_said(target: float, percents: Sequence[int]) -> None:
    assert Targets(ack_within=minutes(1), update_every=minutes(1), warn_at=(50, 75)).warnings(minutes(target)) == tuple(
        percents
    )


@pytest.mark.parametrize("tiers", [(), (a_tier(2),), (a_tier(1), a_tier(3)), (a_tier(2), a_tier(1))])
def test_tiers_are_numbered_from_one_without_a_gap(tiers: tuple[Tier, ...]) -> None:
    with pytest.raises(ValueError, match=r"^tiers are numbered from 1 without a gap, and there is at least one$"):
        EscalationPolicy(name="default", tiers=tiers, repeat=None)


def test_at_least_one_tier_can_hold_an_incident() -> None:
    with pytest.raises(ValueError, match=r"^at least one tier has a channel$"):
        EscalationPolicy(name="default", tiers=(a_tier(1, channel=None),), repeat=None)


def test_a_policy_answers_for_each_severity_service_and_tier() -> None:
    policy = a_policy(stakeholder_channels={"search": ChannelId("C0SEARCHST")})

    assert policy.targets(Severity.SEV1).ack_within == minutes(5)
    assert policy.escalation("checkout").tier(3) == a_tier(3)
    assert [policy.escalation("checkout").is_last(number) for number in (1, 3, 4, 5)] == [False, False, True, True]
    assert (policy.stakeholders("checkout"), policy.stakeholders("search")) == (STAKEHOLDER_CHANNEL, "C0SEARCHST")


def test_a_tier_without_a_channel_is_passed_over() -> None:
    gap = an_escalation(tiers=(a_tier(1), a_tier(2, channel=None), a_tier(3), a_tier(4, channel=None)))
    onwards = [gap.next_tier(after) for after in range(4)]

    assert [tier and tier.number for tier in onwards] == [1, 3, 3, None]
    assert [gap.is_last(number) for number in (1, 2, 3)] == [False, False, True]
    assert an_escalation().channel(2) == TIER_2_CHANNEL
    with pytest.raises(ValueError, match="tier 2 of default has no channel"):
        gap.channel(2)


def a_rule(**changes: Any) -> ManagerRule:
    severities = frozenset({Severity.SEV1})
    return ManagerRule(**({"occasion": Occasion.BREACH, "severities": severities, "tell": (CHLOE_THERE,)} | changes))


def test_every_manager_is_named_once_also_those_of_the_rules() -> None:
    ladder = an_escalation(manager_rules=(a_rule(), a_rule(tell=(a_user(HUGO, "hugo"),))))

    assert [manager.slack_id for manager in ladder.managers] == [GRACE, HUGO, IRIS, CHLOE]


@pytest.mark.parametrize(
    ("rule", "occasion", "number", "severity", "told"),
    [
        (a_rule(number=2), Occasion.BREACH, 2, Severity.SEV1, [GRACE, CHLOE]),
        (a_rule(number=2), Occasion.BREACH, 1, Severity.SEV1, [GRACE]),
        (a_rule(number=2), Occasion.BREACH, 2, Severity.SEV2, [GRACE]),
        (a_rule(number=2, tier_managers=True), Occasion.BREACH, 2, Severity.SEV1, [GRACE, CHLOE]),
        (a_rule(occasion=Occasion.WARNING, number=75), Occasion.WARNING, 75, Severity.SEV1, [CHLOE]),
        (a_rule(occasion=Occasion.WARNING, number=75), Occasion.WARNING, 50, Severity.SEV1, []),
        (
            a_rule(occasion=Occasion.WARNING, number=75, tier_managers=True),
            Occasion.WARNING,
            75,
            Severity.SEV1,
            [CHLOE, GRACE],
        ),
        (a_rule(occasion=Occasion.OPENING), Occasion.OPENING, 0, Severity.SEV1, [CHLOE]),
    ],
)
def test_who_is_told_when(
    rule: ManagerRule, occasion: Occasion, number: int, severity: Severity, told: Sequence[str]
) -> None:
    people = an_escalation(manager_rules=(rule,)).told(occasion, number, severity, 1)

    assert [person.slack_id for person in people] == told


def test_everyone_of_a_tier_is_named_once_wherever_they_are_written() -> None:
    rotation = Rotation(
        people=(ANA_THERE, BEN_THERE),
        zone="UTC",
        first_day=date(2026, 11, 9),
        hand_over=time(9),
        overrides=(Override(start=NOW, end=NOW + minutes(60), person=CHLOE_THERE),),
    )
    feed = OnCallFeed(url="https://example.com/on-call.ics", people={"Grace": a_user(GRACE, "grace")})
    tier = a_tier(1, people=(BEN_THERE,), on_call=(rotation, feed))

    assert [person.slack_id for person in tier.everyone] == [BEN, ANA, CHLOE, GRACE]
    assert rotation.on_duty(NOW) == CHLOE_THERE
    assert rotation.on_duty(NOW + minutes(60)) == ANA_THERE
    assert rotation.on_duty(datetime(2026, 11, 16, 8, 59, tzinfo=UTC)) == ANA_THERE
    assert rotation.on_duty(datetime(2026, 11, 16, 9, tzinfo=UTC)) == BEN_THERE
    assert rotation.on_duty(datetime(2026, 11, 9, 8, tzinfo=UTC)) is None


@pytest.mark.parametrize("percents", [(1,), (99,), (1, 2, 3, 4, 5, 6, 7, 8)])
def test_a_target_may_be_warned_of_from_one_percent_on_and_eight_times(percents: tuple[int, ...]) -> None:
    targets = Targets(ack_within=minutes(1), update_every=minutes(1), warn_at=percents)

    assert targets.warnings(minutes(60)) == percents


def test_an_emoji_does_one_thing_or_none() -> None:
    assert Reactions() == Reactions(acknowledge="eyes", resolve="white_check_mark")
    assert Reactions(acknowledge=None, resolve=None) == Reactions(acknowledge=None, resolve=None)
    with pytest.raises(ValueError, match="one emoji does one thing"):
        Reactions(acknowledge="eyes", resolve="eyes")
