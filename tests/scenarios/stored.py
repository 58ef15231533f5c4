"""Looking into a SQLite database from outside, and making it fail under the running bot."""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager

from bot.app import Bot


def row_counts(database_url: str) -> Mapping[str, int]:
    """How many rows every table has, seen by a connection of our own."""
    with closing(_connected(database_url)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names}  # noqa: S608


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Another process holds the write lock and does not let go."""
    with closing(_connected(database_url)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@asynccontextmanager
async def read_only(bot: Bot) -> AsyncIterator[None]:
    await _pragma(bot, "query_only=ON")
    yield
    await _pragma(bot, "query_only=OFF")


@asynccontextmanager
async def full(bot: Bot) -> AsyncIterator[None]:
    """The disk is full: the file may not grow by a page."""
    await _pragma(bot, "max_page_count=1")  # SQLite makes it the present size
    yield
    await _pragma(bot, "max_page_count=1000000")


async def _pragma(bot: Bot, statement: str) -> None:
    """On the bot's one writing connection, outside any transaction."""
    async with bot.database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute(f"PRAGMA {statement}")


def _connected(database_url: str) -> sqlite3.Connection:
    return sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
