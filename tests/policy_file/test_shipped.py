"""The policy that comes with Tierline is the one that was agreed, in the sample workspace."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from bot.domain.policy import DEFAULT_ROLES, Occasion, OwedUpdates, Repeat, Severity, SlowerUpdates, Targets
from bot.policy_file import read, to_policy, unresolved
from tests.policy_file.files import (
    DIRECTORY,
    EMI,
    FINN,
    FIRST_LINE,
    GRACE,
    HUGO,
    IRIS,
    PLATFORM,
    SHIPPED,
    directory_with,
)

TODAY: Final = date(2026, 3, 2)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def hours(count: int) -> timedelta:
    return timedelta(hours=count)


def test_the_shipped_file_is_the_policy_of_the_sample_workspace() -> None:
    document = read(SHIPPED)
    policy = to_policy(document, directory_with(dict(document.holidays(TODAY))))
    default = policy.escalation("checkout")

    assert unresolved(document, DIRECTORY) == []
    assert list(policy.services) == ["checkout", "payments", "website", "data"]
    assert [(tier.name, tier.channel, tier.everyone, tier.managers) for tier in default.tiers] == [
        ("First line", "C0FIRSTLN1", (FIRST_LINE,), (GRACE,)),
        ("Platform", "C0PLATFRM1", (PLATFORM,), (GRACE, HUGO)),
        ("Experts", "C0EXPERTS1", (EMI, FINN), (HUGO,)),
        ("Management", "C0MANAGERS", (GRACE, HUGO, IRIS), (IRIS,)),
    ]
    assert default.repeat == Repeat(every=minutes(5), times=3)
    assert default.told(Occasion.OPENING, 0, Severity.SEV1, 1) == (GRACE,)
    assert default.told(Occasion.OPENING, 0, Severity.SEV2, 1) == ()
    assert default.told(Occasion.WARNING, 75, Severity.SEV2, 3) == (HUGO,)
    assert default.told(Occasion.BREACH, 3, Severity.SEV4, 1) == (GRACE, IRIS)
    assert policy.updates == OwedUpdates(nudge_before=minutes(5), overdue_after=50)
    assert policy.roles == DEFAULT_ROLES
    assert policy.admins == (GRACE, HUGO, IRIS)


def test_the_shipped_targets_are_the_agreed_ones() -> None:
    document = read(SHIPPED)
    policy = to_policy(document, directory_with(dict(document.holidays(TODAY))))
    business = policy.targets(Severity.SEV3).calendar

    assert business is not None
    assert business.due(datetime(2026, 7, 13, 14, tzinfo=UTC), hours(2)) == datetime(2026, 7, 15, 7, tzinfo=UTC)
    slower = SlowerUpdates(after=hours(2), every=hours(1))
    assert policy.severities == {
        Severity.SEV1: Targets(
            ack_within=minutes(5),
            update_every=minutes(20),
            resolve_within=hours(4),
            slower_updates=slower,
            warn_at=(50, 75),
            ack_expires_after=minutes(30),
        ),
        Severity.SEV2: Targets(
            ack_within=minutes(15),
            update_every=minutes(30),
            resolve_within=hours(8),
            slower_updates=slower,
            warn_at=(50, 75),
            ack_expires_after=minutes(30),
        ),
        Severity.SEV3: Targets(
            ack_within=hours(1),
            update_every=hours(4),
            resolve_within=hours(24),
            warn_at=(50, 75),
            ack_expires_after=hours(4),
            calendar=business,
        ),
        Severity.SEV4: Targets(
            ack_within=hours(4),
            update_every=hours(9),
            resolve_within=hours(45),
            warn_at=(75,),
            ack_expires_after=hours(18),
            calendar=business,
        ),
    }
