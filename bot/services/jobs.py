"""Work that is done once a day, by one process of all."""

from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta

import structlog

from bot.clock import Clock
from bot.domain.ids import WorkspaceId
from storage import jobs
from storage.database import Database

log = structlog.get_logger()

AGAIN_AFTER = timedelta(minutes=10)
"""When the work failed."""

GO_ON_AFTER = timedelta(seconds=1)
"""When there is more to do: in between the bot can be stopped."""

Work = Callable[[datetime], Awaitable[bool]]
"""Given the present instant it does a part of the work; whether there is more to do."""


class DailyJob:
    """Runs `work` for the slot that began last, at `at` UTC, also when the bot was away at that hour.

    The slot is taken before the work. A process that is killed in between leaves the rest to the next day's slot, so
    the work must be one that makes up for what was left undone; what fails gives its slot back.
    """

    def __init__(
        self, name: str, database: Database, workspace_id: WorkspaceId, clock: Clock, work: Work, *, at: time
    ) -> None:
        self._name = name
        self._database = database
        self._workspace_id = workspace_id
        self._clock = clock
        self._work = work
        self._at = at
        self._seen: datetime | None = None
        self._ours = False
        self._not_before: datetime | None = None

    async def __call__(self) -> datetime:
        """Returns when to look again. Asked before that, it does nothing."""
        now = self._clock.now()
        if self._not_before is not None and now < self._not_before:
            return self._not_before
        self._not_before = None
        slot = self._slot(now)
        if self._seen != slot:
            async with self._database.write() as tx:
                self._ours = await jobs.take(tx, self._workspace_id, self._name, slot)
            self._seen = slot
        if self._ours:
            await self._do(slot, now)
        return self._not_before or (now + GO_ON_AFTER if self._ours else slot + timedelta(days=1))

    async def _do(self, slot: datetime, now: datetime) -> None:
        try:
            self._ours = await self._work(now)
        except Exception:
            log.exception("job.failed", job=self._name, slot=slot.isoformat())
            self._seen, self._ours, self._not_before = None, False, now + AGAIN_AFTER
            async with self._database.write() as tx:
                await jobs.give_back(tx, self._workspace_id, self._name, slot)

    def _slot(self, now: datetime) -> datetime:
        today = now.replace(hour=self._at.hour, minute=self._at.minute, second=0, microsecond=0)
        return today if today <= now else today - timedelta(days=1)
