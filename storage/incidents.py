"""Incidents: finding them, and storing a transition with its story, its breaches and its promises as one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, case, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.ids import ChannelId, IncidentId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.timeline import Pinned, TimelineEvent
from bot.domain.transition import Breach, Transition
from bot.domain.wanted import EVERYTHING, Wanted
from storage import tables
from storage.bulk import Bulk, insert_rows
from storage.chain import chained
from storage.database import Transaction
from storage.errors import Conflict
from storage.lists import fitting, seen
from storage.records import (
    Row,
    breach_of,
    breach_row,
    event_of,
    event_row,
    incident_of,
    incident_row,
    promise_row,
    stored_values,
)

_incidents = tables.incidents

_FIXED = {"id", "workspace_id", "number", "policy_version_id", "title", "description", "service", "opened_at",
          "opened_by"}  # fmt: skip
_CHANGING = tuple(column.name for column in _incidents.c if column.name not in _FIXED)
_ALWAYS = ("version", "next_evaluation_at", "last_digest")
_SOMETIMES = tuple(name for name in _CHANGING if name not in _ALWAYS)
_UNSEEN = frozenset({"followers", "last_seq"})
"""A card looks the same whatever these are: for a note, or one more who follows it, none is edited."""


@cache
def _storing(columns: tuple[str, ...]) -> Bulk:
    """Of the many columns a change touches a few, and changes of one kind the same ones."""
    return Bulk(
        update(_incidents)
        .where(_incidents.c.id == bindparam("_id"), _incidents.c.version == bindparam("_expected"))
        .values({name: bindparam(f"_{name}") for name in (*columns, *_ALWAYS)})
    )


_WANT_CARDS = Bulk(
    update(tables.cards)
    .where(tables.cards.c.incident_id == bindparam("_id"))
    .values(wanted_version=bindparam("_version"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A transition with the version it was decided on and the instant the domain says to ask again.

    With `before`, the incident that it was decided on, only what it changed is stored.
    """

    transition: Transition
    decided_on: int
    next_evaluation_at: datetime | None
    before: Incident | None = None


