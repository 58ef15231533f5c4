"""Valid values of the domain, after the sample workspace; a test states only the difference."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.domain.ids import ChannelId, IncidentId, PolicyVersionId, UserId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.policy import EscalationPolicy, Mention, MentionKind, Policy, Repeat, Severity, Targets, Tier

NOW: Final = datetime(2026, 11, 14, 3, 0, tzinfo=UTC)
"""A Saturday, three at night: when every incident of the tests opens."""

WORKSPACE: Final = WorkspaceId("T0TIERLINE")

ANA: Final = UserId("U0ANA00001")
BEN: Final = UserId("U0BEN00001")
CHLOE: Final = UserId("U0CHLOE001")
DEV: Final = UserId("U0DEV00001")
EMI: Final = UserId("U0EMI00001")
FINN: Final = UserId("U0FINN0001")
GRACE: Final = UserId("U0GRACE001")
HUGO: Final = UserId("U0HUGO0001")
IRIS: Final = UserId("U0IRIS0001")
SAM: Final = UserId("U0SAM00001")

TIER_1_CHANNEL: Final = ChannelId("C0FIRSTLN1")
TIER_2_CHANNEL: Final = ChannelId("C0PLATFRM1")
TIER_3_CHANNEL: Final = ChannelId("C0EXPERTS1")
TIER_4_CHANNEL: Final = ChannelId("C0MANAGERS")
STAKEHOLDER_CHANNEL: Final = ChannelId("C0STATUS01")
FALLBACK_CHANNEL: Final = ChannelId("C0FALLBACK")


def a_user(slack_id: UserId, name: str) -> Mention:
    return Mention(kind=MentionKind.USER, slack_id=slack_id, name=name)


def a_group(slack_id: str, name: str) -> Mention:
    return Mention(kind=MentionKind.USER_GROUP, slack_id=slack_id, name=name)


FIRST_LINE: Final = a_group("S0FIRSTLN1", "first-line")
PLATFORM: Final = a_group("S0PLATFRM1", "platform")
EXPERTS: Final = a_group("S0EXPERTS1", "experts")


def a_tier(number: int = 1, **changes: Any) -> Tier:
    """One of the four tiers of the sample workspace."""
    tiers = {
        1: Tier(
            number=1,
            name="first line",
            channel=TIER_1_CHANNEL,
            people=(FIRST_LINE,),
            managers=(a_user(GRACE, "grace"),),
        ),
        2: Tier(
            number=2, name="platform", channel=TIER_2_CHANNEL, people=(PLATFORM,), managers=(a_user(GRACE, "grace"),)
        ),
        3: Tier(
            number=3,
            name="experts",
            channel=TIER_3_CHANNEL,
            people=(EXPERTS,),
            managers=(a_user(GRACE, "grace"), a_user(HUGO, "hugo")),
        ),
        4: Tier(
            number=4,
            name="management",
            channel=TIER_4_CHANNEL,
            people=(a_user(GRACE, "grace"), a_user(HUGO, "hugo")),
            managers=(a_user(IRIS, "iris"),),
        ),
    }
    return replace(tiers[number], **changes)


def an_escalation(**changes: Any) -> EscalationPolicy:
    escalation = EscalationPolicy(
        name="default",
        tiers=tuple(a_tier(number) for number in (1, 2, 3, 4)),
        repeat=Repeat(every=timedelta(minutes=5), times=3),
    )
    return replace(escalation, **changes)


def a_policy(**changes: Any) -> Policy:
    """Four tiers for both services; sev1 answers within 5 minutes and updates every 20."""
    policy = Policy(
        severities={
            Severity.SEV1: Targets(ack_within=timedelta(minutes=5), update_every=timedelta(minutes=20)),
            Severity.SEV2: Targets(ack_within=timedelta(minutes=15), update_every=timedelta(minutes=30)),
            Severity.SEV3: Targets(ack_within=timedelta(hours=1), update_every=timedelta(hours=4)),
            Severity.SEV4: Targets(ack_within=timedelta(hours=4), update_every=timedelta(days=1)),
        },
        services={"checkout": an_escalation(), "search": an_escalation()},
        stakeholder_channel=STAKEHOLDER_CHANNEL,
        fallback_channel=FALLBACK_CHANNEL,
    )
    return replace(policy, **changes)


def an_incident(**changes: Any) -> Incident:
    """INC-7, opened by Sam at `NOW`, waiting for an acknowledgement at tier 1."""
    incident = Incident(
        id=IncidentId(7),
        workspace_id=WORKSPACE,
        number=7,
        policy_version_id=PolicyVersionId(1),
        title="Checkout is down",
        description="Customers see a blank page after they pay.",
        severity=Severity.SEV1,
        service="checkout",
        opened_at=NOW,
        opened_by=SAM,
        routed_to="checkout",
        tier_entered_at=NOW,
        paged_at=NOW,
        severity_since=NOW,
        response_started_at=NOW,
        updated_at=NOW,
        updated_seq=1,
        last_seq=1,
    )
    return replace(incident, **changes)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
