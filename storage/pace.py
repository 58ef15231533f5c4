"""Slack's pace, kept by all processes together: when each channel takes a post, how often a method was called, and
the rests that Slack asked for."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.delivery import WINDOW, Budget
from bot.domain.ids import ChannelId, WorkspaceId
from storage import tables
from storage.database import Transaction

_channels = tables.slack_channels
_methods = tables.slack_methods


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many calls of a method may be made now, and when more may be."""

    calls: int
    more_at: datetime
    counted: Mapping[int, int] = field(default_factory=dict, compare=False, repr=False)
    """The calls that count now, by the second in which they were made."""


async def allowance(tx: Transaction, workspace_id: WorkspaceId, budget: Budget, *, now: datetime) -> Allowance:
    """Locked: until this transaction ends, no other process counts calls of this method."""
    counted, rests_until = await _counted(tx, workspace_id, budget, now)
    if rests_until is not None and rests_until > now:
        return Allowance(0, rests_until, counted)
    left = budget.calls - sum(counted.values())
    oldest = min(counted, default=None)
    more_at = now if oldest is None else _end_of(oldest)
    return Allowance(max(left, 0), more_at, counted)


async def count(
    tx: Transaction, workspace_id: WorkspaceId, budget: Budget, allowed: Allowance, calls: int, *, now: datetime
) -> None:
    """The calls are about to be made, as the `allowance` of the same transaction lets them."""
    second = int(now.timestamp())
    counted = {**allowed.counted, second: allowed.counted.get(second, 0) + calls}
    await _upsert(tx, {"workspace_id": workspace_id, "method": budget.method}, {"calls": json.dumps(counted)})


async def rest(tx: Transaction, workspace_id: WorkspaceId, method: str, until: datetime) -> None:
    """Slack asked for a pause. Of two pauses the longer counts."""
    stored: datetime | None = await tx.scalar(
        select(_methods.c.rests_until)
        .where(_methods.c.workspace_id == workspace_id, _methods.c.method == method)
        .with_for_update()
    )
    if stored is None or stored < until:
        await _upsert(tx, {"workspace_id": workspace_id, "method": method}, {"rests_until": until})


async def free_at(
    tx: Transaction, workspace_id: WorkspaceId, channels: Collection[ChannelId], instant: datetime
) -> None:
    """The channels take the next post at `instant`."""
    if not channels:
        return
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    rows = [{"workspace_id": workspace_id, "channel": each, "next_post_at": instant} for each in sorted(set(channels))]
    statement = dialect.insert(_channels)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["workspace_id", "channel"], set_={"next_post_at": statement.excluded.next_post_at}
        ),
        rows,
    )


async def _counted(
    tx: Transaction, workspace_id: WorkspaceId, budget: Budget, now: datetime
) -> tuple[dict[int, int], datetime | None]:
    """By the second in which they were made, as long as they count; and until when the method rests."""
    key = {"workspace_id": workspace_id, "method": budget.method}
    query = (
        select(_methods.c.calls, _methods.c.rests_until)
        .where(_methods.c.workspace_id == workspace_id, _methods.c.method == budget.method)
        .with_for_update()
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:  # the first call ever: from now on there is something to lock
        await _upsert(tx, key, {"calls": "{}"})
        return {}, None
    counted = {int(second): calls for second, calls in json.loads(row.calls).items()}
    return {second: calls for second, calls in counted.items() if _end_of(second) > now}, row.rests_until


def _end_of(second: int) -> datetime:
    """When calls of that second, made perhaps at its very end, do not count any more."""
    return datetime.fromtimestamp(second + 1, UTC) + WINDOW


async def _upsert(tx: Transaction, key: dict[str, str], values: dict[str, object]) -> None:
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(_methods).values(key | values)
    await tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
