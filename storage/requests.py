"""What people's requests did: a row for each that changed something, so that it is known when it comes again."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, select

from bot.domain.ids import IncidentId, WorkspaceId
from storage import tables
from storage.database import Transaction
from storage.upsert import or_nothing

_requests = tables.requests

_NOTE = or_nothing(_requests)


async def note(
    tx: Transaction, workspace_id: WorkspaceId, cause: str, incident_id: IncidentId, *, now: datetime
) -> bool:
    """Whether it is new. Of two at the same time the later one waits for the earlier one's end."""
    row = {"workspace_id": workspace_id, "cause": cause, "incident_id": incident_id, "done_at": now}
    stored = await tx.execute(_NOTE[tx.dialect.name], row)
    return stored.rowcount == 1


async def note_all(
    tx: Transaction, workspace_id: WorkspaceId, causes: Mapping[str, IncidentId], *, now: datetime
) -> bool:
    """Whether all of them are new. Only on SQLite is that known of several."""
    if not causes:
        return True
    rows = [
        {"workspace_id": workspace_id, "cause": cause, "incident_id": incident_id, "done_at": now}
        for cause, incident_id in causes.items()
    ]
    stored = await tx.execute(_NOTE["sqlite"], rows)
    return stored.rowcount == len(rows)


_INCIDENT_OF = select(_requests.c.incident_id).where(
    _requests.c.workspace_id == bindparam("workspace_id"), _requests.c.cause == bindparam("cause")
)


async def incident_of(tx: Transaction, workspace_id: WorkspaceId, cause: str) -> IncidentId | None:
    """The incident that the request changed; None when it changed nothing yet."""
    incident_id: IncidentId | None = await tx.scalar(_INCIDENT_OF, {"workspace_id": workspace_id, "cause": cause})
    return incident_id
