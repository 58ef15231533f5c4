"""The endpoint behind a response_url: answers, replacements and removals for half an hour."""

from dataclasses import replace

from starlette.types import Receive, Scope, Send

from . import posting
from .arguments import Arguments, header, parse
from .call import reply_to
from .chat_methods import bot_draft
from .content import read_content
from .local_slack import LocalSlack
from .model import Channel, Message
from .posting import Change, Draft
from .refusal import Refused
from .triggers import ResponseUrl
from .wire import Reply, json_reply, read_body, send_reply

METHOD = "response_url"
"""Its name in the record of calls and for faults."""


class ResponseUrlDoor:
    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        path = scope["path"]
        try:
            raw = parse("", header(scope["headers"], b"content-type"), body)
        except Refused as refused:
            reply = json_reply({"ok": False, "error": refused.error}, status=400)
        else:
            reply = await reply_to(self._slack, METHOD, raw, lambda: self._carried_out(path, Arguments(raw)))
        await send_reply(reply, scope, receive, send)

    def _carried_out(self, path: str, args: Arguments) -> tuple[str, Reply]:
        url = self._slack.response_urls.use(path)
        if isinstance(url, str):
            return url, json_reply({"ok": False, "error": url}, status=404)
        try:
            answer(self._slack, url, args)
        except Refused as refused:
            return refused.error, json_reply({"ok": False, "error": refused.error} | refused.extra, status=400)
        return "ok", Reply(body=b"ok", content_type="text/html")


def answer(slack: LocalSlack, url: ResponseUrl, args: Arguments) -> None:
    """Says it to the person alone, or to the channel, or in place of the message that was acted on."""
    channel = slack.workspace.channels.get(url.channel)
    if channel is None or channel.is_archived:
        raise Refused("channel_not_found" if channel is None else "is_archived")
    target = url.source or url.posted
    if args.flag("delete_original"):
        if target is not None:
            posting.remove(slack, target)
        return
    content = read_content(args)
    draft = bot_draft(slack, content)
    if args.flag("replace_original") and target is not None and not target.deleted:
        posting.change(slack, target, Change(text=draft.text, blocks=draft.blocks, attachments=content.attachments))
        return
    url.posted = _say(slack, url, channel, args, draft)


def _say(slack: LocalSlack, url: ResponseUrl, channel: Channel, args: Arguments, draft: Draft) -> Message:
    thread_ts = args.text("thread_ts")
    if args.text("response_type") != "in_channel":
        return posting.whisper(slack, channel, url.user, replace(draft, thread_ts=thread_ts))
    root = channel.find(thread_ts) if thread_ts else None
    message = posting.post(slack, channel, replace(draft, thread_ts=None if root is None else root.ts))
    posting.announce(slack, channel, message)
    return message
