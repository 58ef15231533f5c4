"""Connections and transactions: one writer and several readers on SQLite, a pool on PostgreSQL.

SQLite runs with `synchronous=FULL`, because less loses acknowledged commits at a power cut, and its one writer begins
IMMEDIATE, because a transaction that is upgraded from reading to writing fails or loses updates under contention.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage.errors import AlreadyRunning, CommitUnknown, NotStored

BUSY_MILLISECONDS = 800
"""How long a write waits for another process's lock. With the wait for the writer it stays below the 2.5 s in which a
person must have an answer."""

POOL_TIMEOUT_SECONDS = 1.6
SQLITE_READERS = 4
POSTGRESQL_CONNECTIONS = 10
POSTGRESQL_WRITERS = 2
"""While the server stores what one has decided, another decides."""

_ALTERING = "altering"
AUDIT_KEY = "audit_key"
"""The execution option that holds the key of the chain over the stories, None without one."""

Transaction = AsyncConnection
"""What the query functions take; only this package knows that it is SQLAlchemy's."""


class Database:
    """Opens transactions. Made by `open_database`, closed with `close`."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine, release: Callable[[], None]) -> None:
        self._writer = writer
        self._reader = reader
        self._release = release

    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """One transaction, committed when the block ends and rolled back when it raises.

        Raises `NotStored` when nothing was stored and `CommitUnknown` when that cannot be told.
        """
        return _transaction(self._writer)

    @asynccontextmanager
    async def alter(self) -> AsyncIterator[Transaction]:
        """As `write`, for a change of the schema: SQLite changes a table by replacing it, and foreign keys forbid that.

        They are not looked at meanwhile, and all of them are at the end.
        """
        if self._writer.dialect.name != "sqlite":
            async with self.write() as tx:
                yield tx
            return
        try:
            async with _transaction(self._writer.execution_options(**{_ALTERING: True})) as tx:
                yield tx
                broken = (await tx.exec_driver_sql("PRAGMA foreign_key_check")).mappings().first()
                if broken is not None:
                    raise NotStored(f"a row of {broken['table']} would belong to none of {broken['parent']}")
        finally:
            await self._writer.dispose()  # the next connection looks at foreign keys again

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """One consistent view. Raises `NotStored` when the database cannot be read."""
        return _transaction(self._reader)

    @property
    def writers(self) -> int:
        """How many transactions it makes sense to write at the same time."""
        return 1 if self._writer.dialect.name == "sqlite" else POSTGRESQL_WRITERS

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
    engine = create_async_engine(
        parsed.set(drivername="postgresql+asyncpg"),
        execution_options={AUDIT_KEY: audit_key},
        pool_size=POSTGRESQL_CONNECTIONS,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        hide_parameters=True,
        connect_args={
            "timeout": 5,
            "command_timeout": 15,
            "server_settings": {
                "application_name": "tierline",
                "lock_timeout": "1500",
                "statement_timeout": "15000",
                "idle_in_transaction_session_timeout": "10000",
            },
        },
    )
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(engine, reader, _nothing)


def _open_sqlite(url: URL, *, beside: bool, audit_key: bytes | None) -> Database:
    """Beside another process this one must not checkpoint: only one may at a time."""
    path = Path(url.database or "tierline.sqlite3")
    if beside and not path.exists():
        raise NotStored(f"there is none at {path}")
    release = _nothing if beside else _lock(path)
    url = url.set(drivername="sqlite+aiosqlite", database=str(path))
    writer = _sqlite_engine(url, connections=1, options={AUDIT_KEY: audit_key})
    reader = _sqlite_engine(url, connections=SQLITE_READERS, options={AUDIT_KEY: audit_key})
    _prepare(writer, "BEGIN IMMEDIATE", (f"PRAGMA wal_autocheckpoint={0 if beside else 1000}",))
    _prepare(reader, "BEGIN", ("PRAGMA wal_autocheckpoint=0", "PRAGMA query_only=ON"))
    return Database(writer, reader, release)


def _sqlite_engine(url: URL, *, connections: int, options: dict[str, Any]) -> AsyncEngine:
    return create_async_engine(
        url,
        execution_options=options,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        hide_parameters=True,
        connect_args={"isolation_level": None},
    )


def _prepare(engine: AsyncEngine, begin: str, pragmas: tuple[str, ...]) -> None:
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

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_ALTERING):
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql(begin)


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


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[Transaction]:
    connection = engine.connect()
    try:
        try:
            await connection.start()
            await connection.begin()
        except (SQLAlchemyError, OSError) as error:
            raise NotStored(_reason(error)) from error
        try:
            yield connection
        except (DBAPIError, PoolTimeout, OSError) as error:
            await _roll_back(connection)
            raise NotStored(_reason(error)) from error
        except BaseException:
            await _roll_back(connection)
            raise
        await _commit(connection)
    finally:
        if connection.sync_connection is not None:
            await asyncio.shield(connection.close())


async def _commit(connection: AsyncConnection) -> None:
    """Commits whether or not the caller is cancelled meanwhile: half a commit is nobody's wish."""
    commit = asyncio.ensure_future(_try_commit(connection))
    cancelled: asyncio.CancelledError | None = None
    while not commit.done():
        try:
            await asyncio.wait((commit,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled from commit.exception()
    commit.result()


async def _try_commit(connection: AsyncConnection) -> None:
    try:
        await connection.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise CommitUnknown(_reason(error)) from error
        await _roll_back(connection)
        raise NotStored(_reason(error)) from error
    except OSError as error:
        await connection.invalidate()
        raise CommitUnknown(_reason(error)) from error


async def _roll_back(connection: AsyncConnection) -> None:
    try:
        await asyncio.shield(connection.rollback())
    except (SQLAlchemyError, OSError):
        await connection.invalidate()


def _reason(error: BaseException) -> str:
    """The driver's own first line; the statement, its parameters and the row it failed on hold what people wrote."""
    return str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]
