"""A statement and all its rows take one turn of the connection's thread."""

import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import pytest

from storage.sqlite_connection import connected

Connection = Any
"""SQLAlchemy asks of it what aiosqlite's own connection would give."""


@pytest.fixture
async def connection() -> AsyncIterator[Connection]:
    opened = await connected(":memory:", isolation_level=None)
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


async def test_each_statement_takes_one_turn(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = []
    execute = type(connection)._execute

    async def counted(self: Connection, *asked: Any) -> Any:
        turns.append(asked)
        return await execute(self, *asked)

    monkeypatch.setattr(type(connection), "_execute", counted)
    done = await ask(connection, "SELECT 1")
    assert await done.fetchall() == [(1,)]
    await done.close()
    assert len(turns) == 1
