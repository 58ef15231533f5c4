"""Opening a form while its trigger lives and Slack still waits for the acknowledgement: three seconds in all."""

import asyncio
from collections.abc import Awaitable
from typing import Protocol, TypeVar

from bot.catalogue import t
from bot.domain.delivery import Delivered, Outcome, Refused
from bot.domain.ids import ChannelId
from bot.slack.blocks.rendered import View

OPEN_WITHIN_SECONDS = 1.5
LINK_WITHIN_SECONDS = 1.0
LOOK_WITHIN_SECONDS = 0.7
"""At our own database; twice at most: which incident is meant, and how it stands."""

TRIGGER_USED = frozenset(("exchanged_trigger_id", "trigger_exchanged"))


Read = TypeVar("Read")


class FormOpener(Protocol):
    async def open_view(self, trigger_id: str, view: View) -> Outcome: ...


class Linker(Protocol):
    async def permalink(self, channel: ChannelId, ts: str) -> str | None: ...


class FormNotOpened(Exception):
    """Slack did not open a form; the text is its outcome."""


class FormOpenedBefore(FormNotOpened):
    """By the very same request, which came a second time: the person has the form."""


class NoTrigger(Exception):
    """A form is needed, and what asks for it opens none: it is offered by a button. `view` is that form."""

    def __init__(self, view: View) -> None:
        super().__init__(t("no trigger"))
        self.view = view


async def look_in_time(looking: Awaitable[Read]) -> Read:
    """What a form has to know before it is opened. Raises `FormNotOpened`."""
    try:
        async with asyncio.timeout(LOOK_WITHIN_SECONDS):
            return await looking
    except TimeoutError as error:
        raise FormNotOpened("the database did not answer in time") from error


async def open_in_time(slack: FormOpener, trigger_id: str | None, view: View) -> None:
    """Raises `FormNotOpened`, or `NoTrigger`."""
    if trigger_id is None:
        raise NoTrigger(view)
    await shown_in_time(slack.open_view(trigger_id, view))


async def shown_in_time(opening: Awaitable[Outcome]) -> None:
    """Raises `FormNotOpened`."""
    try:
        async with asyncio.timeout(OPEN_WITHIN_SECONDS):
            outcome = await opening
    except TimeoutError as error:
        raise FormNotOpened("no answer in time") from error
    if isinstance(outcome, Refused) and outcome.error in TRIGGER_USED:
        raise FormOpenedBefore(repr(outcome))
    if not isinstance(outcome, Delivered):
        raise FormNotOpened(repr(outcome))


async def link_in_time(slack: Linker, channel: ChannelId, ts: str) -> str | None:
    """None when Slack gives no link to the message: a form without it is better than none."""
    try:
        async with asyncio.timeout(LINK_WITHIN_SECONDS):
            return await slack.permalink(channel, ts)
    except TimeoutError:
        return None
