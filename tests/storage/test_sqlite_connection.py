"""A statement and all its rows take one turn of the thread; what only reads begins and ends without one."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from storage.sqlite_connection import reading, writing

Connection = Any
"""SQLAlchemy asks of it what aiosqlite's own connection would give."""


@pytest.fixture
async def connection() -> AsyncIterator[Connection]:
    opened = await writing(":memory:", isolation_level=None)
    yield opened
    await opened.close()


async def ask(connection: Connection, sql: str, *parameters: Any) -> Any:
    return await connection.cursor().execute(sql, parameters)


async def test_a_statement_tells_what_it_did(connection: Connection) -> None:
    await ask(connection, "CREATE TABLE facts (id INTEGER PRIMARY KEY, fact TEXT UNIQUE)")
    stored = await ask(connection, "INSERT INTO facts (fact) VALUES (?), (?)", "one", "two")
    assert (stored.rowcount, stored.lastrowid, stored.description) == (2, 2, None)
    found = await ask(connection, "SELECT id, fact FROM facts ORDER BY id")
    assert await found.fetchall() == [(1, "one"), (2, "two")]
    assert [column[0] for column in found.description] == ["id", "fact"]
    given_back = await ask(connection, "INSERT INTO facts (fact) VALUES (?) RETURNING id", "three")
    assert (await given_back.fetchall(), given_back.rowcount) == ([(3,)], 1)


async def test_one_statement_for_many_rows_counts_them(connection: Connection) -> None:
    await ask(connection, "CREATE TABLE facts (fact TEXT UNIQUE)")
    facts = [("one",), ("two",), ("one",)]
    stored = await connection.cursor().executemany("INSERT INTO facts VALUES (?) ON CONFLICT DO NOTHING", facts)
    assert stored.rowcount == 2


async def test_what_sqlite_refuses_is_raised(connection: Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await ask(connection, "SELECT * FROM missing")


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was waited for."""
    waited_for = []
    execute: Any = aiosqlite.Connection._execute

    async def counted(self: Connection, *asked: Any) -> Any:
        waited_for.append(asked)
        return await execute(self, *asked)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    return waited_for


async def test_each_statement_takes_one_turn(connection: Connection, turns: list[Any]) -> None:
    done = await ask(connection, "SELECT 1")
    assert await done.fetchall() == [(1,)]
    await done.close()
    assert len(turns) == 1


async def test_only_what_began_takes_a_turn_to_be_rolled_back(connection: Connection, turns: list[Any]) -> None:
    await ask(connection, "CREATE TABLE facts (fact TEXT)")
    for ending in (connection.rollback, connection.commit):
        await ask(connection, "BEGIN IMMEDIATE")
        await ask(connection, "INSERT INTO facts VALUES ('one')")
        await ending()
        waited_for = len(turns)
        await connection.rollback()
        assert len(turns) == waited_for
    assert await (await ask(connection, "SELECT * FROM facts")).fetchall() == [("one",)]


class TestReading:
    @pytest.fixture
    async def writer(self, tmp_path: Path) -> AsyncIterator[Connection]:
        opened = await writing(str(tmp_path / "facts.sqlite3"), isolation_level=None)
        await ask(opened, "PRAGMA journal_mode=WAL")
        await ask(opened, "CREATE TABLE facts (fact TEXT)")
        yield opened
        await opened.close()

    @pytest.fixture
    async def reader(self, writer: Connection, tmp_path: Path) -> AsyncIterator[Connection]:
        opened = await reading(str(tmp_path / "facts.sqlite3"), isolation_level=None)
        yield opened
        await opened.close()

    async def count(self, reader: Connection) -> int:
        [(number,)] = await (await ask(reader, "SELECT count(*) FROM facts")).fetchall()
        return int(number)

    async def test_all_statements_of_a_view_see_the_same(self, reader: Connection, writer: Connection) -> None:
        for known in range(3):
            reader.begin()
            assert await self.count(reader) == known
            await ask(writer, "INSERT INTO facts VALUES ('one more')")
            assert await self.count(reader) == known
            await reader.rollback()

    async def test_a_view_waits_for_its_statements_alone(self, reader: Connection, turns: list[Any]) -> None:
        for statements in (0, 1, 2):
            turns.clear()
            reader.begin()
            for _ in range(statements):
                await self.count(reader)
            await reader.rollback()
            assert len(turns) == statements

    async def test_a_view_that_is_given_up_during_its_first_statement_ends(
        self, reader: Connection, writer: Connection
    ) -> None:
        is_given_up = threading.Event()

        def late(line: sqlite3.Connection) -> sqlite3.Cursor:
            is_given_up.wait()
            return line.execute("SELECT count(*) FROM facts")

        reader.begin()
        asked = asyncio.create_task(reader.run(late))
        await asyncio.wait((asked,), timeout=0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await reader.rollback()
        is_given_up.set()
        await ask(writer, "INSERT INTO facts VALUES ('one more')")
        reader.begin()
        assert await self.count(reader) == 1

    async def test_a_view_whose_statement_is_refused_ends(self, reader: Connection, writer: Connection) -> None:
        reader.begin()
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await ask(reader, "SELECT * FROM missing")
        await reader.rollback()
        reader.begin()
        assert await self.count(reader) == 0
