"""What a test expects to be stored, in few words; three minutes after the opening."""

from typing import Any, Final

from bot.domain import timeline
from bot.domain.ids import ChannelId, UserId
from bot.domain.incident import Incident, IncidentState
from bot.domain.message import Message, StakeholderUpdate, UpdateReason
from bot.domain.promise import Lane, Promise
from bot.domain.timeline import TimelineEvent
from tests.builders import (
    ANA,
    NOW,
    STAKEHOLDER_CHANNEL,
    an_incident,
    minutes,
)

LATER: Final = NOW + minutes(3)


def event(seq: int, by: UserId, fact: timeline.Fact) -> TimelineEvent:
    return TimelineEvent(seq=seq, at=LATER, by=by, fact=fact)


def promise(key: str, channel: ChannelId, message: Message, lane: Lane = Lane.PAGE) -> Promise:
    return Promise(key=key, lane=lane, channel=channel, deliver_at=LATER, message=message)


def update(number: int, reason: UpdateReason, *, since_seq: int = 1, until_seq: int = 2) -> Promise:
    message = StakeholderUpdate(number=number, reason=reason, since_seq=since_seq, until_seq=until_seq)
    return promise(f"INC-7/update/{number}", STAKEHOLDER_CHANNEL, message, Lane.UPDATE)


def acknowledged(**changes: Any) -> Incident:
    return an_incident(
        state=IncidentState.ACKNOWLEDGED, assignee=ANA, acknowledged_at=NOW, first_acknowledged_at=NOW, **changes
    )
