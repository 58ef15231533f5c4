"""Feedback: what somebody thought of an incident, and apart from it who was heard, so that a name can be left out."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, Table, delete, insert, select
from sqlalchemy.engine import RowMapping

from bot.domain.feedback import Feedback, Given
from bot.domain.ids import IncidentId, UserId, WorkspaceId
from storage import tables
from storage.database import Transaction
from storage.upsert import or_nothing

_feedback = tables.feedback
_given = tables.feedback_given
_incidents = tables.incidents

_ID_BITS = 62
"""Drawn at random, so that they tell no order."""


_HEAR = or_nothing(_given)


async def keep(
    tx: Transaction, workspace_id: WorkspaceId, incident_id: IncidentId, feedback: Feedback, *, by: UserId, at: datetime
) -> bool:
    """Whether it counts: nobody is heard twice of one incident. Without a name only the day is kept."""
    await tx.execute(select(_incidents.c.id).where(_incidents.c.id == incident_id).with_for_update())
    who = {"incident_id": incident_id, "user_id": by, "workspace_id": workspace_id}
    heard = await tx.execute(_HEAR[tx.dialect.name], who)
    if heard.rowcount != 1:
        return False
    at = at if feedback.given_by is not None else at.replace(hour=0, minute=0, second=0, microsecond=0)
    await tx.execute(
        insert(_feedback).values(
            id=secrets.randbits(_ID_BITS),
            workspace_id=workspace_id,
            incident_id=incident_id,
            given_at=at,
            score=feedback.score,
            comment=feedback.comment,
            given_by=feedback.given_by,
        )
    )
    await _write_anew(tx, _given, incident_id)
    await _write_anew(tx, _feedback, incident_id)
    return True


async def _write_anew(tx: Transaction, table: Table, incident_id: IncidentId) -> None:
    """By their keys, which do not tell when they came: of two tables filled row by row, the third row of one belongs to
    the third of the other, and in PostgreSQL each row names the transaction that wrote it."""
    of_incident = table.c.incident_id == incident_id
    rows = (await tx.execute(select(table).where(of_incident).order_by(*table.primary_key))).mappings().all()
    await tx.execute(delete(table).where(of_incident))
    await tx.execute(insert(table), [dict(row) for row in rows])


async def was_heard(tx: Transaction, incident_id: IncidentId, user: UserId) -> bool:
    query = select(_given.c.user_id).where(_given.c.incident_id == incident_id, _given.c.user_id == user)
    return await tx.scalar(query) is not None


async def since(tx: Transaction, workspace_id: WorkspaceId, start: datetime) -> Sequence[Given]:
    """In the order in which they were given, as far as it is kept."""
    rows = await tx.execute(_kept().where(_feedback.c.workspace_id == workspace_id, _feedback.c.given_at >= start))
    return [_given_of(row) for row in rows.mappings()]


def _kept() -> Select[tuple[object, ...]]:
    columns = (_incidents.c.number, _incidents.c.service, *_feedback.c)
    return (
        select(*columns)
        .join_from(_feedback, _incidents, _incidents.c.id == _feedback.c.incident_id)
        .order_by(_feedback.c.given_at, _feedback.c.id)
    )


def _given_of(row: RowMapping) -> Given:
    feedback = Feedback(score=row["score"], comment=row["comment"], given_by=row["given_by"])
    return Given(number=row["number"], service=row["service"], at=row["given_at"], feedback=feedback)
