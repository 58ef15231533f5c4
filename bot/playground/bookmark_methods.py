"""bookmarks.*: the links that are fastened to the top of a channel."""

from . import limits
from .arguments import Arguments
from .local_slack import LocalSlack
from .method import Method, Methods
from .model import Bookmark, Channel, Json
from .refusal import Refused
from .slack_json import bookmark_json

MOST_BOOKMARKS = 100


def add(slack: LocalSlack, args: Arguments) -> Json:
    channel = _channel(slack, args)
    if args.required("type") != "link":
        raise Refused("invalid_bookmark_type")
    if len(channel.bookmarks) >= MOST_BOOKMARKS:
        raise Refused("too_many_bookmarks")
    bookmark = Bookmark(id=slack.ids.numbered("Bk"), title=args.required("title"), link=_link(args.required("link")))
    channel.bookmarks.append(bookmark)
    slack.changes.happened()
    return {"bookmark": bookmark_json(slack.workspace, channel, bookmark)}


def edit(slack: LocalSlack, args: Arguments) -> Json:
    channel = _channel(slack, args)
    bookmark = _bookmark(channel, args)
    bookmark.title = args.text("title") or bookmark.title
    link = args.text("link")
    bookmark.link = _link(link) if link else bookmark.link
    slack.changes.happened()
    return {"bookmark": bookmark_json(slack.workspace, channel, bookmark)}


def remove(slack: LocalSlack, args: Arguments) -> Json:
    channel = _channel(slack, args)
    channel.bookmarks.remove(_bookmark(channel, args))
    slack.changes.happened()
    return {}


def list_bookmarks(slack: LocalSlack, args: Arguments) -> Json:
    channel = _channel(slack, args)
    return {"bookmarks": [bookmark_json(slack.workspace, channel, bookmark) for bookmark in channel.bookmarks]}


def _channel(slack: LocalSlack, args: Arguments) -> Channel:
    channel = slack.workspace.channels.get(args.required("channel_id"))
    if channel is None or not slack.bot_sees(channel):
        raise Refused("channel_not_found")
    if not slack.bot_is_in(channel):
        raise Refused("not_in_channel")
    if channel.is_archived:
        raise Refused("is_archived")
    return channel


def _bookmark(channel: Channel, args: Arguments) -> Bookmark:
    wanted = args.required("bookmark_id")
    for bookmark in channel.bookmarks:
        if bookmark.id == wanted:
            return bookmark
    raise Refused("not_found")


def _link(address: str) -> str:
    if not address.startswith(("http://", "https://")):
        raise Refused("invalid_link")
    return address


METHODS: Methods = {
    "bookmarks.add": Method(run=add, per_minute=limits.TIER_2, scope="bookmarks:write"),
    "bookmarks.edit": Method(run=edit, per_minute=limits.TIER_2, scope="bookmarks:write"),
    "bookmarks.remove": Method(run=remove, per_minute=limits.TIER_2, scope="bookmarks:write"),
    "bookmarks.list": Method(run=list_bookmarks, per_minute=limits.TIER_3, scope="bookmarks:read"),
}
