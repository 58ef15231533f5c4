"""What the clocks will do if nobody acts, one or two sentences for each step, and who hears of it."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

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
            paged = (
                f"{sentence_case(tier_place(before.tier_of(tier)))} is paged and has {before.within(Target.RESPONSE)}."
            )
            return f"{by} opens it as {severity} for {name(before.service)}. {paged}"
        case Acknowledged(tier=tier):
            return f"{by} acknowledges at {_tier(before, tier)}."
        case Held(until=until):
            return f"{by} puts it on hold until {time_of(until)}: the time to resolve stands still."
        case Resolved():
            return f"{by} resolves it."
        case Escalated(to_tier=tier) if event.by != THE_BOT:
            had = before.after(event).within(Target.RESPONSE)
            return f"{by} escalates it to {tier_place(before.tier_of(tier))}, which has {had} to acknowledge."
        case Warned(target=target, percent=percent, tier=tier):
            who = "who has it" if before.taken else tier_name(before.tier_of(tier))
            return f"{part(percent)} of the time {TO_DO[target]} is over: {who} is warned."
        case Breached(target=Target.RESPONSE, number=number, tier=tier):
            missed = f"Nobody has acknowledged within {before.within(Target.RESPONSE)} at {_tier(before, tier)}"
            return f"{missed}: breach {number}."
        case Breached(number=number):
            return f"It is not resolved within {before.within(Target.RESOLUTION)}: breach {number}."
        case Escalated(to_tier=tier, skipped=skipped):
            over = "".join(f" {sentence_case(_tier(before, each))} is passed over: no channel." for each in skipped)
            had = before.after(event).within(Target.RESPONSE)
            return f"It moves to {tier_place(before.tier_of(tier))}, which has {had} to acknowledge.{over}"
        case PagedAgain(tier=tier, number=number):
            repeat = before.escalation.repeat
            times = "" if repeat is None else f" (repeat {number} of {repeat.times})"
            return f"{sentence_case(_tier(before, tier))} is paged again{times}."
        case Exhausted():
            fallback = channel(before.policy.fallback_channel)
            return f"Nobody has answered at any tier: exhausted. The alarm goes to {fallback} and all managers."
        case StillAsked(assignee=assignee, answer_by=answer_by):
            return f"{user(assignee)} is asked “still on it?”, with an answer due {time_of(answer_by)}."
        case AcknowledgementExpired(assignee=assignee, tier=tier):
            return (
                f"{user(assignee)} has not answered: nobody has it any more, and {_tier(before, tier)} is paged again."
            )
        case Resumed() if event.by == THE_BOT:
            return "The hold is over: whoever has it is told, and the time to resolve goes on."
        case UpdateDue(number=number):
            where = where_told(before.service, before.policy, is_private=before.is_private)
            return f"Stakeholders get update {number} {where}."
        case UpdateNudged(assignee=assignee, due_at=due_at):
            return f"{user(assignee)} is reminded of the stakeholder update due {time_of(due_at)}."
        case UpdateOverdue(assignee=assignee, since=since, told=told):
            heard = "managers hear of it" if told else "there is no manager to tell"
            return f"{user(assignee)} has owed stakeholders an update since {time_of(since)}: {heard}."
        case ManagersInformed():
            return f"Managers are told of a {before.severity}."
        case _:
            return reason(event, before)


def who_hears(hearings: Iterable[Hearing], *, separator: str = "; ") -> str:
    """`@grace in #tier-1; @platform in #tier-2`: only those who are rung."""
    return separator.join(
        f"{people} in {channel(hearing.channel)}" for hearing in hearings if (people := _people(hearing))
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
    return f"whoever the calendar at {name(urlsplit(feed.url).hostname or 'an unknown place')} says"


def _people(hearing: Hearing) -> str:
    known = [mention(who) for who in hearing.people]
    return ", ".join([*known, *(calendar_at(feed) for feed in hearing.feeds)])


def _tier(before: Standing, number: int) -> str:
    return tier_name(before.tier_of(number))
