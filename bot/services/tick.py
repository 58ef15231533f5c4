"""The tick: asks the database which clocks ran out and stores what the domain decides, a batch per transaction."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.domain.ids import IncidentId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.transition import settle
from bot.metrics import Metrics
from bot.services.downtime import bundle
from bot.services.policies import PolicyBook
from bot.services.signal import News, Signal
from storage import incidents
from storage.database import Database, Transaction
from storage.incidents import Change

log = structlog.get_logger()

BATCH = 200
"""Measured on two cores: 500 decide hardly faster, and a click that comes in between waits for a batch to end."""

LOGGED = 10
"""So many incidents a line names at most."""

LOOK_AGAIN = timedelta(seconds=1)


class Tick:
    """Level-triggered: it keeps nothing in memory, so a missed run is made good by the next one."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        book: PolicyBook,
        clock: Clock,
        changed: Signal,
        metrics: Metrics | None = None,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._clock = clock
        self._changed = changed
        self._metrics = metrics or Metrics()

    async def __call__(self) -> datetime | None:
        """Decides everything that is due; returns when the next clock runs out."""
        while True:
            async with self._database.read() as tx:
                earliest = await incidents.earliest_evaluation(tx, self._workspace_id)
            if earliest is None or earliest > self._clock.now():
                return earliest
            decided = await self._decide_batch()
            if not decided:
                # What is due and was not decided failed, or is in another process's hands.
                return self._clock.now() + LOOK_AGAIN
            if decided == BATCH:
                await self._decide_the_rest()

    async def _decide_the_rest(self) -> None:
        """Batch after batch, as many at a time as the database takes."""

        async def decide_batches() -> None:
            while await self._decide_batch() == BATCH:
                pass

        async with asyncio.TaskGroup() as group:
            for _ in range(self._database.writers):
                group.create_task(decide_batches())

    async def _decide_batch(self) -> int:
        """How many were decided. A batch that fails is taken apart, so that one bad row holds up no other."""
        try:
            decided = await self._decide(BATCH)
        except Exception:
            log.exception("tick.batch_failed")
            decided = await self._decide_one_by_one()
        if decided:
            self._changed(News.INCIDENTS)
        return len(decided)

    async def _decide_one_by_one(self) -> Sequence[IncidentId]:
        decided: list[IncidentId] = []
        failed: list[IncidentId] = []
        while len(decided) + len(failed) < BATCH:
            async with self._database.write() as tx:
                due = await incidents.due(tx, self._workspace_id, now=self._clock.now(), limit=1, excluding=failed)
            if not due:
                break
            try:
                decided.extend(await self._decide(1, excluding=failed))
            except Exception:
                log.exception("tick.incident_failed", incident=due[0].key)
                failed.append(due[0].id)
        return decided

    async def _decide(self, limit: int, *, excluding: Collection[IncidentId] = ()) -> Sequence[IncidentId]:
        async with self._database.write() as tx:
            now = self._clock.now()
            due = await incidents.due(tx, self._workspace_id, now=now, limit=limit, excluding=excluding)
            changes = await self._changes(tx, due, now)
            await incidents.store(tx, changes)
            if any(change.transition.incident.catching_up for change in changes):
                await bundle(tx, self._workspace_id, now)
        self._metrics.decided(len(changes), (breach for change in changes for breach in change.transition.breaches))
        _log(changes)
        return [change.transition.incident.id for change in changes]

    async def _changes(self, tx: Transaction, due: Sequence[Incident], now: datetime) -> Sequence[Change]:
        changes = []
        for incident in due:
            policy = await self._book.of(tx, incident.policy_version_id)
            transition, ask_at = settle(incident, policy, now)
            changes.append(
                Change(transition=transition, decided_on=incident.version, next_evaluation_at=ask_at, before=incident)
            )
        return changes


def _log(changes: Sequence[Change]) -> None:
    """One line for the batch: a line each would hold up the next, and the ledger has them all."""
    breaches = [(change.transition.incident.key, breach) for change in changes for breach in change.transition.breaches]
    if breaches:
        log.info(
            "incidents.breached",
            count=len(breaches),
            incidents=[key for key, _ in breaches[:LOGGED]],
            late_seconds=max(breach.breached_at - breach.due_at for _, breach in breaches).total_seconds(),
        )
