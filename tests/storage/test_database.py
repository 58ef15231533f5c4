"""Transactions: whole or not at all, whatever happens meanwhile; and a file that has one owner."""

import asyncio
import itertools
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextlib import closing as closing_now
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.engine import make_url

from bot.domain.ids import THE_BOT, WorkspaceId
from storage import incidents, policies, postgresql, tables
from storage.database import BUSY_MILLISECONDS, SQLITE_READERS, Database, Transaction, open_database
from storage.errors import AlreadyRunning, CommitUnknown, NotStored
from tests.builders import NOW, WORKSPACE
from tests.databases import PostgresServer
from tests.storage.broken_line import Break, broken_line
from tests.storage.stored import open_one

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

HOLD_THE_LOCK = """
import fcntl, sys
file = open(sys.argv[1])
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""

ONE, TWO = WorkspaceId("T1"), WorkspaceId("T2")


async def write_one(database: Database) -> None:
    async with database.write() as tx:
        await incidents.make_workspace(tx, ONE)


async def write_two(database: Database, between: Callable[[], Awaitable[None]] | None = None) -> None:
    async with database.write() as tx:
        await tx.execute(insert(tables.workspaces).values(id=ONE))
        if between is not None:
            await between()
        await tx.execute(insert(tables.workspaces).values(id=TWO))


class MidWay(Exception):
    """What a use case raises when it changes its mind."""


async def write_one_and_fail(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(insert(tables.workspaces).values(id=ONE))
        raise MidWay


async def stored(database: Database) -> set[str]:
    async with database.read() as tx:
        return set((await tx.execute(select(tables.workspaces.c.id))).scalars()) - {WORKSPACE}


async def test_a_block_that_ends_is_stored(database: Database) -> None:
    await write_two(database)
    assert await stored(database) == {ONE, TWO}


async def test_a_block_that_raises_stores_nothing(database: Database) -> None:
    with pytest.raises(MidWay):
        await write_one_and_fail(database)
    assert await stored(database) == set()


async def test_what_is_not_committed_yet_is_seen_by_nobody_else(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(insert(tables.workspaces).values(id=ONE))
        assert await stored(database) == set()
    assert await stored(database) == {ONE}


async def test_a_reading_block_sees_one_state_from_its_first_question_on(database: Database) -> None:
    async with database.read() as tx:
        before = (await tx.execute(select(tables.workspaces.c.id))).scalars().all()
        await write_two(database)
        assert (await tx.execute(select(tables.workspaces.c.id))).scalars().all() == before


async def test_a_reading_block_cannot_write(database: Database) -> None:
    with pytest.raises(NotStored, match=r"(?i)read-?only"):
        async with database.read() as tx:
            await tx.execute(insert(tables.workspaces).values(id=ONE))
    assert await stored(database) == set()


@on_sqlite
async def test_the_pragmas_are_in_force(database: Database) -> None:
    async def pragmas(tx: Transaction, *names: str) -> dict[str, object]:
        return {name: await tx.scalar(text(f"PRAGMA {name}")) for name in names}

    common: dict[str, object] = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "mmap_size": 0,
        "journal_size_limit": 67_108_864,
        "busy_timeout": BUSY_MILLISECONDS,
    }
    async with database.write() as tx:
        expected = common | {"wal_autocheckpoint": 1_000, "query_only": 0}
        assert await pragmas(tx, *expected) == expected
    async with database.read() as tx:
        expected = common | {"wal_autocheckpoint": 0, "query_only": 1}
        assert await pragmas(tx, *expected) == expected


async def test_a_row_must_belong_to_something(database: Database) -> None:
    with pytest.raises(NotStored, match=r"(?i)foreign key"):
        async with database.write() as tx:
            await policies.add(tx, WorkspaceId("T0NOWHERE"), document="{}", directory="{}", by=THE_BOT, now=NOW)


async def test_what_went_wrong_is_told_without_what_people_wrote(database: Database) -> None:
    secret = "the customer is Rosa Klebb"
    async with database.write() as tx:
        await open_one(tx)
    with pytest.raises(NotStored) as refused:
        async with database.write() as tx:
            await tx.execute(tables.incidents.update().values(title=secret, description=secret, state="resolved"))
    assert "resolved_at" in str(refused.value)
    assert secret not in str(refused.value)


class TestCancellation:
    """A task may be cancelled anywhere; what it wrote is then there whole or not at all, and the next one can write."""

    async def cancelled(
        self, database: Database, arm: Callable[[Callable[..., None]], None], *, whole: bool = False
    ) -> None:
        task = asyncio.create_task(write_two(database))
        arm(lambda *_args: None if task.done() else void(task.cancel()))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await stored(database) == ({ONE, TWO} if whole else set())
        await write_one(database)
        assert ONE in await stored(database)

    async def test_while_it_connects(self, database_url: str) -> None:
        database = open_database(database_url)
        async with closing(database), closing_events(database) as listen:
            await self.cancelled(database, lambda cancel: listen("connect", cancel))

    async def test_at_each_of_its_statements(self, database_url: str) -> None:
        statements = 0
        database = open_database(database_url)
        async with closing(database):
            await write_one(database)
            for position in itertools.count():
                async with database.write() as tx:
                    await tx.execute(tables.workspaces.delete())
                async with closing_events(database) as listen:
                    seen = itertools.count()
                    task = asyncio.create_task(write_two(database))

                    def cancel(*_args: object, position: int = position, seen: Iterator[int] = seen) -> None:
                        if next(seen) == position:
                            task.cancel()  # noqa: B023 — used before the loop goes on

                    listen("before_cursor_execute", cancel)
                    try:
                        await task
                    except asyncio.CancelledError:
                        statements += 1
                        assert await stored(database) == set()
                    else:
                        assert await stored(database) == {ONE, TWO}
                        break
        assert statements >= 2

    @on_sqlite
    async def test_at_any_moment_of_a_view(self, database: Database) -> None:
        for moment in range(40):
            task = asyncio.create_task(stored(database))
            for _ in range(moment):
                await asyncio.wait((task,), timeout=0)
            task.cancel()
            await asyncio.wait((task,))
            latest = WorkspaceId(f"T{moment}")
            async with database.write() as tx:
                await incidents.make_workspace(tx, latest)
            views = await asyncio.gather(*[stored(database) for _ in range(SQLITE_READERS + 1)])
            assert all(latest in view for view in views)

    async def test_while_it_commits(self, database: Database) -> None:
        async with closing_events(database) as listen:
            await self.cancelled(database, lambda cancel: listen("commit", cancel), whole=True)

    async def test_twice_while_it_commits(self, database: Database) -> None:
        async with closing_events(database) as listen:

            def arm(cancel: Callable[..., None]) -> None:
                def twice(*_args: object) -> None:
                    cancel()
                    asyncio.get_running_loop().call_soon(cancel)

                listen("commit", twice)

            await self.cancelled(database, arm, whole=True)

    @on_postgresql
    async def test_while_its_commit_is_on_the_way(
        self, database: Database, database_url: str, short_folder: Path
    ) -> None:
        async with broken_line(database_url, short_folder) as (line, url), closing(open_database(url)) as other:
            line.may_commit.clear()
            task = asyncio.create_task(write_two(other))
            await line.commit_arrived.wait()
            task.cancel()
            await asyncio.wait((task,), timeout=0)
            assert not task.done(), "it waits for the commit, so that nobody thinks that nothing was stored"
            line.may_commit.set()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await stored(database) == {ONE, TWO}
            await write_one(other)

    async def test_while_it_waits_for_the_writer(self, database: Database) -> None:
        async with database.write() as tx:
            await tx.execute(insert(tables.workspaces).values(id=ONE))
            waiting = [asyncio.create_task(write_one(database)) for _ in range(3)]
            await asyncio.wait(waiting, timeout=0)
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)
        assert all(task.cancelled() for task in waiting)
        await write_one(database)


class TestLocked:
    """Another process holds what is to be written: the answer comes within the time in which a person must have one."""

    @on_sqlite
    async def test_a_file_that_another_writes_to(self, database: Database, database_url: str) -> None:
        other = sqlite3.connect(file_of(database_url), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await self.is_refused_in_time(database)
        other.close()
        await write_one(database)

    @on_postgresql
    async def test_a_row_that_another_has_locked(self, database: Database, database_url: str) -> None:
        other = open_database(database_url)
        async with closing(other), other.write() as tx:
            await tx.execute(insert(tables.workspaces).values(id=ONE))
            await self.is_refused_in_time(database)
        await write_one(database)

    @on_sqlite
    async def test_a_file_is_locked_from_the_first_question_of_a_writing_transaction(
        self, database: Database, database_url: str
    ) -> None:
        """And not only from its first change on: what was read before that could have changed meanwhile."""
        with closing_now(sqlite3.connect(file_of(database_url), isolation_level=None, timeout=0)) as other:
            async with database.write() as tx:
                await tx.execute(select(tables.workspaces.c.id))
                with pytest.raises(sqlite3.OperationalError, match="locked"):
                    other.execute("BEGIN IMMEDIATE")
            other.execute("BEGIN IMMEDIATE")

    async def is_refused_in_time(self, database: Database) -> None:
        loop = asyncio.get_running_loop()
        started_at = loop.time()
        with pytest.raises(NotStored, match="lock"):
            await write_one(database)
        assert loop.time() - started_at < 2.5
        assert await stored(database) == set()


class TestFull:
    @on_sqlite
    async def test_a_full_disk_stores_nothing_by_halves(self, database: Database) -> None:
        async with database.write() as tx:
            pages = await tx.scalar(text("PRAGMA page_count"))
            await tx.execute(text(f"PRAGMA max_page_count = {pages + 4}"))
        with pytest.raises(NotStored, match="full"):
            await self.write_a_lot(database)
        assert await stored(database) == set()
        async with database.write() as tx:
            await tx.execute(text("PRAGMA max_page_count = 1000000"))
        await write_one(database)
        assert await stored(database) == {ONE}

    async def write_a_lot(self, database: Database) -> None:
        async with database.write() as tx:
            await tx.execute(insert(tables.workspaces).values(id=ONE))
            await policies.add(tx, ONE, document="x" * 100_000, directory="{}", by=THE_BOT, now=NOW)


class TestReadOnly:
    @on_sqlite
    async def test_a_file_that_may_only_be_read(self, database_url: str) -> None:
        content = file_of(database_url).read_bytes()
        with without_privileges(), tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tierline.sqlite3"
            path.write_bytes(content)
            path.chmod(0o400)
            database = open_database(f"sqlite:///{path}")
            async with closing(database):
                with pytest.raises(NotStored, match="readonly"):
                    await write_two(database)
                assert await stored(database) == set()

    @on_postgresql
    async def test_a_database_that_may_only_be_read(self, database: Database, database_url: str) -> None:
        async with database.write() as tx:
            await tx.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
        name = make_url(database_url).database
        async with database.write() as tx:
            await tx.execute(text("SET TRANSACTION READ WRITE"))
            await tx.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
        other = open_database(database_url)
        async with closing(other):
            with pytest.raises(NotStored, match="read-only"):
                await write_two(other)
            assert await stored(other) == set()


@on_sqlite
class TestOneOwner:
    async def test_a_second_bot_on_the_same_file_is_refused(self, database: Database, database_url: str) -> None:
        path = file_of(database_url)
        with pytest.raises(AlreadyRunning, match=f"another Tierline process is running on {path}; stop it first"):
            open_database(database_url)
        await write_one(database)

    async def test_a_file_that_was_closed_can_be_opened_again(self, database_url: str) -> None:
        for _ in range(2):
            database = open_database(database_url)
            await write_one(database)
            await database.close()

    async def test_a_killed_process_holds_the_file_no_longer(self, database_url: str) -> None:
        database = open_database(database_url)
        await database.close()
        path = file_of(database_url)
        holder = subprocess.Popen(  # noqa: ASYNC220 — a process that does not wait for anything but its lock
            [sys.executable, "-S", "-c", HOLD_THE_LOCK, str(path) + ".lock-file"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(AlreadyRunning):
                open_database(database_url)
            holder.kill()
        async with closing(open_database(database_url)) as reopened:
            await write_one(reopened)


class TestLostConnection:
    async def test_a_database_that_is_not_there(self, tmp_path: Path) -> None:
        async with closing(open_database(f"postgresql://postgres@/nothing?host={tmp_path}")) as database:
            with pytest.raises(NotStored):
                await write_one(database)
            with pytest.raises(NotStored):
                await stored(database)

    async def test_a_server_without_that_database(self, postgres_server: PostgresServer) -> None:
        url = f"postgresql://postgres@/nothing?host={postgres_server.socket.parent}"
        async with closing(open_database(url)) as database:
            with pytest.raises(NotStored, match="does not exist"):
                await write_one(database)

    @on_sqlite
    async def test_a_file_that_is_no_database(self, database_url: str) -> None:
        file_of(database_url).write_bytes(b"not a database, but long enough to look at" * 100)
        async with closing(open_database(database_url)) as database:
            with pytest.raises(NotStored, match="not a database"):
                await write_one(database)

    @on_postgresql
    async def test_a_line_that_was_cut_while_nobody_used_it_costs_nobody_anything(
        self, database: Database, database_url: str
    ) -> None:
        async with closing(open_database(database_url)) as other:
            hung_up = await hearing_of_the_end(other)
            await disconnect_all_others(database)
            await hung_up.wait()
            await write_two(other)
            assert await stored(other) == {ONE, TWO}

    @on_postgresql
    async def test_what_was_read_before_the_line_was_cut_is_read(self, database: Database, database_url: str) -> None:
        async with closing(open_database(database_url)) as other:
            async with other.read() as tx:
                found = await policies.newest_id(tx, WORKSPACE)
                await disconnect_all_others(database)
            assert found is not None
            async with other.read() as tx:
                assert await policies.newest_id(tx, WORKSPACE) == found

    @on_postgresql
    async def test_a_process_that_stops_between_two_words_to_the_server_holds_up_nobody_for_long(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The driver tells of a statement first; the server waits for more of it, and does not call that idle."""
        taken = text("SELECT pg_advisory_xact_lock(1)")
        async with closing(open_database(database_url)) as stopped, closing(open_database(database_url)) as other:
            async with other.write() as tx:  # connects, with the limit that there is
                await tx.execute(text("SELECT 1"))
            monkeypatch.setattr(postgresql, "TRANSACTION_WITHIN", "700ms")
            async with stopped.engine.connect() as holding:
                await holding.execute(taken)
                line = (await holding.get_raw_connection()).driver_connection
                assert line is not None
                await line.prepare("SELECT 1")
                async with other.write() as tx:
                    await tx.execute(taken)
                await holding.invalidate()

    @on_postgresql
    async def test_a_connection_that_is_lost_mid_way_stores_nothing(
        self, database: Database, database_url: str
    ) -> None:
        async with closing(open_database(database_url)) as other:
            with pytest.raises(NotStored):
                await write_two(other, between=lambda: disconnect_all_others(database))
            assert await stored(other) == set()

    @on_postgresql
    @pytest.mark.parametrize("at", Break)
    async def test_whether_a_commit_without_an_answer_was_stored_is_not_guessed(
        self, database: Database, database_url: str, at: Break, short_folder: Path
    ) -> None:
        async with broken_line(database_url, short_folder) as (line, url), closing(open_database(url)) as other:
            line.at = at
            with pytest.raises(CommitUnknown):
                await write_two(other)
            assert await stored(database) == ({ONE, TWO} if at is Break.AFTER_COMMIT else set())
            await write_one(other)
            assert ONE in await stored(database)


def file_of(url: str) -> Path:
    return Path(str(make_url(url).database))


async def disconnect_all_others(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


async def hearing_of_the_end(database: Database) -> asyncio.Event:
    """Set when the connection in its pool is lost."""
    hung_up = asyncio.Event()
    async with database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        driver.add_termination_listener(lambda _: hung_up.set())
    return hung_up


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """The path of a socket may have about a hundred characters."""
    with tempfile.TemporaryDirectory(prefix="tl-") as folder:
        yield Path(folder)


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root may write to read-only files, so root is nobody for the while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(user)


@asynccontextmanager
async def closing(database: Database) -> AsyncIterator[Database]:
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def closing_events(database: Database) -> AsyncIterator[Callable[[str, Callable[..., None]], None]]:
    """Listens to what the writing engine does, until the block ends."""
    listening: list[tuple[str, Callable[..., None]]] = []
    engine = database.engine.sync_engine

    def listen(name: str, listener: Callable[..., None]) -> None:
        listening.append((name, listener))
        event.listen(engine, name, listener)

    try:
        yield listen
    finally:
        for name, listener in listening:
            event.remove(engine, name, listener)


def void(_value: Any) -> None:
    return None
