"""What is promised to be said, where, in which order, and until when it is still true."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal, assert_never

from bot.domain.ids import ChannelId
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Mention, Policy


class Lane(IntEnum):
    """What goes first when a channel can take only one message a second."""

    PAGE = 0
    ANSWER = 1
    CARD = 2
    UPDATE = 3
    REPORT = 4


class UpdateReason(StrEnum):
    """Why stakeholders hear of it now."""

    CADENCE = "cadence"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTier:
    """The tier's card with the mentions of its people: the page."""

    kind: Literal["page"] = "page"
    tier: int
    cycle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAgain:
    """The last tier is paged once more, in the thread of its card and shown in the channel."""

    kind: Literal["page_again"] = "page_again"
    tier: int
    cycle: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachNotice:
    """The managers of the tier that did not answer are mentioned, below its card and shown in the channel."""

    kind: Literal["breach"] = "breach"
    tier: int
    cycle: int
    number: int
    due_at: datetime
    breached_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhaustedAlarm:
    """The fallback channel and every manager of the policy hear that nobody answered at any tier."""

    kind: Literal["exhausted"] = "exhausted"
    tier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeholderParent:
    """The one message of the incident in the stakeholder channel; its thread takes the updates."""

    kind: Literal["stakeholder_parent"] = "stakeholder_parent"


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeholderUpdate:
    """An update in the stakeholders' thread; `since_seq` is the last timeline entry that the one before could tell."""

    kind: Literal["update"] = "update"
    number: int
    reason: UpdateReason
    since_seq: int
    until_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeliverable:
    """The fallback channel hears that a page could not be posted where it belongs."""

    kind: Literal["undeliverable"] = "undeliverable"
    promise: str
    channel: ChannelId
    error: str
    tier: int


Message = PageTier | PageAgain | BreachNotice | ExhaustedAlarm | StakeholderParent | StakeholderUpdate | Undeliverable


class Slot(StrEnum):
    """Prefix of the places that hold a card of an incident: one per tier, one for the stakeholders."""

    TIER = "tier"
    STAKEHOLDERS = "stakeholders"


def tier_slot(tier: int) -> str:
    return f"{Slot.TIER}:{tier}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A message that must be sent. `key` is made from its cause: the database refuses a second one."""

    key: str
    lane: Lane
    channel: ChannelId
    deliver_at: datetime
    message: Message


def card_slot(message: Message) -> str | None:
    """The card that this message becomes when it is posted, if it becomes one."""
    match message:
        case PageTier(tier=tier):
            return tier_slot(tier)
        case StakeholderParent():
            return Slot.STAKEHOLDERS.value
        case PageAgain() | BreachNotice() | ExhaustedAlarm() | StakeholderUpdate() | Undeliverable():
            return None
        case _:
            assert_never(message)


def thread_slot(message: Message) -> str | None:
    """The card below which this message belongs, if it is a reply."""
    match message:
        case PageAgain(tier=tier) | BreachNotice(tier=tier):
            return tier_slot(tier)
        case StakeholderUpdate():
            return Slot.STAKEHOLDERS.value
        case PageTier() | ExhaustedAlarm() | StakeholderParent() | Undeliverable():
            return None
        case _:
            assert_never(message)


def is_broadcast(message: Message) -> bool:
    """Whether a reply is also shown in the channel: only what has to ring."""
    return isinstance(message, PageAgain | BreachNotice)


def untrue_because(message: Message, incident: Incident) -> str | None:
    """The last look: why this message must not be sent any more, or None when it is still true."""
    match message:
        case PageTier(tier=tier):
            return _left(incident, tier)
        case PageAgain(tier=tier, cycle=cycle):
            return _left(incident, tier) or _answered(incident) or (None if cycle == incident.cycle else "paged again")
        case ExhaustedAlarm(tier=tier):
            return _left(incident, tier) or _answered(incident)
        case BreachNotice() | Undeliverable():
            return "resolved" if incident.is_over else None
        case StakeholderUpdate(reason=UpdateReason.CADENCE, number=number):
            return None if number == incident.updates_sent else "a later update was made"
        case StakeholderUpdate() | StakeholderParent():
            return None
        case _:
            assert_never(message)


def rings(message: Message, incident: Incident) -> bool:
    """Whether the tier's people are mentioned: a card posted after somebody acknowledged shows, but pages nobody."""
    return not (isinstance(message, PageTier) and incident.state is not IncidentState.OPEN)


def ringing(message: Message, incident: Incident, policy: Policy) -> frozenset[str]:
    """The Slack ids that the message may mention; whoever else is named in it is not notified."""
    escalation = policy.escalation(incident.service)
    match message:
        case PageTier(tier=tier) | PageAgain(tier=tier):
            people: tuple[Mention, ...] = escalation.tier(tier).people if rings(message, incident) else ()
        case BreachNotice(tier=tier):
            people = escalation.tier(tier).managers
        case ExhaustedAlarm():
            people = escalation.managers
        case Undeliverable(tier=tier):
            people = (*escalation.tier(tier).people, *escalation.tier(tier).managers)
        case StakeholderParent() | StakeholderUpdate():
            people = ()
        case _:
            assert_never(message)
    return frozenset(mention.slack_id for mention in people)


def instead_of(key: str, message: Message, channel: ChannelId, error: str) -> Undeliverable | None:
    """What the fallback channel hears when a message cannot be posted.

    None for an alarm that is one itself, and for a stakeholder update: their parent had no place either, or was
    posted, and then the same alarm at every cadence would tell nobody anything new.
    """
    match message:
        case PageTier(tier=tier) | PageAgain(tier=tier) | BreachNotice(tier=tier) | ExhaustedAlarm(tier=tier):
            return Undeliverable(promise=key, channel=channel, error=error, tier=tier)
        case StakeholderParent():
            return Undeliverable(promise=key, channel=channel, error=error, tier=1)
        case StakeholderUpdate() | Undeliverable():
            return None
        case _:
            assert_never(message)


def _left(incident: Incident, tier: int) -> str | None:
    if incident.is_over:
        return "resolved"
    return None if incident.tier == tier else f"already at tier {incident.tier}"


def _answered(incident: Incident) -> str | None:
    return f"acknowledged by {incident.assignee}" if incident.state is IncidentState.ACKNOWLEDGED else None
