"""The time that bots on several machines have in common: the clock of their database, read again every minute."""

from datetime import datetime, timedelta
from functools import partial

import structlog

from bot import clock as machine
from bot.clock import ServerClock
from storage import presence
from storage.database import Database
from storage.errors import StorageError

log = structlog.get_logger()

READ_EVERY = timedelta(minutes=1)
READ_AGAIN = timedelta(seconds=5)

WORTH_TELLING = timedelta(seconds=5)
"""A machine whose own clock is that far off is badly kept, and Slack's signatures are checked against it."""


class CommonTime:
    """Keeps the bot's clock at the database's. Between two readings the machine counts on, also without a database."""

    def __init__(self, database: Database, clock: ServerClock) -> None:
        self._database = database
        self._clock = clock
        self._next_at: datetime | None = None
        self._told = False

    async def __call__(self) -> datetime:
        """Returns when the clock is read again. Asked before that, it does nothing."""
        if self._next_at is None or self._clock.now() >= self._next_at:
            self._next_at = self._clock.now() + (READ_EVERY if await self._try_to_read() else READ_AGAIN)
        return self._next_at

    async def read(self) -> bool:
        """Whether the reading was good enough. Raises storage's errors."""
        async with self._database.read() as tx:
            # A transaction begins with its first question, and that takes longer.
            await presence.time_of_database(tx)
            taken = await self._clock.set_by(partial(presence.time_of_database, tx))
        off = machine.now() - self._clock.now()
        if abs(off) >= WORTH_TELLING and not self._told:
            log.warning("clock.of_machine_is_off", seconds=off.total_seconds())
        self._told = abs(off) >= WORTH_TELLING
        return taken

    async def _try_to_read(self) -> bool:
        try:
            return await self.read()
        except StorageError as error:
            log.warning("clock.not_read", error=str(error))
            return False
