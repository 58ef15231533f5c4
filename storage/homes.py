"""Home tabs: who looks at one, when each is drawn next, and what they all show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, case, cast, delete, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.ids import IncidentId, UserId, WorkspaceId
from bot.domain.incident import Incident
from storage import tables
from storage.database import Transaction
from storage.records import incident_of

_homes = tables.homes
_incidents = tables.incidents
_breaches = tables.breaches

_asked_while_claimed = or_(_homes.c.publish_at.is_(None), _homes.c.publish_at < _homes.c.claimed_until)
_due_at: ColumnElement[datetime] = case(
    (_homes.c.claimed_until.is_(None), _homes.c.publish_at),
    (_asked_while_claimed, _homes.c.claimed_until),
    else_=_homes.c.publish_at,
)
"""A claimed one waits until it is recorded or its lease runs out, whatever is asked of it meanwhile."""


_IN_DOUBT = "in doubt"
"""Instead of a digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The Home tab of somebody, claimed until `claimed_until`.

    `is_wide` when they asked to see everything; `in_doubt` when an earlier drawing may yet land, after this one.
    """

    user: UserId
    claimed_until: datetime
    shown_digest: str | None = None
    in_doubt: bool = False
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Traces:
    """What every change of what is going on leaves behind: of two that are equal, nothing lies in between."""

    count: int
    versions: int
    weighted: int


async def opened(tx: Transaction, workspace_id: WorkspaceId, user: UserId, *, now: datetime, most: int) -> None:
    """It is to be drawn at once. Beyond the `most` that were opened last none is kept."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    values = {"opened_at": now, "publish_at": now, "published_at": None, "shown_digest": None}
    key = {"workspace_id": workspace_id, "user_id": user}
    statement = dialect.insert(_homes).values(key | values | {"is_wide": False})
    await tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
    of_workspace = _homes.c.workspace_id == workspace_id
    too_many = select(_homes.c.user_id).where(of_workspace).order_by(_homes.c.opened_at.desc(), _homes.c.user_id)
    await tx.execute(delete(_homes).where(of_workspace, _homes.c.user_id.in_(too_many.offset(most))))


async def choose(tx: Transaction, workspace_id: WorkspaceId, user: UserId, *, is_wide: bool) -> None:
    """How much the person wants to see."""
    await tx.execute(update(_homes).where(*_of(workspace_id, user)).values(is_wide=is_wide))


async def hurry(tx: Transaction, workspace_id: WorkspaceId, users: Collection[UserId], *, now: datetime) -> None:
    """Draw theirs at once, however lately they were drawn."""
    await tx.execute(
        update(_homes)
        .where(_homes.c.workspace_id == workspace_id, _homes.c.user_id.in_(users))
        .values(publish_at=now, published_at=None)
    )


async def ask(tx: Transaction, workspace_id: WorkspaceId, at: datetime) -> None:
    """Draw every one at that instant, if not before."""
    of_workspace = _homes.c.workspace_id == workspace_id
    later = or_(_homes.c.publish_at.is_(None), _homes.c.publish_at > at)
    # Locked in one order: of two processes that ask at the same time, one waits for the other.
    found = select(_homes.c.user_id).where(of_workspace, later).order_by(_homes.c.user_id).with_for_update()
    users = (await tx.execute(found)).scalars().all()
    if users:
        await tx.execute(update(_homes).where(of_workspace, _homes.c.user_id.in_(users)).values(publish_at=at))


async def next_publish_at(tx: Transaction, workspace_id: WorkspaceId, *, every: timedelta) -> datetime | None:
    """When the next is to be drawn, none of them more often than `every` so long; None when nobody looks at one."""
    rows = await tx.execute(
        select(_due_at.label("due_at"), _homes.c.published_at).where(_homes.c.workspace_id == workspace_id)
    )
    paced = (row.due_at if row.published_at is None else max(row.due_at, row.published_at + every) for row in rows)
    return min(paced, default=None)


