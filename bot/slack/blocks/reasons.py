"""What happened to an incident and why, one sentence or two for each fact."""

from collections.abc import Sequence
from typing import assert_never

from bot.domain.clocks import LATE
from bot.domain.ids import THE_BOT, UserId
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
from bot.slack.blocks.flags import part
from bot.slack.blocks.mrkdwn import channel, duration, mention, time_of, user
from bot.slack.blocks.progress import PROGRESS
from bot.slack.blocks.standing import Standing
from bot.slack.blocks.story import pinned, solved_by
from bot.slack.blocks.words import (
    WORTH_TELLING,
    because,
    message_name,
    name,
    posted_in,
    sentence_case,
    tier_name,
    tier_place,
)

TOLD_SHOWN = 12
TO_DO = {Target.RESPONSE: "to acknowledge", Target.RESOLUTION: "to resolve"}


def reason(event: TimelineEvent, before: Standing) -> str:
    """`before` is where the incident stood."""
    by = user(event.by)
    match event.fact:
        case Opened():
            return _opened(event.fact, by, before)
        case Warned():
            return _warned(event, event.fact, before)
        case Breached():
            return _breached(event, event.fact, before)
        case ManagersInformed(told=told):
            return f"The policy has managers told of a {before.severity}.{told_to(told, before.policy)}"
        case Escalated():
            return _escalated(event, event.fact, before)
        case PagedAgain(tier=tier, number=number):
            return f"Still nobody had acknowledged, so {_tier(before, tier)} was paged again{_repeat(before, number)}."
        case Exhausted(tier=tier, told=told):
            last = f"Nobody answered at {_tier(before, tier)}, the last one{_repeats(before)}: exhausted."
            return f"{last} The alarm went to {channel(before.policy.fallback_channel)}.{told_to(told, before.policy)}"
        case Acknowledged(tier=tier, eta=eta):
            after = duration(event.at - before.since)
            return f"{by} acknowledged at {_tier(before, tier)}, {after} after it was asked{solved_by(eta)}."
        case StillAsked(assignee=assignee, answer_by=answer_by):
            silent = f"{user(assignee)} was not heard from{_expiry(before)}"
            return f"{silent}, and was asked “still on it?”, with an answer due {time_of(answer_by)}."
        case StillOnIt():
            return f"{by} said that they are still on it."
        case AcknowledgementExpired(assignee=assignee, tier=tier):
            return (
                f"{user(assignee)} did not answer, so nobody had it any more: "
                f"{_tier(before, tier)} was paged again and its time started anew."
            )
        case PassedOn(to=to):
            asked = "" if to is None else f", and {user(UserId(to))} was asked"
            return f"{by} said that it is not theirs{asked}."
        case Assigned(to=to, accepted=True):
            return f"{by} gave it to {user(to)}."
        case Assigned(to=to):
            return f"{by} asked {user(to)} to take it; the time to acknowledge went on."
        case Held(until=until, reason=why):
            return f"{by} put it on hold until {time_of(until)}{because(why)}. The time to resolve stood still."
        case Resumed():
            return "The hold was over, so the time to resolve went on." if event.by == THE_BOT else f"{by} resumed it."
        case SeverityChanged(before=old, after=new, reason=why):
            return f"{by} changed it from {old} to {new}{because(why)}. The same clocks went on with other targets."
        case UpdateDue(number=number, owed_by=owed_by) if owed_by is not None:
            return f"Stakeholder update {number} was due and {user(owed_by)} had not written it, so Tierline did."
        case UpdateDue(number=number):
            return f"Stakeholder update {number} was due."
        case UpdateNudged(due_at=due_at, missed=True):
            return f"Tierline was away when it was time to remind of the update due {time_of(due_at)}; nobody was."
        case UpdateNudged(assignee=assignee, due_at=due_at):
            return f"{user(assignee)} was reminded of the stakeholder update due {time_of(due_at)}."
        case UpdateOverdue(assignee=assignee, since=since, told=told):
            heard = told_to(told, before.policy) or " There is no manager to tell."
            return f"{user(assignee)} had owed stakeholders an update since {time_of(since)}.{heard}"
        case RoomOpened(channel=where):
            return f"A channel of its own was made: {channel(where)}."
        case RoomClosed(channel=where):
            return f"It had been over for a while, so its own channel {channel(where)} was closed."
        case Resolved(summary=summary):
            return f"{by} resolved it{because(summary)}."
        case StakeholdersTold(progress=progress, changed=changed):
            return f"{by} told the stakeholders how far it is ({PROGRESS[progress].lower()}){because(changed)}."
        case Noted(text=text):
            return f"{by} noted{because(text)}."
        case Pinned():
            return f"{pinned(event.by, event.fact)}."
        case Cancelled(reason=why, duplicate_of=None):
            return f"{by} cancelled it{because(why)}."
        case Cancelled(reason=why, duplicate_of=other):
            return f"{by} cancelled it as a duplicate of INC-{other}{because(why)}."
        case Reopened(tier=tier, reason=why):
            return f"{by} reopened it{because(why)}. {sentence_case(_tier(before, tier))} was paged again."
        case Followed(who=who):
            has = f", since {by} wanted it" if event.by != who else ""
            return f"{user(who)} follows it{has}: updates reach them directly."
        case Unfollowed(who=who):
            return f"{user(who)} does not follow it any more."
        case NotSent(promise=promise, reason=why):
            return f"{sentence_case(message_name(promise))} was no longer true and not sent{because(why)}."
        case DeliveryFailed(promise=promise, channel=where, error=error, told=told_in):
            instead = "" if told_in is None else f" {channel(told_in)} was told instead."
            failed = f"{sentence_case(message_name(promise))} could not be posted {posted_in(where)}{because(error)}."
            return f"{failed}{instead}"
        case ToldElsewhere(promise=promise, by=way):
            return f"{sentence_case(message_name(promise))} was not confirmed by Slack and told by {name(way)} too."
        case _:
            assert_never(event.fact)


