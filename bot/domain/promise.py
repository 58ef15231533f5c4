"""What is promised to be said, where, in which order, and until when it is still true."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal, assert_never

from bot.domain.ids import ChannelId, IncidentId, UserId, is_person
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Mention, Policy
from bot.domain.timeline import PageReason, Target


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
    EXPIRED = "expired"
    ESCALATED = "escalated"
    HELD = "held"
    RESUMED = "resumed"
    SEVERITY = "severity"
    TOLD = "told"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTier:
    """The tier's card with the mentions of its people: the page. `catching_up` when the bot had been away.

    `silent` when another message rings for it.
    """

    kind: Literal["page"] = "page"
    tier: int
    cycle: int
    catching_up: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAgain:
    """The tier is paged once more, in the thread of its card and shown in the channel.

    `card` is the page that posted the card, here and below. `people` are given when only they are asked.
    """

    kind: Literal["page_again"] = "page_again"
    tier: int
    cycle: int
    number: int
    card: int = 0
    reason: PageReason = PageReason.REPEAT
    people: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningNotice:
    """A part of a target's time is over: whoever has it or the tier hears of it, and the managers in `told`."""

    kind: Literal["warning"] = "warning"
    target: Target
    percent: int
    tier: int
    card: int
    breach_at: datetime
    told: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachNotice:
    """Managers are mentioned, below the card and shown in the channel: a target's time, from `since` on, ran out.

    `route` is the service whose policy has the tier, `had_it` who worked on it when its time to resolve ran out.
    """

    kind: Literal["breach"] = "breach"
    target: Target = Target.RESPONSE
    tier: int
    cycle: int
    card: int = 0
    route: str
    number: int
    since: datetime
    due_at: datetime
    breached_at: datetime
    told: tuple[Mention, ...]
    had_it: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagersNotice:
    """Managers hear of an incident as severe as this, without a breach."""

    kind: Literal["managers"] = "managers"
    tier: int
    card: int
    told: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StillOnItQuestion:
    """Who has it is asked whether they are still on it; without an answer by then nobody has it any more."""

    kind: Literal["still_on_it"] = "still_on_it"
    tier: int
    card: int
    assignee: UserId
    asked_at: datetime
    answer_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReview:
    """The pause is over: whoever has it goes on."""

    kind: Literal["hold_review"] = "hold_review"
    tier: int
    card: int
    assignee: UserId
    held_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentNotice:
    """Somebody was given the incident, or asked to take it when nobody has it yet."""

    kind: Literal["assignment"] = "assignment"
    tier: int
    card: int
    to: UserId
    by: UserId
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateNudge:
    """Who has it is reminded that stakeholder update `number` is due: theirs, or one of what Tierline knows."""

    kind: Literal["update_nudge"] = "update_nudge"
    tier: int
    card: int
    assignee: UserId
    number: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueNotice:
    """Managers hear that who has it owes the stakeholders an update since then."""

    kind: Literal["update_overdue"] = "update_overdue"
    tier: int
    card: int
    assignee: UserId
    since: datetime
    told: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomWelcome:
    """The first message in the incident's own channel. `card` is the address of the one that shows how it stands."""

    kind: Literal["room_welcome"] = "room_welcome"
    card: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFarewell:
    """The last message in the incident's own channel, which is then archived."""

    kind: Literal["room_farewell"] = "room_farewell"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackQuestion:
    """Somebody who was affected is asked how well it was handled, once it is resolved."""

    kind: Literal["feedback"] = "feedback"
    to: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhaustedAlarm:
    """The fallback channel and every manager of the policy hear that nobody answered at any tier."""

    kind: Literal["exhausted"] = "exhausted"
    tier: int
    card: int = 0


