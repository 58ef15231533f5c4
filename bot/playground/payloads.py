"""What Slack tells an app of a person's acts, in Slack's shapes."""

from dataclasses import dataclass

from .inputs import state_values
from .model import Channel, ChannelKind, Json, Message, User, View, Workspace
from .slack_json import message_json, view_json

_TOKEN = "playground"  # noqa: S105  the legacy verification token, which nobody checks


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What the app may answer with: a trigger, and a response url where there is a conversation."""

    trigger_id: str
    response_url: str = ""


def slash_command(
    workspace: Workspace, user: User, channel: Channel, *, command: str, text: str, invitation: Invitation
) -> Json:
    """Form fields: every value is a string."""
    return {
        "token": _TOKEN,
        "team_id": workspace.team.id,
        "team_domain": workspace.team.domain,
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.kind is ChannelKind.DM else channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": workspace.app.id,
        "is_enterprise_install": "false",
        "response_url": invitation.response_url,
        "trigger_id": invitation.trigger_id,
    }


def message_action(workspace: Workspace, user: User, message: Message, *, action: Json, invitation: Invitation) -> Json:
    """`block_actions` of a message."""
    channel = workspace.channels[message.channel]
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts is not None:
        container["thread_ts"] = message.thread_ts
    payload = _interaction(workspace, user, "block_actions") | {
        "container": container,
        "trigger_id": invitation.trigger_id,
        "channel": _channel(channel),
        "state": {"values": state_values(message.blocks, message.inputs.get(user.id, {}))},
        "response_url": invitation.response_url,
        "actions": [action],
    }
    if message.ephemeral_to is None:
        payload["message"] = message_json(workspace, message, with_metadata=True)
    return payload


def view_action(workspace: Workspace, user: User, view: View, *, action: Json, invitation: Invitation) -> Json:
    """`block_actions` of a modal or of App Home."""
    values = state_values(view.blocks, view.values)
    return _interaction(workspace, user, "block_actions") | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": invitation.trigger_id,
        "view": view_json(workspace, view, values),
        "actions": [action],
    }


def view_submission(workspace: Workspace, user: User, view: View, *, values: Json, invitation: Invitation) -> Json:
    return _interaction(workspace, user, "view_submission") | {
        "trigger_id": invitation.trigger_id,
        "view": view_json(workspace, view, values),
        "response_urls": [],
    }


def view_closed(workspace: Workspace, view: View, *, is_cleared: bool) -> Json:
    values = state_values(view.blocks, view.values)
    return _interaction(workspace, workspace.users[view.user], "view_closed") | {
        "view": view_json(workspace, view, values),
        "is_cleared": is_cleared,
    }


def block_suggestion(
    workspace: Workspace, user: User, *, block_id: str, action_id: str, query: str, place: Json
) -> Json:
    """`place`: the container with its view or its message and channel."""
    return (
        _interaction(workspace, user, "block_suggestion")
        | {"block_id": block_id, "action_id": action_id, "value": query}
        | place
    )


def suggestion_place(workspace: Workspace, where: Message | View) -> Json:
    if isinstance(where, View):
        return {"container": {"type": "view", "view_id": where.id}, "view": view_json(workspace, where)}
    return {
        "container": {"type": "message", "message_ts": where.ts, "channel_id": where.channel},
        "channel": _channel(workspace.channels[where.channel]),
        "message": message_json(workspace, where),
    }


def global_shortcut(
    workspace: Workspace, user: User, *, callback_id: str, action_ts: str, invitation: Invitation
) -> Json:
    return _interaction(workspace, user, "shortcut") | {
        "callback_id": callback_id,
        "action_ts": action_ts,
        "trigger_id": invitation.trigger_id,
    }


def message_shortcut(
    workspace: Workspace, user: User, message: Message, *, callback_id: str, action_ts: str, invitation: Invitation
) -> Json:
    return _interaction(workspace, user, "message_action") | {
        "callback_id": callback_id,
        "action_ts": action_ts,
        "trigger_id": invitation.trigger_id,
        "response_url": invitation.response_url,
        "message_ts": message.ts,
        "channel": _channel(workspace.channels[message.channel]),
        "message": message_json(workspace, message),
    }


def _interaction(workspace: Workspace, user: User, type_: str) -> Json:
    return {
        "type": type_,
        "team": {"id": workspace.team.id, "domain": workspace.team.domain},
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": workspace.team.id},
        "api_app_id": workspace.app.id,
        "token": _TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _channel(channel: Channel) -> Json:
    return {"id": channel.id, "name": "directmessage" if channel.kind is ChannelKind.DM else channel.name}
