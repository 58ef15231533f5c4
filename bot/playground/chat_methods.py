"""chat.*: post, update, delete, ephemeral messages, permalinks, scheduled messages."""

from datetime import UTC, datetime, timedelta

from . import limits, posting
from .arguments import Arguments
from .content import MAX_UPDATED_TEXT, Content, read_content
from .local_slack import LocalSlack
from .method import Method, Methods
from .model import Channel, Json, Message
from .posting import Change, Draft
from .reach import postable_channel, seen_channel
from .refusal import RateLimited, Refused
from .slack_json import message_json
from .timestamps import normalise


def post_message(slack: LocalSlack, args: Arguments) -> Json:
    channel = postable_channel(slack, args)
    content = read_content(args)
    draft = bot_draft(slack, content, thread_ts=_thread(channel, args), broadcast=args.flag("reply_broadcast"))
    retry_after = slack.limits.take_post(channel.id, slack.now())
    if retry_after is not None:
        raise RateLimited(retry_after)
    message = posting.post(slack, channel, draft)
    posting.announce(slack, channel, message)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": message_json(slack.workspace, message, with_metadata=True),
    }


def bot_draft(slack: LocalSlack, content: Content, *, thread_ts: str | None = None, broadcast: bool = False) -> Draft:
    return Draft(
        user=slack.app.user_id,
        bot_id=slack.app.bot_id,
        text=content.text or "",
        blocks=content.blocks or [],
        attachments=content.attachments or [],
        metadata=content.metadata or None,
        thread_ts=thread_ts,
        broadcast=broadcast and thread_ts is not None,
    )


def _thread(channel: Channel, args: Arguments) -> str | None:
    given = args.text("thread_ts")
    if not given:
        return None
    root = find_message(channel, given)
    if root is None or root.is_reply or (root.deleted and not root.reply_count):
        raise Refused("cannot_reply_to_message")
    return root.ts


def find_message(channel: Channel, given: str) -> Message | None:
    """The message with this ts in its channel, deleted ones included; ephemeral ones are not in it."""
    try:
        message = channel.find(normalise(given))
    except ValueError:
        return None
    return None if message is None or message.ephemeral_to is not None else message


def update(slack: LocalSlack, args: Arguments) -> Json:
    channel, message = _own_message(slack, args, "cant_update_message")
    content = read_content(args)
    if content.text is not None and len(content.text) > MAX_UPDATED_TEXT:
        raise Refused("msg_too_long")
    # Text alone takes the blocks away; metadata not given stays.
    posting.change(
        slack,
        message,
        Change(
            text=content.text or "",
            blocks=content.blocks or [],
            attachments=content.attachments,
            metadata=content.metadata,
        ),
    )
    posting.announce_change(slack, channel, message)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": message_json(slack.workspace, message, with_metadata=True),
    }


def delete(slack: LocalSlack, args: Arguments) -> Json:
    channel, message = _own_message(slack, args, "cant_delete_message")
    posting.remove(slack, message)
    posting.announce_removal(slack, channel, message)
    return {"channel": channel.id, "ts": message.ts}


def _own_message(slack: LocalSlack, args: Arguments, refusal: str) -> tuple[Channel, Message]:
    channel = seen_channel(slack, args)
    message = find_message(channel, args.required("ts"))
    if message is None or message.deleted:
        raise Refused("message_not_found")
    if message.user != slack.app.user_id:
        raise Refused(refusal)
    if channel.is_archived:
        raise Refused("is_inactive")
    return channel, message


def post_ephemeral(slack: LocalSlack, args: Arguments) -> Json:
    channel = postable_channel(slack, args)
    user = args.required("user")
    content = read_content(args)
    if user not in channel.members or slack.workspace.users[user].deleted:
        raise Refused("user_not_in_channel")
    draft = bot_draft(slack, content, thread_ts=_thread(channel, args))
    if not _is_shown(channel, draft):
        return {"message_ts": slack.next_ts()}
    return {"message_ts": posting.whisper(slack, channel, user, draft).ts}


