"""Promises: claiming what is due, one per channel at a time, and recording what became of it.

A claim is a lease with a fence: only the holder of the newest fence can record an outcome.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.engine import RowMapping

from bot.domain.delivery import LEASE, UNSETTLED, NextState, PromiseState
from bot.domain.ids import THE_BOT, ChannelId, IncidentId, UserId, WorkspaceId
from bot.domain.promise import ELSEWHERE, Lane, Promise
from bot.domain.timeline import Fact, TimelineEvent
from storage import pace, tables
from storage.bulk import insert_rows
from storage.chain import chained
from storage.database import Transaction
from storage.records import Content, event_row, message_of, promise_row
from storage.upsert import or_nothing

_outbox = tables.outbox
_channels = tables.slack_channels
_incidents = tables.incidents


class Way(StrEnum):
    """How a promise reaches people."""

    SLACK = "slack"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A promise in our hands for the length of a lease; a notice is about no incident.

    `in_doubt_since` is set when an earlier try may have succeeded.
    """

    id: int
    workspace_id: WorkspaceId
    incident_id: IncidentId | None
    key: str
    lane: Lane
    channel: ChannelId
    message: Content
    fence: int
    attempts: int
    promised_at: datetime
    leased_until: datetime
    first_attempt_at: datetime
    in_doubt_since: datetime | None


async def expire_leases(
    tx: Transaction, workspace_id: WorkspaceId, *, now: datetime, quiet_until: datetime, way: Way = Way.SLACK
) -> int:
    """A sender that vanished leaves its promises in doubt: they are looked for in the channel after `quiet_until`."""
    which = {"_workspace_id": workspace_id, "_now": now}
    return (await tx.execute(_expiring(way), which | {"deliver_at": quiet_until})).rowcount


@cache
def _expiring(way: Way) -> Update:
    return (
        update(_outbox)
        .where(
            _outbox.c.workspace_id == bindparam("_workspace_id"),
            unsettled(_outbox),
            _outbox.c.state == PromiseState.SENDING.value,
            _outbox.c.claimed_until <= bindparam("_now"),
            _goes(_outbox.c.channel, way),
        )
        .values(
            state=PromiseState.UNKNOWN.value,
            unknown_since=func.coalesce(_outbox.c.unknown_since, _outbox.c.claimed_until),
            claimed_until=None,
            last_error="the sender vanished",
        )
    )


_CLAIM = (
    update(_outbox)
    .where(_outbox.c.id.in_(bindparam("_ids", expanding=True)))
    .values(
        state=PromiseState.SENDING.value,
        fence=_outbox.c.fence + 1,
        attempts=_outbox.c.attempts + 1,
        first_attempt_at=func.coalesce(_outbox.c.first_attempt_at, bindparam("_now", type_=tables.UtcTime)),
    )
)


async def claim(
    tx: Transaction,
    workspace_id: WorkspaceId,
    *,
    now: datetime,
    limit: int,
    way: Way = Way.SLACK,
    lease: timedelta = LEASE,
) -> Sequence[Claim]:
    """The first promise of each channel that can take one: by lane, then in the order in which they were made.

    About one incident in one channel, a promise waits for the earlier ones of its own lane and the more urgent lanes.
    A claimed channel takes nothing else until it is freed, at the latest when the lease is over.
    """
    rows = await tx.execute(_claimable(way), {"workspace_id": workspace_id, "now": now, "limit": limit})
    until = now + lease
    claims = [_claim_of(row, now, until) for row in rows.mappings()]
    if claims:
        await tx.execute(_CLAIM, {"_ids": [one.id for one in claims], "_now": now, "claimed_until": until})
        await pace.free_at(tx, workspace_id, [one.channel for one in claims], until)
    return claims


