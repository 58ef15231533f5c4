"""Incidents: finding them, and storing a transition with its story, its breaches and its promises as one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Integer, bindparam, func, select, update

from bot.domain.ids import ChannelId, IncidentId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.timeline import Pinned, TimelineEvent
from bot.domain.transition import Breach, Transition
from storage import tables
from storage.bulk import Bulk, insert_rows
from storage.chain import chained
from storage.database import Transaction
from storage.errors import Conflict
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
from storage.upsert import or_nothing

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


_MAKE_WORKSPACE = or_nothing(tables.workspaces)


async def make_workspace(tx: Transaction, workspace_id: WorkspaceId) -> None:
    """Once per workspace; repeats change nothing."""
    await tx.execute(_MAKE_WORKSPACE[tx.dialect.name], {"id": workspace_id})


_NEXT_NUMBER = (
    update(tables.workspaces)
    .where(tables.workspaces.c.id == bindparam("_id"))
    .values(last_incident_number=tables.workspaces.c.last_incident_number + 1)
    .returning(tables.workspaces.c.last_incident_number)
)
_NEWEST_ID = select(func.max(_incidents.c.id))
_NEXT_ID = select(func.nextval("incidents_id_seq"))


async def next_identity(tx: Transaction, workspace_id: WorkspaceId) -> tuple[IncidentId, int]:
    """The id and the number of a new incident. The number has no gap once the transaction commits."""
    number = await tx.scalar(_NEXT_NUMBER, {"_id": workspace_id})
    if number is None:
        raise LookupError(f"unknown workspace {workspace_id}")
    if tx.dialect.name == "sqlite":
        return IncidentId((await tx.scalar(_NEWEST_ID) or 0) + 1), number
    return IncidentId(await tx.scalar(_NEXT_ID) or 0), number


async def store_opened(tx: Transaction, change: Change) -> None:
    incident = change.transition.incident
    stories = _stories(tx, [change])
    row = incident_row(incident) | {
        "next_evaluation_at": change.next_evaluation_at,
        "last_digest": stories[incident.id].digest,
    }
    await insert_rows(tx, _incidents, [row])
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


_DUE = (
    select(_incidents)
    .where(
        _incidents.c.workspace_id == bindparam("workspace_id"),
        _incidents.c.next_evaluation_at <= bindparam("now"),
        _incidents.c.id.not_in(bindparam("excluding", expanding=True)),
    )
    .order_by(_incidents.c.next_evaluation_at)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)


async def due(
    tx: Transaction, workspace_id: WorkspaceId, *, now: datetime, limit: int, excluding: Collection[IncidentId] = ()
) -> Sequence[Incident]:
    """The incidents whose clocks ask for a decision, oldest first, locked; what another process holds is skipped."""
    which = {"workspace_id": workspace_id, "now": now, "excluding": list(excluding), "limit": limit}
    return [incident_of(row) for row in (await tx.execute(_DUE, which)).mappings()]


_EARLIEST = (
    select(_incidents.c.next_evaluation_at)
    .where(_incidents.c.workspace_id == bindparam("workspace_id"), _incidents.c.next_evaluation_at.is_not(None))
    .order_by(_incidents.c.next_evaluation_at)
    .limit(1)
)


async def earliest_evaluation(tx: Transaction, workspace_id: WorkspaceId) -> datetime | None:
    instant: datetime | None = await tx.scalar(_EARLIEST, {"workspace_id": workspace_id})
    return instant


_BY_NUMBER = select(_incidents).where(
    _incidents.c.workspace_id == bindparam("workspace_id"), _incidents.c.number == bindparam("number")
)
_BY_NUMBER_LOCKED = _BY_NUMBER.with_for_update()


async def by_number(tx: Transaction, workspace_id: WorkspaceId, number: int, *, lock: bool = False) -> Incident | None:
    query = _BY_NUMBER_LOCKED if lock else _BY_NUMBER
    row = (await tx.execute(query, {"workspace_id": workspace_id, "number": number})).mappings().one_or_none()
    return incident_of(row) if row is not None else None


_BY_IDS = select(_incidents).where(_incidents.c.id.in_(bindparam("ids", expanding=True)))
_BY_IDS_LOCKED = _BY_IDS.with_for_update()


async def by_ids(tx: Transaction, ids: Sequence[IncidentId], *, lock: bool = False) -> Mapping[IncidentId, Incident]:
    rows = await tx.execute(_BY_IDS_LOCKED if lock else _BY_IDS, {"ids": list(ids)})
    return {row["id"]: incident_of(row) for row in rows.mappings()}


_BY_NUMBERS = select(_incidents).where(
    _incidents.c.workspace_id == bindparam("workspace_id"),
    _incidents.c.number.in_(bindparam("numbers", expanding=True)),
)


async def by_numbers(
    tx: Transaction, workspace_id: WorkspaceId, numbers: Sequence[int]
) -> Mapping[IncidentId, Incident]:
    rows = await tx.execute(_BY_NUMBERS, {"workspace_id": workspace_id, "numbers": list(numbers)})
    return {row["id"]: incident_of(row) for row in rows.mappings()}


_CARDS_IN = select(func.count()).where(
    tables.cards.c.incident_id == _incidents.c.id, tables.cards.c.channel == bindparam("channel")
)
_WORKED_IN = (
    select(_incidents.c.number)
    # Counted rather than looked for, which PostgreSQL would turn round and read all the cards there ever were.
    .where(_incidents.c.workspace_id == bindparam("workspace_id"), tables.unresolved, _CARDS_IN.scalar_subquery() > 0)
    .order_by(_incidents.c.number.desc())
    .limit(bindparam("limit", type_=Integer))
)


async def worked_in(tx: Transaction, workspace_id: WorkspaceId, channel: ChannelId, *, limit: int) -> Sequence[int]:
    """The numbers of incidents that are not over and have a card in the channel, the newest first."""
    rows = await tx.scalars(_WORKED_IN, {"workspace_id": workspace_id, "channel": channel, "limit": limit})
    return rows.all()


_OF_ROOM = (
    select(_incidents.c.number)
    .where(_incidents.c.workspace_id == bindparam("workspace_id"), _incidents.c.room == bindparam("channel"))
    .order_by(_incidents.c.number.desc())
    .limit(1)
)


async def of_room(tx: Transaction, workspace_id: WorkspaceId, channel: ChannelId) -> int | None:
    """The number of the incident that the channel was made for."""
    number: int | None = await tx.scalar(_OF_ROOM, {"workspace_id": workspace_id, "channel": channel})
    return number


_STORY = (
    select(tables.timeline)
    .where(tables.timeline.c.incident_id == bindparam("incident_id"), tables.timeline.c.seq > bindparam("after"))
    .order_by(tables.timeline.c.seq)
)
_STORY_UNTIL = _STORY.where(tables.timeline.c.seq <= bindparam("until"))


async def story(
    tx: Transaction, incident_id: IncidentId, *, after: int = 0, until: int | None = None
) -> Sequence[TimelineEvent]:
    """The timeline in order, from the entry after number `after` on, at most up to number `until`."""
    which = {"incident_id": incident_id, "after": after}
    asked = tx.execute(_STORY, which) if until is None else tx.execute(_STORY_UNTIL, which | {"until": until})
    return [event_of(row) for row in (await asked).mappings()]


_PINNED = (
    select(tables.timeline)
    .where(tables.timeline.c.incident_id == bindparam("incident_id"), tables.timeline.c.kind == "pinned")
    .order_by(tables.timeline.c.seq)
)


async def pinned(tx: Transaction, incident_id: IncidentId) -> Sequence[Pinned]:
    """The messages that people had kept in the story."""
    rows = await tx.execute(_PINNED, {"incident_id": incident_id})
    facts = (event_of(row).fact for row in rows.mappings())
    return [fact for fact in facts if isinstance(fact, Pinned)]


_LEDGER = (
    select(tables.breaches)
    .where(tables.breaches.c.incident_id == bindparam("incident_id"))
    .order_by(tables.breaches.c.number)
)


async def ledger(tx: Transaction, incident_id: IncidentId) -> Sequence[Breach]:
    rows = await tx.execute(_LEDGER, {"incident_id": incident_id})
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
