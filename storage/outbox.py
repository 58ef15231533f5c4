"""Promises: claiming what is due, one per channel at a time, and recording what became of it.

A claim is a lease with a fence: only the holder of the newest fence can record an outcome.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Subquery,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy import insert as insert_into
from sqlalchemy.engine import RowMapping

from bot.domain.delivery import LEASE, UNSETTLED, NextState, PromiseState
from bot.domain.ids import THE_BOT, ChannelId, IncidentId, UserId, WorkspaceId
from bot.domain.promise import ELSEWHERE, Lane, Promise
from bot.domain.timeline import Fact, TimelineEvent
from storage import pace, tables
from storage.chain import chained
from storage.database import Transaction
from storage.records import Content, event_row, message_of, promise_row

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
    result = await tx.execute(
        update(_outbox)
        .where(
            _outbox.c.workspace_id == workspace_id,
            unsettled(_outbox),
            _outbox.c.state == PromiseState.SENDING.value,
            _outbox.c.claimed_until <= now,
            _goes(_outbox.c.channel, way),
        )
        .values(
            state=PromiseState.UNKNOWN.value,
            unknown_since=func.coalesce(_outbox.c.unknown_since, _outbox.c.claimed_until),
            deliver_at=quiet_until,
            claimed_until=None,
            last_error="the sender vanished",
        )
    )
    return result.rowcount


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
    ready = or_(_outbox.c.state == PromiseState.PENDING.value, _outbox.c.state == PromiseState.UNKNOWN.value)
    waiting = _waiting_channels(workspace_id, way)
    first = (
        select(_outbox.c.id)
        .where(
            _outbox.c.workspace_id == workspace_id,
            _outbox.c.channel == waiting.c.channel,
            unsettled(_outbox),
            ready,
            _outbox.c.deliver_at <= now,
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
            _channels.c.workspace_id == workspace_id,
            _channels.c.channel == waiting.c.channel,
            _channels.c.next_post_at > now,
        )
        .correlate(waiting)
        .exists()
    )
    heads = select(first.label("id")).select_from(waiting).where(takes_one)
    rows = await tx.execute(
        select(_outbox)
        .where(_outbox.c.id.in_(heads), ready)
        .order_by(_outbox.c.lane, _outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claims = [_claim_of(row, now, now + lease) for row in rows.mappings()]
    if claims:
        await tx.execute(
            update(_outbox)
            .where(_outbox.c.id.in_([one.id for one in claims]))
            .values(
                state=PromiseState.SENDING.value,
                fence=_outbox.c.fence + 1,
                attempts=_outbox.c.attempts + 1,
                claimed_until=now + lease,
                first_attempt_at=func.coalesce(_outbox.c.first_attempt_at, _instant(now)),
            )
        )
        await pace.free_at(tx, workspace_id, [one.channel for one in claims], now + lease)
    return claims


async def wake_times(
    tx: Transaction, workspace_id: WorkspaceId, *, now: datetime, way: Way = Way.SLACK
) -> Collection[datetime]:
    """When to look: per channel, the instant for what is due by `now`, and the earliest for what is due later.

    What is due may stand behind something that is not: therefore both.
    """
    when = func.coalesce(_outbox.c.claimed_until, _outbox.c.deliver_at)
    due = func.min(case((when <= now, when)))
    later = func.min(case((when > now, when)))
    rows = await tx.execute(
        select(due.label("due"), later.label("later"), func.max(_channels.c.next_post_at).label("free_at"))
        .outerjoin(
            _channels,
            and_(_channels.c.workspace_id == _outbox.c.workspace_id, _channels.c.channel == _outbox.c.channel),
        )
        .where(_outbox.c.workspace_id == workspace_id, unsettled(_outbox), _goes(_outbox.c.channel, way))
        .group_by(_outbox.c.channel)
    )
    return {
        at if row.free_at is None else max(at, row.free_at)
        for row in rows
        for at in (row.due, row.later)
        if at is not None
    }


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
    result = await tx.execute(
        update(_outbox)
        .where(
            _outbox.c.id == claim.id,
            _outbox.c.fence == claim.fence,
            _outbox.c.state == PromiseState.SENDING.value,
        )
        .values(
            state=outcome.state.value,
            deliver_at=outcome.deliver_at or _outbox.c.deliver_at,
            claimed_until=None,
            sweep_at=sweep_at,
            message_ts=outcome.message_ts,
            last_error=outcome.error,
            said=said if said is not None else _outbox.c.said,
            delivered_at=now if outcome.state is PromiseState.SENT else None,
            failed_at=now if outcome.state is PromiseState.FAILED else None,
            unknown_since=(
                func.coalesce(_outbox.c.unknown_since, _instant(now))
                if outcome.state is PromiseState.UNKNOWN
                else _outbox.c.unknown_since
            ),
        )
    )
    return result.rowcount == 1


async def sent_among(tx: Transaction, workspace_id: WorkspaceId, keys: Sequence[str]) -> Mapping[str, Content]:
    """What those promises said that Slack has confirmed."""
    rows = await tx.execute(
        select(_outbox).where(
            _outbox.c.workspace_id == workspace_id,
            _outbox.c.dedup_key.in_(keys),
            _outbox.c.state == PromiseState.SENT.value,
        )
    )
    return {row["dedup_key"]: message_of(row) for row in rows.mappings()}


async def promise(tx: Transaction, workspace_id: WorkspaceId, incident_id: IncidentId | None, promise: Promise) -> None:
    """A promise that no change of an incident makes: it follows from another one's fate, or is a notice."""
    await tx.execute(insert_into(_outbox), [promise_row(workspace_id, incident_id, promise)])


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
    head = await tx.execute(
        select(_incidents.c.last_seq, _incidents.c.last_digest).where(_incidents.c.id == incident_id).with_for_update()
    )
    row = head.one_or_none()
    if row is None:
        raise LookupError(f"unknown incident {incident_id}")
    # Locked from here on. `now` was read before that, and time in the story never goes back.
    previous = await tx.scalar(
        select(tables.timeline.c.at).where(
            tables.timeline.c.incident_id == incident_id, tables.timeline.c.seq == row.last_seq
        )
    )
    event = TimelineEvent(seq=row.last_seq + 1, at=max(now, previous or now), by=by, fact=fact)
    entry = event_row(workspace_id, incident_id, event)
    digest = chained(tx, [entry], row.last_digest)
    await tx.execute(
        update(_incidents).where(_incidents.c.id == incident_id).values(last_seq=event.seq, last_digest=digest)
    )
    await tx.execute(insert_into(tables.timeline), [entry])


def unsettled(promises: FromClause) -> ColumnElement[bool]:
    """Spelled out as the partial indexes have it: from parameters SQLite could not tell that they hold the answer."""
    return promises.c.state.in_([literal_column(f"'{state}'") for state in UNSETTLED])


def _waiting_channels(workspace_id: WorkspaceId, way: Way) -> Subquery:
    return (
        select(_outbox.c.channel)
        .where(_outbox.c.workspace_id == workspace_id, unsettled(_outbox), _goes(_outbox.c.channel, way))
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


def _instant(at: datetime) -> ColumnElement[datetime]:
    """Beside a column in an expression a bare value would not be stored as the column stores it."""
    return literal(at, tables.UtcTime())


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
