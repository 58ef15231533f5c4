"""Slack's events from their acknowledgement to their handling: each stored once, however often it is delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.ids import WorkspaceId
from storage import tables
from storage.database import Transaction

_inbox = tables.inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry:
    """An event that is to be handled; `attempts` counts this one. `payload` is JSON."""

    cause: str
    payload: str
    received_at: datetime
    attempts: int


async def put(tx: Transaction, workspace_id: WorkspaceId, cause: str, payload: str, *, now: datetime) -> bool:
    """Whether it is new; one that was delivered before changes nothing, handled or not."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    stored = await tx.execute(
        dialect.insert(_inbox)
        .values(workspace_id=workspace_id, cause=cause, payload=payload, received_at=now, take_at=now)
        .on_conflict_do_nothing()
    )
    return stored.rowcount == 1


async def waiting(tx: Transaction, workspace_id: WorkspaceId, *, at_most: int) -> int:
    """How many are to be handled; no more than `at_most` are counted."""
    some = (
        select(_inbox.c.cause)
        .where(_inbox.c.workspace_id == workspace_id, _inbox.c.take_at.is_not(None))
        .limit(at_most)
    )
    return await tx.scalar(select(func.count()).select_from(some.subquery())) or 0


async def next_take_at(tx: Transaction, workspace_id: WorkspaceId) -> datetime | None:
    instant: datetime | None = await tx.scalar(
        select(_inbox.c.take_at)
        .where(_inbox.c.workspace_id == workspace_id, _inbox.c.take_at.is_not(None))
        .order_by(_inbox.c.take_at)
        .limit(1)
    )
    return instant


async def take(
    tx: Transaction, workspace_id: WorkspaceId, *, now: datetime, lease: timedelta, limit: int
) -> Sequence[InboxEntry]:
    """What is due, oldest first. Nobody else takes it for the length of the lease; if that runs out, somebody does."""
    due = await tx.execute(
        select(_inbox)
        .where(_inbox.c.workspace_id == workspace_id, _inbox.c.take_at <= now)
        .order_by(_inbox.c.take_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = due.mappings().all()
    if rows:
        await tx.execute(
            update(_inbox)
            .where(_inbox.c.workspace_id == workspace_id, _inbox.c.cause.in_([row["cause"] for row in rows]))
            .values(take_at=now + lease, attempts=_inbox.c.attempts + 1)
        )
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


async def _settle(tx: Transaction, workspace_id: WorkspaceId, entry: InboxEntry, **values: object) -> None:
    """Only by whoever took it last: a lease that ran out is somebody else's by now."""
    await tx.execute(
        update(_inbox)
        .where(
            _inbox.c.workspace_id == workspace_id,
            _inbox.c.cause == entry.cause,
            _inbox.c.attempts == entry.attempts,
            _inbox.c.handled_at.is_(None),
        )
        .values(**values)
    )
