"""Incidents as people ask for them: a page of a list, and what is open of one service."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Integer, Select, TextClause, bindparam, case, func, not_, or_, select, true

from bot.domain.ids import IncidentId, WorkspaceId
from bot.domain.incident import OVER, Incident
from bot.domain.wanted import Wanted
from storage import tables
from storage.database import Transaction
from storage.records import incident_of

_incidents = tables.incidents

Query = TypeVar("Query", bound=Select[Any])


MOST_PRIVATE = 1_000
"""Of more private ones the newest are looked at."""


async def how_many(
    tx: Transaction,
    workspace_id: WorkspaceId,
    wanted: Wanted,
    *,
    at_most: int,
    private: Collection[IncidentId] | None = None,
) -> int:
    """Not more than that are counted, for there are ever more of those that are over.

    Of what is private only those in `private` are, here and below; None stands for all.
    """
    numbers = _chosen(select(_incidents.c.number), workspace_id, wanted).where(seen(private))
    counted = numbers.order_by(_incidents.c.number.desc()).limit(at_most).subquery()
    return await tx.scalar(select(func.count()).select_from(counted)) or 0


async def some(
    tx: Transaction,
    workspace_id: WorkspaceId,
    wanted: Wanted,
    *,
    after: int,
    limit: int,
    private: Collection[IncidentId] | None = None,
) -> Sequence[Incident]:
    """Those wanted but for the first `after`: worst and oldest first, and of what is over the newest first."""
    breached_first = case((_incidents.c.breach_count > 0, 0), else_=1)
    worst_first = (_incidents.c.severity, breached_first, _incidents.c.number)
    order = (_incidents.c.number.desc(),) if wanted.over else worst_first
    chosen = _chosen(select(_incidents), workspace_id, wanted).where(seen(private))
    query = chosen.order_by(*order).offset(after).limit(limit)
    return [incident_of(row) for row in (await tx.execute(query)).mappings()]


_OPEN_TITLES = (
    select(_incidents.c.id, _incidents.c.title)
    .where(
        _incidents.c.workspace_id == bindparam("workspace_id"),
        tables.unresolved,
        _incidents.c.service == bindparam("service"),
    )
    .order_by(_incidents.c.number.desc())
    .limit(bindparam("limit", type_=Integer))
)
_OPEN_TITLES_SEEN = _OPEN_TITLES.where(
    or_(not_(_incidents.c.is_private), _incidents.c.id.in_(bindparam("private", expanding=True)))
)


async def open_titles(
    tx: Transaction,
    workspace_id: WorkspaceId,
    service: str,
    *,
    limit: int,
    private: Collection[IncidentId] | None = None,
) -> Sequence[tuple[IncidentId, str]]:
    """The ids and titles of what is not over in the service, the newest first."""
    which = {"workspace_id": workspace_id, "service": service, "limit": limit}
    if private is None:
        rows = await tx.execute(_OPEN_TITLES, which)
    else:
        rows = await tx.execute(_OPEN_TITLES_SEEN, which | {"private": list(private)})
    return [(row.id, row.title) for row in rows]


async def private_ones(tx: Transaction, workspace_id: WorkspaceId, wanted: Wanted) -> Sequence[Incident]:
    """Those wanted that are private, the newest first."""
    query = _chosen(select(_incidents), workspace_id, wanted).where(tables.private)
    rows = await tx.execute(query.order_by(_incidents.c.number.desc()).limit(MOST_PRIVATE))
    return [incident_of(row) for row in rows.mappings()]


def seen(private: Collection[IncidentId] | None) -> ColumnElement[bool]:
    return true() if private is None else or_(not_(_incidents.c.is_private), _incidents.c.id.in_(private))


def _chosen(query: Query, workspace_id: WorkspaceId, wanted: Wanted) -> Query:
    over: TextClause | ColumnElement[bool] = _incidents.c.state.in_(OVER) if wanted.over else tables.unresolved
    return query.where(_incidents.c.workspace_id == workspace_id, over, *_fitting(wanted))


def _fitting(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """What it says beside whether they are over."""
    if wanted.severities:
        yield _incidents.c.severity.in_(wanted.severities)
    if wanted.services:
        yield _incidents.c.service.in_(wanted.services)
    if wanted.people:
        yield _incidents.c.assignee.in_(wanted.people)
    if wanted.breached:
        yield _incidents.c.breach_count > 0
