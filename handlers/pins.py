"""Messages that people pin in an incident's thread, or mark with 📌: they go to its story, each once."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import structlog
from slack_bolt.async_app import AsyncApp

from bot.domain.ids import SOMEBODY, ChannelId, UserId
from bot.domain.progress import Quotation
from bot.services.inbox import Handler
from bot.services.incidents import IncidentDesk
from bot.services.people import Names
from bot.services.whereabouts import Whereabouts
from bot.slack.blocks import asides
from bot.slack.blocks.rendered import Rendered
from bot.slack.calls import SlackUnavailable
from bot.slack.posted import Posted
from handlers import causes
from handlers.aside import Aside, Happened, well_formed
from handlers.events import Pin, instant_of, pin_of
from handlers.forms import Linker, link_in_time
from handlers.listener import Ack
from handlers.mentions import as_typed, named, unnamed_in

log = structlog.get_logger()

PINNED = "pin_added"


class MessageReader(Linker, Protocol):
    async def message_at(self, channel: ChannelId, ts: str) -> Posted | None: ...


class Pins:
    """`us` are the authors of our own messages: what they say comes from the story."""

    def __init__(
        self,
        desk: IncidentDesk,
        whereabouts: Whereabouts,
        slack: MessageReader,
        names: Names,
        aside: Aside,
        us: UserId,
    ) -> None:
        self._desk = desk
        self._whereabouts = whereabouts
        self._slack = slack
        self._names = names
        self._aside = aside
        self._us = us

    async def added(self, body: Mapping[str, Any], received_at: datetime) -> None:
        pin = well_formed(partial(pin_of, body))
        if pin is not None:
            await self.keep(pin)

    async def keep(self, pin: Pin) -> None:
        """Does nothing about a message that is in no incident's thread."""
        if not await self._whereabouts.is_worked_in(pin.channel):
            return
        posted = await self._posted(pin)
        if posted is None or posted.author == self._us:
            return
        about = await self._whereabouts.thread_of(pin.channel, posted.thread_ts)
        if about is None or about.for_stakeholders:
            return
        happened = Happened(by=pin.user, channel=pin.channel, at=pin.at, thread_ts=posted.thread_ts)
        await self._aside.answering(PINNED, happened, partial(self._kept, about.number, pin, posted))

    async def _posted(self, pin: Pin) -> Posted | None:
        """None when it is gone, or Slack does not let the bot read it."""
        try:
            return await self._slack.message_at(pin.channel, pin.ts)
        except SlackUnavailable as error:
            if error.is_away:
                raise
            log.warning("pin.not_read", channel=pin.channel, outcome=repr(error.outcome))
            return None

    async def _kept(self, number: int, pin: Pin, posted: Posted) -> Rendered:
        text = named(posted.text, await self._names.of(unnamed_in(posted.text)))
        message = Quotation(
            text=as_typed(text),
            author=posted.author or SOMEBODY,
            said_at=instant_of(posted.ts),
            link=await link_in_time(self._slack, pin.channel, pin.ts) or "",
        )
        desk = self._desk.seen_by(pin.user, pin.channel)
        case = await desk.pin(number, by=pin.user, message=message, cause=causes.of_pin(pin.channel, pin.ts))
        return asides.pinned(case.incident)


def handlers(pins: Pins) -> Mapping[str, Handler]:
    """What is done about events, from the inbox."""
    return {PINNED: pins.added}


def register(app: AsyncApp) -> None:
    """Acknowledged at once: the gatekeeper has stored it."""

    async def taken(ack: Ack) -> None:
        await ack()

    app.event(PINNED)(taken)
