"""What people's requests did: a row for each that changed something, so that it is known when it comes again."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.ids import IncidentId, WorkspaceId
from storage import tables
from storage.database import Transaction

_requests = tables.requests


async def note(
    tx: Transaction, workspace_id: WorkspaceId, cause: str, incident_id: IncidentId, *, now: datetime
) -> bool:
    """Whether it is new. Of two at the same time the later one waits for the earlier one's end."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    stored = await tx.execute(
        dialect.insert(_requests)
        .values(workspace_id=workspace_id, cause=cause, incident_id=incident_id, done_at=now)
        .on_conflict_do_nothing()
    )
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
    stored = await tx.execute(sqlite.insert(_requests).on_conflict_do_nothing(), rows)
    return stored.rowcount == len(rows)


async def incident_of(tx: Transaction, workspace_id: WorkspaceId, cause: str) -> IncidentId | None:
    """The incident that the request changed; None when it changed nothing yet."""
    query = select(_requests.c.incident_id).where(_requests.c.workspace_id == workspace_id, _requests.c.cause == cause)
    incident_id: IncidentId | None = await tx.scalar(query)
    return incident_id
