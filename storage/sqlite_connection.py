"""A connection to SQLite whose statements, with all their rows, take one turn of its thread each, where aiosqlite
takes four: each turn costs two switches between threads, and most statements less than that. Beginning and end of a
transaction that only reads take none."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import aiosqlite

ITERATED = 64
"""aiosqlite's own default; nothing here iterates."""

Ask = Callable[[sqlite3.Connection], sqlite3.Cursor]
Ran = tuple[sqlite3.Cursor, Sequence[Any]]


async def writing(path: str, **options: Any) -> aiosqlite.Connection:
    """For `create_async_engine`, as its `async_creator_fn`."""
    return await _Connection(partial(sqlite3.connect, path, **options), ITERATED)


async def reading(path: str, **options: Any) -> aiosqlite.Connection:
    """The same, for what writes nothing."""
    return await _Reading(partial(sqlite3.connect, path, **options), ITERATED)


class _Connection(aiosqlite.Connection):
    def __init__(self, connector: Callable[[], sqlite3.Connection], iter_chunk_size: int) -> None:
        super().__init__(connector, iter_chunk_size)
        self._thread.daemon = True  # what was never closed holds up no exit
        self._is_used = False

    def cursor(self) -> "_Cursor":  # type: ignore[override]
        return _Cursor(self)

    async def run(self, ask: Ask) -> Ran:
        """What `ask` executes, and all the rows that it gives."""
        self._is_used = True
        ran: Ran = await self._execute(_run, self._conn, ask)  # type: ignore[no-untyped-call]
        return ran

    async def commit(self) -> None:
        await super().commit()
        self._is_used = False

    async def rollback(self) -> None:
        """The pool asks for one after each transaction, also where nothing is left to be rolled back."""
        if self._is_used:
            await super().rollback()
            self._is_used = False


class _Reading(_Connection):
    """Begins a transaction in the same turn as its first statement, and does not wait for its end.

    One that only reads takes hold of nothing before its first statement and loses nothing at its end. Whatever is asked
    next has its turn after that, and should the end ever fail, the next beginning does.
    """

    _is_to_begin = False

    def begin(self) -> None:
        self._is_to_begin = True

    async def run(self, ask: Ask) -> Ran:
        begins, self._is_to_begin = self._is_to_begin, False
        return await super().run(partial(_begun, ask) if begins else ask)

    async def rollback(self) -> None:
        self._is_to_begin = False
        if self._is_used:
            self._tx.put_nowait((None, self._conn.rollback))
            self._is_used = False


def _run(connection: sqlite3.Connection, ask: Ask) -> Ran:
    cursor = ask(connection)
    return cursor, cursor.fetchall() if cursor.description else ()


def _begun(ask: Ask, connection: sqlite3.Connection) -> sqlite3.Cursor:
    connection.execute("BEGIN")
    return ask(connection)


class _Cursor:
    """As much of a cursor as SQLAlchemy asks of one."""

    description: Any = None
    rowcount = -1
    lastrowid: int | None = None
    arraysize = 1

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()

    async def __aenter__(self) -> "_Cursor":
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> "_Cursor":
        return await self._run(lambda connection: connection.execute(operation, parameters))

    async def executemany(self, operation: str, parameters: Sequence[Sequence[Any]]) -> "_Cursor":
        return await self._run(lambda connection: connection.executemany(operation, parameters))

    async def fetchall(self) -> Sequence[Any]:
        return self._rows

    async def close(self) -> None:
        """All rows were taken: SQLite holds nothing open."""

    async def _run(self, ask: Ask) -> "_Cursor":
        done, self._rows = await self._connection.run(ask)
        self.description, self.rowcount, self.lastrowid = done.description, done.rowcount, done.lastrowid
        return self
