"""Slots of the jobs that run at a time of day: whichever process takes a slot does that day's work."""

from datetime import datetime

from sqlalchemy import delete, func, select

from bot.domain.ids import WorkspaceId
from storage import tables
from storage.database import Transaction
from storage.upsert import or_nothing

_slots = tables.job_slots

_TAKE = or_nothing(_slots)


async def take(tx: Transaction, workspace_id: WorkspaceId, job: str, slot: datetime) -> bool:
    """Whether it is ours: the first to ask for a slot has it."""
    taken = await tx.execute(_TAKE[tx.dialect.name], {"workspace_id": workspace_id, "job": job, "slot": slot})
    return taken.rowcount == 1


async def give_back(tx: Transaction, workspace_id: WorkspaceId, job: str, slot: datetime) -> None:
    """The work was not done: whoever asks next has the slot."""
    await tx.execute(
        delete(_slots).where(_slots.c.workspace_id == workspace_id, _slots.c.job == job, _slots.c.slot == slot)
    )


async def forget(tx: Transaction, workspace_id: WorkspaceId, *, before: datetime) -> int:
    """How many slots of before that instant are gone now. The newest of each job stays, so that none is taken twice."""
    other = _slots.alias("other")
    newest = (
        select(func.max(other.c.slot))
        .where(other.c.workspace_id == workspace_id, other.c.job == _slots.c.job)
        .correlate(_slots)
        .scalar_subquery()
    )
    removed = await tx.execute(
        delete(_slots).where(_slots.c.workspace_id == workspace_id, _slots.c.slot < before, _slots.c.slot < newest)
    )
    return removed.rowcount
