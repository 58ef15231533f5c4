"""What will happen: the rules run ahead of the time, by the very functions that the bot runs, and nothing is stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import Refusal
from bot.domain.escalation import next_evaluation_at
from bot.domain.ids import ChannelId, UserId
from bot.domain.incident import Incident
from bot.domain.message import (
    AssignmentNotice,
    BreachNotice,
    ExhaustedAlarm,
    HoldReview,
    ManagersNotice,
    Message,
    OverdueNotice,
    PageAgain,
    PageTier,
    StillOnItQuestion,
    UpdateNudge,
    WarningNotice,
)
from bot.domain.notice import Notice, PagesElsewhere
from bot.domain.on_call import ShiftsOf, on_duty
from bot.domain.policy import Mention, MentionKind, OnCallFeed, Policy, Tier
from bot.domain.promise import Promise
from bot.domain.transition import Act, Transition, decide, evaluate


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is decided at `at`; `refused` when what a person does then cannot be done."""

    at: datetime
    transition: Transition
    refused: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAct:
    """What a person does at an instant."""

    at: datetime
    act: Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Who a message reaches and where.

    `people` it rings; `feeds` are calendars that say who else, but are not known here.
    """

    channel: ChannelId
    people: tuple[Mention, ...]
    feeds: tuple[OnCallFeed, ...] = ()


def forecast(
    incident: Incident, policy: Policy, *, until: datetime, most: int, now: datetime | None = None
) -> Iterator[Moment]:
    """What the clocks do up to `until` if nobody acts, at most `most` times; what is overdue at `now` comes then."""
    for _ in range(most):
        at = next_evaluation_at(incident, policy)
        if at is None or at > until:
            return
        moment = _of_clocks(incident, policy, at if now is None else max(at, now))
        yield moment
        incident = moment.transition.incident


def simulate(opened: Transition, policy: Policy, acts: Sequence[PlannedAct], *, until: datetime) -> Iterator[Moment]:
    """The whole life of an incident up to `until`, its opening first: what the clocks do, and people at their instants.

    An act that is refused changes nothing; what the clocks decide at that instant still holds.
    """
    incident = opened.incident
    yield Moment(at=incident.opened_at, transition=opened)
    for planned in sorted(acts, key=lambda each: each.at):
        if planned.at > until:
            break
        for moment in _clocks_until(incident, policy, planned.at):
            yield moment
            incident = moment.transition.incident
        moment = _acted(incident, policy, planned)
        yield moment
        incident = moment.transition.incident
    yield from _clocks_until(incident, policy, until)


def hearings(moment: Moment, policy: Policy, *, shifts_of: ShiftsOf | None = None) -> Sequence[Hearing]:
    """Who hears of it, channel by channel in the order of the messages. Without `shifts_of` no calendar is known."""
    return [_hearing(promise, moment, policy, shifts_of) for promise in moment.transition.promises]


def _clocks_until(incident: Incident, policy: Policy, until: datetime) -> Iterator[Moment]:
    while (at := next_evaluation_at(incident, policy)) is not None and at <= until:
        moment = _of_clocks(incident, policy, at)
        yield moment
        incident = moment.transition.incident


def _of_clocks(incident: Incident, policy: Policy, at: datetime) -> Moment:
    return Moment(at=at, transition=evaluate(incident, policy, at))


def _acted(incident: Incident, policy: Policy, planned: PlannedAct) -> Moment:
    try:
        return Moment(at=planned.at, transition=decide(incident, policy, planned.at, planned.act))
    except Refusal as refusal:
        return Moment(at=planned.at, transition=evaluate(incident, policy, planned.at), refused=refusal)


def _hearing(promise: Promise, moment: Moment, policy: Policy, shifts_of: ShiftsOf | None) -> Hearing:
    incident = moment.transition.incident
    people, tier = _called(promise.message, incident, policy)
    feeds: list[OnCallFeed] = []
    for source in tier.on_call if tier is not None else ():
        if isinstance(source, OnCallFeed) and shifts_of is None:
            feeds.append(source)
        else:
            shifts = shifts_of(source.url) if isinstance(source, OnCallFeed) and shifts_of is not None else ()
            people = (*people, *on_duty(source, moment.at, shifts))
    return Hearing(channel=promise.channel, people=tuple(dict.fromkeys(people)), feeds=tuple(feeds))


def _called(
    message: Message | Notice | PagesElsewhere, incident: Incident, policy: Policy
) -> tuple[tuple[Mention, ...], Tier | None]:
    """Those whom the message names, and the tier whose people on call it rings too."""
    escalation = policy.escalation(incident.routed_to)
    match message:
        case PageTier(tier=number, silent=False) | PageAgain(tier=number, people=()):
            tier = escalation.tier(number)
            return tier.people, tier
        case (
            PageAgain(people=people)
            | BreachNotice(told=people)
            | ManagersNotice(told=people)
            | OverdueNotice(told=people)
        ):
            return people, None
        case WarningNotice(told=told, tier=number):
            if incident.assignee is not None:
                return (_person(incident.assignee), *told), None
            tier = escalation.tier(number)
            return (*tier.people, *told), tier
        case (
            StillOnItQuestion(assignee=user)
            | HoldReview(assignee=user)
            | AssignmentNotice(to=user)
            | UpdateNudge(assignee=user)
        ):
            return (_person(user),), None
        case ExhaustedAlarm():
            return escalation.managers, None
        case _:
            return (), None


def _person(user: UserId) -> Mention:
    return Mention(kind=MentionKind.USER, slack_id=user, name=user)