async def claim(
    tx: Transaction,
    workspace_id: WorkspaceId,
    *,
    now: datetime,
    every: timedelta,
    until: datetime,
    limit: int,
    user: UserId | None = None,
) -> Sequence[Home]:
    """Those to be drawn now, or of them that of `user`; the longest waiting first. Nobody else takes them `until` then.

    None of them was drawn `every` so long ago or less. What they show is not known any more until it is recorded.
    """
    query = select(_homes).where(
        _homes.c.workspace_id == workspace_id,
        _due_at <= now,
        or_(_homes.c.published_at.is_(None), _homes.c.published_at <= now - every),
    )
    if user is not None:
        query = query.where(_homes.c.user_id == user)
    query = query.order_by(_homes.c.publish_at.asc().nulls_first(), _homes.c.user_id).limit(limit)
    rows = (await tx.execute(query.with_for_update(skip_locked=True))).mappings().all()
    users = [row["user_id"] for row in rows]
    if rows:
        await tx.execute(
            update(_homes)
            .where(_homes.c.workspace_id == workspace_id, _homes.c.user_id.in_(users))
            .values(claimed_until=until, publish_at=None, shown_digest=None)
        )
    return [
        Home(
            user=row["user_id"],
            claimed_until=until,
            shown_digest=None if row["shown_digest"] == _IN_DOUBT else row["shown_digest"],
            in_doubt=row["shown_digest"] == _IN_DOUBT,
            is_wide=row["is_wide"],
        )
        for row in rows
    ]


async def record_shown(
    tx: Transaction, workspace_id: WorkspaceId, home: Home, *, digest: str | None, now: datetime, again_at: datetime
) -> None:
    """It shows that by now. Whoever took it meanwhile knows better; what was asked meanwhile is still to be done."""
    await _record(tx, workspace_id, home, again_at, published_at=now, shown_digest=digest)


async def record_the_same(tx: Transaction, workspace_id: WorkspaceId, home: Home, *, again_at: datetime) -> None:
    """There was nothing to be drawn."""
    await _record(tx, workspace_id, home, again_at, shown_digest=home.shown_digest)


async def record_not_shown(tx: Transaction, workspace_id: WorkspaceId, home: Home, *, again_at: datetime) -> None:
    """Slack did not take it."""
    await _record(tx, workspace_id, home, again_at, shown_digest=_IN_DOUBT if home.in_doubt else home.shown_digest)


async def record_in_doubt(tx: Transaction, workspace_id: WorkspaceId, home: Home, *, again_at: datetime) -> None:
    """Slack may have taken it, or may yet."""
    await _record(tx, workspace_id, home, again_at, shown_digest=_IN_DOUBT)


async def forget(tx: Transaction, workspace_id: WorkspaceId, home: Home) -> None:
    await tx.execute(delete(_homes).where(*_claimed(workspace_id, home)))


async def forget_opened_before(tx: Transaction, workspace_id: WorkspaceId, instant: datetime) -> None:
    await tx.execute(delete(_homes).where(_homes.c.workspace_id == workspace_id, _homes.c.opened_at < instant))


async def traces(tx: Transaction, workspace_id: WorkspaceId) -> Traces:
    """Of all that is not over."""
    version, number = cast(_incidents.c.version, BigInteger), _incidents.c.number
    row = (
        await tx.execute(
            select(func.count(), func.sum(version), func.sum(version * number)).where(
                _incidents.c.workspace_id == workspace_id, tables.unresolved
            )
        )
    ).one()
    return Traces(row[0], int(row[1] or 0), int(row[2] or 0))


async def going_on(tx: Transaction, workspace_id: WorkspaceId, *, after: int, limit: int) -> Sequence[Incident]:
    """What is not over, from the number `after` on, by number."""
    rows = await tx.execute(
        select(_incidents)
        .where(_incidents.c.workspace_id == workspace_id, tables.unresolved, _incidents.c.number > after)
        .order_by(_incidents.c.number)
        .limit(limit)
    )
    return [incident_of(row) for row in rows.mappings()]


async def last_breaches(tx: Transaction, ids: Collection[IncidentId]) -> Mapping[IncidentId, datetime]:
    """When each of them breached last."""
    rows = await tx.execute(
        select(_breaches.c.incident_id, func.max(_breaches.c.breached_at).label("at"))
        .where(_breaches.c.incident_id.in_(ids))
        .group_by(_breaches.c.incident_id)
    )
    return {row.incident_id: row.at for row in rows}


async def _record(tx: Transaction, workspace_id: WorkspaceId, home: Home, again_at: datetime, **values: object) -> None:
    publish_at = func.coalesce(_homes.c.publish_at, literal(again_at, tables.UtcTime()))
    await tx.execute(
        update(_homes).where(*_claimed(workspace_id, home)).values(publish_at=publish_at, claimed_until=None, **values)
    )


def _of(workspace_id: WorkspaceId, user: UserId) -> tuple[ColumnElement[bool], ...]:
    return _homes.c.workspace_id == workspace_id, _homes.c.user_id == user


def _claimed(workspace_id: WorkspaceId, home: Home) -> tuple[ColumnElement[bool], ...]:
    return *_of(workspace_id, home.user), _homes.c.claimed_until == home.claimed_until
