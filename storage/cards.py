"""Cards: the posted messages that are kept showing the present state. Ten quick changes become one edit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, case, delete, func, or_, select, update

from bot.domain.delivery import LEASE
from bot.domain.ids import ChannelId, IncidentId, WorkspaceId
from storage import tables
from storage.bulk import insert_rows
from storage.database import Transaction

_cards = tables.cards

LIMITED = "ratelimited"
"""The error of an edit that Slack did not take, and will not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A posted message of an incident. `delivery_key` stays in it, so that it can be found again.

    `in_doubt` when an earlier edit may yet land, after this one.
    """

    id: int
    incident_id: IncidentId
    slot: str
    channel: ChannelId
    ts: str
    delivery_key: str
    fence: int
    attempts: int
    in_doubt: bool = False


async def add(
    tx: Transaction,
    workspace_id: WorkspaceId,
    incident_id: IncidentId,
    *,
    slot: str,
    channel: ChannelId,
    ts: str,
    delivery_key: str,
    shown_version: int,
    wanted_version: int,
    now: datetime,
) -> None:
    row = {
        "workspace_id": workspace_id,
        "incident_id": incident_id,
        "slot": slot,
        "channel": channel,
        "ts": ts,
        "delivery_key": delivery_key,
        "shown_version": shown_version,
        "wanted_version": wanted_version,
        "edit_at": now,
    }
    await insert_rows(tx, _cards, [row])


async def move(tx: Transaction, incident_id: IncidentId, *, channel: ChannelId, before: str, after: str) -> None:
    """The card is the message with the `ts` `after`, if it was the one with `before`; it has yet to be shown there."""
    await tx.execute(
        update(_cards)
        .where(_cards.c.incident_id == incident_id, _cards.c.channel == channel, _cards.c.ts == before)
        .values(ts=after, shown_version=0)
    )


_OF_INCIDENTS = select(_cards.c.incident_id, _cards.c.slot, _cards.c.ts).where(
    _cards.c.incident_id.in_(bindparam("ids", expanding=True))
)


async def of_incidents(tx: Transaction, ids: Sequence[IncidentId]) -> Mapping[tuple[IncidentId, str], str]:
    """The `ts` of each card, by incident and slot."""
    rows = await tx.execute(_OF_INCIDENTS, {"ids": list(ids)})
    return {(row.incident_id, row.slot): row.ts for row in rows}


_AT = (
    select(tables.incidents.c.number, _cards.c.slot)
    .join(tables.incidents, tables.incidents.c.id == _cards.c.incident_id)
    .where(
        _cards.c.workspace_id == bindparam("workspace_id"),
        _cards.c.channel == bindparam("channel"),
        _cards.c.ts == bindparam("ts"),
    )
)


async def at(tx: Transaction, workspace_id: WorkspaceId, channel: ChannelId, ts: str) -> tuple[int, str] | None:
    """The number of the incident whose card is that message, and the card's slot."""
    found = await tx.execute(_AT, {"workspace_id": workspace_id, "channel": channel, "ts": ts})
    row = found.one_or_none()
    return None if row is None else (row.number, row.slot)


_ANY_IN = (
    select(_cards.c.id)
    .where(_cards.c.workspace_id == bindparam("workspace_id"), _cards.c.channel == bindparam("channel"))
    .limit(1)
)


async def any_in(tx: Transaction, workspace_id: WorkspaceId, channel: ChannelId) -> bool:
    return await tx.scalar(_ANY_IN, {"workspace_id": workspace_id, "channel": channel}) is not None


_STALE = (
    select(_cards)
    .where(
        _cards.c.workspace_id == bindparam("workspace_id"),
        _cards.c.shown_version < _cards.c.wanted_version,
        _cards.c.edit_at <= bindparam("now"),
        or_(_cards.c.claimed_until.is_(None), _cards.c.claimed_until <= bindparam("now")),
    )
    .order_by(_cards.c.edit_at)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(_cards)
    .where(_cards.c.id.in_(bindparam("_ids", expanding=True)))
    .values(fence=_cards.c.fence + 1, attempts=_cards.c.attempts + 1)
)


async def claim_stale(tx: Transaction, workspace_id: WorkspaceId, *, now: datetime, limit: int) -> Sequence[Card]:
    """Cards that show an old version, the longest waiting first, leased to us."""
    stale = await tx.execute(_STALE, {"workspace_id": workspace_id, "now": now, "limit": limit})
    rows = stale.mappings().all()
    if rows:
        await tx.execute(_CLAIM, {"_ids": [row["id"] for row in rows], "claimed_until": now + LEASE})
    return [
        Card(
            id=row["id"],
            incident_id=row["incident_id"],
            slot=row["slot"],
            channel=row["channel"],
            ts=row["ts"],
            delivery_key=row["delivery_key"],
            fence=row["fence"] + 1,
            attempts=row["attempts"] + 1,
            in_doubt=row["attempts"] > 0 and row["last_error"] != LIMITED,
        )
        for row in rows
    ]


_RECORD = update(_cards).where(_cards.c.id == bindparam("_id"), _cards.c.fence == bindparam("_fence"))
_shown_now = bindparam("_shown_version", type_=Integer)
_RECORD_SHOWN = _RECORD.values(
    shown_version=case((_cards.c.shown_version > _shown_now, _cards.c.shown_version), else_=_shown_now)
)


async def record_shown(tx: Transaction, card: Card, *, version: int, edit_at: datetime) -> None:
    """The card shows `version`; the next edit is not before `edit_at`. An old fence records nothing."""
    known = {"_shown_version": version, "edit_at": edit_at, "claimed_until": None, "attempts": 0, "last_error": None}
    await tx.execute(_RECORD_SHOWN, _held(card) | known)


async def record_not_shown(tx: Transaction, card: Card, *, edit_at: datetime, error: str) -> None:
    """The edit is tried again at `edit_at`. An old fence records nothing."""
    await tx.execute(_RECORD, _held(card) | {"edit_at": edit_at, "claimed_until": None, "last_error": error})


async def forget(tx: Transaction, card: Card) -> None:
    """The message is gone from Slack: nothing is left to keep current, and replies go to the channel itself."""
    await tx.execute(delete(_cards).where(_cards.c.id == card.id, _cards.c.fence == card.fence))


_NEXT_EDIT = select(func.min(func.coalesce(_cards.c.claimed_until, _cards.c.edit_at))).where(
    _cards.c.workspace_id == bindparam("workspace_id"), _cards.c.shown_version < _cards.c.wanted_version
)


async def next_edit_at(tx: Transaction, workspace_id: WorkspaceId) -> datetime | None:
    """When the next stale card may be edited, or its lease may have to be taken back."""
    instant: datetime | None = await tx.scalar(_NEXT_EDIT, {"workspace_id": workspace_id})
    return instant


def _held(card: Card) -> dict[str, object]:
    return {"_id": card.id, "_fence": card.fence}
