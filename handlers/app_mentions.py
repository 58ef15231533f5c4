"""“@Tierline ack”: what is typed after the bot's name in a channel or a thread, by the grammar of the slash command."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.domain.ids import ChannelId, UserId
from bot.services.inbox import Handler
from bot.services.people import Names
from bot.services.whereabouts import Whereabouts
from bot.slack.blocks import asides
from bot.slack.blocks.mrkdwn import escape
from bot.slack.blocks.rendered import Rendered, View
from bot.slack.ids import ActionId, BlockId
from handlers import grammar
from handlers.aside import Aside, Happened, well_formed
from handlers.command import IncidentCommand
from handlers.events import Mention, mention_of
from handlers.forms import NoTrigger
from handlers.listener import Ack, Heard, Say, Show, beside_ack
from handlers.mentions import as_typed, mentions_in, named, unnamed_in
from handlers.offered import Offered
from handlers.parsing import CommandRequest, click_request
from handlers.payload import MalformedPayload

MENTIONED = "app_mention"

LATE_AS_WELL = (grammar.OpenIncident, grammar.AcknowledgeIncident, grammar.NoteDown)
"""True however late they are read; everything else was meant for how things stood then."""

WARNING_SIGN = "⚠️"


class AppMentions:
    """Answers are for the person alone: a deed shows in the card, and nobody else has asked."""

    def __init__(
        self, command: IncidentCommand, whereabouts: Whereabouts, names: Names, aside: Aside, us: UserId
    ) -> None:
        self._command = command
        self._whereabouts = whereabouts
        self._names = names
        self._aside = aside
        self._us = us

    async def mentioned(self, body: Mapping[str, Any], received_at: datetime) -> None:
        mention = well_formed(partial(mention_of, body, self._us))
        if mention is None:
            return
        happened = Happened(by=mention.user, channel=mention.channel, at=mention.at, thread_ts=mention.thread_ts)
        await self._aside.answering(MENTIONED, happened, partial(self._answered, mention, happened))

    async def _answered(self, mention: Mention, happened: Happened) -> Rendered | None:
        about = await self._whereabouts.thread_of(mention.channel, mention.thread_ts)
        text = named(mention.text, await self._names.of(unnamed_in(mention.text)))
        offered = Offered(
            text=text or ("help" if about is None else "show"),
            ts=mention.thread_ts or mention.ts,
            here=None if about is None else about.number,
        )
        request = _request(offered, user=mention.user, channel=mention.channel, cause=mention.cause)
        late = self._aside.is_late(happened)
        if late and not isinstance(await self._command.understood(request), LATE_AS_WELL):
            return asides.too_late(request.text, mention.at)
        try:
            answer = await self._command.answer(request)
        except NoTrigger as needed:
            return asides.form_offered(_problem(needed.view), offered.encode())
        return asides.said_late(answer, mention.at) if late and answer is not None else answer


class OfferedForm:
    """The click on “Open the form”: the same words again, and now there is what opens one."""

    def __init__(self, command: IncidentCommand, show: Show) -> None:
        self._command = command
        self._show = show

    async def __call__(self, body: Mapping[str, Any]) -> None:
        click = click_request(body)
        try:
            offered = Offered.decode(click.value)
        except ValueError as error:
            raise MalformedPayload("the button's value") from error
        if click.channel is None:
            raise MalformedPayload("channel")
        request = _request(offered, user=click.user, channel=click.channel, cause=click.cause)
        answer = await self._command.answer(replace(request, trigger_id=click.trigger_id))
        if answer is not None:
            self._show(click.channel, click.user, answer)


def _request(offered: Offered, *, user: UserId, channel: ChannelId, cause: str | None) -> CommandRequest:
    return CommandRequest(
        user=user,
        channel=channel,
        text=as_typed(offered.text),
        mentions=mentions_in(offered.text),
        trigger_id=None,
        cause=cause,
        here=offered.here,
        thread_ts=offered.ts,
    )


def _problem(view: View) -> str:
    """Why the form would be shown, in mrkdwn, if there is a reason."""
    block = next((block for block in view["blocks"] if block.get("block_id") == BlockId.FORM_PROBLEM.value), None)
    if block is None:
        return ""
    text = str(block["text"]["text"]).removeprefix(WARNING_SIGN).strip()
    return text if block["text"]["type"] == "mrkdwn" else escape(text)


def handlers(mentions: AppMentions) -> Mapping[str, Handler]:
    """What is done about events, from the inbox."""
    return {MENTIONED: mentions.mentioned}


def register(app: AsyncApp, command: IncidentCommand, say: Say, show: Show, heard: Heard) -> None:
    """Events are acknowledged at once: the gatekeeper has stored them."""

    async def taken(ack: Ack) -> None:
        await ack()

    app.event(MENTIONED)(taken)
    offered = beside_ack(ActionId.OFFERED_FORM.value, say, OfferedForm(command, show), heard)
    app.action(ActionId.OFFERED_FORM.value)(offered)