async def make_workspace(tx: Transaction, workspace_id: WorkspaceId) -> None:
    """Once per workspace; repeats change nothing."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    await tx.execute(dialect.insert(tables.workspaces).values(id=workspace_id).on_conflict_do_nothing())


async def next_identity(tx: Transaction, workspace_id: WorkspaceId) -> tuple[IncidentId, int]:
    """The id and the number of a new incident. The number has no gap once the transaction commits."""
    number = await tx.scalar(
        update(tables.workspaces)
        .where(tables.workspaces.c.id == workspace_id)
        .values(last_incident_number=tables.workspaces.c.last_incident_number + 1)
        .returning(tables.workspaces.c.last_incident_number)
    )
    if number is None:
        raise LookupError(f"unknown workspace {workspace_id}")
    if tx.dialect.name == "sqlite":
        newest = await tx.scalar(select(func.max(_incidents.c.id)))
        return IncidentId((newest or 0) + 1), number
    return IncidentId(await tx.scalar(select(func.nextval("incidents_id_seq"))) or 0), number


async def store_opened(tx: Transaction, change: Change) -> None:
    incident = change.transition.incident
    stories = _stories(tx, [change])
    row = incident_row(incident) | {
        "next_evaluation_at": change.next_evaluation_at,
        "last_digest": stories[incident.id].digest,
    }
    await tx.execute(insert(_incidents), [row])
    await _store_consequences(tx, [change], stories)


async def store(tx: Transaction, changes: Sequence[Change]) -> None:
    """All of them or none. Raises `Conflict` when one was decided on a version that is no longer there."""
    if not changes:
        return
    stories = _stories(tx, changes)
    alike: dict[tuple[str, ...], list[Row]] = {}
    for change in changes:
        columns = _changed(change)
        row = _change_row(change, columns, stories[change.transition.incident.id].digest)
        alike.setdefault(columns, []).append(row)
    for columns, rows in alike.items():
        stored = await _storing(columns).execute(tx, rows)
        # asyncpg does not count the rows of a batch (-1); there `due` holds their locks, so the versions cannot differ.
        if stored not in (len(rows), -1):
            raise Conflict("an incident was changed meanwhile")
    shown = [row for columns, rows in alike.items() if not _UNSEEN.issuperset(columns) for row in rows]
    if shown:
        await _WANT_CARDS.execute(tx, shown)
    await _store_consequences(tx, changes, stories)


async def due(
    tx: Transaction, workspace_id: WorkspaceId, *, now: datetime, limit: int, excluding: Collection[IncidentId] = ()
) -> Sequence[Incident]:
    """The incidents whose clocks ask for a decision, oldest first, locked; what another process holds is skipped."""
    rows = await tx.execute(
        select(_incidents)
        .where(
            _incidents.c.workspace_id == workspace_id,
            _incidents.c.next_evaluation_at <= now,
            _incidents.c.id.not_in(excluding),
        )
        .order_by(_incidents.c.next_evaluation_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [incident_of(row) for row in rows.mappings()]


async def earliest_evaluation(tx: Transaction, workspace_id: WorkspaceId) -> datetime | None:
    instant: datetime | None = await tx.scalar(
        select(_incidents.c.next_evaluation_at)
        .where(_incidents.c.workspace_id == workspace_id, _incidents.c.next_evaluation_at.is_not(None))
        .order_by(_incidents.c.next_evaluation_at)
        .limit(1)
    )
    return instant


async def by_number(tx: Transaction, workspace_id: WorkspaceId, number: int, *, lock: bool = False) -> Incident | None:
    query = select(_incidents).where(_incidents.c.workspace_id == workspace_id, _incidents.c.number == number)
    if lock:
        query = query.with_for_update()
    row = (await tx.execute(query)).mappings().one_or_none()
    return incident_of(row) if row is not None else None


async def by_ids(tx: Transaction, ids: Sequence[IncidentId], *, lock: bool = False) -> Mapping[IncidentId, Incident]:
    query = select(_incidents).where(_incidents.c.id.in_(ids))
    if lock:
        query = query.with_for_update()
    return {row["id"]: incident_of(row) for row in (await tx.execute(query)).mappings()}


async def by_numbers(
    tx: Transaction, workspace_id: WorkspaceId, numbers: Sequence[int]
) -> Mapping[IncidentId, Incident]:
    query = select(_incidents).where(_incidents.c.workspace_id == workspace_id, _incidents.c.number.in_(numbers))
    return {row["id"]: incident_of(row) for row in (await tx.execute(query)).mappings()}


async def unresolved(
    tx: Transaction,
    workspace_id: WorkspaceId,
    *,
    limit: int,
    wanted: Wanted = EVERYTHING,
    private: Collection[IncidentId] | None = None,
) -> tuple[Sequence[tuple[Incident, datetime | None]], int]:
    """Those wanted that are not over, worst and oldest first, each with its next evaluation; and how many there are.

    Of what is private only those in `private`; None stands for all.
    """
    chosen = (_incidents.c.workspace_id == workspace_id, tables.unresolved)
    also = [*fitting(wanted), seen(private)]
    breached_first = case((_incidents.c.breach_count > 0, 0), else_=1)
    rows = await tx.execute(
        select(_incidents)
        .where(*chosen, *also)
        .order_by(_incidents.c.severity, breached_first, _incidents.c.number)
        .limit(limit)
    )
    total = await tx.scalar(select(func.count()).select_from(_incidents).where(*chosen, *also))
    return [(incident_of(row), row["next_evaluation_at"]) for row in rows.mappings()], total or 0


async def worked_in(tx: Transaction, workspace_id: WorkspaceId, channel: ChannelId, *, limit: int) -> Sequence[int]:
    """The numbers of incidents that are not over and have a card in the channel, the newest first."""
    # Counted rather than looked for, which PostgreSQL would turn round and read all the cards there ever were.
    there = select(func.count()).where(tables.cards.c.incident_id == _incidents.c.id, tables.cards.c.channel == channel)
    rows = await tx.execute(
        select(_incidents.c.number)
        .where(_incidents.c.workspace_id == workspace_id, tables.unresolved, there.scalar_subquery() > 0)
        .order_by(_incidents.c.number.desc())
        .limit(limit)
    )
    return rows.scalars().all()


async def of_room(tx: Transaction, workspace_id: WorkspaceId, channel: ChannelId) -> int | None:
    """The number of the incident that the channel was made for."""
    query = select(_incidents.c.number).where(_incidents.c.workspace_id == workspace_id, _incidents.c.room == channel)
    number: int | None = await tx.scalar(query.order_by(_incidents.c.number.desc()).limit(1))
    return number


async def story(
    tx: Transaction, incident_id: IncidentId, *, after: int = 0, until: int | None = None
) -> Sequence[TimelineEvent]:
    """The timeline in order, from the entry after number `after` on, at most up to number `until`."""
    query = select(tables.timeline).where(tables.timeline.c.incident_id == incident_id, tables.timeline.c.seq > after)
    if until is not None:
        query = query.where(tables.timeline.c.seq <= until)
    return [event_of(row) for row in (await tx.execute(query.order_by(tables.timeline.c.seq))).mappings()]


async def pinned(tx: Transaction, incident_id: IncidentId) -> Sequence[Pinned]:
    """The messages that people had kept in the story."""
    chosen = (tables.timeline.c.incident_id == incident_id, tables.timeline.c.kind == "pinned")
    rows = await tx.execute(select(tables.timeline).where(*chosen).order_by(tables.timeline.c.seq))
    facts = (event_of(row).fact for row in rows.mappings())
    return [fact for fact in facts if isinstance(fact, Pinned)]


async def ledger(tx: Transaction, incident_id: IncidentId) -> Sequence[Breach]:
    rows = await tx.execute(
        select(tables.breaches).where(tables.breaches.c.incident_id == incident_id).order_by(tables.breaches.c.number)
    )
    return [breach_of(row) for row in rows.mappings()]


@dataclass(frozen=True, slots=True)
class _Story:
    """The new entries of one incident, chained to those before, and the digest of the last."""

    rows: Sequence[Row]
    digest: str


def _stories(tx: Transaction, changes: Sequence[Change]) -> Mapping[IncidentId, _Story]:
    return {change.transition.incident.id: _story(tx, change.transition) for change in changes}


def _story(tx: Transaction, transition: Transition) -> _Story:
    incident = transition.incident
    rows = [event_row(incident.workspace_id, incident.id, event) for event in transition.events]
    return _Story(rows, chained(tx, rows, incident.last_digest))


def _changed(change: Change) -> tuple[str, ...]:
    """The columns to store. What a decision left alone is the very same object as before."""
    if change.before is None:
        return _SOMETIMES
    before, after = vars(change.before), vars(change.transition.incident)
    return tuple([name for name in _SOMETIMES if before[name] is not after[name]])


def _change_row(change: Change, columns: Sequence[str], digest: str) -> Row:
    incident = change.transition.incident
    return {f"_{name}": value for name, value in stored_values(incident, columns)} | {
        "_id": incident.id,
        "_expected": change.decided_on,
        "_version": incident.version,
        "_next_evaluation_at": change.next_evaluation_at,
        "_last_digest": digest,
    }


async def _store_consequences(tx: Transaction, changes: Sequence[Change], stories: Mapping[IncidentId, _Story]) -> None:
    breaches: list[Row] = []
    promises: list[Row] = []
    for transition in (change.transition for change in changes):
        workspace_id, incident_id = transition.incident.workspace_id, transition.incident.id
        breaches.extend(breach_row(workspace_id, incident_id, breach) for breach in transition.breaches)
        promises.extend(promise_row(workspace_id, incident_id, promise) for promise in transition.promises)
    await insert_rows(tx, tables.timeline, [row for story in stories.values() for row in story.rows])
    await insert_rows(tx, tables.breaches, breaches)
    await insert_rows(tx, tables.outbox, promises)
