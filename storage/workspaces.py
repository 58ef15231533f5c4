"""The workspaces that have incidents here; nearly always one."""

from collections.abc import Sequence

from sqlalchemy import select

from bot.domain.ids import WorkspaceId
from storage import tables
from storage.database import Transaction


async def known(tx: Transaction) -> Sequence[WorkspaceId]:
    rows = await tx.scalars(select(tables.workspaces.c.id).order_by(tables.workspaces.c.id))
    return [WorkspaceId(each) for each in rows]
