"""Looking into a database from outside, and making it fail under the running bot."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing

import asyncpg

from bot.app import Bot


async def row_counts(database_url: str) -> Mapping[str, int]:
    """How many rows every table has, seen by a connection of our own."""
    if database_url.startswith("sqlite:"):
        with closing(_connected(database_url)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {name: connection.execute(_counting(name)).fetchone()[0] for (name,) in names}
    server = await asyncpg.connect(database_url)
    try:
        tables = await server.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name: await server.fetchval(_counting(name)) for (name,) in tables}
    finally:
        await server.close()


def _counting(table: str) -> str:
    return f'SELECT count(*) FROM "{table}"'  # noqa: S608


@asynccontextmanager
async def locked(database_url: str) -> AsyncIterator[None]:
    """Somebody else has locked it for writing and does not let go."""
    if database_url.startswith("sqlite:"):
        with closing(_connected(database_url)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        return
    server = await asyncpg.connect(database_url)
    await server.execute("BEGIN; LOCK TABLE workspaces, incidents IN EXCLUSIVE MODE")
    try:
        yield
    finally:
        await server.close()


@asynccontextmanager
async def read_only(bot: Bot) -> AsyncIterator[None]:
    """SQLite may not be written."""
    await _pragma(bot, "query_only=ON")
    yield
    await _pragma(bot, "query_only=OFF")


@asynccontextmanager
async def full(bot: Bot) -> AsyncIterator[None]:
    """SQLite's file may not grow by a page, as on a full disk."""
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
