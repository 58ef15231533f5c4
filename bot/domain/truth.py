"""The last look: until when a message is true, and which one a later message makes needless."""

from typing import assert_never

from bot.domain.ids import UserId, is_person
from bot.domain.incident import Incident
from bot.domain.message import (
    AssignmentNotice,
    BreachNotice,
    ExhaustedAlarm,
    FeedbackQuestion,
    FollowNotice,
    HoldReview,
    ManagersNotice,
    Message,
    OpenedHere,
    OverdueNotice,
    PageAgain,
    PageTier,
    RoomFarewell,
    RoomWelcome,
    StakeholderParent,
    StakeholderUpdate,
    StillOnItQuestion,
    Undeliverable,
    UpdateNudge,
    UpdateReason,
    WarningNotice,
)
from bot.domain.timeline import Target

NOT_FOLLOWING = "they do not follow it any more"


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
            return _over(incident) or _unread(incident) or _not_with(incident, assignee) or told
        case OverdueNotice(assignee=assignee, since=since):
            told = None if incident.overdue_since == since else "stakeholders were told"
            return _over(incident) or _unread(incident) or _not_with(incident, assignee) or told
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


def _unread(incident: Incident) -> str | None:
    return None if incident.has_readers else "nobody follows it"


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
