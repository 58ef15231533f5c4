"""The append-only story of an incident: each fact a value, with who, when and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain.ids import ChannelId, UserId
from bot.domain.policy import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    kind: Literal["opened"] = "opened"
    title: str
    description: str
    severity: Severity
    service: str
    tier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Breached:
    """A target's time ran out. `told` are the Slack ids of the managers mentioned for it."""

    kind: Literal["breached"] = "breached"
    target: Literal["response"] = "response"
    number: int
    tier: int
    cycle: int
    due_at: datetime
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """Moved to a tier's channel, by the response clock or by a person with a reason."""

    kind: Literal["escalated"] = "escalated"
    from_tier: int
    to_tier: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedAgain:
    kind: Literal["paged_again"] = "paged_again"
    tier: int
    cycle: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhausted:
    kind: Literal["exhausted"] = "exhausted"
    tier: int
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    kind: Literal["acknowledged"] = "acknowledged"
    tier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDue:
    """The cadence asked for a stakeholder update."""

    kind: Literal["update_due"] = "update_due"
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    kind: Literal["resolved"] = "resolved"
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """The last look found that a message was no longer true."""

    kind: Literal["not_sent"] = "not_sent"
    promise: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed:
    """A message was given up; `told` names the channel that was told instead, if any."""

    kind: Literal["delivery_failed"] = "delivery_failed"
    promise: str
    channel: ChannelId
    error: str
    told: ChannelId | None


Fact = (
    Opened
    | Breached
    | Escalated
    | PagedAgain
    | Exhausted
    | Acknowledged
    | UpdateDue
    | Resolved
    | NotSent
    | DeliveryFailed
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """One entry of the story. `seq` counts from 1 within the incident, without a gap."""

    seq: int
    at: datetime
    by: UserId
    fact: Fact
