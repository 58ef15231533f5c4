"""The timeline in sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from bot.domain.clocks import CATCH_UP_WITHIN
from bot.domain.ids import THE_BOT, UserId
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.timeline import (
    Acknowledged,
    AcknowledgementExpired,
    Assigned,
    Breached,
    Cancelled,
    DeliveryFailed,
    Escalated,
    Exhausted,
    Followed,
    Held,
    ManagersInformed,
    Noted,
    NotSent,
    Opened,
    PagedAgain,
    PageReason,
    PassedOn,
    Pinned,
    Reopened,
    Resolved,
    Resumed,
    RoomClosed,
    RoomOpened,
    SeverityChanged,
    StakeholdersTold,
    StillAsked,
    StillOnIt,
    Target,
    TimelineEvent,
    ToldElsewhere,
    Unfollowed,
    UpdateDue,
    UpdateNudged,
    UpdateOverdue,
    Warned,
)
from bot.slack.blocks.flags import named, part
from bot.slack.blocks.mrkdwn import channel, duration, length, link, time_of, user
from bot.slack.blocks.progress import PROGRESS
from bot.slack.blocks.words import (
    URGENCY,
    WORTH_TELLING,
    because,
    count,
    message_name,
    name,
    posted_in,
    tier_name,
)

OF_MESSAGES = (UpdateDue, UpdateNudged, NotSent, DeliveryFailed, ToldElsewhere)
"""Facts of the incident's messages, not of itself."""

