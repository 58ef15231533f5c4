"""Whom a message mentions, which is what rings; whoever else it names is not notified."""

from collections.abc import Iterable
from typing import assert_never

from bot.domain.incident import Incident, IncidentState
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
    WarningNotice,
)
from bot.domain.policy import Mention, Policy


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


def _ids(people: Iterable[Mention]) -> frozenset[str]:
    return frozenset(person.slack_id for person in people)


def _whoever_works(incident: Incident, policy: Policy) -> frozenset[str]:
    """Who has it, or the people of the tier when nobody does."""
    if incident.assignee is not None:
        return frozenset({incident.assignee})
    return _ids(policy.escalation(incident.routed_to).tier(incident.tier).people)
