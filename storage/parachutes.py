"""Parachutes: for each incident at most one message that Slack itself posts should the bot be gone by then.

A row says what is scheduled and on which version of the incident that was decided.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, or_, select, update
from sqlalchemy.engine import RowMapping

from bot.domain.ids import ChannelId, IncidentId, WorkspaceId
from bot.domain.incident import OVER, Incident
from storage import tables
from storage.database import Transaction
from storage.records import incident_of
from storage.upsert import or_nothing

_parachutes = tables.parachutes
_incidents = tables.incidents

_OF_PARACHUTE = [column.label(f"parachute_{column.name}") for column in _parachutes.c]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parachute:
    """A message scheduled at Slack as `scheduled_id`; `version` is that of the incident when it was."""

    incident_id: IncidentId
    channel: ChannelId
    scheduled_id: str
    post_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rigging:
    """An incident, and the parachute that it has."""

    incident: Incident
    parachute: Parachute | None


_FIRING_BEFORE = (
    select(_incidents, *_OF_PARACHUTE)
    .join_from(_parachutes, _incidents, _incidents.c.id == _parachutes.c.incident_id)
    .where(_parachutes.c.workspace_id == bindparam("workspace_id"), _parachutes.c.post_at < bindparam("before"))
    .order_by(_parachutes.c.post_at)
)


async def firing_before(tx: Transaction, workspace_id: WorkspaceId, before: datetime) -> Sequence[Rigging]:
    """Those that Slack posts next, the first first."""
    rows = await tx.execute(_FIRING_BEFORE, {"workspace_id": workspace_id, "before": before})
    return [_rigging_of(row) for row in rows.mappings()]


_UNRESOLVED_AFTER = (
    select(_incidents.c.number)
    .where(
        _incidents.c.workspace_id == bindparam("workspace_id"),
        tables.unresolved,
        _incidents.c.number > bindparam("after"),
    )
    .order_by(_incidents.c.number)
    .limit(bindparam("limit", type_=Integer))
)
_OUTDATED_AMONG = (
    select(_incidents, *_OF_PARACHUTE)
    .outerjoin_from(_incidents, _parachutes, _incidents.c.id == _parachutes.c.incident_id)
    .where(
        _incidents.c.workspace_id == bindparam("workspace_id"),
        tables.unresolved,
        _incidents.c.number.between(bindparam("first"), bindparam("last")),
        or_(_parachutes.c.version.is_(None), _parachutes.c.version < _incidents.c.version),
    )
    .order_by(_incidents.c.next_evaluation_at, _incidents.c.number)
)


async def outdated(
    tx: Transaction, workspace_id: WorkspaceId, *, after: int, limit: int
) -> tuple[Sequence[Rigging], int | None]:
    """Of the next `limit` incidents after the number `after` that are not over: those whose parachute was made for
    an earlier version, and those without one. Also the number to go on after; None when these were the last.
    """
    which = {"workspace_id": workspace_id, "after": after, "limit": limit}
    numbers = list(await tx.scalars(_UNRESOLVED_AFTER, which))
    if not numbers:
        return [], None
    among = {"workspace_id": workspace_id, "first": numbers[0], "last": numbers[-1]}
    rows = await tx.execute(_OUTDATED_AMONG, among)
    return [_rigging_of(row) for row in rows.mappings()], numbers[-1] if len(numbers) == limit else None


_AFTER = (
    select(_parachutes.c.incident_id)
    .where(_parachutes.c.workspace_id == bindparam("workspace_id"), _parachutes.c.incident_id > bindparam("after"))
    .order_by(_parachutes.c.incident_id)
    .limit(bindparam("limit", type_=Integer))
)
_OVER_AMONG = (
    select(_incidents, *_OF_PARACHUTE)
    .join_from(_parachutes, _incidents, _incidents.c.id == _parachutes.c.incident_id)
    .where(
        _parachutes.c.workspace_id == bindparam("workspace_id"),
        _parachutes.c.incident_id.between(bindparam("first"), bindparam("last")),
        _incidents.c.state.in_([state.value for state in OVER]),
    )
    .order_by(_parachutes.c.post_at)
)


async def of_the_over(
    tx: Transaction, workspace_id: WorkspaceId, *, after: int, limit: int
) -> tuple[Sequence[Rigging], int | None]:
    """Of the next `limit` parachutes after the incident with id `after`: those whose incident is over. Also where to
    go on, as in `outdated`."""
    ids = list(await tx.scalars(_AFTER, {"workspace_id": workspace_id, "after": after, "limit": limit}))
    if not ids:
        return [], None
    rows = await tx.execute(_OVER_AMONG, {"workspace_id": workspace_id, "first": ids[0], "last": ids[-1]})
    return [_rigging_of(row) for row in rows.mappings()], ids[-1] if len(ids) == limit else None


async def all_of(tx: Transaction, workspace_id: WorkspaceId) -> Sequence[Parachute]:
    rows = await tx.execute(
        select(*_OF_PARACHUTE)
        .where(_parachutes.c.workspace_id == workspace_id)
        .order_by(_parachutes.c.post_at, _parachutes.c.incident_id)
    )
    return [_parachute_of(row) for row in rows.mappings()]


_POST_TIMES = select(_parachutes.c.channel, _parachutes.c.post_at).where(
    _parachutes.c.workspace_id == bindparam("workspace_id"),
    _parachutes.c.post_at > bindparam("since"),
    _parachutes.c.post_at < bindparam("until"),
    _parachutes.c.incident_id.not_in(bindparam("excluding", expanding=True)),
)


async def post_times(
    tx: Transaction, workspace_id: WorkspaceId, *, since: datetime, until: datetime, excluding: Collection[IncidentId]
) -> Sequence[tuple[ChannelId, datetime]]:
    """Where and when something is to be posted after `since` and before `until`."""
    which = {"workspace_id": workspace_id, "since": since, "until": until, "excluding": list(excluding)}
    return [(row.channel, row.post_at) for row in await tx.execute(_POST_TIMES, which)]


_is_the_one = (
    _parachutes.c.incident_id == bindparam("_incident_id"),
    _parachutes.c.scheduled_id == bindparam("_scheduled_id"),
)
_REPLACE = update(_parachutes).where(*_is_the_one)
_KEEP = or_nothing(_parachutes)


async def keep(
    tx: Transaction, workspace_id: WorkspaceId, parachute: Parachute, *, instead_of: Parachute | None
) -> bool:
    """Whether it is the incident's parachute now: another process may have been faster."""
    values = {
        "channel": parachute.channel,
        "scheduled_id": parachute.scheduled_id,
        "post_at": parachute.post_at,
        "version": parachute.version,
    }
    if instead_of is not None:
        earlier = {"_incident_id": parachute.incident_id, "_scheduled_id": instead_of.scheduled_id}
        return (await tx.execute(_REPLACE, earlier | values)).rowcount == 1
    row = {"incident_id": parachute.incident_id, "workspace_id": workspace_id} | values
    return (await tx.execute(_KEEP[tx.dialect.name], row)).rowcount == 1


_FORGET = delete(_parachutes).where(*_is_the_one)


async def forget(tx: Transaction, parachute: Parachute) -> bool:
    """Whether it was the incident's until now."""
    which = {"_incident_id": parachute.incident_id, "_scheduled_id": parachute.scheduled_id}
    removed = await tx.execute(_FORGET, which)
    return removed.rowcount == 1


def _rigging_of(row: RowMapping) -> Rigging:
    has_one = row["parachute_scheduled_id"] is not None
    return Rigging(incident=incident_of(row), parachute=_parachute_of(row) if has_one else None)


def _parachute_of(row: RowMapping) -> Parachute:
    return Parachute(
        incident_id=row["parachute_incident_id"],
        channel=row["parachute_channel"],
        scheduled_id=row["parachute_scheduled_id"],
        post_at=row["parachute_post_at"],
        version=row["parachute_version"],
    )
