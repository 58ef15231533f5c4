"""How far the due checks have come: the instant at which the bot was last known to be at work; and the common time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, update

from bot.domain.ids import WorkspaceId
from bot.domain.notice import PassedDeadline
from bot.domain.timeline import Target
from storage import tables
from storage.database import Transaction

_workspaces = tables.workspaces


async def time_of_database(tx: Transaction) -> datetime:
    """What the clock of a database shows that several machines share, at this very question."""
    return (await tx.scalars(select(func.clock_timestamp(type_=tables.UtcTime())))).one()


_CHECKED_UNTIL = select(_workspaces.c.checked_until).where(_workspaces.c.id == bindparam("workspace_id"))
_CHECKED_UNTIL_LOCKED = _CHECKED_UNTIL.with_for_update()


async def checked_until(tx: Transaction, workspace_id: WorkspaceId, *, lock: bool = False) -> datetime | None:
    """None for a workspace that no bot has worked for yet. With `lock` nobody else moves it in the meantime."""
    query = _CHECKED_UNTIL_LOCKED if lock else _CHECKED_UNTIL
    instant: datetime | None = await tx.scalar(query, {"workspace_id": workspace_id})
    return instant


_SET_CHECKED = (
    update(_workspaces)
    .where(
        _workspaces.c.id == bindparam("_id"),
        or_(_workspaces.c.checked_until.is_(None), _workspaces.c.checked_until < bindparam("_now")),
    )
    .values(checked_until=bindparam("_now"))
)


async def set_checked_until(tx: Transaction, workspace_id: WorkspaceId, now: datetime) -> None:
    """It never goes back: an earlier instant than the stored one changes nothing."""
    await tx.execute(_SET_CHECKED, {"_id": workspace_id, "_now": now})


async def passed_deadlines(
    tx: Transaction, workspace_id: WorkspaceId, *, since: datetime, until: datetime, recorded_from: datetime
) -> Sequence[PassedDeadline]:
    """The breaches due from `since` to before `until` that were recorded from `recorded_from` on, in their order."""
    breaches, incidents = tables.breaches, tables.incidents
    rows = await tx.execute(
        select(incidents.c.number, breaches.c.target, breaches.c.tier, breaches.c.due_at)
        .join(incidents, incidents.c.id == breaches.c.incident_id)
        .where(
            breaches.c.workspace_id == workspace_id,
            breaches.c.due_at >= since,
            breaches.c.due_at < until,
            breaches.c.breached_at >= recorded_from,
        )
        .order_by(breaches.c.due_at, breaches.c.id)
    )
    return [
        PassedDeadline(number=row.number, target=Target(row.target), tier=row.tier, due_at=row.due_at) for row in rows
    ]
