"""Delivered promises that were tried more than once: each is looked for twice, in case it was posted twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, func, select, update

from bot.domain.ids import ChannelId, IncidentId, WorkspaceId
from storage import tables
from storage.database import Transaction
from storage.records import Content, message_of

_outbox = tables.outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A delivered promise that was tried more than once, and may be in its channel twice."""

    id: int
    key: str
    incident_id: IncidentId | None
    channel: ChannelId
    message: Content
    message_ts: str
    first_attempt_at: datetime
    delivered_at: datetime


_TO_BE_SWEPT = (
    select(_outbox)
    .where(_outbox.c.workspace_id == bindparam("workspace_id"), _outbox.c.sweep_at <= bindparam("now"))
    .order_by(_outbox.c.sweep_at)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)
_LATER = update(_outbox).where(_outbox.c.id.in_(bindparam("_ids", expanding=True)))


async def to_be_swept(
    tx: Transaction, workspace_id: WorkspaceId, *, now: datetime, limit: int, again_at: datetime
) -> Sequence[Suspect]:
    """What is due to be looked at; nobody else looks before `again_at`."""
    due = await tx.execute(_TO_BE_SWEPT, {"workspace_id": workspace_id, "now": now, "limit": limit})
    rows = due.mappings().all()
    if rows:
        await tx.execute(_LATER, {"_ids": [row["id"] for row in rows], "sweep_at": again_at})
    return [
        Suspect(message=message_of(row), **{name: row["dedup_key" if name == "key" else name] for name in _SUSPECT})
        for row in rows
    ]


_SUSPECT = ("id", "key", "incident_id", "channel", "message_ts", "first_attempt_at", "delivered_at")


_NEXT_SWEEP = select(func.min(_outbox.c.sweep_at)).where(
    _outbox.c.workspace_id == bindparam("workspace_id"), _outbox.c.sweep_at.is_not(None)
)


async def next_sweep_at(tx: Transaction, workspace_id: WorkspaceId) -> datetime | None:
    instant: datetime | None = await tx.scalar(_NEXT_SWEEP, {"workspace_id": workspace_id})
    return instant


_SWEPT = update(_outbox).where(_outbox.c.id == bindparam("_id"))


async def swept(tx: Transaction, suspect: Suspect, *, kept: str, sweep_at: datetime | None) -> None:
    """The copy with the `ts` `kept` is the message; the channel is looked at again at `sweep_at`, or never."""
    await tx.execute(_SWEPT, {"_id": suspect.id, "message_ts": kept, "sweep_at": sweep_at})
