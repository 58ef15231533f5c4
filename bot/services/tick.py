"""The tick: asks the database which clocks ran out and stores what the domain decides, a batch per transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.domain.ids import IncidentId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.transition import evaluate
from bot.services.incidents import change_of
from bot.services.policies import PolicyBook
from bot.services.signal import Signal
from storage import incidents
from storage.database import Database, Transaction
from storage.errors import StorageError
from storage.incidents import Change

log = structlog.get_logger()

BATCH = 500
"""A durable commit costs up to 20 ms on an ordinary disk; a click may have to wait for one batch."""


class Tick:
    """Level-triggered: it keeps nothing in memory, so a missed run is made good by the next one."""

    def __init__(
        self, database: Database, workspace_id: WorkspaceId, book: PolicyBook, clock: Clock, changed: Signal
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._clock = clock
        self._changed = changed

    async def __call__(self) -> datetime | None:
        """Decides everything that is due; returns when the next clock runs out."""
        while True:
            async with self._database.read() as tx:
                earliest = await incidents.earliest_evaluation(tx, self._workspace_id)
            if earliest is None or earliest > self._clock.now():
                return earliest
            if not await self._decide_batch():
                return self._clock.now()

    async def _decide_batch(self) -> bool:
        """Whether anything was decided. A batch that fails is taken apart, so that one bad row holds up no other."""
        try:
            decided = await self._decide(BATCH)
        except StorageError:
            log.exception("tick.batch_failed")
            decided = await self._decide_one_by_one()
        if decided:
            self._changed()
        return bool(decided)

    async def _decide_one_by_one(self) -> Sequence[IncidentId]:
        decided: list[IncidentId] = []
        failed: list[IncidentId] = []
        while len(decided) + len(failed) < BATCH:
            async with self._database.read() as tx:
                due = await incidents.due(tx, self._workspace_id, now=self._clock.now(), limit=1, excluding=failed)
            if not due:
                break
            try:
                decided.extend(await self._decide(1, excluding=failed))
            except StorageError:
                log.exception("tick.incident_failed", incident=due[0].key)
                failed.append(due[0].id)
        return decided

    async def _decide(self, limit: int, *, excluding: Collection[IncidentId] = ()) -> Sequence[IncidentId]:
        async with self._database.write() as tx:
            now = self._clock.now()
            due = await incidents.due(tx, self._workspace_id, now=now, limit=limit, excluding=excluding)
            changes = await self._changes(tx, due, now)
            await incidents.store(tx, changes)
        for change in changes:
            for breach in change.transition.breaches:
                log.info(
                    "incident.breached",
                    incident=change.transition.incident.key,
                    tier=breach.tier,
                    late_seconds=(breach.breached_at - breach.due_at).total_seconds(),
                )
        return [change.transition.incident.id for change in changes]

    async def _changes(self, tx: Transaction, due: Sequence[Incident], now: datetime) -> Sequence[Change]:
        changes = []
        for incident in due:
            policy = await self._book.of(tx, incident.policy_version_id)
            changes.append(change_of(evaluate(incident, policy, now), policy, decided_on=incident.version))
        return changes
