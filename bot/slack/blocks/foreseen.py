"""What the clocks will do if nobody acts, one or two sentences for each step, and who hears of it."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from bot.catalogue import t
from bot.domain.forecast import Hearing, Moment
from bot.domain.ids import THE_BOT
from bot.domain.policy import OnCallFeed
from bot.domain.timeline import (
    Acknowledged,
    AcknowledgementExpired,
    Breached,
    Escalated,
    Exhausted,
    Held,
    ManagersInformed,
    Opened,
    PagedAgain,
    Resolved,
    Resumed,
    StillAsked,
    Target,
    TimelineEvent,
    UpdateDue,
    UpdateNudged,
    UpdateOverdue,
    Warned,
)
from bot.slack.blocks.audiences import where_told
from bot.slack.blocks.flags import part
from bot.slack.blocks.mrkdwn import channel, mention, time_of, user
from bot.slack.blocks.reasons import TO_DO, reason
from bot.slack.blocks.standing import Standing
from bot.slack.blocks.words import name, sentence_case, tier_name, tier_place

CLOCKS = {
    Opened: "",
    PagedAgain: "repeat",
    Exhausted: "repeat",
    StillAsked: "acknowledgement",
    AcknowledgementExpired: "acknowledgement",
    UpdateDue: "update",
    UpdateNudged: "update",
    UpdateOverdue: "update",
}
"""Of the facts that always come from the same clock."""


def steps(moment: Moment, before: Standing) -> tuple[Sequence[str], Standing]:
    """A sentence for each fact of the moment, and the standing after it."""
    told: list[str] = []
    for event in moment.transition.events:
        told.append(step(event, before))
        before = before.after(event)
    return told, before


def step(event: TimelineEvent, before: Standing) -> str:
    """In the present tense, for what is only foreseen."""
    by = user(event.by)
    match event.fact:
        case Opened(tier=tier, severity=severity):
            paged = t(
                "{tier_place} is paged and has {within}.",
                tier_place=sentence_case(tier_place(before.tier_of(tier))),
                within=before.within(Target.RESPONSE),
            )
            return t(
                "{by} opens it as {severity} for {service}. {paged}",
                by=by,
                severity=severity,
                service=name(before.service),
                paged=paged,
            )
        case Acknowledged(tier=tier):
            return t("{by} acknowledges at {tier}.", by=by, tier=_tier(before, tier))
        case Held(until=until):
            return t(
                "{by} puts it on hold until {until}: the time to resolve stands still.", by=by, until=time_of(until)
            )
        case Resolved():
            return t("{by} resolves it.", by=by)
        case Escalated(to_tier=tier) if event.by != THE_BOT:
            had = before.after(event).within(Target.RESPONSE)
            return t(
                "{by} escalates it to {tier_place}, which has {had} to acknowledge.",
                by=by,
                tier_place=tier_place(before.tier_of(tier)),
                had=had,
            )
        case Warned(target=target, percent=percent, tier=tier):
            who = t("whoever has it") if before.taken else tier_name(before.tier_of(tier))
            return t(
                "{fraction} of the time {to_do} is over: {who} is warned.",
                fraction=part(percent),
                to_do=t(TO_DO[target]),
                who=who,
            )
        case Breached(target=Target.RESPONSE, number=number, tier=tier):
            missed = t(
                "Nobody has acknowledged within {within} at {tier}",
                within=before.within(Target.RESPONSE),
                tier=_tier(before, tier),
            )
            return t("{missed}: breach {number}.", missed=missed, number=number)
        case Breached(number=number):
            return t(
                "It is not resolved within {within}: breach {number}.",
                within=before.within(Target.RESOLUTION),
                number=number,
            )
        case Escalated(to_tier=tier, skipped=skipped):
            over = "".join(
                t(" {tier} is passed over: no channel.", tier=sentence_case(_tier(before, each))) for each in skipped
            )
            had = before.after(event).within(Target.RESPONSE)
            return t(
                "It moves to {tier_place}, which has {had} to acknowledge.{over}",
                tier_place=tier_place(before.tier_of(tier)),
                had=had,
                over=over,
            )
        case PagedAgain(tier=tier, number=number):
            repeat = before.escalation.repeat
            times = "" if repeat is None else t(" (repeat {number} of {times})", number=number, times=repeat.times)
            return t("{tier} is paged again{times}.", tier=sentence_case(_tier(before, tier)), times=times)
        case Exhausted():
            fallback = channel(before.policy.fallback_channel)
            return t(
                "Nobody has answered at any tier: exhausted. The alarm goes to {fallback} and all managers.",
                fallback=fallback,
            )
        case StillAsked(assignee=assignee, answer_by=answer_by):
            return t(
                "{assignee} is asked “still on it?”, with an answer due {answer_by}.",
                assignee=user(assignee),
                answer_by=time_of(answer_by),
            )
        case AcknowledgementExpired(assignee=assignee, tier=tier):
            return t(
                "{assignee} has not answered: nobody has it any more, and {tier} is paged again.",
                assignee=user(assignee),
                tier=_tier(before, tier),
            )
        case Resumed() if event.by == THE_BOT:
            return t("The hold is over: whoever has it is told, and the time to resolve goes on.")
        case UpdateDue():
            where = where_told(before.service, before.policy, is_private=before.is_private)
            return t("Stakeholders get an update {where}.", where=where)
        case UpdateNudged(assignee=assignee, due_at=due_at):
            return t(
                "{assignee} is reminded of the stakeholder update due {due_at}.",
                assignee=user(assignee),
                due_at=time_of(due_at),
            )
        case UpdateOverdue(assignee=assignee, since=since, told=told):
            heard = t("managers hear of it") if told else t("there is no manager to tell")
            return t(
                "{assignee} still owes stakeholders the update due {since}: {heard}.",
                assignee=user(assignee),
                since=time_of(since),
                heard=heard,
            )
        case ManagersInformed():
            return t("Managers are told of a {severity}.", severity=before.severity)
        case _:
            return reason(event, before)


def who_hears(hearings: Iterable[Hearing], *, separator: str = "; ") -> str:
    """`@grace in #tier-1; @platform in #tier-2`: only those who are rung."""
    return separator.join(
        t("{people} in {channel}", people=people, channel=channel(hearing.channel))
        for hearing in hearings
        if (people := _people(hearing))
    )


def clock_of(event: TimelineEvent) -> str:
    """Which clock did it; nothing for what people do."""
    match event.fact:
        case Warned(target=target) | Breached(target=target):
            return target.value
        case Resumed() if event.by == THE_BOT:
            return "hold"
        case _:
            return CLOCKS.get(type(event.fact), "")


def calendar_at(feed: OnCallFeed) -> str:
    """Of its address only the host is told."""
    return t(
        "whoever the calendar at {hostname} says", hostname=name(urlsplit(feed.url).hostname or t("an unknown place"))
    )


def _people(hearing: Hearing) -> str:
    known = [mention(who) for who in hearing.people]
    return ", ".join([*known, *(calendar_at(feed) for feed in hearing.feeds)])


def _tier(before: Standing, number: int) -> str:
    return tier_name(before.tier_of(number))
