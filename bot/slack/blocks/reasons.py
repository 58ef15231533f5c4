"""What happened to an incident and why, one sentence or two for each fact."""

from collections.abc import Sequence
from typing import assert_never

from bot.catalogue import mark, t
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
    because_ended,
    ended,
    message_name,
    name,
    posted_in,
    sentence_case,
    tier_name,
    tier_place,
)

TOLD_SHOWN = 12
TO_DO = {Target.RESPONSE: mark("to acknowledge"), Target.RESOLUTION: mark("to resolve")}


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
            return t(
                "The policy has managers told of a {severity}.{told_to}",
                severity=before.severity,
                told_to=told_to(told, before.policy),
            )
        case Escalated():
            return _escalated(event, event.fact, before)
        case PagedAgain(tier=tier, number=number):
            return t(
                "Still nobody had acknowledged, so {tier} was paged again{repeat}.",
                tier=_tier(before, tier),
                repeat=_repeat(before, number),
            )
        case Exhausted(tier=tier, told=told):
            last = t(
                "Nobody answered at {tier}, the last one{repeats}: exhausted.",
                tier=_tier(before, tier),
                repeats=_repeats(before),
            )
            return t(
                "{last} The alarm went to {fallback_channel}.{told_to}",
                last=last,
                fallback_channel=channel(before.policy.fallback_channel),
                told_to=told_to(told, before.policy),
            )
        case Acknowledged(tier=tier, eta=eta):
            after = duration(event.at - before.since)
            return t(
                "{by} acknowledged at {tier}, {after} after it was asked{solved_by}.",
                by=by,
                tier=_tier(before, tier),
                after=after,
                solved_by=solved_by(eta),
            )
        case StillAsked(assignee=assignee, answer_by=answer_by):
            silent = t("{assignee} was not heard from{expiry}", assignee=user(assignee), expiry=_expiry(before))
            return t(
                "{silent}, and was asked “still on it?”, with an answer due {answer_by}.",
                silent=silent,
                answer_by=time_of(answer_by),
            )
        case StillOnIt():
            return t("{by} said that they are still on it.", by=by)
        case AcknowledgementExpired(assignee=assignee, tier=tier):
            return t(
                "{assignee} did not answer, so nobody had it any more: {tier} was paged again and its time "
                "started anew.",
                assignee=user(assignee),
                tier=_tier(before, tier),
            )
        case PassedOn(to=to):
            asked = "" if to is None else t(", and {userid} was asked", userid=user(UserId(to)))
            return t("{by} said that it is not theirs{asked}.", by=by, asked=asked)
        case Assigned(to=to, accepted=True):
            return t("{by} gave it to {to}.", by=by, to=user(to))
        case Assigned(to=to):
            return t("{by} asked {to} to take it; the time to acknowledge went on.", by=by, to=user(to))
        case Held(until=until, reason=why):
            return t(
                "{by} put it on hold until {until}{because} The time to resolve stood still.",
                by=by,
                until=time_of(until),
                because=because_ended(why),
            )
        case Resumed():
            return (
                t("The hold was over, so the time to resolve went on.")
                if event.by == THE_BOT
                else t("{by} resumed it.", by=by)
            )
        case SeverityChanged(before=old, after=new, reason=why):
            return t(
                "{by} changed it from {old} to {new}{because} The same clocks went on with other targets.",
                by=by,
                old=old,
                new=new,
                because=because_ended(why),
            )
        case UpdateDue(number=number, owed_by=owed_by) if owed_by is not None:
            return t(
                "Stakeholder update {number} was due and {owed_by} had not written it, so Tierline did.",
                number=number,
                owed_by=user(owed_by),
            )
        case UpdateDue(number=number):
            return t("Stakeholder update {number} was due.", number=number)
        case UpdateNudged(due_at=due_at, missed=True):
            return t(
                "Tierline was away when it was time to remind of the update due {due_at}; nobody was.",
                due_at=time_of(due_at),
            )
        case UpdateNudged(assignee=assignee, due_at=due_at):
            return t(
                "{assignee} was reminded of the stakeholder update due {due_at}.",
                assignee=user(assignee),
                due_at=time_of(due_at),
            )
        case UpdateOverdue(assignee=assignee, since=since, told=told):
            heard = told_to(told, before.policy) or t(" There is no manager to tell.")
            return t(
                "{assignee} had owed stakeholders an update since {since}.{heard}",
                assignee=user(assignee),
                since=time_of(since),
                heard=heard,
            )
        case RoomOpened(channel=where):
            return t("A channel of its own was made: {where}.", where=channel(where))
        case RoomClosed(channel=where):
            return t("It had been over for a while, so its own channel {where} was closed.", where=channel(where))
        case Resolved(summary=summary):
            return t("{by} resolved it{because}", by=by, because=because_ended(summary))
        case StakeholdersTold(progress=progress, changed=changed):
            return t(
                "{by} told the stakeholders how far it is ({progress}){because}",
                by=by,
                progress=t(PROGRESS[progress]).lower(),
                because=because_ended(changed),
            )
        case Noted(text=text):
            return t("{by} noted{because}", by=by, because=because_ended(text))
        case Pinned():
            return ended(pinned(event.by, event.fact))
        case Cancelled(reason=why, duplicate_of=None):
            return t("{by} cancelled it{because}", by=by, because=because_ended(why))
        case Cancelled(reason=why, duplicate_of=other):
            return t(
                "{by} cancelled it as a duplicate of INC-{other}{because}",
                by=by,
                other=other,
                because=because_ended(why),
            )
        case Reopened(tier=tier, reason=why):
            return t(
                "{by} reopened it{because} {tier} was paged again.",
                by=by,
                because=because_ended(why),
                tier=sentence_case(_tier(before, tier)),
            )
        case Followed(who=who):
            has = t(", since {by} wanted it", by=by) if event.by != who else ""
            return t("{who} follows it{has}: updates reach them directly.", who=user(who), has=has)
        case Unfollowed(who=who):
            return t("{who} does not follow it any more.", who=user(who))
        case NotSent(promise=promise, reason=why):
            return t(
                "{message_name} was no longer true and not sent{because}",
                message_name=sentence_case(message_name(promise)),
                because=because_ended(why),
            )
        case DeliveryFailed(promise=promise, channel=where, error=error, told=told_in):
            instead = "" if told_in is None else t(" {told_in} was told instead.", told_in=channel(told_in))
            failed = t(
                "{message_name} could not be posted {posted_in}{because}",
                message_name=sentence_case(message_name(promise)),
                posted_in=posted_in(where),
                because=because_ended(error),
            )
            return f"{failed}{instead}"
        case ToldElsewhere(promise=promise, by=way):
            return t(
                "{message_name} was not confirmed by Slack and told by {way} too.",
                message_name=sentence_case(message_name(promise)),
                way=name(way),
            )
        case _:
            assert_never(event.fact)


