"""The pages of a bot that was away, as long as they wait: to be found, and to be told otherwise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update

from bot.domain.delivery import PromiseState
from bot.domain.ids import ChannelId, IncidentId, WorkspaceId
from bot.domain.message import Message, PageTier
from bot.domain.notice import CatchUpPages, Notice
from bot.domain.promise import Lane
from storage import outbox, tables
from storage.bulk import Bulk
from storage.database import Transaction
from storage.records import message_of, payload_of

_outbox = tables.outbox

_REWRITE = Bulk(
    update(_outbox)
    .where(_outbox.c.id == bindparam("_id"))
    .values(lane=bindparam("_lane"), payload=bindparam("_payload"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPage:
    """A page that nobody has begun to send."""

    id: int
    incident_id: IncidentId
    key: str
    channel: ChannelId
    page: PageTier


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingList:
    """A message that rings for many pages, and that nobody has begun to send."""

    id: int
    channel: ChannelId
    notice: CatchUpPages


async def waiting(tx: Transaction, workspace_id: WorkspaceId) -> tuple[Sequence[WaitingPage], Sequence[WaitingList]]:
    """What would ring for incidents that are catching up, in the order in which it was promised, and locked.

    What is being claimed at this moment is left out.
    """
    rows = await tx.execute(
        select(_outbox.c.id, _outbox.c.incident_id, _outbox.c.dedup_key, _outbox.c.channel, _outbox.c.payload)
        .where(
            _outbox.c.workspace_id == workspace_id,
            outbox.unsettled(_outbox),
            _outbox.c.state == PromiseState.PENDING.value,
            _outbox.c.lane == int(Lane.PAGE),
            _outbox.c.kind.in_(("page", "catch_up")),
        )
        .order_by(_outbox.c.id)
        .with_for_update(skip_locked=True)
    )
    pages: list[WaitingPage] = []
    lists: list[WaitingList] = []
    for row in rows.mappings():
        message = message_of(row)
        if isinstance(message, CatchUpPages):
            lists.append(WaitingList(id=row["id"], channel=row["channel"], notice=message))
        elif isinstance(message, PageTier) and message.catching_up:
            pages.append(
                WaitingPage(
                    id=row["id"],
                    incident_id=row["incident_id"],
                    key=row["dedup_key"],
                    channel=row["channel"],
                    page=message,
                )
            )
    return pages, lists


async def rewrite(tx: Transaction, promises: Iterable[tuple[int, Message | Notice, Lane]]) -> None:
    """What the promises with these ids say from now on, and how urgently."""
    rows = [
        {"_id": promise_id, "_lane": int(lane), "_payload": payload_of(message)}
        for promise_id, message, lane in promises
    ]
    if rows:
        await _REWRITE.execute(tx, rows)
