"""The timeline in sentences."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import assert_never

from bot.domain.ids import THE_BOT
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.timeline import (
    Acknowledged,
    Breached,
    DeliveryFailed,
    Escalated,
    Exhausted,
    NotSent,
    Opened,
    PagedAgain,
    Resolved,
    TimelineEvent,
    UpdateDue,
)
from bot.slack.blocks.mrkdwn import channel, cut, duration, escape, length, one_line, time_of, user
from bot.slack.blocks.words import WORTH_TELLING, count, message_name, tier_name, tier_of

REASON_LIMIT = 300


def between(story: Sequence[TimelineEvent], since_seq: int, until_seq: int) -> list[TimelineEvent]:
    """What stakeholders care about of that stretch: facts of the incident, not of its messages."""
    return [
        event
        for event in story
        if since_seq < event.seq <= until_seq and not isinstance(event.fact, UpdateDue | NotSent | DeliveryFailed)
    ]


def lines(events: Iterable[TimelineEvent], incident: Incident, policy: Policy, *, limit: int) -> str:
    """One line per entry, the newest kept when not all fit."""
    told = [line(event, incident, policy) for event in events]
    kept: list[str] = []
    for text in reversed(told):
        earlier = f"… and {len(told) - len(kept)} earlier"
        if length("\n".join([earlier, text, *kept])) > limit:
            return "\n".join([earlier, *kept])
        kept.insert(0, text)
    return "\n".join(kept)


def line(event: TimelineEvent, incident: Incident, policy: Policy) -> str:
    return f"• {time_of(event.at)}: {_what(event, incident, policy)}"


def _what(event: TimelineEvent, incident: Incident, policy: Policy) -> str:
    match event.fact:
        case Opened(severity=severity):
            return f"{user(event.by)} opened it as {severity}"
        case Breached(tier=tier, due_at=due_at):
            late = _late(event, due_at)
            return f"nobody acknowledged in time at {tier_name(tier_of(incident, policy, tier))}{late}"
        case Escalated(to_tier=to_tier, reason=reason):
            return _moved(event, tier_name(tier_of(incident, policy, to_tier)), reason)
        case PagedAgain(tier=tier, number=number):
            return f"{tier_name(tier_of(incident, policy, tier))} was paged again (repeat {number})"
        case Exhausted(tier=tier, told=told):
            where = tier_name(tier_of(incident, policy, tier))
            return f"nobody answered at {where}, the last one; {count(len(told), 'manager')} told"
        case Acknowledged(tier=tier):
            return f"{user(event.by)} acknowledged at {tier_name(tier_of(incident, policy, tier))}"
        case UpdateDue(number=number):
            return f"stakeholder update {number} was due"
        case Resolved(summary=summary):
            return f"{user(event.by)} resolved it{_because(summary)}"
        case NotSent(promise=promise, reason=reason):
            return f"{message_name(promise)} was no longer needed and not sent{_because(reason)}"
        case DeliveryFailed(promise=promise, channel=where, error=error, told=told_in):
            instead = "" if told_in is None else f"; {channel(told_in)} was told instead"
            return f"{message_name(promise)} could not be posted in {channel(where)}{_because(error)}{instead}"
        case _:
            assert_never(event.fact)


def _moved(event: TimelineEvent, where: str, reason: str) -> str:
    if event.by == THE_BOT:
        return f"it moved to {where}{_because(reason)}"
    return f"{user(event.by)} escalated it to {where}{_because(reason)}"


def _because(reason: str) -> str:
    reason = cut(escape(one_line(reason)), REASON_LIMIT)
    return f": {reason}" if reason else ""


def _late(event: TimelineEvent, due_at: datetime) -> str:
    late = event.at - due_at
    return f", noticed {duration(late)} late" if late >= WORTH_TELLING else ""
