"""What is old enough to go: found while others write, and removed by key in small transactions."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select

from bot.domain.delivery import UNSETTLED
from bot.domain.ids import IncidentId, WorkspaceId
from bot.domain.incident import OVER
from storage import outbox, tables
from storage.database import Transaction

_incidents = tables.incidents
_outbox = tables.outbox
_inbox = tables.inbox
_requests = tables.requests
_versions = tables.policy_versions

_PARTS = (
    tables.timeline,
    tables.breaches,
    tables.cards,
    tables.outbox,
    tables.requests,
    tables.parachutes,
    tables.incident_channels,
    tables.feedback,
    tables.feedback_given,
)
"""What belongs to an incident: it goes first."""


async def past(tx: Transaction, workspace_id: WorkspaceId, *, before: datetime, limit: int) -> Sequence[IncidentId]:
    """The incidents that were over before that instant, and about which nothing is still to be said; oldest first."""
    rows = await tx.scalars(
        select(_incidents.c.id).where(*_is_past(workspace_id, before)).order_by(_incidents.c.id).limit(limit)
    )
    return [IncidentId(row) for row in rows]


async def remove_incidents(
    tx: Transaction, workspace_id: WorkspaceId, ids: Sequence[IncidentId], *, before: datetime
) -> int:
    """How many of them went, with all that belongs to them; one that was reopened meanwhile stays."""
    query = select(_incidents.c.id).where(_incidents.c.id.in_(ids), *_is_past(workspace_id, before)).with_for_update()
    going = list(await tx.scalars(query))
    for table in _PARTS:
        await tx.execute(delete(table).where(table.c.incident_id.in_(going)))
    await tx.execute(delete(_incidents).where(_incidents.c.id.in_(going)))
    return len(going)


async def old_notices(tx: Transaction, workspace_id: WorkspaceId, *, before: datetime, limit: int) -> Sequence[int]:
    """The settled promises about the workspace itself."""
    rows = await tx.scalars(
        select(_outbox.c.id)
        .where(
            _outbox.c.workspace_id == workspace_id,
            _outbox.c.incident_id.is_(None),
            _outbox.c.created_at < before,
            _outbox.c.state.not_in([state.value for state in UNSETTLED]),
        )
        .order_by(_outbox.c.id)
        .limit(limit)
    )
    return list(rows)


async def remove_promises(tx: Transaction, ids: Sequence[int]) -> None:
    await tx.execute(delete(_outbox).where(_outbox.c.id.in_(ids)))


async def remove_requests(tx: Transaction, workspace_id: WorkspaceId, *, before: datetime, limit: int) -> int:
    old = (
        select(_requests.c.cause)
        .where(_requests.c.workspace_id == workspace_id, _requests.c.done_at < before)
        .order_by(_requests.c.done_at)
        .limit(limit)
    )
    removed = await tx.execute(
        delete(_requests).where(_requests.c.workspace_id == workspace_id, _requests.c.cause.in_(old))
    )
    return removed.rowcount


async def remove_inbox(tx: Transaction, workspace_id: WorkspaceId, *, before: datetime, limit: int) -> int:
    """What is still to be handled stays, however old it is."""
    old = (
        select(_inbox.c.cause)
        .where(
            _inbox.c.workspace_id == workspace_id,
            _inbox.c.received_at < before,
            _inbox.c.take_at.is_(None),
        )
        .order_by(_inbox.c.received_at)
        .limit(limit)
    )
    removed = await tx.execute(delete(_inbox).where(_inbox.c.workspace_id == workspace_id, _inbox.c.cause.in_(old)))
    return removed.rowcount


async def remove_policy_versions(tx: Transaction, workspace_id: WorkspaceId, *, before: datetime) -> int:
    """Those that no incident has and that were replaced before that instant.

    A process opens incidents under the version it knows for seconds after another one was applied.
    """
    replaced_by = (
        select(func.max(_versions.c.applied_at))
        .where(_versions.c.workspace_id == workspace_id, _versions.c.applied_at < before)
        .scalar_subquery()
    )
    in_use = select(_incidents.c.id).where(_incidents.c.policy_version_id == _versions.c.id).correlate(_versions)
    removed = await tx.execute(
        delete(_versions).where(
            _versions.c.workspace_id == workspace_id, _versions.c.applied_at < replaced_by, ~in_use.exists()
        )
    )
    return removed.rowcount


def _is_past(workspace_id: WorkspaceId, before: datetime) -> tuple[ColumnElement[bool], ...]:
    waiting = (
        select(_outbox.c.id)
        .where(_outbox.c.incident_id == _incidents.c.id, outbox.unsettled(_outbox))
        .correlate(_incidents)
    )
    return (
        _incidents.c.workspace_id == workspace_id,
        _incidents.c.state.in_([state.value for state in OVER]),
        func.coalesce(_incidents.c.resolved_at, _incidents.c.cancelled_at) < before,
        ~waiting.exists(),
    )
