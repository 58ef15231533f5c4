"""aiosqlite with one hop to the connection's thread per statement, where it takes three or four.

Almost all that a short transaction costs are those hops: for a cursor, for the statement, for its rows, for the
closing, and for a BEGIN and a ROLLBACK that change nothing.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import aiosqlite

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """All that a statement gave; the driver's cursor was closed where it was made."""

    description: Any = None
    rows: Sequence[Any] = ()
    rowcount: int = -1
    lastrowid: int | None = None


class OneHopCursor:
    """What SQLAlchemy needs of an asynchronous cursor."""

    arraysize = 1

    def __init__(self, connection: "OneHopConnection") -> None:
        self._connection = connection
        self._answer = Answer()

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Self:
        self._answer = await self._connection.answer(lambda connection: connection.execute(sql, tuple(parameters)))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> Self:
        self._answer = await self._connection.answer(lambda connection: connection.executemany(sql, parameters))
        return self

    async def fetchall(self) -> Sequence[Any]:
        return self._answer.rows

    async def close(self) -> None:
        """Nothing is left to close."""

    @property
    def description(self) -> Any:
        return self._answer.description

    @property
    def rowcount(self) -> int:
        return self._answer.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._answer.lastrowid


class OneHopConnection(aiosqlite.Connection):
    """Its transactions begin with their first statement, in the same hop."""

    _begin: str | None = None
    _quiet = True
    """Whether the thread has nothing of ours under way; a cancelled statement still runs there."""

    def begin_with(self, begin: str) -> None:
        self._begin = begin

    def cursor(self) -> OneHopCursor:  # type: ignore[override]
        return OneHopCursor(self)

    async def answer(self, statement: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> Answer:
        begin, self._begin = self._begin, None
        connection = self._conn

        def run() -> Answer:
            if begin is not None:
                connection.execute(begin)
            return _whole(statement(connection))

        return await self._done(self._execute(run))  # type: ignore[no-untyped-call]

    async def commit(self) -> None:
        if self._begin is None:
            await self._done(super().commit())
        self._begin = None

    async def rollback(self) -> None:
        """Goes to the thread only if there may be something to roll back."""
        self._begin = None
        if not self._quiet or self.in_transaction:
            await self._done(super().rollback())

    async def _done(self, work: Awaitable[T]) -> T:
        self._quiet = False
        result = await work
        self._quiet = True
        return result


def connect(database: str, **options: Any) -> OneHopConnection:
    """For SQLAlchemy's `async_creator_fn`; `options` are those of `sqlite3.connect`."""
    connection = OneHopConnection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 — as SQLAlchemy does it: a forgotten connection holds up no exit
    return connection


def _whole(cursor: sqlite3.Cursor) -> Answer:
    answer = Answer(
        description=cursor.description,
        rows=cursor.fetchall() if cursor.description else (),
        rowcount=cursor.rowcount,
        lastrowid=cursor.lastrowid,
    )
    cursor.close()
    return answer
