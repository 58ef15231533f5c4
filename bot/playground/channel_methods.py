"""conversations.create, invite, setTopic, archive and unarchive: what an app makes of channels."""

import re

from . import limits
from .arguments import Arguments
from .local_slack import LocalSlack
from .method import Method, Methods
from .model import Channel, ChannelKind, Json
from .reach import own_channel, seen_channel
from .refusal import Refused
from .slack_json import channel_json
from .workspace_changes import archive, join_channel, set_topic

LONGEST_NAME = 80
LONGEST_TOPIC = 250
INVITED_AT_ONCE = 100


def create(slack: LocalSlack, args: Arguments) -> Json:
    """The app is its first member. Also an archived channel, and a private one it cannot see, keeps its name."""
    private = args.flag("is_private")
    slack.require_scope("groups:write" if private else "channels:manage")
    name = _new_name(slack, args)
    kind = ChannelKind.PRIVATE if private else ChannelKind.PUBLIC
    channel = Channel(
        id=slack.ids.numbered("C"),
        name=name,
        kind=kind,
        members={slack.app.user_id},
        creator=slack.app.user_id,
        created=int(slack.now().timestamp()),
    )
    slack.workspace.channels[channel.id] = channel
    slack.changes.happened()
    return {"channel": channel_json(slack.workspace, channel)}


def _new_name(slack: LocalSlack, args: Arguments) -> str:
    name = args.text("name") or ""
    if not name:
        raise Refused("invalid_name_required")
    if len(name) > LONGEST_NAME:
        raise Refused("invalid_name_maxlength")
    if not name.strip("-_"):
        raise Refused("invalid_name_punctuation")
    if not re.fullmatch(r"[a-z0-9_-]+", name):
        raise Refused("invalid_name_specials")
    if any(channel.name == name for channel in slack.workspace.channels.values()):
        raise Refused("name_taken")
    return name


def invite(slack: LocalSlack, args: Arguments) -> Json:
    """All or nobody; with `force`, those who can be, unless that is nobody."""
    channel = _administered(slack, args, "invites")
    users = [one.strip() for one in (args.text("users") or "").split(",") if one.strip()]
    if not users:
        raise Refused("invalid_arguments", messages=["[ERROR] missing required field: users"])
    if len(users) > INVITED_AT_ONCE:
        raise Refused("too_many_users")
    problems = {user: problem for user in users if (problem := _problem(slack, channel, user)) is not None}
    errors = [{"ok": False, "error": problem, "user": user} for user, problem in problems.items()]
    welcome = [user for user in users if user not in problems]
    if problems and not (welcome and args.flag("force")):
        raise Refused(next(iter(problems.values())), errors=errors)
    for user in welcome:
        join_channel(slack, channel, user)
    answer: Json = {"channel": channel_json(slack.workspace, channel)}
    return answer | ({"errors": errors} if errors else {})


def _problem(slack: LocalSlack, channel: Channel, user: str) -> str | None:
    known = slack.workspace.users.get(user)
    if known is None:
        return "user_not_found"
    if user == slack.app.user_id:
        return "cant_invite_self"
    if known.deleted or known.is_bot:
        return "cant_invite"
    return "already_in_channel" if user in channel.members else None


def topic(slack: LocalSlack, args: Arguments) -> Json:
    channel = _administered(slack, args, "topic")
    text = args.text("topic")
    if text is None:
        raise Refused("invalid_arguments", messages=["[ERROR] missing required field: topic"])
    if len(text) > LONGEST_TOPIC:
        raise Refused("too_long")
    set_topic(slack, channel, text)
    return {"channel": channel_json(slack.workspace, channel)}


def archive_channel(slack: LocalSlack, args: Arguments) -> Json:
    channel = _own(slack, args)
    if channel.is_archived:
        raise Refused("already_archived")
    slack.require_scope(*_scopes(channel, None))
    if channel.name == "general":
        raise Refused("cant_archive_general")
    archive(slack, channel, archived=True)
    return {}


def unarchive(slack: LocalSlack, args: Arguments) -> Json:
    """Archiving takes everybody out, and only a member can undo it: a bot never can."""
    channel = seen_channel(slack, args)
    slack.require_scope(*_scopes(channel, None))
    raise Refused("not_in_channel" if channel.is_archived else "not_archived")


def _administered(slack: LocalSlack, args: Arguments, part: str) -> Channel:
    """One of its own, with the scope for all of it or for this part."""
    channel = _own(slack, args)
    slack.require_scope(*_scopes(channel, part))
    if channel.is_archived:
        raise Refused("is_archived")
    return channel


def _own(slack: LocalSlack, args: Arguments) -> Channel:
    channel = own_channel(slack, args)
    if channel.kind is ChannelKind.DM:
        raise Refused("method_not_supported_for_channel_type")
    return channel


def _scopes(channel: Channel, part: str | None) -> tuple[str, ...]:
    whole, kind = ("groups:write", "groups") if channel.is_private else ("channels:manage", "channels")
    return (whole,) if part is None else (whole, f"{kind}:write.{part}")


METHODS: Methods = {
    "conversations.create": Method(run=create, per_minute=limits.TIER_2),
    "conversations.invite": Method(run=invite, per_minute=limits.TIER_3),
    "conversations.setTopic": Method(run=topic, per_minute=limits.TIER_2),
    "conversations.archive": Method(run=archive_channel, per_minute=limits.TIER_2),
    "conversations.unarchive": Method(run=unarchive, per_minute=limits.TIER_2),
}
