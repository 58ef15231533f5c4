"""How much waits just now, for the metrics; each question is answered from a partial index of what is not over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bot.domain.ids import WorkspaceId
from bot.domain.policy import Severity
from bot.domain.promise import Lane
from storage import tables
from storage.database import Transaction
from storage.outbox import unsettled

_incidents, _outbox = tables.incidents, tables.outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The promises of a lane that are not settled; the oldest was due at `since`, None when all are for later."""

    count: int
    since: datetime | None


async def waiting(tx: Transaction, workspace_id: WorkspaceId, *, now: datetime) -> Mapping[Lane, Waiting]:
    """A lane in which nothing waits is left out."""
    # Not `deliver_at`: each retry moves that on, and then an outage of an hour would look like half a minute.
    since = func.min(_outbox.c.created_at).filter(_outbox.c.created_at <= now)
    rows = await tx.execute(
        select(_outbox.c.lane, func.count().label("number"), since.label("since"))
        .where(_outbox.c.workspace_id == workspace_id, unsettled(_outbox))
        .group_by(_outbox.c.lane)
    )
    return {Lane(row.lane): Waiting(count=row.number, since=row.since) for row in rows}


async def due(tx: Transaction, workspace_id: WorkspaceId, *, now: datetime) -> int:
    """How many incidents have a clock that ran out and was not looked at yet."""
    count: int | None = await tx.scalar(
        select(func.count())
        .select_from(_incidents)
        .where(
            _incidents.c.workspace_id == workspace_id,
            _incidents.c.next_evaluation_at.is_not(None),
            _incidents.c.next_evaluation_at <= now,
        )
    )
    return count or 0


async def open_incidents(tx: Transaction, workspace_id: WorkspaceId) -> Mapping[Severity, int]:
    """A severity that nothing open has is left out."""
    rows = await tx.execute(
        select(_incidents.c.severity, func.count().label("number"))
        .where(_incidents.c.workspace_id == workspace_id, tables.unresolved)
        .group_by(_incidents.c.severity)
    )
    return {Severity(row.severity): row.number for row in rows}
