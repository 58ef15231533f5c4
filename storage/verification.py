"""What the database holds of each incident, read in batches and so that no damage stops the reading."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, RowMapping, Select, String, cast, func, select, type_coerce
from sqlalchemy.exc import DBAPIError

from bot.domain.ids import IncidentId, WorkspaceId
from storage import tables
from storage.chain import SEALED
from storage.chain_verdict import Entry, Head
from storage.database import Transaction

_incidents = tables.incidents
_timeline = tables.timeline

ENTRIES_AT_ONCE = 20_000
INCIDENTS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much there is; `sealed_since` is the instant of the first entry that was sealed with a key."""

    incidents: int
    entries: int
    sealed_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A row of the outbox, as far as a story tells of it."""

    key: str
    kind: str
    channel: str


async def extent(tx: Transaction) -> Extent:
    at = _timeline.c.at
    sealed = select(func.min(at)).where(_timeline.c.digest.startswith(SEALED, autoescape=True))
    row = (
        await tx.execute(
            select(func.count(), func.coalesce(func.sum(_incidents.c.last_seq), 0)).select_from(_incidents)
        )
    ).one()
    return Extent(incidents=row[0], entries=row[1], sealed_since=await tx.scalar(sealed))


async def missing_numbers(
    tx: Transaction, *, most: int, opened_since: datetime | None
) -> Sequence[tuple[WorkspaceId, int]]:
    """Numbers that were given out and that no incident has: at most `most`, the lowest first.

    What was opened before `opened_since` may have been removed because it was old: only later numbers are missed.
    """
    missing: list[tuple[WorkspaceId, int]] = []
    workspaces = (await tx.execute(select(tables.workspaces.c.id, tables.workspaces.c.last_incident_number))).all()
    for workspace_id, last in workspaces:
        mine = _incidents.c.workspace_id == workspace_id
        if await tx.scalar(select(func.count()).select_from(_incidents).where(mine)) == last:
            continue
        numbers = set(await tx.scalars(select(_incidents.c.number).where(mine)))
        first = await _first_number(tx, mine, opened_since)
        gone = (number for number in range(first, last + 1) if number not in numbers) if first is not None else ()
        missing.extend((workspace_id, number) for number, _ in zip(gone, range(most), strict=False))
    return missing[:most]


async def _first_number(tx: Transaction, mine: ColumnElement[bool], opened_since: datetime | None) -> int | None:
    """Numbers grow with the instants of the openings."""
    if opened_since is None:
        return 1
    first: int | None = await tx.scalar(
        select(func.min(_incidents.c.number)).where(mine, _incidents.c.opened_at >= opened_since)
    )
    return first


async def changed_policies(tx: Transaction) -> Sequence[int]:
    """The versions of the policy that are not what was applied."""
    versions = tables.policy_versions.c
    rows = await tx.execute(
        select(versions.id, versions.digest, versions.document, versions.directory).order_by(versions.id)
    )
    return [row[0] for row in rows if hashlib.sha256(f"{row[2]}\n{row[3]}".encode()).hexdigest() != row[1]]


async def orphans(tx: Transaction, *, most: int) -> Sequence[tuple[int, int]]:
    """Entries of incidents that are not there: the incident's id and how many entries."""
    known = select(_incidents.c.id).where(_incidents.c.id == _timeline.c.incident_id)
    rows = await tx.execute(
        select(_timeline.c.incident_id, func.count())
        .where(~known.exists())
        .group_by(_timeline.c.incident_id)
        .order_by(_timeline.c.incident_id)
        .limit(most)
    )
    return [(row[0], row[1]) for row in rows]