def _is_shown(channel: Channel, draft: Draft) -> bool:
    """Below a message without replies there is no thread to show it in: Slack takes it all the same."""
    root = None if draft.thread_ts is None else channel.find(draft.thread_ts)
    return root is None or root.reply_count > 0


def get_permalink(slack: LocalSlack, args: Arguments) -> Json:
    channel = seen_channel(slack, args)
    message = find_message(channel, args.required("message_ts"))
    if message is None or message.deleted:
        raise Refused("message_not_found")
    return {"channel": channel.id, "permalink": permalink(slack, message)}


def permalink(slack: LocalSlack, message: Message) -> str:
    link = f"{slack.url}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return f"{link}?thread_ts={message.thread_ts}&cid={message.channel}" if message.is_reply else link


_SCHEDULED_AHEAD = timedelta(days=120)
_UNDELETABLE = timedelta(seconds=60)


def schedule_message(slack: LocalSlack, args: Arguments) -> Json:
    channel = postable_channel(slack, args)
    content = read_content(args)
    due = datetime.fromtimestamp(args.integer("post_at", 0), UTC)
    if due <= slack.now():
        raise Refused("time_in_past")
    if due > slack.now() + _SCHEDULED_AHEAD:
        raise Refused("time_too_far")
    scheduled: Json = {
        "id": slack.ids.numbered("Q"),
        "channel_id": channel.id,
        "post_at": int(due.timestamp()),
        "date_created": int(slack.now().timestamp()),
        "text": content.text or "",
    }
    slack.scheduled[scheduled["id"]] = scheduled
    draft = bot_draft(slack, content, thread_ts=_thread(channel, args))
    slack.agenda.at(due, lambda: _post_scheduled(slack, channel, scheduled["id"], draft))
    return {
        "channel": channel.id,
        "scheduled_message_id": scheduled["id"],
        "post_at": scheduled["post_at"],
        "message": {"type": "delayed_message", "text": draft.text, "bot_id": slack.app.bot_id},
    }


def _post_scheduled(slack: LocalSlack, channel: Channel, scheduled_id: str, draft: Draft) -> None:
    # A scheduled message that carries metadata is never posted; nor is one its channel no longer takes.
    if slack.scheduled.pop(scheduled_id, None) is None or draft.metadata is not None:
        return
    if slack.bot_is_in(channel) and not channel.is_archived:
        posting.announce(slack, channel, posting.post(slack, channel, draft))


def delete_scheduled(slack: LocalSlack, args: Arguments) -> Json:
    scheduled = slack.scheduled.get(args.required("scheduled_message_id"))
    due_in = 0.0 if scheduled is None else scheduled["post_at"] - slack.now().timestamp()
    if scheduled is None or due_in <= _UNDELETABLE.total_seconds():
        raise Refused("invalid_scheduled_message_id")
    del slack.scheduled[scheduled["id"]]
    return {}


def list_scheduled(slack: LocalSlack, args: Arguments) -> Json:
    channel = args.text("channel")
    found = [one for one in slack.scheduled.values() if channel in (None, one["channel_id"])]
    return {"scheduled_messages": found, "response_metadata": {"next_cursor": ""}}


METHODS: Methods = {
    "chat.postMessage": Method(run=post_message, scope="chat:write"),
    "chat.update": Method(run=update, per_minute=limits.TIER_3, scope="chat:write"),
    "chat.delete": Method(run=delete, per_minute=limits.TIER_3, scope="chat:write"),
    "chat.postEphemeral": Method(run=post_ephemeral, per_minute=limits.TIER_4, scope="chat:write"),
    "chat.getPermalink": Method(run=get_permalink, per_minute=limits.HUNDREDS),
    "chat.scheduleMessage": Method(run=schedule_message, per_minute=limits.TIER_3, scope="chat:write"),
    "chat.deleteScheduledMessage": Method(run=delete_scheduled, per_minute=limits.TIER_3, scope="chat:write"),
    "chat.scheduledMessages.list": Method(run=list_scheduled, per_minute=limits.TIER_3),
}
