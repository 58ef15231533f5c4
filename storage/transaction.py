"""One transaction from begin to end: however it fails, either nothing was stored or that cannot be told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import DBAPIError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.errors import CommitUnknown, NotStored


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Committed when the block ends, rolled back when it raises."""
    async with _connected(engine) as connection:
        async with _in_our_words(connection):
            yield connection
        await _commit(connection)


@asynccontextmanager
async def view(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Of which nothing is kept: what was read is read, also when the line breaks after it."""
    async with _connected(engine) as connection, _in_our_words(connection):
        yield connection


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    connection = engine.connect()
    try:
        await _begin(connection)
        yield connection
    finally:
        if connection.sync_connection is not None:
            await asyncio.shield(_end(connection))


async def _end(connection: AsyncConnection) -> None:
    if connection.in_transaction():
        await _try_roll_back(connection)
    await connection.close()


async def _begin(connection: AsyncConnection) -> None:
    try:
        await connection.start()
        await connection.begin()
    except (SQLAlchemyError, OSError) as error:
        raise NotStored(_reason(error)) from error


@asynccontextmanager
async def _in_our_words(connection: AsyncConnection) -> AsyncIterator[None]:
    """What the block raises undoes what it did; what the database raises, it raises in our words."""
    try:
        yield
    except (DBAPIError, PendingRollbackError, PoolTimeout, OSError) as error:
        await _roll_back(connection)
        raise NotStored(_reason(error)) from error
    except BaseException:
        await _roll_back(connection)
        raise


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
        if _is_lost(error):
            await connection.invalidate()
            raise CommitUnknown(_reason(error)) from error
        await _roll_back(connection)
        raise NotStored(_reason(error)) from error
    except PendingRollbackError as error:
        await _roll_back(connection)
        raise NotStored(_reason(error)) from error
    except OSError as error:
        await connection.invalidate()
        raise CommitUnknown(_reason(error)) from error


def _is_lost(error: DBAPIError) -> bool:
    """Whether the commit failed with its connection, and not because the server refused it.

    A server that is shut down says so (57P0x) before it hangs up, and may have committed by then.
    """
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or (state is not None and state.startswith(("08", "57P")))


async def _roll_back(connection: AsyncConnection) -> None:
    await asyncio.shield(_try_roll_back(connection))


async def _try_roll_back(connection: AsyncConnection) -> None:
    try:
        await connection.rollback()
    except (SQLAlchemyError, OSError):
        await connection.invalidate()


def _reason(error: BaseException) -> str:
    """The driver's own first line; the statement, its parameters and the row it failed on hold what people wrote."""
    if isinstance(error, TimeoutError) and not error.args:
        return "the database did not answer in time"
    return str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]
