"""Channels of incidents: for each incident that has one, or should, a row says what is known of it and when to look."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, and_, bindparam, case, func, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import RowMapping

from bot.domain.delivery import PromiseState
from bot.domain.ids import IncidentId, PolicyVersionId, UserId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.policy import Severity
from bot.domain.rooms import LEASE, Card, Room
from bot.domain.slot import Slot, tier_slot
from storage import tables
from storage.database import Transaction
from storage.records import incident_of

_channels = tables.incident_channels
_incidents = tables.incidents
_cards = tables.cards
_outbox = tables.outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A channel that is ours to look after until `leased_until`."""

    incident_id: IncidentId
    room: Room
    leased_until: datetime


_VERSIONS_AT_WORK = (
    select(_incidents.c.policy_version_id)
    .where(_incidents.c.workspace_id == bindparam("workspace_id"), tables.unresolved)
    .distinct()
)


async def versions_at_work(tx: Transaction, workspace_id: WorkspaceId) -> Sequence[PolicyVersionId]:
    """The policies of the incidents that are not over."""
    rows = await tx.scalars(_VERSIONS_AT_WORK, {"workspace_id": workspace_id})
    return [PolicyVersionId(row) for row in rows]


_WITHOUT_ONE = (
    select(_incidents, case((_channels.c.channel.is_not(None), _channels.c.name)).label("earlier_name"))
    .outerjoin_from(_incidents, _channels, _channels.c.incident_id == _incidents.c.id)
    .where(
        _incidents.c.workspace_id == bindparam("workspace_id"),
        tables.unresolved,
        tuple_(_incidents.c.policy_version_id, _incidents.c.severity).in_(bindparam("fitting", expanding=True)),
        _channels.c.look_at.is_(None),
    )
    .order_by(_incidents.c.number)
    .limit(bindparam("limit", type_=Integer))
)


async def without_one(
    tx: Transaction,
    workspace_id: WorkspaceId,
    severities: Mapping[PolicyVersionId, Collection[Severity]],
    *,
    limit: int,
) -> Sequence[tuple[Incident, str | None]]:
    """Those that are not over, of these severities under each policy, for which no channel is there or under way; the
    oldest first. With each the name of the channel that it had before it was reopened.
    """
    fitting = [(version, severity) for version, wanted in severities.items() for severity in sorted(wanted)]
    rows = await tx.execute(_WITHOUT_ONE, {"workspace_id": workspace_id, "fitting": fitting, "limit": limit})
    return [(incident_of(row), row["earlier_name"]) for row in rows.mappings()]


