"""Events from the inbox: each is handled, tried again or given up, and none holds up another."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot.services import inbox as service
from bot.services.inbox import LEASE, RETRIES, CannotBeHandled, Inbox, InboxFull
from bot.services.signal import Signal
from storage import inbox, tables
from storage.database import Database
from tests.builders import NOW, WORKSPACE, minutes
from tests.clock import ManualClock
from tests.storage.stored import a_workspace, seconds

EVENT = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_home_opened", "user": "U1", "tab": "home"}}


@dataclass(slots=True)
class Recorder:
    """A handler that fails as often as it was told to."""

    errors: list[Exception] = field(default_factory=list)
    seen: list[tuple[str, datetime]] = field(default_factory=list)

    async def __call__(self, body: Mapping[str, Any], received_at: datetime) -> None:
        self.seen.append((body["event"]["user"], received_at))
        if self.errors:
            raise self.errors.pop(0)


@dataclass(slots=True)
class Post:
    inbox: Inbox
    database: Database
    wakes: int = 0

    async def deliver(self, user: str, *, cause: str | None = None, kind: str = "app_home_opened") -> None:
        event = {**EVENT, "event": {"type": kind, "user": user, "tab": "home"}}
        await self.inbox.put(cause or f"event/{user}", event)

    async def rows(self) -> list[tuple[int, bool, str | None]]:
        """Attempts, whether handled, and the last error."""
        async with self.database.read() as tx:
            rows = (await tx.execute(select(tables.inbox).order_by(tables.inbox.c.cause))).mappings().all()
        return [(row["attempts"], row["handled_at"] is not None, row["last_error"]) for row in rows]


@asynccontextmanager
async def an_inbox(database: Database, clock: ManualClock, handler: Recorder) -> AsyncIterator[Post]:
    await a_workspace(database)
    changed = Signal()
    post = Post(Inbox(database, WORKSPACE, {"app_home_opened": handler}, clock, changed), database)

    def wake() -> None:
        post.wakes += 1

    changed.subscribe(wake)
    yield post
    await post.inbox.finish()


async def test_an_event_is_handled_once_however_often_it_is_delivered(database: Database, clock: ManualClock) -> None:
    handler = Recorder()
    async with an_inbox(database, clock, handler) as post:
        await post.deliver("U1")
        await post.deliver("U1")
        assert post.wakes == 1
        assert await post.inbox() is None
        await post.deliver("U1")
        clock.advance(hours=1)
        assert await post.inbox() is None
        assert handler.seen == [("U1", NOW)]
        assert await post.rows() == [(1, True, None)]


async def test_what_fails_is_tried_again_later_and_later(database: Database, clock: ManualClock) -> None:
    handler = Recorder(errors=[ZeroDivisionError("a bug")] * 2)
    async with an_inbox(database, clock, handler) as post:
        await post.deliver("U1")
        assert await post.inbox() == NOW + RETRIES[0]
        assert await post.inbox() == NOW + RETRIES[0], "not before"
        clock.move_to(NOW + RETRIES[0])
        assert await post.inbox() == NOW + RETRIES[0] + RETRIES[1]
        clock.move_to(NOW + RETRIES[0] + RETRIES[1])
        assert await post.inbox() is None
        assert len(handler.seen) == 3
        assert await post.rows() == [(3, True, "ZeroDivisionError('a bug')")]


async def test_what_goes_on_failing_is_given_up_with_its_error(database: Database, clock: ManualClock) -> None:
    handler = Recorder(errors=[OSError("no\x00line")] * 9)
    async with an_inbox(database, clock, handler) as post:
        await post.deliver("U1")
        while (at := await post.inbox()) is not None:
            clock.move_to(at)
        assert await post.rows() == [(len(RETRIES) + 1, False, "OSError('no\\x00line')")]
        clock.advance(days=1)
        await post.inbox()
        assert len(handler.seen) == len(RETRIES) + 1


async def test_what_cannot_be_handled_is_given_up_at_once(database: Database, clock: ManualClock) -> None:
    async with an_inbox(database, clock, Recorder(errors=[CannotBeHandled("malformed: user")])) as post:
        await post.deliver("U1")
        await post.deliver("U2", kind="reaction_added")
        assert await post.inbox() is None
        assert [(attempts, handled) for attempts, handled, _ in await post.rows()] == [(1, False)] * 2


async def test_one_that_fails_holds_up_no_other(database: Database, clock: ManualClock) -> None:
    handler = Recorder(errors=[ZeroDivisionError("a bug")])
    async with an_inbox(database, clock, handler) as post:
        for number in range(25):
            await post.deliver(f"U{number:02}")
        assert await post.inbox() == NOW + RETRIES[0]
        assert [handled for _, handled, _ in await post.rows()].count(True) == 24


async def test_what_a_killed_process_had_taken_is_handled_by_the_next(database: Database, clock: ManualClock) -> None:
    handler = Recorder()
    async with an_inbox(database, clock, handler) as post:
        await post.deliver("U1")
        async with database.write() as tx:
            await inbox.take(tx, WORKSPACE, now=NOW, lease=LEASE, limit=1)
        assert await post.inbox() == NOW + LEASE
        clock.move_to(NOW + LEASE)
        assert await post.inbox() is None
        assert (handler.seen, await post.rows()) == ([("U1", NOW)], [(2, True, None)])


async def test_two_processes_handle_each_event_once(database: Database, clock: ManualClock) -> None:
    handler = Recorder()
    async with an_inbox(database, clock, handler) as post:
        for number in range(30):
            await post.deliver(f"U{number:02}")
        other = Inbox(database, WORKSPACE, {"app_home_opened": handler}, clock, Signal())
        await asyncio.gather(post.inbox(), other())
        await post.inbox()
        assert sorted(user for user, _ in handler.seen) == [f"U{number:02}" for number in range(30)]


async def test_a_handler_that_hangs_is_given_up_for_now(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hanging(Recorder):
        async def __call__(self, body: Mapping[str, Any], received_at: datetime) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr(service, "HANDLE_WITHIN", seconds(0.05))
    async with an_inbox(database, clock, Hanging()) as post:
        await post.deliver("U1")
        assert await post.inbox() == NOW + RETRIES[0]
        assert await post.rows() == [(1, False, "TimeoutError()")]


async def test_more_than_a_sane_number_is_not_taken(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_WAITING", 3)
    handler = Recorder()
    async with an_inbox(database, clock, handler) as post:
        for number in range(3):
            await post.deliver(f"U{number}")
        with pytest.raises(InboxFull):
            await post.deliver("U3")
        await post.deliver("U2")
        assert len(await post.rows()) == 3, "what was taken is still acknowledged when it comes again"
        await post.inbox()
        await post.deliver("U3")
        await post.inbox()
        assert len(handler.seen) == 4


async def test_what_waits_says_when_it_wants_to_be_looked_at(database: Database, clock: ManualClock) -> None:
    async with an_inbox(database, clock, Recorder()) as post:
        assert await post.inbox() is None
        clock.advance(minutes=1)
        await post.deliver("U1")
        assert await post.inbox() is None
        assert [received for _, received in (await _seen(post))] == [NOW + minutes(1)]


async def _seen(post: Post) -> list[tuple[str, datetime]]:
    async with post.database.read() as tx:
        rows = (await tx.execute(select(tables.inbox))).mappings().all()
    return [(row["cause"], row["received_at"]) for row in rows]
