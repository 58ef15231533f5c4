"""What people do to messages, as Slack's events tell it, as typed values; what is not as Slack sends it is refused."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.ids import ChannelId, UserId
from handlers import causes
from handlers.payload import MalformedPayload, Payload, part_of, text_of

_TS = re.compile(r"([0-9]{1,10})\.([0-9]{6})")
_BY_A_PERSON = (None, "thread_broadcast", "file_share")
"""Of the kinds of message those that somebody writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """`emoji` is its name, without the colour of a skin; `channel` and `ts` say on which message it is."""

    user: UserId
    emoji: str
    channel: ChannelId
    ts: str
    at: datetime
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    user: UserId
    channel: ChannelId
    ts: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """`text` is Slack's own, with its escapes, without the mention of us."""

    user: UserId
    channel: ChannelId
    text: str
    ts: str
    thread_ts: str | None
    at: datetime
    cause: str | None = None


def reaction_of(body: Payload) -> Reaction | None:
    """None when it is on something else than a message. Raises `MalformedPayload`."""
    event = part_of(body, "event")
    item = part_of(event, "item")
    if item.get("type") != "message":
        return None
    return Reaction(
        user=UserId(text_of(event, "user")),
        emoji=text_of(event, "reaction").partition("::")[0],
        channel=ChannelId(text_of(item, "channel")),
        ts=text_of(item, "ts"),
        at=instant_of(text_of(event, "event_ts")),
        cause=causes.of_event(body),
    )


def pin_of(body: Payload) -> Pin | None:
    """None when something else than a message was pinned. Raises `MalformedPayload`."""
    event = part_of(body, "event")
    item = part_of(event, "item")
    if item.get("type") != "message":
        return None
    return Pin(
        user=UserId(text_of(event, "user")),
        channel=ChannelId(text_of(event, "channel_id")),
        ts=text_of(part_of(item, "message"), "ts"),
        at=instant_of(text_of(event, "event_ts")),
    )


def mention_of(body: Payload, us: UserId) -> Mention | None:
    """None for what no person wrote just now: another app's words, and a message that was only changed.

    Raises `MalformedPayload`.
    """
    event = part_of(body, "event")
    if event.get("bot_id") or event.get("edited") or event.get("subtype") not in _BY_A_PERSON:
        return None
    ts = text_of(event, "ts")
    thread_ts = event.get("thread_ts")
    return Mention(
        user=UserId(text_of(event, "user")),
        channel=ChannelId(text_of(event, "channel")),
        text=_without_us(str(event.get("text") or ""), {us, *_bots(body)}),
        ts=ts,
        thread_ts=thread_ts if isinstance(thread_ts, str) and thread_ts else None,
        at=instant_of(ts),
        cause=causes.of_event(body),
    )


def instant_of(ts: str) -> datetime:
    """When a message was posted. Raises `MalformedPayload`."""
    match = _TS.fullmatch(ts)
    if match is None:
        raise MalformedPayload("ts")
    return datetime.fromtimestamp(int(match[1]), UTC) + timedelta(microseconds=int(match[2]))


def _without_us(text: str, us: Collection[str]) -> str:
    """What is asked of us stands behind our name, or else before it: `hello @Tierline ack`, `ack please @Tierline`."""
    ours = "|".join(re.escape(each) for each in sorted(us) if each)
    before, *parts = re.split(rf"<@(?:{ours})(?:\|[^<>]*)?>[,:]?", text) if ours else [text]
    behind = " ".join(part.strip() for part in parts).strip()
    return behind if behind.strip("!.,:;") else before.strip()


def _bots(body: Payload) -> Collection[str]:
    """Ourselves, as Slack calls us with each event."""
    given = body.get("authorizations")
    authorizations = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
    return {str(one["user_id"]) for one in authorizations if one.get("is_bot") and one.get("user_id")}