def told_to(told: Sequence[str], policy: Policy) -> str:
    """` Told: @grace, @leads.` The answer to one person notifies nobody, so that groups are mentioned too."""
    known = {who.slack_id: who for escalation in policy.services.values() for who in escalation.managers}
    marks = [mention(known[each]) if each in known else user(UserId(each)) for each in told]
    more = t(" and {marks} more", marks=len(marks) - TOLD_SHOWN) if len(marks) > TOLD_SHOWN else ""
    return t(" Told: {listed}{more}.", listed=", ".join(marks[:TOLD_SHOWN]), more=more) if marks else ""


def passed_over(skipped: Sequence[int], before: Standing, route: str = "") -> str:
    return "".join(
        t(
            " {tier_name} has no channel and was passed over.",
            tier_name=sentence_case(tier_name(before.tier_of(number, route))),
        )
        for number in skipped
    )


def _opened(opened: Opened, by: str, before: Standing) -> str:
    paged = t("{tier_place} was paged", tier_place=sentence_case(tier_place(before.tier_of(opened.tier))))
    had = t("and had {within} to acknowledge.", within=before.within(Target.RESPONSE))
    skipped = passed_over(opened.skipped, before)
    private = t(" It is private: only its tiers and those who follow it are told.") if opened.is_private else ""
    return t(
        "{by} opened it as {severity} for {service}.{private}{skipped} {paged} {had}",
        by=by,
        severity=opened.severity,
        service=name(opened.service),
        private=private,
        skipped=skipped,
        paged=paged,
        had=had,
    )


def _warned(event: TimelineEvent, warned: Warned, before: Standing) -> str:
    over = t("{fraction} of the time {to_do} was over", fraction=part(warned.percent), to_do=t(TO_DO[warned.target]))
    if event.at - warned.due_at >= LATE:
        return t(
            "{over} {due_at} while Tierline was away; nobody was warned afterwards.",
            over=over,
            due_at=time_of(warned.due_at),
        )
    who = (
        t("Whoever has it was warned.")
        if before.taken
        else t("{tier} was warned.", tier=sentence_case(_tier(before, warned.tier)))
    )
    return f"{over}. {who}{told_to(warned.told, before.policy)}"


def _breached(event: TimelineEvent, breached: Breached, before: Standing) -> str:
    if breached.target is Target.RESPONSE:
        tier = tier_name(before.tier_of(breached.tier, breached.route))
        what = t("Nobody acknowledged within {within} at {tier}", within=before.within(Target.RESPONSE), tier=tier)
    else:
        what = t("It was not resolved within {within}", within=before.within(Target.RESOLUTION))
    late = event.at - breached.due_at
    noticed = t(" Tierline noticed it {late} late.", late=duration(late)) if late >= WORTH_TELLING else ""
    return t(
        "{what}: breach {number} of this incident.{noticed}{told_to}",
        what=what,
        number=breached.number,
        noticed=noticed,
        told_to=told_to(breached.told, before.policy),
    )


def _escalated(event: TimelineEvent, escalated: Escalated, before: Standing) -> str:
    place = tier_place(before.tier_of(escalated.to_tier, escalated.route))
    policy = t(", by the policy of {route}", route=name(escalated.route)) if escalated.route else ""
    if event.by == THE_BOT:
        moved = t("Therefore it moved to {place}{policy}.", place=place, policy=policy)
    else:
        moved = t(
            "{by} escalated it to {place}{policy}{because}",
            by=user(event.by),
            place=place,
            policy=policy,
            because=because_ended(escalated.reason),
        )
    after = before.after(event)
    had = t(" That tier had {within} to acknowledge", within=after.within(Target.RESPONSE))
    had += t(": Tierline had been away, and catches up.") if escalated.catching_up else "."
    return f"{moved}{passed_over(escalated.skipped, before, escalated.route)}{had}"


def _expiry(before: Standing) -> str:
    expires_after = before.policy.targets(before.severity).ack_expires_after
    return "" if expires_after is None else t(" for {expires_after}", expires_after=duration(expires_after))


def _repeat(before: Standing, number: int) -> str:
    repeat = before.escalation.repeat
    return "" if repeat is None or not number else t(" (repeat {number} of {times})", number=number, times=repeat.times)


def _repeats(before: Standing) -> str:
    repeat = before.escalation.repeat
    return "" if repeat is None else t(", nor after {times} more pages", times=repeat.times)


def _tier(before: Standing, number: int) -> str:
    return tier_name(before.tier_of(number))
