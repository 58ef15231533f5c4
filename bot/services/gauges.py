"""What the metrics show of the database, read when somebody asks for it, and not more than once a second."""

from collections.abc import Callable

import structlog

from bot.clock import Clock
from bot.domain.ids import WorkspaceId
from bot.metrics import Metrics
from storage import gauges
from storage.database import Database
from storage.errors import StorageError

log = structlog.get_logger()

GOOD_FOR_SECONDS = 1


class StoredGauges:
    """How much waits, is due and is open."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        metrics: Metrics,
        clock: Clock,
        *,
        monotonic: Callable[[], float],
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._metrics = metrics
        self._clock = clock
        self._monotonic = monotonic
        self._read_at: float | None = None

    async def refresh(self) -> None:
        """Does nothing when they were read just now."""
        now = self._monotonic()
        if self._read_at is not None and now - self._read_at < GOOD_FOR_SECONDS:
            return
        self._read_at = now
        try:
            await self._read()
        except StorageError as error:
            log.warning("metrics.not_read", error=str(error))
            self._metrics.show_stored_unknown()

    async def _read(self) -> None:
        now = self._clock.now()
        async with self._database.read() as tx:
            waiting = await gauges.waiting(tx, self._workspace_id, now=now)
            due = await gauges.due(tx, self._workspace_id, now=now)
            open_ones = await gauges.open_incidents(tx, self._workspace_id)
        self._metrics.show_waiting(
            ages={lane: now - one.since for lane, one in waiting.items() if one.since is not None},
            counts={lane: one.count for lane, one in waiting.items()},
        )
        self._metrics.show_incidents(due, open_ones)