INTERNAL = (
    *OF_MESSAGES,
    UpdateOverdue,
    Warned,
    ManagersInformed,
    StillAsked,
    StillOnIt,
    Noted,
    Pinned,
    StakeholdersTold,
    RoomOpened,
    RoomClosed,
    Followed,
    Unfollowed,
)
"""What does not change how it stands, or was told to stakeholders in its own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """An entry, with the service whose policy was followed then."""

    event: TimelineEvent
    route: str


def lines(story: Sequence[TimelineEvent], incident: Incident, policy: Policy, *, limit: int) -> str:
    """One line per entry, the newest kept when not all fit."""
    return _kept(entries(story, incident, policy), limit)


def entries(story: Sequence[TimelineEvent], incident: Incident, policy: Policy) -> list[str]:
    """A line for each."""
    return [_line(told, policy) for told in _routed(story, incident)]


def news(
    story: Sequence[TimelineEvent], incident: Incident, policy: Policy, *, since_seq: int, until_seq: int, limit: int
) -> str:
    """What stakeholders care about of a stretch of the story."""
    stretch = [
        told
        for told in _routed(story, incident)
        if since_seq < told.event.seq <= until_seq and not isinstance(told.event.fact, INTERNAL)
    ]
    return _kept([_line(_without_names(told), policy) for told in stretch], limit)


def _without_names(told: _Told) -> _Told:
    """Which managers were told of a breach is nothing that stakeholders wait for."""
    if not isinstance(told.event.fact, Breached):
        return told
    return replace(told, event=replace(told.event, fact=replace(told.event.fact, told=())))


def _routed(story: Sequence[TimelineEvent], incident: Incident) -> Iterator[_Told]:
    """The numbers of tiers are those of the policy that was followed at the time, as far as the entries tell."""
    moves = any(isinstance(event.fact, Escalated) and event.fact.route for event in story)
    route = incident.service if moves or (story and story[0].seq == 1) else incident.routed_to
    for event in story:
        if isinstance(event.fact, Escalated):
            route = event.fact.route or route
        yield _Told(event=event, route=route)


def _kept(told: Sequence[str], limit: int) -> str:
    kept: list[str] = []
    for text in reversed(told):
        earlier = f"… and {len(told) - len(kept)} earlier"
        if length("\n".join([earlier, text, *kept])) > limit:
            return "\n".join([earlier, *kept])
        kept.insert(0, text)
    return "\n".join(kept)


def _line(told: _Told, policy: Policy) -> str:
    return f"• {time_of(told.event.at)}: {_what(told, policy)}"


def _what(told: _Told, policy: Policy) -> str:
    event, route = told.event, told.route
    match event.fact:
        case Opened(severity=severity, skipped=skipped, is_private=private):
            return f"{user(event.by)} opened it as {severity}{_skipped(skipped)}{', private' if private else ''}"
        case Warned(target=target, percent=percent, told=people):
            also = f"; told: {named(people, policy)}" if people else ""
            return f"{part(percent).lower()} of the time to {_aim(target)} was over{also}"
        case Breached():
            return _breached(event, event.fact, policy, route)
        case ManagersInformed(told=people):
            return f"managers were told: {named(people, policy)}"
        case Escalated():
            return _moved(event, event.fact, policy, route)
        case PagedAgain(tier=tier, number=number, reason=reason):
            why = f"repeat {number}" if reason is PageReason.REPEAT else AGAIN[reason]
            return f"{_at(tier, policy, route)} was paged again ({why})"
        case Exhausted(tier=tier, told=people):
            return f"nobody answered at {_at(tier, policy, route)}, the last one; {count(len(people), 'manager')} told"
        case Acknowledged(tier=tier, eta=eta):
            return f"{user(event.by)} acknowledged at {_at(tier, policy, route)}{solved_by(eta)}"
        case StillAsked(assignee=assignee, answer_by=answer_by):
            return f"{user(assignee)} was asked “still on it?”, with an answer due {time_of(answer_by)}"
        case StillOnIt():
            return f"{user(event.by)} is still on it"
        case AcknowledgementExpired(assignee=assignee, tier=tier):
            return f"{user(assignee)} did not answer, so nobody has it, and {_at(tier, policy, route)} was paged again"
        case PassedOn(to=to):
            asked = "" if to is None else f", so {named((to,), policy)} was asked"
            return f"{user(event.by)} said that it is not theirs{asked}"
        case Assigned(to=to, accepted=accepted):
            return (
                f"{user(event.by)} gave it to {user(to)}"
                if accepted
                else f"{user(event.by)} asked {user(to)} to take it"
            )
        case Held(until=until, reason=reason):
            return f"{user(event.by)} put it on hold until {time_of(until)}{because(reason)}"
        case Resumed():
            return "the hold was over" if event.by == THE_BOT else f"{user(event.by)} resumed it"
        case SeverityChanged(before=before, after=after, reason=reason):
            return (
                f"{user(event.by)} changed the severity from {before} ({URGENCY[before]}) "
                f"to {after} ({URGENCY[after]}){because(reason)}"
            )
        case UpdateDue(number=number):
            return f"stakeholder update {number} was due"
        case UpdateNudged(missed=True, due_at=due_at):
            return f"an update was due {time_of(due_at)}, but Tierline was away when it was time for the reminder"
        case UpdateNudged(assignee=assignee, due_at=due_at):
            return f"{user(assignee)} was reminded of the update that was due {time_of(due_at)}"
        case UpdateOverdue(assignee=assignee, since=since, told=people):
            also = f"; told: {named(people, policy)}" if people else ""
            return f"{user(assignee)} had owed stakeholders an update since {time_of(since)}{also}"
        case StakeholdersTold(progress=progress, changed=changed):
            return f"{user(event.by)} told stakeholders ({PROGRESS[progress].lower()}){because(changed)}"
        case Noted(text=text):
            return f"{user(event.by)} noted{because(text)}"
        case Pinned():
            return pinned(event.by, event.fact)
        case RoomOpened(channel=where):
            return f"a channel of its own was made: {channel(where)}"
        case RoomClosed(channel=where):
            return f"its own channel {channel(where)} was closed"
        case Resolved(summary=summary):
            return f"{user(event.by)} resolved it{because(summary)}"
        case Cancelled(reason=reason, duplicate_of=duplicate_of):
            duplicate = f" as a duplicate of INC-{duplicate_of}" if duplicate_of else ""
            return f"{user(event.by)} cancelled it{duplicate}{because(reason)}"
        case Reopened(tier=tier, reason=reason):
            return f"{user(event.by)} reopened it at {_at(tier, policy, route)}{because(reason)}"
        case Followed(who=who):
            has = f" on the word of {user(event.by)}" if event.by != who else ""
            return f"{user(who)} follows it{has}"
        case Unfollowed(who=who):
            return f"{user(who)} does not follow it any more"
        case NotSent(promise=promise, reason=reason):
            return f"{message_name(promise)} was no longer needed and not sent{because(reason)}"
        case DeliveryFailed(promise=promise, channel=where, error=error, told=told_in):
            instead = "" if told_in is None else f"; {channel(told_in)} was told instead"
            return f"{message_name(promise)} could not be posted {posted_in(where)}{because(error)}{instead}"
        case ToldElsewhere(promise=promise, by=way):
            return f"{message_name(promise)} was not confirmed by Slack and told by {name(way)} too"
        case _:
            assert_never(event.fact)


AGAIN = {
    PageReason.EXPIRED: "no sign of life",
    PageReason.PASSED_ON: "passed on",
    PageReason.REOPENED: "reopened",
}


def solved_by(eta: datetime | None) -> str:
    """What whoever took it said of when it is solved, if they did."""
    return "" if eta is None else f", expecting to have it solved by {time_of(eta)}"


def pinned(by: UserId, fact: Pinned) -> str:
    """`@ben pinned what @ana said today at 10:02 (there): it is the cache`."""
    whose = "what they said" if by == fact.author else f"what {user(fact.author)} said"
    there = f" ({link(fact.link, 'there')})" if fact.link else ""
    return f"{user(by)} pinned {whose} {time_of(fact.said_at)}{there}{because(fact.text)}"


def _aim(target: Target) -> str:
    return "acknowledge" if target is Target.RESPONSE else "resolve"


def _breached(event: TimelineEvent, fact: Breached, policy: Policy, route: str) -> str:
    late = _late(event, fact.due_at)
    told = f"; told: {named(fact.told, policy)}" if fact.told else ""
    if fact.target is Target.RESOLUTION:
        return f"it was not resolved in time{late}{told}"
    where = _at(fact.tier, policy, fact.route or route)
    return f"nobody acknowledged in time at {where}{_skipped(fact.skipped)}{late}{told}"


def _moved(event: TimelineEvent, fact: Escalated, policy: Policy, route: str) -> str:
    where = _at(fact.to_tier, policy, route)
    of_other = f" of {name(fact.route)}" if fact.route else ""
    at_most = f", with at most {duration(CATCH_UP_WITHIN)} to acknowledge since Tierline had been away"
    away = at_most if fact.catching_up else ""
    who = "it moved" if event.by == THE_BOT else f"{user(event.by)} escalated it"
    return f"{who} to {where}{of_other}{_skipped(fact.skipped)}{away}{because(fact.reason)}"


def _skipped(tiers: Sequence[int]) -> str:
    if not tiers:
        return ""
    numbers = " and ".join(str(tier) for tier in tiers)
    past = f"tiers {numbers}, which have" if len(tiers) > 1 else f"tier {numbers}, which has"
    return f" (past {past} no channel)"


def _at(number: int, policy: Policy, route: str) -> str:
    escalation = policy.services.get(route)
    known = escalation is not None and 0 < number <= len(escalation.tiers)
    return tier_name(escalation.tier(number)) if escalation is not None and known else f"tier {number}"


def _late(event: TimelineEvent, due_at: datetime) -> str:
    late = event.at - due_at
    return f", noticed {duration(late)} late" if late >= WORTH_TELLING else ""