async def heads(tx: Transaction, *, after: int) -> Sequence[Head]:
    """The next incidents by id, as many as have a bounded number of entries together; empty at the end."""
    rows = await tx.execute(_heads().where(_incidents.c.id > after).order_by(_incidents.c.id).limit(INCIDENTS_AT_ONCE))
    found: list[Head] = []
    counted = 0
    for row in rows.mappings():
        counted += max(row["last_seq"], 1)
        if found and counted > ENTRIES_AT_ONCE:
            break
        found.append(Head(**row))
    return found


async def head_of(tx: Transaction, workspace_id: WorkspaceId, number: int) -> Head | None:
    query = _heads().where(_incidents.c.workspace_id == workspace_id, _incidents.c.number == number)
    row = (await tx.execute(query)).mappings().one_or_none()
    return None if row is None else Head(**row)


async def entries(tx: Transaction, of: Sequence[Head]) -> Mapping[IncidentId, Sequence[Entry]]:
    """The stories in order; `of` follow one another by id."""
    try:
        rows = await _timeline_rows(tx, of, lambda column: type_coerce(column, String))
    except DBAPIError:
        if tx.dialect.name != "sqlite":
            raise
        # A flipped bit makes no text of a text: as bytes the others can be read.
        rows = await _timeline_rows(tx, of, lambda column: cast(column, LargeBinary))
    stories: dict[IncidentId, list[Entry]] = {head.id: [] for head in of}
    for row in rows:
        if row[0] in stories:
            stories[row[0]].append(Entry._make(row))
    return stories


async def _timeline_rows(
    tx: Transaction, of: Sequence[Head], read: Callable[[ColumnElement[Any]], ColumnElement[Any]]
) -> Sequence[Any]:
    held = [_timeline.c[name] for name in ("workspace_id", "at", "by", "kind", "fact", "digest")]
    columns = [read(column) for column in held] if tx.dialect.name == "sqlite" else held
    result = await tx.execute(
        select(_timeline.c.incident_id, _timeline.c.seq, *columns)
        .where(_timeline.c.incident_id.between(of[0].id, of[-1].id))
        .order_by(_timeline.c.incident_id, _timeline.c.seq)
    )
    return result.all()


async def incident_rows(tx: Transaction, of: Sequence[Head]) -> Mapping[IncidentId, RowMapping]:
    rows = await tx.execute(select(_incidents).where(_incidents.c.id.between(of[0].id, of[-1].id)))
    return {row["id"]: row for row in rows.mappings()}


async def breach_rows(tx: Transaction, of: Sequence[Head]) -> Mapping[IncidentId, Sequence[RowMapping]]:
    found = tables.breaches
    return _grouped(
        await _rows_between(tx, select(found).order_by(found.c.incident_id, found.c.number), found.c.incident_id, of)
    )


async def promised(tx: Transaction, of: Sequence[Head]) -> Mapping[IncidentId, Sequence[Promised]]:
    out = tables.outbox
    query = select(out.c.incident_id, out.c.dedup_key, out.c.kind, out.c.channel).order_by(out.c.id)
    rows = _grouped(await _rows_between(tx, query, out.c.incident_id, of))
    return {
        incident: [Promised(key=row["dedup_key"], kind=row["kind"], channel=row["channel"]) for row in mine]
        for incident, mine in rows.items()
    }


def _heads() -> Select[Any]:
    return select(
        _incidents.c.id,
        _incidents.c.workspace_id,
        _incidents.c.number,
        _incidents.c.last_seq,
        _incidents.c.last_digest,
    )


async def _rows_between(
    tx: Transaction, query: Select[Any], incident_id: ColumnElement[Any], of: Sequence[Head]
) -> Sequence[RowMapping]:
    rows = await tx.execute(query.where(incident_id.between(of[0].id, of[-1].id)))
    return list(rows.mappings())


def _grouped(rows: Sequence[RowMapping]) -> Mapping[IncidentId, Sequence[RowMapping]]:
    grouped: dict[IncidentId, list[RowMapping]] = {}
    for row in rows:
        grouped.setdefault(row["incident_id"], []).append(row)
    return grouped