THE_STAKEHOLDERS = ChannelId("")
"""The audience in the stakeholder channel; any other is called as its channel is, or as the person who follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeholderParent:
    """The one message of the incident in the channel of an audience; its thread takes the updates."""

    kind: Literal["stakeholder_parent"] = "stakeholder_parent"
    audience: ChannelId = THE_STAKEHOLDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeholderUpdate:
    """An update in the thread of its audience, or to a person who follows.

    `since_seq` is the last timeline entry that the one before could tell.
    """

    kind: Literal["update"] = "update"
    number: int
    reason: UpdateReason
    since_seq: int
    until_seq: int
    audience: ChannelId = THE_STAKEHOLDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowNotice:
    """`who` is told how it stands, since somebody else has them follow it."""

    kind: Literal["follow"] = "follow"
    who: UserId
    by: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedHere:
    """Those in the thread below `ts` hear that an incident was opened from there: a courtesy, which may fail."""

    kind: Literal["opened_here"] = "opened_here"
    ts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeliverable:
    """The fallback channel hears that a message could not be posted where it belongs; `route` as in a breach."""

    kind: Literal["undeliverable"] = "undeliverable"
    promise: str
    channel: ChannelId
    error: str
    tier: int
    route: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedDeadline:
    """A breach of the time in which the bot was away."""

    number: int
    target: Target
    tier: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StartUpReport:
    """The fallback channel hears how long the bot was away, and which deadlines passed meanwhile."""

    kind: Literal["start_up"] = "start_up"
    away_since: datetime
    back_at: datetime
    passed: tuple[PassedDeadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUpPages:
    """Many pages for one channel, due at once after the bot was away, as one message that rings once."""

    kind: Literal["catch_up"] = "catch_up"
    incidents: tuple[IncidentId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesElsewhere:
    """People hear by another way of pages that Slack has not confirmed, or refused with `error`.

    `promises` are the keys of those pages.
    """

    kind: Literal["elsewhere"] = "elsewhere"
    promises: tuple[str, ...]
    error: str = ""


Message = (
    PageTier
    | PageAgain
    | WarningNotice
    | BreachNotice
    | ManagersNotice
    | StillOnItQuestion
    | HoldReview
    | AssignmentNotice
    | UpdateNudge
    | OverdueNotice
    | RoomWelcome
    | RoomFarewell
    | FeedbackQuestion
    | ExhaustedAlarm
    | StakeholderParent
    | StakeholderUpdate
    | FollowNotice
    | OpenedHere
    | Undeliverable
)
"""About one incident."""

Notice = StartUpReport | CatchUpPages
"""About the workspace."""


ELSEWHERE = "elsewhere:"
"""What the channel of a promise begins with that goes another way than Slack; the rest says to which address."""


class Slot(StrEnum):
    """Prefix of the places that hold a card of an incident: one per tier, one per audience of stakeholders."""

    TIER = "tier"
    STAKEHOLDERS = "stakeholders"


def tier_slot(tier: int, card: int) -> str:
    """Each arrival at a tier has a card of its own, named by the page that posted it."""
    return f"{Slot.TIER}:{tier}:{card}"


def stakeholder_slot(audience: ChannelId) -> str:
    return f"{Slot.STAKEHOLDERS}:{audience}" if audience else Slot.STAKEHOLDERS.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A message that must be sent. `key` is made from its cause: the database refuses a second one."""

    key: str
    lane: Lane
    channel: ChannelId
    deliver_at: datetime
    message: Message | Notice | PagesElsewhere


def card_slot(message: Message) -> str | None:
    """The card that this message becomes when it is posted, if it becomes one."""
    match message:
        case PageTier(tier=tier, cycle=cycle):
            return tier_slot(tier, cycle)
        case StakeholderParent(audience=audience):
            return stakeholder_slot(audience)
        case _:
            return None


def thread_slot(message: Message) -> str | None:
    """The card below which this message belongs, if it is a reply."""
    match message:
        case (
            PageAgain(tier=tier, card=card)
            | WarningNotice(tier=tier, card=card)
            | BreachNotice(tier=tier, card=card)
            | ManagersNotice(tier=tier, card=card)
            | StillOnItQuestion(tier=tier, card=card)
            | HoldReview(tier=tier, card=card)
            | AssignmentNotice(tier=tier, card=card)
            | UpdateNudge(tier=tier, card=card)
            | OverdueNotice(tier=tier, card=card)
        ):
            return tier_slot(tier, card)
        case StakeholderUpdate(audience=audience):
            return None if is_person(audience) else stakeholder_slot(audience)
        case PageTier() | ExhaustedAlarm() | StakeholderParent() | OpenedHere() | FollowNotice() | Undeliverable():
            return None
        case RoomWelcome() | RoomFarewell() | FeedbackQuestion():
            return None
        case _:
            assert_never(message)