@cache
def _claimable(way: Way) -> Select[Any]:
    ready = or_(_outbox.c.state == PromiseState.PENDING.value, _outbox.c.state == PromiseState.UNKNOWN.value)
    waiting = _waiting_channels(way)
    first = (
        select(_outbox.c.id)
        .where(
            _outbox.c.workspace_id == bindparam("workspace_id"),
            _outbox.c.channel == waiting.c.channel,
            unsettled(_outbox),
            ready,
            _outbox.c.deliver_at <= bindparam("now"),
            ~_earlier_unsettled(),
        )
        .order_by(_outbox.c.lane, _outbox.c.id)
        .limit(1)
        .correlate(waiting)
        .scalar_subquery()
    )
    takes_one = (
        ~select(_channels.c.channel)
        .where(
            _channels.c.workspace_id == bindparam("workspace_id"),
            _channels.c.channel == waiting.c.channel,
            _channels.c.next_post_at > bindparam("now"),
        )
        .correlate(waiting)
        .exists()
    )
    heads = select(first.label("id")).select_from(waiting).where(takes_one)
    return (
        select(_outbox)
        .where(_outbox.c.id.in_(heads), ready)
        .order_by(_outbox.c.lane, _outbox.c.id)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(skip_locked=True)
    )


async def wake_times(
    tx: Transaction, workspace_id: WorkspaceId, *, now: datetime, way: Way = Way.SLACK
) -> Collection[datetime]:
    """When to look: per channel, the instant for what is due by `now`, and the earliest for what is due later.

    What is due may stand behind something that is not: therefore both.
    """
    rows = await tx.execute(_waking(way), {"workspace_id": workspace_id, "now": now})
    return {
        at if row.free_at is None else max(at, row.free_at)
        for row in rows
        for at in (row.due, row.later)
        if at is not None
    }


@cache
def _waking(way: Way) -> Select[Any]:
    when = func.coalesce(_outbox.c.claimed_until, _outbox.c.deliver_at)
    due = func.min(case((when <= bindparam("now"), when)))
    later = func.min(case((when > bindparam("now"), when)))
    return (
        select(due.label("due"), later.label("later"), func.max(_channels.c.next_post_at).label("free_at"))
        .outerjoin(
            _channels,
            and_(_channels.c.workspace_id == _outbox.c.workspace_id, _channels.c.channel == _outbox.c.channel),
        )
        .where(_outbox.c.workspace_id == bindparam("workspace_id"), unsettled(_outbox), _goes(_outbox.c.channel, way))
        .group_by(_outbox.c.channel)
    )


_RECORD = (
    update(_outbox)
    .where(
        _outbox.c.id == bindparam("_id"),
        _outbox.c.fence == bindparam("_fence"),
        _outbox.c.state == PromiseState.SENDING.value,
    )
    .values(
        deliver_at=func.coalesce(bindparam("_deliver_at", type_=tables.UtcTime), _outbox.c.deliver_at),
        claimed_until=None,
        said=func.coalesce(bindparam("_said", type_=Text), _outbox.c.said),
        unknown_since=func.coalesce(_outbox.c.unknown_since, bindparam("_in_doubt_from", type_=tables.UtcTime)),
    )
)


async def record(
    tx: Transaction,
    claim: Claim,
    outcome: NextState,
    *,
    said: str | None,
    now: datetime,
    sweep_at: datetime | None = None,
) -> bool:
    """Whether the outcome was recorded: an old fence records nothing.

    From `sweep_at` on the channel is looked at for a second copy.
    """
    known = {
        "state": outcome.state.value,
        "_deliver_at": outcome.deliver_at,
        "sweep_at": sweep_at,
        "message_ts": outcome.message_ts,
        "last_error": outcome.error,
        "_said": said,
        "delivered_at": now if outcome.state is PromiseState.SENT else None,
        "failed_at": now if outcome.state is PromiseState.FAILED else None,
        "_in_doubt_from": now if outcome.state is PromiseState.UNKNOWN else None,
    }
    return (await tx.execute(_RECORD, {"_id": claim.id, "_fence": claim.fence} | known)).rowcount == 1


_SENT_AMONG = select(_outbox).where(
    _outbox.c.workspace_id == bindparam("workspace_id"),
    _outbox.c.dedup_key.in_(bindparam("keys", expanding=True)),
    _outbox.c.state == PromiseState.SENT.value,
)


async def sent_among(tx: Transaction, workspace_id: WorkspaceId, keys: Sequence[str]) -> Mapping[str, Content]:
    """What those promises said that Slack has confirmed."""
    rows = await tx.execute(_SENT_AMONG, {"workspace_id": workspace_id, "keys": list(keys)})
    return {row["dedup_key"]: message_of(row) for row in rows.mappings()}


