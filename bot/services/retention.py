"""Letting go of what is old: in small transactions, and never of what is not over or still to be said."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot.domain.ids import WorkspaceId
from storage import jobs, retention
from storage.database import Database, Transaction

log = structlog.get_logger()

REQUESTS_KEPT = timedelta(days=7)
"""Of requests and events what was done: Slack repeats one within the hour, and people within the day."""

SLOTS_KEPT = timedelta(days=30)
INCIDENTS_AT_ONCE = 5
"""An incident has some hundred rows, and whoever writes meanwhile waits for them."""

ROWS_AT_ONCE = 500
STEPS = 100
"""Transactions until the loop may be stopped in between."""

Step = Callable[[Transaction], Awaitable[int]]


class Retention:
    """`keep` is how long an incident is kept once it is over; None for ever."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        *,
        keep: timedelta | None,
        incidents_at_once: int = INCIDENTS_AT_ONCE,
        steps: int = STEPS,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._keep = keep
        self._at_once = incidents_at_once
        self._steps = steps

    async def __call__(self, now: datetime) -> bool:
        """Removes what is old, up to so many transactions; whether there is more."""
        removed: Counter[str] = Counter()
        more = await self._remove_the_transient(now, removed)
        if self._keep is not None:
            more = await self._remove_stories(now - self._keep, removed) or more
        if removed.total():
            log.info("retention.removed", **removed)
        return more

    async def _remove_the_transient(self, now: datetime, removed: Counter[str]) -> bool:
        workspace, before = self._workspace_id, now - REQUESTS_KEPT

        async def requests(tx: Transaction) -> int:
            return await retention.remove_requests(tx, workspace, before=before, limit=ROWS_AT_ONCE)

        async def events(tx: Transaction) -> int:
            return await retention.remove_inbox(tx, workspace, before=before, limit=ROWS_AT_ONCE)

        async with self._database.write() as tx:
            removed["slots"] += await jobs.forget(tx, workspace, before=now - SLOTS_KEPT)
        more = await self._repeat("requests", requests, removed)
        return await self._repeat("events", events, removed) or more

    async def _repeat(self, name: str, step: Step, removed: Counter[str]) -> bool:
        for _ in range(self._steps):
            async with self._database.write() as tx:
                count = await step(tx)
            removed[name] += count
            if count < ROWS_AT_ONCE:
                return False
        return True

    async def _remove_stories(self, before: datetime, removed: Counter[str]) -> bool:
        """What is to go is looked for in a transaction that holds up nobody."""
        limit = self._steps * self._at_once
        async with self._database.read() as tx:
            incidents = await retention.past(tx, self._workspace_id, before=before, limit=limit)
            notices = await retention.old_notices(tx, self._workspace_id, before=before, limit=ROWS_AT_ONCE)
        for start in range(0, len(incidents), self._at_once):
            batch = incidents[start : start + self._at_once]
            async with self._database.write() as tx:
                removed["incidents"] += await retention.remove_incidents(tx, self._workspace_id, batch, before=before)
        async with self._database.write() as tx:
            await retention.remove_promises(tx, notices)
            removed["policies"] += await retention.remove_policy_versions(tx, self._workspace_id, before=before)
        removed["notices"] += len(notices)
        return len(incidents) == limit or len(notices) == ROWS_AT_ONCE
