"""Which channel a call means, and whether the bot may reach it."""

from .arguments import Arguments
from .local_slack import LocalSlack
from .model import Channel, ChannelKind
from .refusal import Refused

_PREFIXES = {ChannelKind.PUBLIC: "channels", ChannelKind.PRIVATE: "groups", ChannelKind.DM: "im"}


def seen_channel(slack: LocalSlack, args: Arguments) -> Channel:
    """A channel the bot can see, by its id: a private one it is not in does not exist for it."""
    channel = slack.workspace.channels.get(args.required("channel"))
    if channel is None or not slack.bot_sees(channel):
        raise Refused("channel_not_found")
    return channel


def postable_channel(slack: LocalSlack, args: Arguments) -> Channel:
    """A channel the bot can post into: by id, by name, or a person's direct messages by the person's id."""
    channel = _addressed(slack, args.required("channel"))
    if channel is None or not slack.bot_sees(channel):
        raise Refused("channel_not_found")
    if channel.is_archived:
        raise Refused("is_archived")
    if not slack.bot_is_in(channel) and not slack.manifest.grants("chat:write.public"):
        raise Refused("not_in_channel")
    return channel


def own_channel(slack: LocalSlack, args: Arguments) -> Channel:
    """A channel the bot is a member of."""
    channel = seen_channel(slack, args)
    if not slack.bot_is_in(channel):
        raise Refused("not_in_channel")
    return channel


def scope_of(channel: Channel, verb: str) -> str:
    """The scope for a channel of this kind, such as `groups:history`."""
    return f"{_PREFIXES[channel.kind]}:{verb}"


def _addressed(slack: LocalSlack, given: str) -> Channel | None:
    workspace = slack.workspace
    if given in workspace.users:
        user = workspace.users[given]
        return None if user.is_bot or user.deleted else workspace.dm(given)
    return workspace.find_channel(given)
