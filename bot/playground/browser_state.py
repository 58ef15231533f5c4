"""What the web page shows one person: the whole workspace through their eyes. Pure."""

from datetime import timedelta
from typing import Protocol, runtime_checkable

from .faults import Fault
from .local_slack import LocalSlack
from .model import Channel, ChannelKind, Json, Message, User
from .slack_json import view_json

SHOWN_MESSAGES = 300
"""Per channel, the newest; their threads are complete."""


@runtime_checkable
class AdjustableClock(Protocol):
    """A clock a person may speed up and move forward."""

    def set_speed(self, speed: float) -> None: ...

    def advance(self, by: timedelta) -> None: ...


def clock_json(slack: LocalSlack) -> Json:
    return {"now": slack.now().isoformat(), "speed": float(getattr(slack.clock, "speed", 1.0))}


def state(slack: LocalSlack, me: User) -> Json:
    workspace = slack.workspace
    modal, home = workspace.modal(me.id), workspace.home(me.id)
    channels = [channel for channel in workspace.channels.values() if _in_sidebar(channel, me)]
    return {
        "rev": slack.changes.rev,
        "team": {"id": workspace.team.id, "name": workspace.team.name, "domain": workspace.team.domain},
        "clock": clock_json(slack) | {"adjustable": isinstance(slack.clock, AdjustableClock)},
        "me": _user(me),
        "bot": {"connected": slack.delivery.connected, "user_id": slack.app.user_id, "name": slack.app.name},
        "users": [_user(user) for user in workspace.users.values()],
        "usergroups": [
            {"id": group.id, "handle": group.handle, "name": group.name, "user_ids": list(group.user_ids)}
            for group in workspace.usergroups.values()
        ],
        "commands": [
            {"command": one.command, "description": one.description, "usage_hint": one.usage_hint}
            for one in slack.manifest.commands
        ],
        "shortcuts": [
            {"callback_id": one.callback_id, "name": one.name, "type": one.type, "description": one.description}
            for one in slack.manifest.shortcuts
        ],
        "channels": [_channel(slack, channel, me) for channel in channels],
        "dms": [_dm(slack, channel, me) for channel in workspace.channels.values() if _is_dm_of(channel, me)],
        "view": None
        if modal is None
        else {"id": modal.id, "callback_id": modal.callback_id, "view": view_json(workspace, modal, modal.values)},
        "home": None if home is None else view_json(workspace, home, home.values),
        "faults": [fault_json(fault, left) for fault, left in slack.faults],
    }


def fault_json(fault: Fault, left: int | None) -> Json:
    return {
        "method": fault.method,
        "kind": fault.kind,
        "times": left,
        "channel": fault.channel,
        "delay_seconds": fault.delay_seconds,
        "retry_after": fault.retry_after,
    }


def _in_sidebar(channel: Channel, me: User) -> bool:
    """A public channel is there for everybody to join, a private one for its members."""
    if channel.kind is ChannelKind.DM:
        return False
    return channel.kind is ChannelKind.PUBLIC or me.id in channel.members


def _is_dm_of(channel: Channel, me: User) -> bool:
    return channel.kind is ChannelKind.DM and me.id in channel.members


def _user(user: User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "real_name": user.real_name,
        "title": user.title,
        "is_bot": user.is_bot,
        "color": user.color,
        "tz": user.tz,
    }


def _channel(slack: LocalSlack, channel: Channel, me: User) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_member": me.id in channel.members,
        "bot_is_member": slack.bot_is_in(channel),
        "topic": channel.topic,
        "bookmarks": [{"id": one.id, "title": one.title, "link": one.link} for one in channel.bookmarks],
        "member_count": len(channel.members),
        "unread": _unread(slack, channel, me),
        "messages": _messages(channel, me),
    }


def _dm(slack: LocalSlack, channel: Channel, me: User) -> Json:
    others = sorted(channel.members - {me.id})
    return _channel(slack, channel, me) | {"with": others[0] if others else me.id}


def _unread(slack: LocalSlack, channel: Channel, me: User) -> Json:
    if me.id not in channel.members:
        return {"count": 0, "mentions": 0}
    last_read = channel.last_read.get(me.id, "")
    new = 0
    for message in reversed(channel.shown):
        if message.ts <= last_read:
            break
        new += not message.deleted and message.user != me.id
    mentions = 0
    for message in reversed(slack.workspace.mentioned.get(me.id, ())):
        mentions += message.channel == channel.id and message.ts > last_read and not message.deleted
    return {"count": new, "mentions": mentions}


def _messages(channel: Channel, me: User) -> list[Json]:
    """The newest of the channel with their whole threads, and what only this person sees, by ts."""
    found: dict[str, Message] = {}
    for message in channel.shown[-SHOWN_MESSAGES:]:
        root = channel.find(message.thread_ts) if message.is_reply and message.thread_ts else message
        for one in (root, message, *(root.replies if root is not None else ())):
            if one is not None and (not one.deleted or one.reply_count):
                found[one.ts] = one
    for message in channel.ephemerals[-SHOWN_MESSAGES:]:
        if message.ephemeral_to == me.id and not message.deleted:
            found[message.ts] = message
    return [_message(found[ts]) for ts in sorted(found)]


def _message(message: Message) -> Json:
    return {
        "ts": message.ts,
        "user": message.user,
        "bot": message.bot,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "thread_ts": message.thread_ts,
        "reply_count": message.reply_count,
        "broadcast": message.broadcast,
        "edited": message.edited,
        "deleted": message.deleted,
        "ephemeral": message.ephemeral_to is not None,
        "metadata": message.metadata,
        "pinned_by": message.pinned_by,
        "reactions": [{"name": name, "users": list(users)} for name, users in message.reactions.items()],
    }
