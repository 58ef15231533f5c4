"""Slack's pace, kept by all processes together: when each channel takes a post, how often a method was called, and
the rests that Slack asked for."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import bindparam, select

from bot.domain.delivery import WINDOW, Budget
from bot.domain.ids import ChannelId, WorkspaceId
from storage import tables
from storage.database import Transaction
from storage.upsert import or_update

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
    await _set_calls(tx, workspace_id, budget, json.dumps(counted))


_RESTS_UNTIL = (
    select(_methods.c.rests_until)
    .where(_methods.c.workspace_id == bindparam("workspace_id"), _methods.c.method == bindparam("method"))
    .with_for_update()
)
_SET_REST = or_update(_methods, ("workspace_id", "method"), ("rests_until",))


async def rest(tx: Transaction, workspace_id: WorkspaceId, method: str, until: datetime) -> None:
    """Slack asked for a pause. Of two pauses the longer counts."""
    key = {"workspace_id": workspace_id, "method": method}
    stored: datetime | None = await tx.scalar(_RESTS_UNTIL, key)
    if stored is None or stored < until:
        await tx.execute(_SET_REST[tx.dialect.name], key | {"rests_until": until})


_SET_NEXT_POST = or_update(_channels, ("workspace_id", "channel"), ("next_post_at",))


async def free_at(
    tx: Transaction, workspace_id: WorkspaceId, channels: Collection[ChannelId], instant: datetime
) -> None:
    """The channels take the next post at `instant`."""
    if not channels:
        return
    rows = [{"workspace_id": workspace_id, "channel": each, "next_post_at": instant} for each in sorted(set(channels))]
    await tx.execute(_SET_NEXT_POST[tx.dialect.name], rows)


_CALLS = (
    select(_methods.c.calls, _methods.c.rests_until)
    .where(_methods.c.workspace_id == bindparam("workspace_id"), _methods.c.method == bindparam("method"))
    .with_for_update()
)


async def _counted(
    tx: Transaction, workspace_id: WorkspaceId, budget: Budget, now: datetime
) -> tuple[dict[int, int], datetime | None]:
    """By the second in which they were made, as long as they count; and until when the method rests."""
    row = (await tx.execute(_CALLS, {"workspace_id": workspace_id, "method": budget.method})).one_or_none()
    if row is None:  # the first call ever: from now on there is something to lock
        await _set_calls(tx, workspace_id, budget, "{}")
        return {}, None
    counted = {int(second): calls for second, calls in json.loads(row.calls).items()}
    return {second: calls for second, calls in counted.items() if _end_of(second) > now}, row.rests_until


def _end_of(second: int) -> datetime:
    """When calls of that second, made perhaps at its very end, do not count any more."""
    return datetime.fromtimestamp(second + 1, UTC) + WINDOW


_SET_CALLS = or_update(_methods, ("workspace_id", "method"), ("calls",))


async def _set_calls(tx: Transaction, workspace_id: WorkspaceId, budget: Budget, calls: str) -> None:
    row = {"workspace_id": workspace_id, "method": budget.method, "calls": calls}
    await tx.execute(_SET_CALLS[tx.dialect.name], row)
