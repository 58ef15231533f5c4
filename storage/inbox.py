"""Slack's events from their acknowledgement to their handling: each stored once, however often it is delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, func, select, update

from bot.domain.ids import WorkspaceId
from storage import tables
from storage.database import Transaction
from storage.upsert import or_nothing

_inbox = tables.inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry:
    """An event that is to be handled; `attempts` counts this one. `payload` is JSON."""

    cause: str
    payload: str
    received_at: datetime
    attempts: int


_PUT = or_nothing(_inbox)


async def put(tx: Transaction, workspace_id: WorkspaceId, cause: str, payload: str, *, now: datetime) -> bool:
    """Whether it is new; one that was delivered before changes nothing, handled or not."""
    row = {"workspace_id": workspace_id, "cause": cause, "payload": payload, "received_at": now, "take_at": now}
    stored = await tx.execute(_PUT[tx.dialect.name], row)
    return stored.rowcount == 1


_WAITING = select(func.count()).select_from(
    select(_inbox.c.cause)
    .where(_inbox.c.workspace_id == bindparam("workspace_id"), _inbox.c.take_at.is_not(None))
    .limit(bindparam("at_most", type_=Integer))
    .subquery()
)


async def waiting(tx: Transaction, workspace_id: WorkspaceId, *, at_most: int) -> int:
    """How many are to be handled; no more than `at_most` are counted."""
    return await tx.scalar(_WAITING, {"workspace_id": workspace_id, "at_most": at_most}) or 0


_NEXT_TAKE = (
    select(_inbox.c.take_at)
    .where(_inbox.c.workspace_id == bindparam("workspace_id"), _inbox.c.take_at.is_not(None))
    .order_by(_inbox.c.take_at)
    .limit(1)
)


async def next_take_at(tx: Transaction, workspace_id: WorkspaceId) -> datetime | None:
    instant: datetime | None = await tx.scalar(_NEXT_TAKE, {"workspace_id": workspace_id})
    return instant


_DUE = (
    select(_inbox)
    .where(_inbox.c.workspace_id == bindparam("workspace_id"), _inbox.c.take_at <= bindparam("now"))
    .order_by(_inbox.c.take_at)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(_inbox)
    .where(
        _inbox.c.workspace_id == bindparam("_workspace_id"), _inbox.c.cause.in_(bindparam("_causes", expanding=True))
    )
    .values(attempts=_inbox.c.attempts + 1)
)


async def take(
    tx: Transaction, workspace_id: WorkspaceId, *, now: datetime, lease: timedelta, limit: int
) -> Sequence[InboxEntry]:
    """What is due, oldest first. Nobody else takes it for the length of the lease; if that runs out, somebody does."""
    due = await tx.execute(_DUE, {"workspace_id": workspace_id, "now": now, "limit": limit})
    rows = due.mappings().all()
    if rows:
        causes = [row["cause"] for row in rows]
        await tx.execute(_TAKE, {"_workspace_id": workspace_id, "_causes": causes, "take_at": now + lease})
    return [
        InboxEntry(
            cause=row["cause"],
            payload=row["payload"],
            received_at=row["received_at"],
            attempts=row["attempts"] + 1,
        )
        for row in rows
    ]


async def handled(tx: Transaction, workspace_id: WorkspaceId, entry: InboxEntry, *, now: datetime) -> None:
    """Also when it failed before: `last_error` keeps how."""
    await _settle(tx, workspace_id, entry, handled_at=now, take_at=None)


async def try_again(
    tx: Transaction, workspace_id: WorkspaceId, entry: InboxEntry, *, error: str, at: datetime | None
) -> None:
    """At `at`, or never when that is None."""
    await _settle(tx, workspace_id, entry, take_at=at, last_error=error)


_SETTLE = update(_inbox).where(
    _inbox.c.workspace_id == bindparam("_workspace_id"),
    _inbox.c.cause == bindparam("_cause"),
    _inbox.c.attempts == bindparam("_attempts"),
    _inbox.c.handled_at.is_(None),
)


async def _settle(tx: Transaction, workspace_id: WorkspaceId, entry: InboxEntry, **values: object) -> None:
    """Only by whoever took it last: a lease that ran out is somebody else's by now."""
    which = {"_workspace_id": workspace_id, "_cause": entry.cause, "_attempts": entry.attempts}
    await tx.execute(_SETTLE, which | values)
