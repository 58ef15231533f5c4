"""Pages that Slack has not confirmed, and of which people are told by another way."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, RowMapping, bindparam, func, select, update

from bot.domain.delivery import PromiseState
from bot.domain.ids import IncidentId, WorkspaceId
from bot.domain.promise import ELSEWHERE, Lane
from storage import tables
from storage.database import Transaction
from storage.outbox import unsettled
from storage.records import Content, message_of

_outbox = tables.outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as it stands: what Slack has confirmed is `SENT`."""

    id: int
    key: str
    incident_id: IncidentId | None
    message: Content
    state: PromiseState
    promised_at: datetime


_is_untold = (
    _outbox.c.workspace_id == bindparam("workspace_id"),
    unsettled(_outbox),
    _outbox.c.lane == int(Lane.PAGE),
    _outbox.c.told_elsewhere_at.is_(None),
    ~_outbox.c.channel.startswith(ELSEWHERE),
)
_EARLIEST_UNTOLD = select(func.min(_outbox.c.created_at)).where(*_is_untold)
_UNTOLD = (
    select(_outbox)
    .where(*_is_untold, _outbox.c.created_at <= bindparam("promised_until"))
    .order_by(_outbox.c.created_at, _outbox.c.id)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)


async def earliest_untold(tx: Transaction, workspace_id: WorkspaceId) -> datetime | None:
    """When the longest waiting page was promised of which nobody has heard elsewhere."""
    instant: datetime | None = await tx.scalar(_EARLIEST_UNTOLD, {"workspace_id": workspace_id})
    return instant


async def untold(tx: Transaction, workspace_id: WorkspaceId, *, promised_until: datetime, limit: int) -> Sequence[Page]:
    """Locked. What is being claimed or recorded at this moment is left out."""
    which = {"workspace_id": workspace_id, "promised_until": promised_until, "limit": limit}
    rows = await tx.execute(_UNTOLD, which)
    return [_page_of(row) for row in rows.mappings()]


async def told(tx: Transaction, ids: Collection[int], *, now: datetime) -> None:
    await tx.execute(update(_outbox).where(_outbox.c.id.in_(ids)).values(told_elsewhere_at=now))


async def by_keys(tx: Transaction, workspace_id: WorkspaceId, keys: Collection[str]) -> Sequence[Page]:
    """In the order in which they were promised."""
    rows = await tx.execute(
        select(_outbox)
        .where(_outbox.c.workspace_id == workspace_id, _outbox.c.dedup_key.in_(keys))
        .order_by(_outbox.c.id)
    )
    return [_page_of(row) for row in rows.mappings()]


def _page_of(row: RowMapping) -> Page:
    return Page(
        id=row["id"],
        key=row["dedup_key"],
        incident_id=row["incident_id"],
        message=message_of(row),
        state=PromiseState(row["state"]),
        promised_at=row["created_at"],
    )