def told_to(told: Sequence[str], policy: Policy) -> str:
    """` Told: @grace, @leads.` The answer to one person notifies nobody, so that groups are mentioned too."""
    known = {who.slack_id: who for escalation in policy.services.values() for who in escalation.managers}
    marks = [mention(known[each]) if each in known else user(UserId(each)) for each in told]
    more = f" and {len(marks) - TOLD_SHOWN} more" if len(marks) > TOLD_SHOWN else ""
    return f" Told: {', '.join(marks[:TOLD_SHOWN])}{more}." if marks else ""


def passed_over(skipped: Sequence[int], before: Standing, route: str = "") -> str:
    return "".join(
        f" {sentence_case(tier_name(before.tier_of(number, route)))} has no channel and was passed over."
        for number in skipped
    )


def _opened(opened: Opened, by: str, before: Standing) -> str:
    paged = f"{sentence_case(tier_place(before.tier_of(opened.tier)))} was paged"
    had = f"and had {before.within(Target.RESPONSE)} to acknowledge."
    skipped = passed_over(opened.skipped, before)
    private = " It is private: only its tiers and who follows it are told." if opened.is_private else ""
    return f"{by} opened it as {opened.severity} for {name(opened.service)}.{private}{skipped} {paged} {had}"


def _warned(event: TimelineEvent, warned: Warned, before: Standing) -> str:
    over = f"{part(warned.percent)} of the time {TO_DO[warned.target]} was over"
    if event.at - warned.due_at >= LATE:
        return f"{over} {time_of(warned.due_at)} while Tierline was away; nobody was warned afterwards."
    who = "Who has it was warned." if before.taken else f"{sentence_case(_tier(before, warned.tier))} was warned."
    return f"{over}. {who}{told_to(warned.told, before.policy)}"


def _breached(event: TimelineEvent, breached: Breached, before: Standing) -> str:
    if breached.target is Target.RESPONSE:
        tier = tier_name(before.tier_of(breached.tier, breached.route))
        what = f"Nobody acknowledged within {before.within(Target.RESPONSE)} at {tier}"
    else:
        what = f"It was not resolved within {before.within(Target.RESOLUTION)}"
    late = event.at - breached.due_at
    noticed = f" Tierline noticed it {duration(late)} late." if late >= WORTH_TELLING else ""
    return f"{what}: breach {breached.number} of this incident.{noticed}{told_to(breached.told, before.policy)}"


def _escalated(event: TimelineEvent, escalated: Escalated, before: Standing) -> str:
    place = tier_place(before.tier_of(escalated.to_tier, escalated.route))
    policy = f", by the policy of {name(escalated.route)}" if escalated.route else ""
    if event.by == THE_BOT:
        moved = f"Therefore it moved to {place}{policy}."
    else:
        moved = f"{user(event.by)} escalated it to {place}{policy}{because(escalated.reason)}."
    after = before.after(event)
    had = f" That tier had {after.within(Target.RESPONSE)} to acknowledge"
    had += ": Tierline had been away, and catches up." if escalated.catching_up else "."
    return f"{moved}{passed_over(escalated.skipped, before, escalated.route)}{had}"


def _expiry(before: Standing) -> str:
    expires_after = before.policy.targets(before.severity).ack_expires_after
    return "" if expires_after is None else f" for {duration(expires_after)}"


def _repeat(before: Standing, number: int) -> str:
    repeat = before.escalation.repeat
    return "" if repeat is None or not number else f" (repeat {number} of {repeat.times})"


def _repeats(before: Standing) -> str:
    repeat = before.escalation.repeat
    return "" if repeat is None else f", nor after {repeat.times} more pages"


def _tier(before: Standing, number: int) -> str:
    return tier_name(before.tier_of(number))
