"""conversations.* and reactions.add: channels, their members, what was said in them."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from . import limits
from .arguments import Arguments
from .chat_methods import find_message
from .local_slack import LocalSlack
from .method import Method, Methods
from .model import Channel, ChannelKind, Json, Message
from .pages import cursor, page, read_cursor
from .reach import own_channel, scope_of, seen_channel
from .refusal import Refused
from .slack_json import channel_json, message_json
from .timestamps import normalise
from .workspace_changes import join_channel

_TYPES = {"public_channel": ChannelKind.PUBLIC, "private_channel": ChannelKind.PRIVATE, "im": ChannelKind.DM}
_MOST_MESSAGES = 999


def list_channels(slack: LocalSlack, args: Arguments) -> Json:
    kinds = _kinds(slack, args)
    found = [
        channel
        for channel in slack.workspace.channels.values()
        if channel.kind in kinds
        and slack.bot_sees(channel)
        and not (channel.is_archived and args.flag("exclude_archived"))
    ]
    channels, metadata = page(found, args, default=100)
    return {
        "channels": [channel_json(slack.workspace, channel) for channel in channels],
        "response_metadata": metadata,
    }


def bots_channels(slack: LocalSlack, args: Arguments) -> Json:
    kinds = _kinds(slack, args)
    user = args.text("user") or slack.app.user_id
    found = [
        channel
        for channel in slack.workspace.channels.values()
        if channel.kind in kinds
        and user in channel.members
        and slack.bot_sees(channel)
        and not (channel.is_archived and args.flag("exclude_archived"))
    ]
    channels, metadata = page(found, args, default=100)
    return {
        "channels": [channel_json(slack.workspace, channel) for channel in channels],
        "response_metadata": metadata,
    }


def _kinds(slack: LocalSlack, args: Arguments) -> set[ChannelKind]:
    names = (args.text("types") or "public_channel").split(",")
    kinds = {_TYPES[name.strip()] for name in names if name.strip() in _TYPES}
    if any(name.strip() not in (*_TYPES, "mpim") for name in names):
        raise Refused("invalid_types")
    for kind in kinds:
        slack.require_scope(scope_of(Channel(id="", name="", kind=kind), "read"))
    return kinds


def info(slack: LocalSlack, args: Arguments) -> Json:
    channel = seen_channel(slack, args)
    slack.require_scope(scope_of(channel, "read"))
    found = channel_json(slack.workspace, channel)
    if not args.flag("include_num_members"):
        found.pop("num_members", None)
    return {"channel": found}


def join(slack: LocalSlack, args: Arguments) -> Json:
    channel = seen_channel(slack, args)
    if channel.kind is not ChannelKind.PUBLIC:
        raise Refused("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refused("is_archived")
    already = slack.bot_is_in(channel)
    join_channel(slack, channel, slack.app.user_id)
    answer: Json = {"channel": channel_json(slack.workspace, channel)}
    if already:
        answer |= {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    return answer


def members(slack: LocalSlack, args: Arguments) -> Json:
    channel = seen_channel(slack, args)
    slack.require_scope(scope_of(channel, "read"))
    found, metadata = page(sorted(channel.members), args, default=100)
    return {"members": found, "response_metadata": metadata}


def open_dm(slack: LocalSlack, args: Arguments) -> Json:
    given = args.text("users")
    if not given:
        if not args.text("channel"):
            raise Refused("users_list_not_supplied")
        channel = slack.workspace.channels.get(args.text("channel") or "")
        if channel is None or channel.kind is not ChannelKind.DM:
            raise Refused("channel_not_found")
        return {"channel": {"id": channel.id}}
    users = [one.strip() for one in given.split(",") if one.strip()]
    if not users:
        raise Refused("users_list_not_supplied")
    if any(user not in slack.workspace.users for user in users):
        raise Refused("user_not_found")
    if len(users) > 1:
        # Group direct messages do not exist here.
        raise Refused("too_many_users")
    user = slack.workspace.users[users[0]]
    if user.is_bot:
        raise Refused("cannot_dm_bot")
    if user.deleted:
        raise Refused("user_disabled")
    existed = len(slack.workspace.channels)
    channel = slack.workspace.dm(user.id)
    found = channel_json(slack.workspace, channel) if args.flag("return_im") else {"id": channel.id}
    if len(slack.workspace.channels) > existed:
        return {"channel": found}
    return {"channel": found, "already_open": True, "no_op": True}


def history(slack: LocalSlack, args: Arguments) -> Json:
    """Newest first: roots and broadcasts, no replies."""
    channel = own_channel(slack, args)
    slack.require_scope(scope_of(channel, "history"))
    window = [one for one in _between(channel.shown, args) if not one.deleted or one.reply_count]
    window.reverse()
    return _messages(slack, window, args, default=100)


def replies(slack: LocalSlack, args: Arguments) -> Json:
    """Oldest first: the parent, then its replies."""
    channel = own_channel(slack, args)
    slack.require_scope(scope_of(channel, "history"))
    root = find_message(channel, args.required("ts"))
    if root is None or (root.deleted and not root.reply_count):
        raise Refused("thread_not_found")
    found = [one for one in _between(root.replies, args) if not one.deleted]
    return _messages(slack, [root, *found], args, default=_MOST_MESSAGES)


def _between(messages: Sequence[Message], args: Arguments) -> list[Message]:
    """Those after `oldest` and before `latest`; the ends belong to it only when `inclusive`."""
    inclusive = args.flag("inclusive")
    start, end = 0, len(messages)
    if args.text("oldest"):
        side = bisect_left if inclusive else bisect_right
        start = side(messages, _instant(args, "oldest"), key=lambda one: one.ts)
    if args.text("latest"):
        side = bisect_right if inclusive else bisect_left
        end = side(messages, _instant(args, "latest"), key=lambda one: one.ts)
    return list(messages[start:end])


def _instant(args: Arguments, name: str) -> str:
    try:
        return normalise(args.required(name))
    except ValueError:
        raise Refused(f"invalid_ts_{name}") from None


def _messages(slack: LocalSlack, found: Sequence[Message], args: Arguments, *, default: int) -> Json:
    start = read_cursor(args)
    limit = min(max(1, args.integer("limit", default) or default), _MOST_MESSAGES)
    with_metadata = args.flag("include_all_metadata")
    answer: Json = {
        "messages": [
            message_json(slack.workspace, one, with_metadata=with_metadata) for one in found[start : start + limit]
        ],
        "has_more": start + limit < len(found),
    }
    if answer["has_more"]:
        answer["response_metadata"] = {"next_cursor": cursor(start + limit)}
    return answer


def add_reaction(slack: LocalSlack, args: Arguments) -> Json:
    name = args.required("name").strip(":")
    channel = own_channel(slack, args)
    message = find_message(channel, args.required("timestamp"))
    if message is None or message.deleted:
        raise Refused("message_not_found")
    users = message.reactions.setdefault(name, [])
    if slack.app.user_id in users:
        raise Refused("already_reacted")
    users.append(slack.app.user_id)
    slack.changes.happened()
    return {}


METHODS: Methods = {
    "conversations.list": Method(run=list_channels, per_minute=limits.TIER_2),
    "conversations.info": Method(run=info, per_minute=limits.TIER_3),
    "conversations.join": Method(run=join, per_minute=limits.TIER_3, scope="channels:join"),
    "conversations.members": Method(run=members, per_minute=limits.TIER_4),
    "conversations.open": Method(run=open_dm, per_minute=limits.TIER_3, scope="im:write"),
    "conversations.history": Method(run=history, per_minute=limits.TIER_3),
    "conversations.replies": Method(run=replies, per_minute=limits.TIER_3),
    "users.conversations": Method(run=bots_channels, per_minute=limits.TIER_3),
    "reactions.add": Method(run=add_reaction, per_minute=limits.TIER_3, scope="reactions:write"),
}
