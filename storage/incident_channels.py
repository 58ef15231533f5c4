"""Channels of incidents: for each incident that has one, or should, a row says what is known of it and when to look."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import RowMapping

from bot.domain.delivery import PromiseState
from bot.domain.ids import IncidentId, PolicyVersionId, UserId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.policy import Severity
from bot.domain.promise import Slot, tier_slot
from bot.domain.rooms import LEASE, Card, Room
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


async def versions_at_work(tx: Transaction, workspace_id: WorkspaceId) -> Sequence[PolicyVersionId]:
    """The policies of the incidents that are not over."""
    rows = await tx.scalars(
        select(_incidents.c.policy_version_id)
        .where(_incidents.c.workspace_id == workspace_id, tables.unresolved)
        .distinct()
    )
    return [PolicyVersionId(row) for row in rows]


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
    fitting = [
        and_(_incidents.c.policy_version_id == version, _incidents.c.severity.in_(sorted(wanted)))
        for version, wanted in severities.items()
    ]
    rows = await tx.execute(
        select(_incidents, case((_channels.c.channel.is_not(None), _channels.c.name)).label("earlier_name"))
        .outerjoin_from(_incidents, _channels, _channels.c.incident_id == _incidents.c.id)
        .where(
            _incidents.c.workspace_id == workspace_id,
            tables.unresolved,
            or_(false(), *fitting),
            _channels.c.look_at.is_(None),
        )
        .order_by(_incidents.c.number)
        .limit(limit)
    )
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


async def claim(tx: Transaction, workspace_id: WorkspaceId, *, now: datetime) -> Claim | None:
    """Of those to be looked at, or whose incident changed, that of the oldest incident."""
    rows = await tx.execute(
        select(_channels)
        .join(_incidents, _incidents.c.id == _channels.c.incident_id)
        .where(*_is_due(workspace_id, now))
        .order_by(_channels.c.incident_id)
        .limit(1)
        .with_for_update(of=_channels, skip_locked=True)
    )
    row = rows.mappings().one_or_none()
    if row is None:
        return None
    until = now + LEASE
    await tx.execute(update(_channels).where(_channels.c.incident_id == row["incident_id"]).values(claimed_until=until))
    return Claim(incident_id=row["incident_id"], room=_room_of(row), leased_until=until)


async def is_any_due(tx: Transaction, workspace_id: WorkspaceId, *, now: datetime) -> bool:
    """Whether there may be something to claim."""
    found = await tx.scalar(
        select(_channels.c.incident_id)
        .join(_incidents, _incidents.c.id == _channels.c.incident_id)
        .where(*_is_due(workspace_id, now))
        .limit(1)
    )
    return found is not None


async def count_attempt(tx: Transaction, claim: Claim) -> bool:
    """Slack is about to be asked to make it; whether it is still ours to make."""
    counted = await tx.execute(
        update(_channels)
        .where(_channels.c.incident_id == claim.incident_id, _channels.c.claimed_until == claim.leased_until)
        .values(attempts=_channels.c.attempts + 1)
    )
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
    """What is known now, with version `considered` of the incident; False when the lease is somebody else's."""
    recorded = await tx.execute(
        update(_channels)
        .where(_channels.c.incident_id == claim.incident_id, _channels.c.claimed_until == claim.leased_until)
        .values(**_values(room), claimed_until=None, last_error=error, shown_version=considered, look_at=look_at)
    )
    return recorded.rowcount == 1


async def next_look_at(tx: Transaction, workspace_id: WorkspaceId) -> datetime | None:
    instant: datetime | None = await tx.scalar(
        select(func.min(func.coalesce(_channels.c.claimed_until, _channels.c.look_at))).where(
            _channels.c.workspace_id == workspace_id, _channels.c.look_at.is_not(None)
        )
    )
    return instant


async def card(tx: Transaction, incident: Incident) -> Card | None:
    """The card of its present tier or, before that is posted, the stakeholders' message."""
    slots = (tier_slot(incident.tier, incident.card_cycle), Slot.STAKEHOLDERS.value)
    rows = await tx.execute(
        select(_cards.c.slot, _cards.c.channel, _cards.c.ts).where(
            _cards.c.incident_id == incident.id, _cards.c.slot.in_(slots)
        )
    )
    found = {row.slot: Card(channel=row.channel, ts=row.ts) for row in rows}
    return next((found[slot] for slot in slots if slot in found), None)


async def state_of(tx: Transaction, workspace_id: WorkspaceId, key: str) -> PromiseState | None:
    """What became of a promise; None when it was not made."""
    state = await tx.scalar(
        select(_outbox.c.state).where(_outbox.c.workspace_id == workspace_id, _outbox.c.dedup_key == key)
    )
    return None if state is None else PromiseState(state)


def _is_due(workspace_id: WorkspaceId, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        _channels.c.workspace_id == workspace_id,
        _channels.c.look_at.is_not(None),
        or_(_channels.c.look_at <= now, _channels.c.shown_version < _incidents.c.version),
        or_(_channels.c.claimed_until.is_(None), _channels.c.claimed_until <= now),
    )


_AT_REST = {"claimed_until": None, "last_error": None}
_COLUMNS = ("name", "channel", "created_at", "topic", "topic_set_at", "bookmark_id", "bookmarked", "archived_at",
            "failed_at", "attempts")  # fmt: skip


def _values(room: Room) -> dict[str, object]:
    return {name: getattr(room, name) for name in _COLUMNS} | {"invited": json.dumps(room.invited)}


def _room_of(row: RowMapping) -> Room:
    invited = tuple(UserId(user) for user in json.loads(row["invited"]))
    return Room(invited=invited, **{name: row[name] for name in _COLUMNS})