async def promise(tx: Transaction, workspace_id: WorkspaceId, incident_id: IncidentId | None, promise: Promise) -> None:
    """A promise that no change of an incident makes: it follows from another one's fate, or is a notice."""
    await insert_rows(tx, _outbox, [promise_row(workspace_id, incident_id, promise)])


_PROMISE_ONCE = or_nothing(_outbox, "workspace_id", "dedup_key")


async def promise_once(tx: Transaction, workspace_id: WorkspaceId, promise: Promise) -> None:
    """A notice, unless somebody promised it already."""
    await tx.execute(_PROMISE_ONCE[tx.dialect.name], promise_row(workspace_id, None, promise))


_HEAD = (
    select(_incidents.c.last_seq, _incidents.c.last_digest)
    .where(_incidents.c.id == bindparam("incident_id"))
    .with_for_update()
)
_NOTED_AT = select(tables.timeline.c.at).where(
    tables.timeline.c.incident_id == bindparam("incident_id"), tables.timeline.c.seq == bindparam("seq")
)
_MOVE_HEAD = update(_incidents).where(_incidents.c.id == bindparam("_id"))


async def note(
    tx: Transaction,
    workspace_id: WorkspaceId,
    incident_id: IncidentId,
    fact: Fact,
    *,
    now: datetime,
    by: UserId = THE_BOT,
) -> None:
    """Adds to the story what became of a message; the incident's version stays, since no rule depends on it."""
    row = (await tx.execute(_HEAD, {"incident_id": incident_id})).one_or_none()
    if row is None:
        raise LookupError(f"unknown incident {incident_id}")
    # Locked from here on. `now` was read before that, and time in the story never goes back.
    previous = await tx.scalar(_NOTED_AT, {"incident_id": incident_id, "seq": row.last_seq})
    event = TimelineEvent(seq=row.last_seq + 1, at=max(now, previous or now), by=by, fact=fact)
    entry = event_row(workspace_id, incident_id, event)
    digest = chained(tx, [entry], row.last_digest)
    await tx.execute(_MOVE_HEAD, {"_id": incident_id, "last_seq": event.seq, "last_digest": digest})
    await insert_rows(tx, tables.timeline, [entry])


def unsettled(promises: FromClause) -> ColumnElement[bool]:
    """Spelled out as the partial indexes have it: from parameters SQLite could not tell that they hold the answer."""
    return promises.c.state.in_([literal_column(f"'{state}'") for state in UNSETTLED])


def _waiting_channels(way: Way) -> Subquery:
    return (
        select(_outbox.c.channel)
        .where(_outbox.c.workspace_id == bindparam("workspace_id"), unsettled(_outbox), _goes(_outbox.c.channel, way))
        .distinct()
        .subquery("waiting")
    )


def _goes(channel: ColumnElement[str], way: Way) -> ColumnElement[bool]:
    by_another_way = channel.startswith(ELSEWHERE)
    return by_another_way if way is Way.ELSEWHERE else ~by_another_way


def _earlier_unsettled() -> ColumnElement[bool]:
    earlier = _outbox.alias("earlier")
    return (
        select(earlier.c.id)
        .where(
            and_(
                earlier.c.incident_id == _outbox.c.incident_id,
                earlier.c.channel == _outbox.c.channel,
                earlier.c.id < _outbox.c.id,
                earlier.c.lane <= _outbox.c.lane,
                unsettled(earlier),
            )
        )
        .correlate(_outbox)
        .exists()
    )


def _claim_of(row: RowMapping, now: datetime, leased_until: datetime) -> Claim:
    """The row as it is once claimed."""
    return Claim(
        id=row["id"],
        workspace_id=row["workspace_id"],
        incident_id=row["incident_id"],
        key=row["dedup_key"],
        lane=Lane(row["lane"]),
        channel=row["channel"],
        message=message_of(row),
        fence=row["fence"] + 1,
        attempts=row["attempts"] + 1,
        promised_at=row["created_at"],
        leased_until=leased_until,
        first_attempt_at=row["first_attempt_at"] or now,
        in_doubt_since=row["unknown_since"],
    )
