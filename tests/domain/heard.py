"""Who must hear of a fact: the messages it is promised with, each with its channel and its tier."""

from collections.abc import Iterator, Sequence

from bot.domain import timeline
from bot.domain.ids import THE_BOT, ChannelId
from bot.domain.incident import Incident
from bot.domain.message import (
    AssignmentNotice,
    BreachNotice,
    ExhaustedAlarm,
    FollowNotice,
    HoldReview,
    ManagersNotice,
    OverdueNotice,
    PageAgain,
    PageTier,
    StakeholderParent,
    StakeholderUpdate,
    StillOnItQuestion,
    UpdateNudge,
    WarningNotice,
)
from bot.domain.policy import Policy
from bot.domain.timeline import TimelineEvent
from tests.domain.ledger import AWAY

Heard = tuple[type, ChannelId, int | None]
"""A kind of message, its channel, and the tier it names."""

AT_THE_TIER = {
    timeline.Breached: BreachNotice,
    timeline.ManagersInformed: ManagersNotice,
    timeline.Escalated: PageTier,
    timeline.PagedAgain: PageAgain,
    timeline.StillAsked: StillOnItQuestion,
    timeline.AcknowledgementExpired: PageAgain,
    timeline.Assigned: AssignmentNotice,
    timeline.Reopened: PageAgain,
}


def heard_at_opening(opened: Incident, policy: Policy) -> Iterator[Heard]:
    yield PageTier, _channel(opened, policy), opened.tier
    for channel in _stakeholders(opened, policy):
        yield StakeholderParent, channel, None


def heard(before: Incident, event: TimelineEvent, after: Incident, policy: Policy) -> Iterator[Heard]:
    """The urgent one first, then the update: in each channel, and to each who follows but for whoever did it."""
    message = _urgent(before, event, after)
    if isinstance(event.fact, timeline.Followed):
        if event.fact.who != event.by:
            yield FollowNotice, ChannelId(event.fact.who), None
    elif message is ExhaustedAlarm:
        yield message, policy.fallback_channel, after.tier
    elif message is not None:
        yield message, _channel(after, policy), after.tier
    if after.updates_sent > before.updates_sent:
        followers = [ChannelId(person) for person in after.followers if person != event.by]
        for channel in (*_stakeholders(after, policy), *followers):
            yield StakeholderUpdate, channel, None


def _urgent(before: Incident, event: TimelineEvent, after: Incident) -> type | None:
    match event.fact:
        case timeline.Warned(due_at=due_at):
            return WarningNotice if event.at - due_at < AWAY else None
        case timeline.UpdateNudged(missed=missed):
            return None if missed else UpdateNudge
        case timeline.UpdateOverdue(told=told):
            return OverdueNotice if told else None
        case timeline.PassedOn():
            return PageAgain if after.cycle > before.cycle else None
        case timeline.Resumed():
            return HoldReview if event.by == THE_BOT else None
        case timeline.Exhausted():
            return ExhaustedAlarm
        case fact:
            return AT_THE_TIER.get(type(fact))


def _channel(incident: Incident, policy: Policy) -> ChannelId:
    channel = policy.services[incident.routed_to].tiers[incident.tier - 1].channel
    assert channel is not None
    return channel


def _stakeholders(incident: Incident, policy: Policy) -> Sequence[ChannelId]:
    """None of what is private."""
    if incident.is_private:
        return ()
    first = policy.stakeholder_channels.get(incident.service, policy.stakeholder_channel)
    return (first, *policy.also_told.get(incident.service, ()))
