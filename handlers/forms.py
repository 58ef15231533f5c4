"""Opening a form while its trigger lives and Slack still waits for the acknowledgement: three seconds in all."""

import asyncio
from typing import Protocol

from bot.domain.delivery import Delivered, Outcome
from bot.domain.ids import ChannelId
from bot.slack.blocks.rendered import View

OPEN_WITHIN_SECONDS = 1.5
LINK_WITHIN_SECONDS = 1.0


class FormOpener(Protocol):
    async def open_view(self, trigger_id: str, view: View) -> Outcome: ...


class Linker(Protocol):
    async def permalink(self, channel: ChannelId, ts: str) -> str | None: ...


class FormNotOpened(Exception):
    """Slack did not open a form; the text is its outcome."""


async def open_in_time(slack: FormOpener, trigger_id: str, view: View) -> None:
    """Raises `FormNotOpened`."""
    try:
        async with asyncio.timeout(OPEN_WITHIN_SECONDS):
            outcome = await slack.open_view(trigger_id, view)
    except TimeoutError as error:
        raise FormNotOpened("no answer in time") from error
    if not isinstance(outcome, Delivered):
        raise FormNotOpened(repr(outcome))


async def link_in_time(slack: Linker, channel: ChannelId, ts: str) -> str | None:
    """None when Slack gives no link to the message: a form without it is better than none."""
    try:
        async with asyncio.timeout(LINK_WITHIN_SECONDS):
            return await slack.permalink(channel, ts)
    except TimeoutError:
        return None
