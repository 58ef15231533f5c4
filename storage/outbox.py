"""Promises: claiming what is due, one per channel at a time, and recording what became of it.

A claim is a lease with a fence: only the holder of the newest fence can record an outcome.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, and_, func, literal, literal_column, or_, select, update
from sqlalchemy import insert as insert_into
from sqlalchemy.engine import RowMapping

from bot.domain.delivery import LEASE, UNSETTLED, NextState, PromiseState
from bot.domain.ids import THE_BOT, ChannelId, IncidentId, UserId, WorkspaceId
from bot.domain.promise import Lane, Message, Notice, Promise
from bot.domain.timeline import Fact, TimelineEvent
from storage import tables
from storage.chain import chained
from storage.database import Transaction
from storage.records import event_row, message_of, promise_row

_outbox = tables.outbox
_incidents = tables.incidents


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
    message: Message | Notice
    fence: int
    attempts: int
    first_attempt_at: datetime
    in_doubt_since: datetime | None


async def expire_leases(tx: Transaction, workspace_id: WorkspaceId, *, now: datetime, quiet_until: datetime) -> int:
    """A sender that vanished leaves its promises in doubt: they are looked for in the channel after `quiet_until`."""
    result = await tx.execute(
        update(_outbox)
        .where(
            _outbox.c.workspace_id == workspace_id,
            unsettled(_outbox),
            _outbox.c.state == PromiseState.SENDING.value,
            _outbox.c.claimed_until <= now,
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
    tx: Transaction, workspace_id: WorkspaceId, *, now: datetime, resting: Collection[ChannelId], limit: int
) -> Sequence[Claim]:
    """The first promise of each channel that can take one: by lane, then in the order in which they were made.

    About one incident in one channel, a promise waits for the earlier ones of its own lane and the more urgent lanes.
    """
    ready = or_(_outbox.c.state == PromiseState.PENDING.value, _outbox.c.state == PromiseState.UNKNOWN.value)
    rank = func.row_number().over(partition_by=_outbox.c.channel, order_by=(_outbox.c.lane, _outbox.c.id))
    candidates = (
        select(_outbox.c.id, rank.label("rank"))
        .where(
            _outbox.c.workspace_id == workspace_id,
            unsettled(_outbox),
            ready,
            _outbox.c.deliver_at <= now,
            _outbox.c.channel.not_in(resting),
            ~_earlierunsettled(),
        )
        .subquery()
    )
    chosen = select(candidates.c.id).where(candidates.c.rank == 1).limit(limit)
    rows = await tx.execute(select(_outbox).where(_outbox.c.id.in_(chosen), ready).with_for_update(skip_locked=True))
    claims = [_claim_of(row, now) for row in rows.mappings()]
    if claims:
        await tx.execute(
            update(_outbox)
            .where(_outbox.c.id.in_([one.id for one in claims]))
            .values(
                state=PromiseState.SENDING.value,
                fence=_outbox.c.fence + 1,
                attempts=_outbox.c.attempts + 1,
                claimed_until=now + LEASE,
                first_attempt_at=func.coalesce(_outbox.c.first_attempt_at, _instant(now)),
            )
        )
    return claims


async def wake_times(tx: Transaction, workspace_id: WorkspaceId) -> Mapping[ChannelId, datetime]:
    """Per channel the earliest instant at which something of it may be claimed or a lease may have to be taken back."""
    when = func.coalesce(_outbox.c.claimed_until, _outbox.c.deliver_at)
    rows = await tx.execute(
        select(_outbox.c.channel, func.min(when).label("at"))
        .where(_outbox.c.workspace_id == workspace_id, unsettled(_outbox))
        .group_by(_outbox.c.channel)
    )
    return {row.channel: row.at for row in rows}


async def record(tx: Transaction, claim: Claim, outcome: NextState, *, said: str | None, now: datetime) -> bool:
    """Whether the outcome was recorded: an old fence records nothing."""
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


def _earlierunsettled() -> ColumnElement[bool]:
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


def _claim_of(row: RowMapping, now: datetime) -> Claim:
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
        first_attempt_at=row["first_attempt_at"] or now,
        in_doubt_since=row["unknown_since"],
    )
