"""How busy the machine is is no part of a test: what the bot gives up after seconds of real time, it waits for longer.

What a limit is for is tested where it is set: by tests that shorten it, and by those that ask for the bot's own.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from bot import app, scheduler, socket_intake
from bot.services import people
from bot.services.commits import ANSWER_WITHIN_SECONDS, Commits
from bot.slack import client
from handlers import forms
from storage import database, postgresql

LONG: Final = 60
"""Real seconds: for a machine that hardly gets anywhere, and still before a test is given up."""

_TICK: Final = 0.02


def be_unhurried(*, answers_within: float = LONG) -> None:
    """From now on, in this process; people hear within `answers_within` whether something was stored."""
    defaults = Commits.__init__.__kwdefaults__
    assert defaults == {"within": ANSWER_WITHIN_SECONDS}, "it is the only limit of its kind"
    defaults["within"] = answers_within
    client.POST_TIMEOUT_SECONDS = LONG
    people.PATIENCE = timedelta(seconds=LONG)
    forms.OPEN_WITHIN_SECONDS = forms.LINK_WITHIN_SECONDS = forms.LOOK_WITHIN_SECONDS = LONG
    socket_intake.CONNECT_WITHIN_SECONDS = LONG
    postgresql.CONNECT_WITHIN_SECONDS = LONG


def be_unhurried_beside_others() -> None:
    """As well: another process may hold a lock for long, and what is under way at a stop may take as long."""
    postgresql.SESSION["lock_timeout"] = str(LONG * 1000)
    database.BUSY_MILLISECONDS = LONG * 1000
    app.STOP_WITHIN_SECONDS = scheduler.FINISH_WITHIN_SECONDS = LONG
    socket_intake.ANSWER_WITHIN_SECONDS = LONG


@asynccontextmanager
async def undisturbed(seconds: float) -> AsyncIterator[None]:
    """As `asyncio.timeout`, for a promise about time: the time that the machine gave to others does not count."""
    async with asyncio.timeout(None) as limit:
        counting = asyncio.create_task(_count(limit, seconds))
        try:
            yield
        finally:
            counting.cancel()


async def _count(limit: asyncio.Timeout, seconds: float) -> None:
    """A tick that comes late is one tick."""
    for _ in range(round(seconds / _TICK)):
        await asyncio.sleep(_TICK)
    limit.reschedule(asyncio.get_running_loop().time())
