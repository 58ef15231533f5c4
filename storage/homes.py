"""Home tabs: who looks at one, when each is drawn next, and what they all show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, Integer, bindparam, case, cast, delete, func, or_, select, update

from bot.domain.ids import IncidentId, UserId, WorkspaceId
from bot.domain.incident import Incident
from storage import tables
from storage.database import Transaction
from storage.records import incident_of
from storage.upsert import or_update

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


_SHOW_AT_ONCE = ("opened_at", "publish_at", "published_at", "shown_digest")
_OPEN = or_update(_homes, ("workspace_id", "user_id"), _SHOW_AT_ONCE)
_FORGET_BEYOND = delete(_homes).where(
    _homes.c.workspace_id == bindparam("workspace_id"),
    _homes.c.user_id.in_(
        select(_homes.c.user_id)
        .where(_homes.c.workspace_id == bindparam("workspace_id"))
        .order_by(_homes.c.opened_at.desc(), _homes.c.user_id)
        .offset(bindparam("most", type_=Integer))
    ),
)


async def opened(tx: Transaction, workspace_id: WorkspaceId, user: UserId, *, now: datetime, most: int) -> None:
    """It is to be drawn at once. Beyond the `most` that were opened last none is kept."""
    at_once = {"opened_at": now, "publish_at": now, "published_at": None, "shown_digest": None}
    row = {"workspace_id": workspace_id, "user_id": user, "is_wide": False} | at_once
    await tx.execute(_OPEN[tx.dialect.name], row)
    await tx.execute(_FORGET_BEYOND, {"workspace_id": workspace_id, "most": most})


_is_theirs = (_homes.c.workspace_id == bindparam("_workspace_id"), _homes.c.user_id == bindparam("_user_id"))
_CHOOSE = update(_homes).where(*_is_theirs)


async def choose(tx: Transaction, workspace_id: WorkspaceId, user: UserId, *, is_wide: bool) -> None:
    """How much the person wants to see."""
    await tx.execute(_CHOOSE, {"_workspace_id": workspace_id, "_user_id": user, "is_wide": is_wide})


_OF_USERS = update(_homes).where(
    _homes.c.workspace_id == bindparam("_workspace_id"), _homes.c.user_id.in_(bindparam("_user_ids", expanding=True))
)


async def hurry(tx: Transaction, workspace_id: WorkspaceId, users: Collection[UserId], *, now: datetime) -> None:
    """Draw theirs at once, however lately they were drawn."""
    theirs = {"_workspace_id": workspace_id, "_user_ids": list(users)}
    await tx.execute(_OF_USERS, theirs | {"publish_at": now, "published_at": None})


_LATER = (
    select(_homes.c.user_id)
    .where(
        _homes.c.workspace_id == bindparam("workspace_id"),
        or_(_homes.c.publish_at.is_(None), _homes.c.publish_at > bindparam("at")),
    )
    # Locked in one order: of two processes that ask at the same time, one waits for the other.
    .order_by(_homes.c.user_id)
    .with_for_update()
)


async def ask(tx: Transaction, workspace_id: WorkspaceId, at: datetime) -> None:
    """Draw every one at that instant, if not before."""
    users = (await tx.scalars(_LATER, {"workspace_id": workspace_id, "at": at})).all()
    if users:
        await tx.execute(_OF_USERS, {"_workspace_id": workspace_id, "_user_ids": users, "publish_at": at})


_PUBLISH_TIMES = select(_due_at.label("due_at"), _homes.c.published_at).where(
    _homes.c.workspace_id == bindparam("workspace_id")
)


async def next_publish_at(tx: Transaction, workspace_id: WorkspaceId, *, every: timedelta) -> datetime | None:
    """When the next is to be drawn, none of them more often than `every` so long; None when nobody looks at one."""
    rows = await tx.execute(_PUBLISH_TIMES, {"workspace_id": workspace_id})
    paced = (row.due_at if row.published_at is None else max(row.due_at, row.published_at + every) for row in rows)
    return min(paced, default=None)


_DUE = (
    select(_homes)
    .where(
        _homes.c.workspace_id == bindparam("workspace_id"),
        _due_at <= bindparam("now"),
        or_(_homes.c.published_at.is_(None), _homes.c.published_at <= bindparam("published_until")),
    )
    .order_by(_homes.c.publish_at.asc().nulls_first(), _homes.c.user_id)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)
_DUE_OF_USER = _DUE.where(_homes.c.user_id == bindparam("user_id"))


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
    which = {"workspace_id": workspace_id, "now": now, "published_until": now - every, "limit": limit}
    asked = tx.execute(_DUE, which) if user is None else tx.execute(_DUE_OF_USER, which | {"user_id": user})
    rows = (await asked).mappings().all()
    if rows:
        theirs = {"_workspace_id": workspace_id, "_user_ids": [row["user_id"] for row in rows]}
        await tx.execute(_OF_USERS, theirs | {"claimed_until": until, "publish_at": None, "shown_digest": None})
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


async def record_failed(
    tx: Transaction, workspace_id: WorkspaceId, home: Home, *, now: datetime, again_at: datetime
) -> None:
    """It could not be drawn, and is no sooner tried again than if it had been. Nobody knows what it shows."""
    await _record(tx, workspace_id, home, again_at, published_at=now, shown_digest=_IN_DOUBT)


_is_held = (*_is_theirs, _homes.c.claimed_until == bindparam("_claimed_until"))
_FORGET = delete(_homes).where(*_is_held)


async def forget(tx: Transaction, workspace_id: WorkspaceId, home: Home) -> None:
    await tx.execute(_FORGET, _held(workspace_id, home))


_FORGET_OPENED_BEFORE = delete(_homes).where(
    _homes.c.workspace_id == bindparam("workspace_id"), _homes.c.opened_at < bindparam("instant")
)


async def forget_opened_before(tx: Transaction, workspace_id: WorkspaceId, instant: datetime) -> None:
    await tx.execute(_FORGET_OPENED_BEFORE, {"workspace_id": workspace_id, "instant": instant})


_version = cast(_incidents.c.version, BigInteger)
_TRACES = select(func.count(), func.sum(_version), func.sum(_version * _incidents.c.number)).where(
    _incidents.c.workspace_id == bindparam("workspace_id"), tables.unresolved
)


async def traces(tx: Transaction, workspace_id: WorkspaceId) -> Traces:
    """Of all that is not over."""
    row = (await tx.execute(_TRACES, {"workspace_id": workspace_id})).one()
    return Traces(row[0], int(row[1] or 0), int(row[2] or 0))


_GOING_ON = (
    select(_incidents)
    .where(
        _incidents.c.workspace_id == bindparam("workspace_id"),
        tables.unresolved,
        _incidents.c.number > bindparam("after"),
    )
    .order_by(_incidents.c.number)
    .limit(bindparam("limit", type_=Integer))
)


async def going_on(tx: Transaction, workspace_id: WorkspaceId, *, after: int, limit: int) -> Sequence[Incident]:
    """What is not over, from the number `after` on, by number."""
    rows = await tx.execute(_GOING_ON, {"workspace_id": workspace_id, "after": after, "limit": limit})
    return [incident_of(row) for row in rows.mappings()]


_LAST_BREACHES = (
    select(_breaches.c.incident_id, func.max(_breaches.c.breached_at).label("at"))
    .where(_breaches.c.incident_id.in_(bindparam("ids", expanding=True)))
    .group_by(_breaches.c.incident_id)
)


async def last_breaches(tx: Transaction, ids: Collection[IncidentId]) -> Mapping[IncidentId, datetime]:
    """When each of them breached last."""
    rows = await tx.execute(_LAST_BREACHES, {"ids": list(ids)})
    return {row.incident_id: row.at for row in rows}


_RECORD = (
    update(_homes)
    .where(*_is_held)
    .values(
        publish_at=func.coalesce(_homes.c.publish_at, bindparam("_again_at", type_=tables.UtcTime)), claimed_until=None
    )
)


async def _record(tx: Transaction, workspace_id: WorkspaceId, home: Home, again_at: datetime, **values: object) -> None:
    await tx.execute(_RECORD, _held(workspace_id, home) | {"_again_at": again_at} | values)


def _held(workspace_id: WorkspaceId, home: Home) -> dict[str, object]:
    return {"_workspace_id": workspace_id, "_user_id": home.user, "_claimed_until": home.claimed_until}
