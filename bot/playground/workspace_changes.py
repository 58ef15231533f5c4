"""What becomes of channels, members, groups and people; the app hears of each change."""

from dataclasses import replace

from . import posting
from .local_slack import LocalSlack
from .model import Channel, ChannelKind, Json, NotThere, User, UserGroup
from .slack_json import user_json, usergroup_json


def join_channel(slack: LocalSlack, channel: Channel, user: str) -> None:
    if user in channel.members:
        return
    channel.members.add(user)
    slack.changes.happened()
    _tell(slack, channel, {"type": "member_joined_channel", "user": user} | _place(channel))


def leave_channel(slack: LocalSlack, channel: Channel, user: str) -> None:
    if user not in channel.members:
        return
    channel.members.discard(user)
    slack.changes.happened()
    event: Json = {"type": "member_left_channel", "user": user} | _place(channel)
    if user == slack.app.user_id:
        slack.events.emit(_stamped(slack, event))
    else:
        _tell(slack, channel, event)


def set_topic(slack: LocalSlack, channel: Channel, topic: str) -> None:
    channel.topic = topic
    slack.changes.happened()


def archive(slack: LocalSlack, channel: Channel, *, archived: bool) -> None:
    channel.is_archived = archived
    slack.changes.happened()
    _tell(slack, channel, {"type": "channel_archive" if archived else "channel_unarchive", "channel": channel.id})


def rename(slack: LocalSlack, channel: Channel, name: str) -> None:
    channel.name = name
    slack.changes.happened()
    renamed = {"id": channel.id, "name": name, "created": 0}
    _tell(slack, channel, {"type": "channel_rename", "channel": renamed})


def _place(channel: Channel) -> Json:
    return {"channel": channel.id, "channel_type": "G" if channel.kind is ChannelKind.PRIVATE else "C"}


def _tell(slack: LocalSlack, channel: Channel, event: Json) -> None:
    if slack.bot_is_in(channel):
        slack.events.emit(_stamped(slack, event))


def _stamped(slack: LocalSlack, event: Json) -> Json:
    return event | {"team": slack.workspace.team.id, "event_ts": slack.next_ts()}


def delete(slack: LocalSlack, channel: Channel) -> None:
    _tell(slack, channel, {"type": "channel_deleted", "channel": channel.id})
    del slack.workspace.channels[channel.id]
    slack.changes.happened()


def delete_message(slack: LocalSlack, channel: Channel, ts: str) -> None:
    message = channel.find(ts)
    if message is None:
        raise NotThere(f"no message {ts} in {channel.name}")
    posting.remove(slack, message)
    posting.announce_removal(slack, channel, message)


def revoke_token(slack: LocalSlack) -> None:
    slack.token_revoked = True
    slack.changes.happened()
    slack.events.emit({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [slack.app.user_id]}})


def deactivate(slack: LocalSlack, user: User) -> None:
    gone = replace(user, deleted=True)
    slack.workspace.users[user.id] = gone
    slack.changes.happened()
    slack.events.emit(
        _stamped(slack, {"type": "user_change", "user": user_json(slack.workspace, gone)}),
    )


def set_usergroup(slack: LocalSlack, group: UserGroup, user_ids: list[str]) -> None:
    group.user_ids = user_ids
    slack.changes.happened()
    subteam = usergroup_json(slack.workspace, group, with_users=True)
    slack.events.emit(_stamped(slack, {"type": "subteam_updated", "subteam": subteam}))
