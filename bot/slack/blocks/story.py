"""The timeline in sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from bot.catalogue import mark, n, t
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
from bot.slack.blocks.in_full import in_full
from bot.slack.blocks.mrkdwn import channel, duration, length, link, time_of, user
from bot.slack.blocks.progress import PROGRESS
from bot.slack.blocks.words import (
    URGENCY,
    WORTH_TELLING,
    because,
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
    return _kept([_line(told, policy) for told in _routed(story, incident)], limit)


def entries(story: Sequence[TimelineEvent], incident: Incident, policy: Policy) -> list[str]:
    """A line for each, and below it what a person wrote, where the line has not all of it."""
    return [line for told in _routed(story, incident) for line in (_line(told, policy), *in_full(told.event.fact))]


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
        earlier = t("… and {told} earlier", told=len(told) - len(kept))
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
            return t(
                "{by} opened it as {severity}{skipped}{private}",
                by=user(event.by),
                severity=severity,
                skipped=_skipped(skipped),
                private=t(", private") if private else "",
            )
        case Warned(target=target, percent=percent, told=people):
            also = t("; told: {named}", named=named(people, policy)) if people else ""
            return t(
                "{fraction} of the time to {aim} was over{also}",
                fraction=part(percent).lower(),
                aim=_aim(target),
                also=also,
            )
        case Breached():
            return _breached(event, event.fact, policy, route)
        case ManagersInformed(told=people):
            return t("managers were told: {named}", named=named(people, policy))
        case Escalated():
            return _moved(event, event.fact, policy, route)
        case PagedAgain(tier=tier, number=number, reason=reason):
            why = t("repeat {number}", number=number) if reason is PageReason.REPEAT else t(AGAIN[reason])
            return t("{at} was paged again ({why})", at=_at(tier, policy, route), why=why)
        case Exhausted(tier=tier, told=people):
            return t(
                "nobody answered at {at}, the last one; {count} told",
                at=_at(tier, policy, route),
                count=n("{number} manager", "{number} managers", len(people)),
            )
        case Acknowledged(tier=tier, eta=eta):
            return t(
                "{by} acknowledged at {at}{solved_by}",
                by=user(event.by),
                at=_at(tier, policy, route),
                solved_by=solved_by(eta),
            )
        case StillAsked(assignee=assignee, answer_by=answer_by):
            return t(
                "{assignee} was asked “still on it?”, with an answer due {answer_by}",
                assignee=user(assignee),
                answer_by=time_of(answer_by),
            )
        case StillOnIt():
            return t("{by} is still on it", by=user(event.by))
        case AcknowledgementExpired(assignee=assignee, tier=tier):
            return t(
                "{assignee} did not answer, so nobody has it, and {at} was paged again",
                assignee=user(assignee),
                at=_at(tier, policy, route),
            )
        case PassedOn(to=to):
            asked = "" if to is None else t(", so {named} was asked", named=named((to,), policy))
            return t("{by} said that it is not theirs{asked}", by=user(event.by), asked=asked)
        case Assigned(to=to, accepted=accepted):
            return (
                t("{by} gave it to {to}", by=user(event.by), to=user(to))
                if accepted
                else t("{by} asked {to} to take it", by=user(event.by), to=user(to))
            )
        case Held(until=until, reason=reason):
            return t(
                "{by} put it on hold until {until}{because}",
                by=user(event.by),
                until=time_of(until),
                because=because(reason),
            )
        case Resumed():
            return t("the hold was over") if event.by == THE_BOT else t("{by} resumed it", by=user(event.by))
        case SeverityChanged(before=before, after=after, reason=reason):
            return t(
                "{by} changed the severity from {before} ({before_urgency}) to {after} ({after_urgency}){because}",
                by=user(event.by),
                before=before,
                before_urgency=t(URGENCY[before]),
                after=after,
                after_urgency=t(URGENCY[after]),
                because=because(reason),
            )
        case UpdateDue(number=number):
            return t("stakeholder update {number} was due", number=number)
        case UpdateNudged(missed=True, due_at=due_at):
            return t(
                "an update was due {due_at}, but Tierline was away when it was time for the reminder",
                due_at=time_of(due_at),
            )
        case UpdateNudged(assignee=assignee, due_at=due_at):
            return t(
                "{assignee} was reminded of the update that was due {due_at}",
                assignee=user(assignee),
                due_at=time_of(due_at),
            )
        case UpdateOverdue(assignee=assignee, since=since, told=people):
            also = t("; told: {named}", named=named(people, policy)) if people else ""
            return t(
                "{assignee} had owed stakeholders an update since {since}{also}",
                assignee=user(assignee),
                since=time_of(since),
                also=also,
            )
        case StakeholdersTold(progress=progress, changed=changed):
            return t(
                "{by} told stakeholders ({progress}){because}",
                by=user(event.by),
                progress=t(PROGRESS[progress]).lower(),
                because=because(changed),
            )
        case Noted(text=text):
            return t("{by} noted{because}", by=user(event.by), because=because(text))
        case Pinned():
            return pinned(event.by, event.fact)
        case RoomOpened(channel=where):
            return t("a channel of its own was made: {where}", where=channel(where))
        case RoomClosed(channel=where):
            return t("its own channel {where} was closed", where=channel(where))
        case Resolved(summary=summary):
            return t("{by} resolved it{because}", by=user(event.by), because=because(summary))
        case Cancelled(reason=reason, duplicate_of=duplicate_of):
            duplicate = t(" as a duplicate of INC-{duplicate_of}", duplicate_of=duplicate_of) if duplicate_of else ""
            return t(
                "{by} cancelled it{duplicate}{because}", by=user(event.by), duplicate=duplicate, because=because(reason)
            )
        case Reopened(tier=tier, reason=reason):
            return t(
                "{by} reopened it at {at}{because}",
                by=user(event.by),
                at=_at(tier, policy, route),
                because=because(reason),
            )
        case Followed(who=who):
            has = t(" on the word of {by}", by=user(event.by)) if event.by != who else ""
            return t("{who} follows it{has}", who=user(who), has=has)
        case Unfollowed(who=who):
            return t("{who} does not follow it any more", who=user(who))
        case NotSent(promise=promise, reason=reason):
            return t(
                "{message_name} was no longer needed and not sent{because}",
                message_name=message_name(promise),
                because=because(reason),
            )
        case DeliveryFailed(promise=promise, channel=where, error=error, told=told_in):
            instead = "" if told_in is None else t("; {told_in} was told instead", told_in=channel(told_in))
            return t(
                "{message_name} could not be posted {posted_in}{because}{instead}",
                message_name=message_name(promise),
                posted_in=posted_in(where),
                because=because(error),
                instead=instead,
            )
        case ToldElsewhere(promise=promise, by=way):
            return t(
                "{message_name} was not confirmed by Slack and told by {way} too",
                message_name=message_name(promise),
                way=name(way),
            )
        case _:
            assert_never(event.fact)


AGAIN = {
    PageReason.EXPIRED: mark("no sign of life"),
    PageReason.PASSED_ON: mark("passed on"),
    PageReason.REOPENED: "reopened",
}


def solved_by(eta: datetime | None) -> str:
    """What whoever took it said of when it is solved, if they did."""
    return "" if eta is None else t(", expecting to have it solved by {eta}", eta=time_of(eta))


def pinned(by: UserId, fact: Pinned) -> str:
    """`@ben pinned what @ana said today at 10:02 (there): it is the cache`."""
    whose = t("what they said") if by == fact.author else t("what {author} said", author=user(fact.author))
    there = f" ({link(fact.link, 'there')})" if fact.link else ""
    return t(
        "{by} pinned {whose} {said_at}{there}{because}",
        by=user(by),
        whose=whose,
        said_at=time_of(fact.said_at),
        there=there,
        because=because(fact.text),
    )


def _aim(target: Target) -> str:
    return "acknowledge" if target is Target.RESPONSE else "resolve"


def _breached(event: TimelineEvent, fact: Breached, policy: Policy, route: str) -> str:
    late = _late(event, fact.due_at)
    told = t("; told: {named}", named=named(fact.told, policy)) if fact.told else ""
    if fact.target is Target.RESOLUTION:
        return t("it was not resolved in time{late}{told}", late=late, told=told)
    where = _at(fact.tier, policy, fact.route or route)
    return t(
        "nobody acknowledged in time at {where}{skipped}{late}{told}",
        where=where,
        skipped=_skipped(fact.skipped),
        late=late,
        told=told,
    )


def _moved(event: TimelineEvent, fact: Escalated, policy: Policy, route: str) -> str:
    where = _at(fact.to_tier, policy, route)
    of_other = t(" of {route}", route=name(fact.route)) if fact.route else ""
    at_most = t(
        ", with at most {catch_up_within} to acknowledge since Tierline had been away",
        catch_up_within=duration(CATCH_UP_WITHIN),
    )
    away = at_most if fact.catching_up else ""
    who = t("it moved") if event.by == THE_BOT else t("{by} escalated it", by=user(event.by))
    return t(
        "{who} to {where}{of_other}{skipped}{away}{because}",
        who=who,
        where=where,
        of_other=of_other,
        skipped=_skipped(fact.skipped),
        away=away,
        because=because(fact.reason),
    )


def _skipped(tiers: Sequence[int]) -> str:
    if not tiers:
        return ""
    numbers = " and ".join(str(tier) for tier in tiers)
    past = (
        t("tiers {numbers}, which have", numbers=numbers)
        if len(tiers) > 1
        else t("tier {numbers}, which has", numbers=numbers)
    )
    return t(" (past {past} no channel)", past=past)


def _at(number: int, policy: Policy, route: str) -> str:
    escalation = policy.services.get(route)
    known = escalation is not None and 0 < number <= len(escalation.tiers)
    return tier_name(escalation.tier(number)) if escalation is not None and known else t("tier {number}", number=number)


def _late(event: TimelineEvent, due_at: datetime) -> str:
    late = event.at - due_at
    return t(", noticed {late} late", late=duration(late)) if late >= WORTH_TELLING else ""
