"""Connections and transactions: one writer and several readers on SQLite, a pool on PostgreSQL.

SQLite runs with `synchronous=FULL`, because less loses acknowledged commits at a power cut, and its one writer begins
IMMEDIATE, because a transaction that is upgraded from reading to writing fails or loses updates under contention.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage.errors import AlreadyRunning, NotStored
from storage.postgresql import altering_engine, postgresql_engine
from storage.sqlite_connection import reading, writing
from storage.transaction import transaction, view

BUSY_MILLISECONDS = 800
"""How long a write waits for another process's lock: less than the 2.5 s in which a person must have an answer."""

POOL_TIMEOUT_SECONDS = 10.0
"""How long a transaction waits for its turn. Whoever asks for a person gives up sooner by itself; what is done beside
them (the outcome of a post, say) is better recorded late than left to be found out again."""

SQLITE_READERS = 4
POSTGRESQL_WRITERS = 2
"""While the server stores what one has decided, another decides."""

_ALTERING = "altering"
AUDIT_KEY = "audit_key"
"""The execution option that holds the key of the chain over the stories, None without one."""

Transaction = AsyncConnection
"""What the query functions take; only this package knows that it is SQLAlchemy's."""


class Database:
    """Opens transactions. Made by `open_database`, closed with `close`."""

    def __init__(
        self,
        writer: AsyncEngine,
        reader: AsyncEngine,
        release: Callable[[], None],
        *,
        altering: Callable[[], AsyncEngine] | None = None,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._release = release
        self._altering = altering
        self._turn = asyncio.Lock()

    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """One transaction, committed when the block ends and rolled back when it raises.

        Raises `NotStored` when nothing was stored and `CommitUnknown` when that cannot be told.
        """
        return transaction(self._writer) if self.is_shared else self._write_in_turn()

    @asynccontextmanager
    async def _write_in_turn(self) -> AsyncIterator[Transaction]:
        """Who came first writes first. The pool gives its one connection to whoever asks when it is free."""
        try:
            async with asyncio.timeout(POOL_TIMEOUT_SECONDS):
                await self._turn.acquire()
        except TimeoutError as error:
            raise NotStored("others have been writing all the time") from error
        try:
            async with transaction(self._writer) as tx:
                yield tx
        finally:
            self._turn.release()

    @asynccontextmanager
    async def alter(self) -> AsyncIterator[Transaction]:
        """As `write`, for a change of the schema, which may take long.

        SQLite changes a table by replacing it, and foreign keys forbid that: they are not looked at meanwhile, and
        all of them are at the end.
        """
        engine = self._altering() if self._altering is not None else self._writer
        altering = engine.execution_options(**{_ALTERING: True})
        try:
            async with transaction(altering) as tx:
                yield tx
                if not self.is_shared:
                    await _look_at_foreign_keys(tx)
        finally:
            await engine.dispose()  # the next connection to SQLite looks at foreign keys again

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """One consistent view. Raises `NotStored` when the database cannot be read."""
        return view(self._reader)

    @property
    def is_shared(self) -> bool:
        """Whether several bots may work on it, perhaps on several machines."""
        return self._writer.dialect.name != "sqlite"

    @property
    def writers(self) -> int:
        """How many transactions it makes sense to write at the same time."""
        return POSTGRESQL_WRITERS if self.is_shared else 1

    @property
    def engine(self) -> AsyncEngine:
        """For migrations."""
        return self._writer

    async def close(self) -> None:
        await self._reader.dispose()
        if self._writer is not self._reader:
            await self._writer.dispose()
        self._release()


def open_database(url: str, *, beside: bool = False, audit_key: bytes | None = None) -> Database:
    """Connects at the first transaction. `beside` a bot that may be running: for a command that reads or writes little.
    With `audit_key` only its holder can add to a story without that being seen.

    Raises `AlreadyRunning` when another process has the SQLite file, `NotStored` where no file can be.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed, beside=beside, audit_key=audit_key)
    options = {AUDIT_KEY: audit_key}
    engine = postgresql_engine(url, pool_timeout=POOL_TIMEOUT_SECONDS, options=options)
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(engine, reader, _nothing, altering=lambda: altering_engine(url, options=options))


def _open_sqlite(url: URL, *, beside: bool, audit_key: bytes | None) -> Database:
    """Beside another process this one must not checkpoint: only one may at a time."""
    path = Path(url.database or "tierline.sqlite3")
    if beside and not path.exists():
        raise NotStored(f"there is none at {path}")
    release = _nothing if beside else _lock(path)
    url = url.set(drivername="sqlite+aiosqlite", database=str(path))
    options = {AUDIT_KEY: audit_key}
    writer = _sqlite_engine(url, connected=writing, connections=1, options=options)
    reader = _sqlite_engine(url, connected=reading, connections=SQLITE_READERS, options=options)
    _prepare(writer, _begin_writing, (f"PRAGMA wal_autocheckpoint={0 if beside else 1000}",))
    _prepare(reader, _begin_reading, ("PRAGMA wal_autocheckpoint=0", "PRAGMA query_only=ON"))
    return Database(writer, reader, release)


def _sqlite_engine(
    url: URL, *, connected: Callable[..., Awaitable[Any]], connections: int, options: dict[str, Any]
) -> AsyncEngine:
    return create_async_engine(
        url,
        execution_options=options,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        hide_parameters=True,
        connect_args={"isolation_level": None, "async_creator_fn": connected},
    )


def _prepare(engine: AsyncEngine, begin: Callable[[Connection], None], pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        for pragma in (
            "PRAGMA synchronous=FULL",
            "PRAGMA foreign_keys=ON",
            "PRAGMA trusted_schema=OFF",
            "PRAGMA mmap_size=0",
            "PRAGMA journal_size_limit=67108864",
            *pragmas,
        ):
            cursor.execute(pragma)
        cursor.close()

    event.listen(engine.sync_engine, "begin", begin)


def _begin_writing(connection: Connection) -> None:
    if connection.get_execution_options().get(_ALTERING):
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    line: Any = connection.connection.driver_connection
    line.begin()


def _nothing() -> None:
    """There is no lock to release."""


def _lock(path: Path) -> Callable[[], None]:
    """Holds the file's lock until the returned function is called; the system frees it when the process dies."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path.with_name(path.name + ".lock-file"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise NotStored(f"no database can be kept at {path}: {error.strerror}; mend TIERLINE_DATABASE_URL.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise AlreadyRunning(f"another Tierline process is running on {path}; stop it first") from error
    return lambda: os.close(descriptor)


async def _look_at_foreign_keys(tx: Transaction) -> None:
    broken = (await tx.exec_driver_sql("PRAGMA foreign_key_check")).mappings().first()
    if broken is not None:
        raise NotStored(f"a row of {broken['table']} would belong to none of {broken['parent']}")
