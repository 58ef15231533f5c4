"""What is promised to be said: where, in which order, under which key, and what is promised where it cannot be said."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from bot.domain.ids import ChannelId, UserId, is_person
from bot.domain.incident import Incident
from bot.domain.message import (
    THE_STAKEHOLDERS,
    BreachNotice,
    Message,
    OpenedHere,
    PageAgain,
    RoomFarewell,
    RoomWelcome,
    StakeholderUpdate,
    Undeliverable,
    UpdateNudge,
)
from bot.domain.notice import Notice, PagesElsewhere

ELSEWHERE = "elsewhere:"
"""What the channel of a promise begins with that goes another way than Slack; the rest says to which address."""


class Lane(IntEnum):
    """What goes first when a channel can take only one message a second."""

    PAGE = 0
    ANSWER = 1
    CARD = 2
    UPDATE = 3
    REPORT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A message that must be sent. `key` is made from its cause: the database refuses a second one."""

    key: str
    lane: Lane
    channel: ChannelId
    deliver_at: datetime
    message: Message | Notice | PagesElsewhere


def is_courtesy(message: Message | Notice | PagesElsewhere) -> bool:
    """Whether it may stay unsaid: no channel is joined for it, and nobody is told that it could not be posted."""
    return isinstance(message, OpenedHere | RoomWelcome | RoomFarewell)


def is_broadcast(message: Message) -> bool:
    """Whether a reply is also shown in the channel: only what has to ring."""
    return isinstance(message, PageAgain | BreachNotice)


def parent_key(incident_key: str, audience: ChannelId) -> str:
    return _for(audience, f"{incident_key}/stakeholders")


def update_key(incident_key: str, number: int, audience: ChannelId = THE_STAKEHOLDERS) -> str:
    return _for(audience, f"{incident_key}/update/{number}")


def _for(audience: ChannelId, key: str) -> str:
    return f"{key}/{audience}" if audience else key


def feedback_key(incident: Incident, user: UserId) -> str:
    """As `farewell_key`."""
    return f"{incident.key}/feedback/{len(incident.pauses)}/{user}"


def farewell_key(incident: Incident) -> str:
    """One each time that it is over: to be reopened ends a pause."""
    return f"{incident.key}/farewell/{len(incident.pauses)}"


def instead_of(key: str, message: Message, channel: ChannelId, error: str, incident: Incident) -> Undeliverable | None:
    """What the fallback channel hears when a message cannot be posted.

    None for an alarm that is one itself, for what went to a person directly, and for a stakeholder update: their
    parent had no place either, or was posted, and then the same alarm at every cadence would tell nobody anything new.
    So it is of the reminders of those updates.
    """
    if is_person(channel):
        return None
    match message:
        case StakeholderUpdate() | UpdateNudge() | Undeliverable() | OpenedHere() | RoomWelcome() | RoomFarewell():
            return None
        case BreachNotice(tier=tier, route=route):
            return Undeliverable(promise=key, channel=channel, error=error, tier=tier, route=route)
        case _:
            return Undeliverable(
                promise=key, channel=channel, error=error, tier=incident.tier, route=incident.routed_to
            )
