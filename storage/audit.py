"""What an auditor asks: whether anything stands still that should move. None of the answers grows with the history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from bot.domain.delivery import PromiseState
from bot.domain.ids import ChannelId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.promise import Lane
from storage import outbox, tables
from storage.database import Transaction
from storage.records import incident_of

_incidents = tables.incidents
_outbox = tables.outbox
_cards = tables.cards

RECENT = 5_000
"""So many of the newest promises are looked through for what a channel has posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIncident:
    incident: Incident
    next_evaluation_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPage:
    """A page that is not settled; `ahead` counts what its channel posts first."""

    key: str
    channel: ChannelId
    promised_at: datetime
    ahead: int
    error: str | None


@dataclass(frozen=True, slots=True)
class StaleCard:
    """A card that does not show the newest version of its incident."""

    id: int
    shown_version: int


async def overdue(tx: Transaction, workspace_id: WorkspaceId, *, before: datetime, limit: int) -> Sequence[str]:
    """The incidents that should have been decided before that instant, the longest overdue first."""
    rows = await tx.scalars(
        select(_incidents.c.number)
        .where(_incidents.c.workspace_id == workspace_id, _incidents.c.next_evaluation_at < before)
        .order_by(_incidents.c.next_evaluation_at)
        .limit(limit)
    )
    return [f"INC-{number}" for number in rows]


async def unresolved_after(
    tx: Transaction, workspace_id: WorkspaceId, number: int, *, limit: int
) -> Sequence[StoredIncident]:
    """The next incidents that are not over, by their numbers."""
    rows = await tx.execute(
        select(_incidents)
        .where(_incidents.c.workspace_id == workspace_id, tables.unresolved, _incidents.c.number > number)
        .order_by(_incidents.c.number)
        .limit(limit)
    )
    return [
        StoredIncident(incident=incident_of(row), next_evaluation_at=row["next_evaluation_at"])
        for row in rows.mappings()
    ]


async def forgotten(tx: Transaction, workspace_id: WorkspaceId, *, limit: int) -> Sequence[StoredIncident]:
    """The incidents that are not over and that nobody will look at by himself."""
    rows = await tx.execute(
        select(_incidents)
        .where(_incidents.c.workspace_id == workspace_id, tables.unresolved, _incidents.c.next_evaluation_at.is_(None))
        .order_by(_incidents.c.number)
        .limit(limit)
    )
    return [StoredIncident(incident=incident_of(row), next_evaluation_at=None) for row in rows.mappings()]


async def waiting_pages(
    tx: Transaction, workspace_id: WorkspaceId, *, before: datetime, limit: int
) -> Sequence[WaitingPage]:
    """The pages promised before that instant and not settled yet, the oldest first."""
    ahead = func.row_number().over(partition_by=_outbox.c.channel, order_by=_outbox.c.id) - 1
    pages = (
        select(_outbox.c.dedup_key, _outbox.c.channel, _outbox.c.created_at, _outbox.c.last_error, ahead.label("ahead"))
        .where(
            _outbox.c.workspace_id == workspace_id,
            outbox.unsettled(_outbox),
            _outbox.c.lane == int(Lane.PAGE),
        )
        .subquery()
    )
    rows = await tx.execute(select(pages).where(pages.c.created_at < before).order_by(pages.c.created_at).limit(limit))
    return [
        WaitingPage(
            key=row.dedup_key,
            channel=row.channel,
            promised_at=row.created_at,
            ahead=row.ahead,
            error=row.last_error,
        )
        for row in rows
    ]


async def posted_since(tx: Transaction, workspace_id: WorkspaceId, since: datetime) -> Mapping[ChannelId, int]:
    """How many messages each channel got, among those promised last."""
    recent = (
        select(_outbox.c.channel, _outbox.c.delivered_at, _outbox.c.workspace_id)
        .order_by(_outbox.c.id.desc())
        .limit(RECENT)
        .subquery()
    )
    rows = await tx.execute(
        select(recent.c.channel, func.count().label("posts"))
        .where(recent.c.workspace_id == workspace_id, recent.c.delivered_at >= since)
        .group_by(recent.c.channel)
    )
    return {row.channel: row.posts for row in rows}


async def abandoned(tx: Transaction, workspace_id: WorkspaceId, *, before: datetime, limit: int) -> Sequence[str]:
    """The keys of promises whose sender's lease ran out before that instant, and that nobody took up again."""
    rows = await tx.scalars(
        select(_outbox.c.dedup_key)
        .where(
            _outbox.c.workspace_id == workspace_id,
            outbox.unsettled(_outbox),
            _outbox.c.state == PromiseState.SENDING.value,
            _outbox.c.claimed_until < before,
        )
        .order_by(_outbox.c.claimed_until)
        .limit(limit)
    )
    return list(rows)


async def stale_cards(tx: Transaction, workspace_id: WorkspaceId, *, now: datetime, limit: int) -> Sequence[StaleCard]:
    """Those that could be edited now, the longest waiting first."""
    rows = await tx.execute(
        select(_cards.c.id, _cards.c.shown_version)
        .where(
            _cards.c.workspace_id == workspace_id,
            _cards.c.shown_version < _cards.c.wanted_version,
            or_(_cards.c.edit_at <= now, _cards.c.last_error.is_not(None)),
        )
        .order_by(_cards.c.edit_at)
        .limit(limit)
    )
    return [StaleCard(row.id, row.shown_version) for row in rows]