async def begin(
    tx: Transaction, workspace_id: WorkspaceId, incident_id: IncidentId, *, name: str, now: datetime
) -> None:
    """A channel called so is to be made, and what was known of an earlier one is over. Once, whoever begins too."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    begun = {**_values(Room(name=name)), **_AT_REST, "shown_version": 0, "look_at": now}
    statement = dialect.insert(_channels).values(incident_id=incident_id, workspace_id=workspace_id, **begun)
    over_with = and_(_channels.c.workspace_id == workspace_id, _channels.c.look_at.is_(None))
    await tx.execute(statement.on_conflict_do_update(index_elements=["incident_id"], set_=begun, where=over_with))


_is_due = (
    _channels.c.workspace_id == bindparam("workspace_id"),
    _channels.c.look_at.is_not(None),
    or_(_channels.c.look_at <= bindparam("now"), _channels.c.shown_version < _incidents.c.version),
    or_(_channels.c.claimed_until.is_(None), _channels.c.claimed_until <= bindparam("now")),
)
_FIRST_DUE = (
    select(_channels)
    .join(_incidents, _incidents.c.id == _channels.c.incident_id)
    .where(*_is_due)
    .order_by(_channels.c.incident_id)
    .limit(1)
    .with_for_update(of=_channels, skip_locked=True)
)
_CLAIM = update(_channels).where(_channels.c.incident_id == bindparam("_incident_id"))


async def claim(tx: Transaction, workspace_id: WorkspaceId, *, now: datetime) -> Claim | None:
    """Of those to be looked at, or whose incident changed, that of the oldest incident."""
    due = await tx.execute(_FIRST_DUE, {"workspace_id": workspace_id, "now": now})
    row = due.mappings().one_or_none()
    if row is None:
        return None
    until = now + LEASE
    await tx.execute(_CLAIM, {"_incident_id": row["incident_id"], "claimed_until": until})
    return Claim(incident_id=row["incident_id"], room=_room_of(row), leased_until=until)


_ANY_DUE = (
    select(_channels.c.incident_id)
    .join(_incidents, _incidents.c.id == _channels.c.incident_id)
    .where(*_is_due)
    .limit(1)
)


async def is_any_due(tx: Transaction, workspace_id: WorkspaceId, *, now: datetime) -> bool:
    """Whether there may be something to claim."""
    return await tx.scalar(_ANY_DUE, {"workspace_id": workspace_id, "now": now}) is not None


_RECORD = update(_channels).where(
    _channels.c.incident_id == bindparam("_incident_id"), _channels.c.claimed_until == bindparam("_leased_until")
)
_COUNT_ATTEMPT = _RECORD.values(attempts=_channels.c.attempts + 1)


async def count_attempt(tx: Transaction, claim: Claim) -> bool:
    """Slack is about to be asked to make it; whether it is still ours to make."""
    counted = await tx.execute(_COUNT_ATTEMPT, _held(claim))
    return counted.rowcount == 1


async def record(
    tx: Transaction,
    claim: Claim,
    room: Room,
    *,
    considered: int,
    look_at: datetime | None,
    error: str | None = None,
) -> bool:
    """What is known now, with version `considered` of the incident; False when the lease is somebody else's.

    While something failed, its error stays until there is another.
    """
    told = {} if error is None and room.failed_at is not None else {"last_error": error}
    known = {**_values(room), **told, "claimed_until": None, "shown_version": considered, "look_at": look_at}
    recorded = await tx.execute(_RECORD, _held(claim) | known)
    return recorded.rowcount == 1


_NEXT_LOOK = select(func.min(func.coalesce(_channels.c.claimed_until, _channels.c.look_at))).where(
    _channels.c.workspace_id == bindparam("workspace_id"), _channels.c.look_at.is_not(None)
)


async def next_look_at(tx: Transaction, workspace_id: WorkspaceId) -> datetime | None:
    instant: datetime | None = await tx.scalar(_NEXT_LOOK, {"workspace_id": workspace_id})
    return instant


@dataclass(frozen=True, slots=True)
class Failing:
    """Something that a channel needs was refused at `since`, or it is gone; the error is of the last attempt."""

    key: str
    since: datetime
    error: str


async def failing(tx: Transaction, workspace_id: WorkspaceId) -> Sequence[Failing]:
    """Those that are still looked after, the oldest incident first."""
    rows = await tx.execute(
        select(_incidents.c.number, _channels.c.failed_at, _channels.c.last_error)
        .join(_incidents, _incidents.c.id == _channels.c.incident_id)
        .where(
            _channels.c.workspace_id == workspace_id,
            _channels.c.look_at.is_not(None),
            _channels.c.failed_at.is_not(None),
        )
        .order_by(_channels.c.incident_id)
    )
    return [Failing(f"INC-{row.number}", row.failed_at, row.last_error or "") for row in rows]


_CARDS = select(_cards.c.slot, _cards.c.channel, _cards.c.ts).where(
    _cards.c.incident_id == bindparam("incident_id"), _cards.c.slot.in_(bindparam("slots", expanding=True))
)


async def card(tx: Transaction, incident: Incident) -> Card | None:
    """The card of its present tier or, before that is posted, the stakeholders' message."""
    slots = (tier_slot(incident.tier, incident.card_cycle), Slot.STAKEHOLDERS.value)
    rows = await tx.execute(_CARDS, {"incident_id": incident.id, "slots": slots})
    found = {row.slot: Card(channel=row.channel, ts=row.ts) for row in rows}
    return next((found[slot] for slot in slots if slot in found), None)


_STATE_OF = select(_outbox.c.state).where(
    _outbox.c.workspace_id == bindparam("workspace_id"), _outbox.c.dedup_key == bindparam("key")
)


async def state_of(tx: Transaction, workspace_id: WorkspaceId, key: str) -> PromiseState | None:
    """What became of a promise; None when it was not made."""
    state = await tx.scalar(_STATE_OF, {"workspace_id": workspace_id, "key": key})
    return None if state is None else PromiseState(state)


def _held(claim: Claim) -> dict[str, object]:
    return {"_incident_id": claim.incident_id, "_leased_until": claim.leased_until}


_AT_REST = {"claimed_until": None, "last_error": None}
_COLUMNS = ("name", "channel", "created_at", "topic", "topic_set_at", "bookmark_id", "bookmarked", "archived_at",
            "failed_at", "attempts")  # fmt: skip


def _values(room: Room) -> dict[str, object]:
    return {name: getattr(room, name) for name in _COLUMNS} | {"invited": json.dumps(room.invited)}


def _room_of(row: RowMapping) -> Room:
    invited = tuple(UserId(user) for user in json.loads(row["invited"]))
    return Room(invited=invited, **{name: row[name] for name in _COLUMNS})
