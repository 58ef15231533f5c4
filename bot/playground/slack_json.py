"""The playground's objects as Slack writes them in JSON."""

from .model import SLACKBOT, Bookmark, Channel, ChannelKind, Json, Message, User, UserGroup, View, Workspace


def user_json(workspace: Workspace, user: User) -> Json:
    return {
        "id": user.id,
        "team_id": workspace.team.id,
        "name": user.name,
        "deleted": user.deleted,
        "color": user.color,
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": 0,
        "profile": _profile(workspace, user),
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 0,
    }


def _profile(workspace: Workspace, user: User) -> Json:
    profile: Json = {
        "title": user.title,
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.name,
        "display_name_normalized": user.name,
        "team": workspace.team.id,
    }
    if user.email is not None:
        profile["email"] = user.email
    if user.is_bot:
        profile |= {"api_app_id": workspace.app.id, "bot_id": workspace.app.bot_id}
    return profile


def usergroup_json(workspace: Workspace, group: UserGroup, *, with_users: bool) -> Json:
    found: Json = {
        "id": group.id,
        "team_id": workspace.team.id,
        "is_usergroup": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": 0,
        "date_update": 0,
        "date_delete": int(group.disabled),
        "user_count": len(group.user_ids),
    }
    if with_users:
        found["users"] = list(group.user_ids)
    return found


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    if channel.kind is ChannelKind.DM:
        others = sorted(channel.members - {workspace.app.user_id})
        return {"id": channel.id, "is_im": True, "user": others[0] if others else "", "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": channel.name == "general",
        "is_shared": False,
        "is_ext_shared": False,
        "is_member": workspace.app.user_id in channel.members,
        "context_team_id": workspace.team.id,
        "created": channel.created,
        "creator": channel.creator,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "num_members": len(channel.members),
    }


def bookmark_json(workspace: Workspace, channel: Channel, bookmark: Bookmark) -> Json:
    return {
        "id": bookmark.id,
        "channel_id": channel.id,
        "title": bookmark.title,
        "link": bookmark.link,
        "emoji": "",
        "icon_url": "",
        "type": "link",
        "entity_id": None,
        "date_created": 0,
        "date_updated": 0,
        "rank": "",
        "last_updated_by_user_id": workspace.app.user_id,
        "last_updated_by_team_id": workspace.team.id,
        "shortcut_id": None,
        "app_id": workspace.app.id,
    }


def message_json(workspace: Workspace, message: Message, *, with_metadata: bool = False) -> Json:
    if message.deleted:
        return _tombstone(message)
    found: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    found["team"] = workspace.team.id
    if message.bot_id is not None:
        found |= {"bot_id": message.bot_id, "app_id": workspace.app.id}
    if message.blocks:
        found["blocks"] = message.blocks
    if message.attachments:
        found["attachments"] = message.attachments
    if message.edited_ts is not None:
        found["edited"] = {"user": message.edited_by, "ts": message.edited_ts}
    if message.reactions:
        found["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in message.reactions.items()
        ]
    if message.pinned_by is not None:
        found["pinned_to"] = [message.channel]
    if with_metadata and message.metadata is not None:
        found["metadata"] = message.metadata
    return found | _thread(message)


def _thread(message: Message) -> Json:
    if message.is_reply:
        found: Json = {"thread_ts": message.thread_ts}
        if message.broadcast:
            found["subtype"] = "thread_broadcast"
        return found
    replies = [reply for reply in message.replies if not reply.deleted]
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
        "reply_users": users,
        "is_locked": False,
        "subscribed": False,
    }


def _tombstone(message: Message) -> Json:
    """What remains of a deleted message whose thread goes on."""
    return {
        "type": "message",
        "subtype": "tombstone",
        "text": "This message was deleted.",
        "user": SLACKBOT,
        "hidden": True,
        "ts": message.ts,
        "thread_ts": message.ts,
        "reply_count": message.reply_count,
    }


def view_json(workspace: Workspace, view: View, values: Json | None = None) -> Json:
    """The view; `values` is what its fields hold when somebody acts in it."""
    source = view.source
    return {
        "id": view.id,
        "team_id": workspace.team.id,
        "type": view.type,
        "blocks": view.blocks,
        "private_metadata": source.get("private_metadata") or "",
        "callback_id": view.callback_id,
        "state": {"values": values or {}},
        "hash": view.hash,
        "title": source.get("title"),
        "clear_on_close": bool(source.get("clear_on_close")),
        "notify_on_close": bool(source.get("notify_on_close")),
        "close": source.get("close"),
        "submit": source.get("submit"),
        "previous_view_id": view.previous_id,
        "root_view_id": view.root_id,
        "app_id": workspace.app.id,
        "external_id": view.external_id,
        "app_installed_team_id": workspace.team.id,
        "bot_id": workspace.app.bot_id,
    }