def is_courtesy(message: Message | Notice | PagesElsewhere) -> bool:
    """Whether it may stay unsaid: no channel is joined for it, and nobody is told that it could not be posted."""
    return isinstance(message, OpenedHere | RoomWelcome | RoomFarewell)


def is_broadcast(message: Message) -> bool:
    """Whether a reply is also shown in the channel: only what has to ring."""
    return isinstance(message, PageAgain | BreachNotice)


def untrue_because(message: Message, incident: Incident) -> str | None:
    """The last look: why this message must not be sent any more, or None when it is still true."""
    match message:
        case PageTier(cycle=cycle):
            return _left(incident, cycle)
        case PageAgain(card=card, cycle=cycle):
            return _left(incident, card) or _answered(incident) or (None if cycle == incident.cycle else "paged again")
        case ExhaustedAlarm(card=card):
            return _left(incident, card) or _answered(incident) or (None if incident.exhausted_at else "paged again")
        case WarningNotice():
            return _no_warning(message, incident)
        case StillOnItQuestion(asked_at=asked_at):
            return _over(incident) or (None if incident.still_asked_at == asked_at else "answered")
        case HoldReview() | ManagersNotice() | BreachNotice() | Undeliverable():
            return _over(incident)
        case AssignmentNotice(to=to, accepted=accepted):
            has_it = incident.assignee == to if accepted else incident.is_open
            return _over(incident) or (None if has_it else _taken(incident))
        case UpdateNudge(assignee=assignee, number=number):
            told = "an update went out" if incident.updates_sent >= number else None
            return _over(incident) or _not_with(incident, assignee) or told
        case OverdueNotice(assignee=assignee, since=since):
            told = None if incident.overdue_since == since else "stakeholders were told"
            return _over(incident) or _not_with(incident, assignee) or told
        case StakeholderUpdate(audience=audience) if is_person(audience) and UserId(audience) not in incident.followers:
            return NOT_FOLLOWING
        case FollowNotice(who=who):
            return None if who in incident.followers else NOT_FOLLOWING
        case StakeholderUpdate(reason=UpdateReason.CADENCE, number=number):
            return None if number == incident.updates_sent else "a later update was made"
        case StakeholderUpdate() | StakeholderParent():
            return None
        case OpenedHere():
            return "private" if incident.is_private else None
        case RoomWelcome():
            return _over(incident)
        case RoomFarewell() | FeedbackQuestion():
            return None if incident.is_over else "reopened"
        case _:
            assert_never(message)


def superseded_because(message: Message, incident: Incident) -> str | None:
    """Why a message that has waited for long need not be sent any more: a later one tells the same and more."""
    if not isinstance(message, StakeholderUpdate) or message.reason is UpdateReason.TOLD:
        return None  # what a person wrote is nowhere else
    return "a later update tells it" if message.number < incident.updates_sent else None


NOT_FOLLOWING = "they do not follow it any more"


def parent_key(incident_key: str, audience: ChannelId) -> str:
    return _for(audience, f"{incident_key}/stakeholders")


def update_key(incident_key: str, number: int, audience: ChannelId = THE_STAKEHOLDERS) -> str:
    return _for(audience, f"{incident_key}/update/{number}")


def _for(audience: ChannelId, key: str) -> str:
    return f"{key}/{audience}" if audience else key


def feedback_key(incident: Incident, user: UserId) -> str:
    """As `farewell_key`."""
    return f"{incident.key}/feedback/{len(incident.pauses)}/{user}"


def farewell_key(incident: Incident) -> str:
    """One each time that it is over: to be reopened ends a pause."""
    return f"{incident.key}/farewell/{len(incident.pauses)}"


