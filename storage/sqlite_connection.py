"""A connection to SQLite whose statements, with all their rows, take one turn of its thread each, where aiosqlite
takes four: each turn costs two switches between threads, and most statements less than that."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import aiosqlite

ITERATED = 64
"""aiosqlite's own default; nothing here iterates."""


async def connected(path: str, **options: Any) -> aiosqlite.Connection:
    """For `create_async_engine`, as its `async_creator_fn`."""
    return await _Connection(partial(sqlite3.connect, path, **options), ITERATED)


class _Connection(aiosqlite.Connection):
    def __init__(self, connector: Callable[[], sqlite3.Connection], iter_chunk_size: int) -> None:
        super().__init__(connector, iter_chunk_size)
        self._thread.daemon = True  # what was never closed holds up no exit

    def cursor(self) -> "_Cursor":  # type: ignore[override]
        return _Cursor(self)

    async def run(self, ask: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> tuple[sqlite3.Cursor, Sequence[Any]]:
        """What `ask` executes, and all the rows that it gives."""
        ran: tuple[sqlite3.Cursor, Sequence[Any]] = await self._execute(  # type: ignore[no-untyped-call]
            _run, self._conn, ask
        )
        return ran


def _run(
    connection: sqlite3.Connection, ask: Callable[[sqlite3.Connection], sqlite3.Cursor]
) -> tuple[sqlite3.Cursor, Sequence[Any]]:
    cursor = ask(connection)
    return cursor, cursor.fetchall() if cursor.description else ()


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

    async def _run(self, ask: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> "_Cursor":
        done, self._rows = await self._connection.run(ask)
        self.description, self.rowcount, self.lastrowid = done.description, done.rowcount, done.lastrowid
        return self
