"""Messages come, change and go: shared by the Web API, response urls, answers to commands, and people."""

import asyncio
from dataclasses import dataclass, field

from .delivery import Ack
from .local_slack import LocalSlack
from .mentions import notified
from .model import Channel, ChannelKind, Json, Message, Rendering
from .slack_json import message_json

_SUBSCRIPTIONS = {
    ChannelKind.PUBLIC: ("message.channels", "channel"),
    ChannelKind.PRIVATE: ("message.groups", "group"),
    ChannelKind.DM: ("message.im", "im"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message not yet posted."""

    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    bot_id: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a message shall look from now on; None leaves that part as it is."""

    text: str | None = None
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    metadata: Json | None = None


def post(slack: LocalSlack, channel: Channel, draft: Draft) -> Message:
    message = _message(slack, channel, draft)
    channel.add(message)
    for user in notified(slack.workspace, channel, message):
        slack.workspace.mentioned.setdefault(user, []).append(message)
    slack.changes.happened()
    return message


def whisper(slack: LocalSlack, channel: Channel, user: str, draft: Draft) -> Message:
    """An ephemeral message: only this user sees it, and it notifies nobody."""
    message = _message(slack, channel, draft)
    message.ephemeral_to = user
    channel.add(message)
    slack.changes.happened()
    return message


def _message(slack: LocalSlack, channel: Channel, draft: Draft) -> Message:
    return Message(
        ts=slack.next_ts(),
        channel=channel.id,
        user=draft.user,
        text=draft.text,
        blocks=slack.fill_ids(draft.blocks),
        attachments=draft.attachments,
        bot_id=draft.bot_id,
        thread_ts=draft.thread_ts,
        metadata=draft.metadata,
        broadcast=draft.broadcast,
    )


def change(slack: LocalSlack, message: Message, new: Change) -> None:
    """Edits a message in place and keeps what it was. The "(edited)" flag is for plain text only."""
    message.edited_versions.append(Rendering(text=message.text, blocks=message.blocks, metadata=message.metadata))
    if new.text is not None:
        message.text = new.text
    if new.blocks is not None:
        message.blocks = slack.fill_ids(new.blocks)
    if new.attachments is not None:
        message.attachments = new.attachments
    if new.metadata is not None:
        message.metadata = new.metadata or None
    if not message.blocks:
        message.edited_by, message.edited_ts = message.user, slack.next_ts()
    slack.changes.happened()


def remove(slack: LocalSlack, message: Message) -> None:
    message.deleted = True
    slack.changes.happened()


def announce(slack: LocalSlack, channel: Channel, message: Message) -> "list[asyncio.Task[Ack]]":
    """Tells the app of a new message where it is a member, and of being mentioned."""
    if not _hears(slack, channel, message):
        return []
    event = _event(slack, channel, message)
    sendings = [slack.events.emit(event, _SUBSCRIPTIONS[channel.kind][0])]
    if f"<@{slack.app.user_id}>" in message.text and not message.bot and channel.kind is not ChannelKind.DM:
        mention = {key: value for key, value in event.items() if key != "channel_type"}
        sendings.append(slack.events.emit(mention | {"type": "app_mention"}))
    return [sending for sending in sendings if sending is not None]


def announce_change(slack: LocalSlack, channel: Channel, message: Message) -> None:
    if not _hears(slack, channel, message):
        return
    before = message.edited_versions[-1]
    inner = message_json(slack.workspace, message)
    _announce_hidden(
        slack,
        channel,
        {
            "subtype": "message_changed",
            "message": inner,
            "previous_message": inner | {"text": before.text, "blocks": before.blocks},
        },
    )


def announce_removal(slack: LocalSlack, channel: Channel, message: Message) -> None:
    if not _hears(slack, channel, message):
        return
    gone = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    _announce_hidden(slack, channel, {"subtype": "message_deleted", "deleted_ts": message.ts, "previous_message": gone})


def _announce_hidden(slack: LocalSlack, channel: Channel, what: Json) -> None:
    subscription, channel_type = _SUBSCRIPTIONS[channel.kind]
    ts = slack.next_ts()
    event: Json = {"type": "message", "channel": channel.id, "hidden": True, "ts": ts, "event_ts": ts}
    slack.events.emit(event | {"channel_type": channel_type} | what, subscription)


def _hears(slack: LocalSlack, channel: Channel, message: Message) -> bool:
    """The app hears of its own messages too, but only when its manifest asks for message events."""
    if message.ephemeral_to is not None or not slack.bot_is_in(channel):
        return False
    return slack.manifest.declared or not message.bot


def _event(slack: LocalSlack, channel: Channel, message: Message) -> Json:
    event = message_json(slack.workspace, message)
    if not message.bot:
        event["client_msg_id"] = slack.ids.envelope()
    if message.is_reply and message.thread_ts is not None:
        parent = channel.find(message.thread_ts)
        event["parent_user_id"] = parent.user if parent is not None else ""
    return event | {
        "channel": channel.id,
        "channel_type": _SUBSCRIPTIONS[channel.kind][1],
        "event_ts": message.ts,
    }