def rings(message: Message, incident: Incident) -> bool:
    """Whether the tier's people are mentioned: a card posted after somebody acknowledged shows, but pages nobody."""
    return not (isinstance(message, PageTier) and (message.silent or incident.state is not IncidentState.OPEN))


def ringing(message: Message, incident: Incident, policy: Policy) -> frozenset[str]:
    """The Slack ids that the message may mention; whoever else is named in it is not notified.

    The tiers of `policy` have those as people who are on call at the time.
    """
    escalation = policy.escalation(incident.routed_to)
    match message:
        case PageTier(tier=tier):
            people = escalation.tier(tier).people if rings(message, incident) else ()
        case PageAgain(tier=tier, people=only):
            people = only or escalation.tier(tier).people
        case WarningNotice(told=told):
            return _ids(told) | _whoever_works(incident, policy)
        case BreachNotice(told=told) | ManagersNotice(told=told) | OverdueNotice(told=told):
            people = told
        case (
            StillOnItQuestion(assignee=user)
            | HoldReview(assignee=user)
            | AssignmentNotice(to=user)
            | UpdateNudge(assignee=user)
        ):
            return frozenset({user})
        case FeedbackQuestion(to=user):
            return frozenset({user})
        case ExhaustedAlarm():
            people = escalation.managers
        case Undeliverable(tier=tier, route=route):
            undelivered = policy.escalation(route).tier(tier)
            people = (*undelivered.people, *undelivered.managers)
        case StakeholderParent() | StakeholderUpdate() | FollowNotice() | OpenedHere() | RoomWelcome() | RoomFarewell():
            people = ()
        case _:
            assert_never(message)
    return _ids(people)


def instead_of(key: str, message: Message, channel: ChannelId, error: str, incident: Incident) -> Undeliverable | None:
    """What the fallback channel hears when a message cannot be posted.

    None for an alarm that is one itself, for what went to a person directly, and for a stakeholder update: their
    parent had no place either, or was posted, and then the same alarm at every cadence would tell nobody anything new.
    So it is of the reminders of those updates.
    """
    if is_person(channel):
        return None
    match message:
        case StakeholderUpdate() | UpdateNudge() | Undeliverable() | OpenedHere() | RoomWelcome() | RoomFarewell():
            return None
        case BreachNotice(tier=tier, route=route):
            return Undeliverable(promise=key, channel=channel, error=error, tier=tier, route=route)
        case _:
            return Undeliverable(
                promise=key, channel=channel, error=error, tier=incident.tier, route=incident.routed_to
            )


def _ids(people: Iterable[Mention]) -> frozenset[str]:
    return frozenset(person.slack_id for person in people)


def _whoever_works(incident: Incident, policy: Policy) -> frozenset[str]:
    """Who has it, or the people of the tier when nobody does."""
    if incident.assignee is not None:
        return frozenset({incident.assignee})
    return _ids(policy.escalation(incident.routed_to).tier(incident.tier).people)


def _over(incident: Incident) -> str | None:
    return incident.state.value if incident.is_over else None


def _left(incident: Incident, card: int) -> str | None:
    if incident.is_over:
        return _over(incident)
    return None if incident.card_cycle == card else f"already at tier {incident.tier}"


def _answered(incident: Incident) -> str | None:
    return None if incident.is_open else _taken(incident)


def _taken(incident: Incident) -> str:
    return f"acknowledged by {incident.assignee}"


def _not_with(incident: Incident, assignee: UserId) -> str | None:
    """Who has it is the only one who owes anything, and not while it is on hold."""
    if incident.assignee != assignee:
        return "nobody has it" if incident.assignee is None else _taken(incident)
    return "on hold" if incident.is_on_hold else None


def _no_warning(warning: WarningNotice, incident: Incident) -> str | None:
    if warning.target is Target.RESPONSE:
        breached = incident.tier_breached_at is not None
        return _left(incident, warning.card) or _answered(incident) or ("breached" if breached else None)
    if incident.is_on_hold:
        return "on hold"
    return _over(incident) or ("breached" if incident.resolution_breached_at is not None else None)
