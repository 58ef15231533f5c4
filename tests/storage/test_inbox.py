"""The inbox: each event once, taken by one at a time, handled or given up."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.domain.ids import WorkspaceId
from storage import inbox, tables
from storage.database import Database
from storage.inbox import InboxEntry
from tests.builders import NOW, WORKSPACE
from tests.storage.statements import plan_of, statements_of
from tests.storage.stored import seconds

LEASE = seconds(30)
ELSEWHERE = WorkspaceId("T0OTHERS01")
ODD = '{"event": {"text": "\\u0000 \\ud83d مرحبا"}}'


async def put(database: Database, *causes: str, workspace: WorkspaceId = WORKSPACE, now: datetime = NOW) -> list[bool]:
    async with database.write() as tx:
        return [await inbox.put(tx, workspace, cause, ODD, now=now) for cause in causes]


async def take(database: Database, now: datetime, *, limit: int = 10) -> Sequence[InboxEntry]:
    async with database.write() as tx:
        return await inbox.take(tx, WORKSPACE, now=now, lease=LEASE, limit=limit)


async def next_take_at(database: Database) -> datetime | None:
    async with database.read() as tx:
        return await inbox.next_take_at(tx, WORKSPACE)


async def row(database: Database, cause: str) -> dict[str, Any]:
    async with database.read() as tx:
        found = (await tx.execute(select(tables.inbox).where(tables.inbox.c.cause == cause))).mappings().one()
    return {name: found[name] for name in ("take_at", "attempts", "handled_at", "last_error")}


def entry(cause: str, *, attempts: int = 1, received_at: datetime = NOW) -> InboxEntry:
    return InboxEntry(cause=cause, payload=ODD, received_at=received_at, attempts=attempts)


async def test_an_event_is_stored_once(database: Database) -> None:
    assert await put(database, "event/1", "event/2", "event/1") == [True, True, False]
    assert await put(database, "event/1", now=NOW + seconds(60)) == [False]
    assert await put(database, "event/1", workspace=ELSEWHERE) == [True]
    assert await take(database, NOW) == [entry("event/1"), entry("event/2")]


async def test_what_is_taken_is_nobody_elses_until_its_lease_runs_out(database: Database) -> None:
    await put(database, "event/1")
    assert await next_take_at(database) == NOW
    assert await take(database, NOW) == [entry("event/1")]
    assert not await take(database, NOW + LEASE - seconds(1))
    assert await next_take_at(database) == NOW + LEASE
    assert await take(database, NOW + LEASE) == [entry("event/1", attempts=2)]


async def test_the_oldest_are_taken_first_and_not_too_many(database: Database) -> None:
    await put(database, "event/2", now=NOW + seconds(1))
    await put(database, "event/1", "event/3")
    assert {one.cause for one in await take(database, NOW + seconds(2), limit=2)} == {"event/1", "event/3"}
    assert [one.cause for one in await take(database, NOW + seconds(2), limit=2)] == ["event/2"]


async def test_two_at_once_take_different_ones(database: Database) -> None:
    await put(database, *(f"event/{number}" for number in range(6)))
    taken = await asyncio.gather(*(take(database, NOW, limit=3) for _ in range(3)))
    causes = [one.cause for batch in taken for one in batch]
    assert len(causes) == len(set(causes))
    assert set(causes) | {one.cause for one in await take(database, NOW)} == {f"event/{number}" for number in range(6)}


async def test_what_was_handled_is_over_and_comes_in_no_second_time(database: Database) -> None:
    await put(database, "event/1")
    [taken] = await take(database, NOW)
    async with database.write() as tx:
        await inbox.handled(tx, WORKSPACE, taken, now=NOW + seconds(2))
    over = {"take_at": None, "attempts": 1, "handled_at": NOW + seconds(2), "last_error": None}
    assert await row(database, "event/1") == over
    assert await put(database, "event/1", now=NOW + seconds(9)) == [False]
    assert (await row(database, "event/1"), await next_take_at(database)) == (over, None)


async def test_what_failed_is_taken_again_later_or_never(database: Database) -> None:
    await put(database, "event/1", "event/2")
    for taken, at in zip(await take(database, NOW), (NOW + seconds(5), None), strict=True):
        async with database.write() as tx:
            await inbox.try_again(tx, WORKSPACE, taken, error="Limited", at=at)
    assert await next_take_at(database) == NOW + seconds(5)
    assert await row(database, "event/2") == {
        "take_at": None,
        "attempts": 1,
        "handled_at": None,
        "last_error": "Limited",
    }
    assert await take(database, NOW + seconds(5)) == [entry("event/1", attempts=2)]


async def test_whoever_took_too_long_decides_nothing_any_more(database: Database) -> None:
    await put(database, "event/1")
    [late] = await take(database, NOW)
    await take(database, NOW + LEASE)
    before = await row(database, "event/1")
    async with database.write() as tx:
        await inbox.handled(tx, WORKSPACE, late, now=NOW + LEASE)
        await inbox.try_again(tx, WORKSPACE, late, error="late", at=None)
    assert await row(database, "event/1") == before


async def test_what_waits_is_counted_as_far_as_asked(database: Database) -> None:
    await put(database, *(f"event/{number}" for number in range(5)))
    [taken] = await take(database, NOW, limit=1)
    async with database.write() as tx:
        await inbox.handled(tx, WORKSPACE, taken, now=NOW)
    async with database.read() as tx:
        assert [await inbox.waiting(tx, WORKSPACE, at_most=most) for most in (3, 10)] == [3, 4]


async def test_no_question_reads_what_is_over(database: Database) -> None:
    await put(database, *(f"event/{number}" for number in range(200)))
    async with database.write() as tx:
        await tx.execute(tables.inbox.update().values(take_at=None, handled_at=NOW))
    await put(database, "event/new")
    with statements_of(database) as said:
        async with database.write() as tx:
            await tx.exec_driver_sql("ANALYZE")
            await inbox.waiting(tx, WORKSPACE, at_most=10)
            await inbox.next_take_at(tx, WORKSPACE)
            await inbox.take(tx, WORKSPACE, now=NOW, lease=LEASE, limit=10)
    async with database.write() as tx:
        plans = [await plan_of(tx, one) for one in said if one.kind == "SELECT"]
    assert len(plans) == 3
    assert all("ix_inbox_waiting" in plan for plan in plans), plans
