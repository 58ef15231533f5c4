"""A whole bot in a process of its own, in a playground, with people who click in another."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.clock import SystemClock, now
from storage.database import open_database
from tests.benchmarks.bench import Room
from tests.benchmarks.child import Child, child
from tests.benchmarks.clicking import Clicker, card_of
from tests.benchmarks.filling import adopted
from tests.benchmarks.workspace import playground, put_up, settings_of


@dataclass(frozen=True, slots=True, kw_only=True)
class BotAtWork:
    process: Child
    people: Clicker


@asynccontextmanager
async def a_bot(room: Room, *, shows: datetime | None = None) -> AsyncIterator[BotAtWork]:
    """Ready, on a SQLite database that was filled before; its clock is the machine's unless it `shows` something."""
    async with playground(SystemClock()) as slack:
        put_up(slack, _rows(room, "SELECT channel, ts FROM cards"))
        card = await _card(room)
        given = {"settings": settings_of(slack, room.url, room.policy), "shows": shows and shows.isoformat()}
        async with child("serve", **given) as process, child("click") as people:
            port = await process.ask("be ready")
            yield BotAtWork(process=process, people=Clicker(people, port, card))


@asynccontextmanager
async def an_empty_listener(room: Room) -> AsyncIterator[BotAtWork]:
    """The same people, and a listener that only acknowledges."""
    card = await _card(room)
    async with child("empty listener") as process, child("click") as people:
        port = await process.ask("be ready")
        yield BotAtWork(process=process, people=Clicker(people, port, card))


def asked(room: Room, query: str) -> Any:
    """The one value that the SQLite database answers, whoever else is at work on it."""
    ((value,),) = _rows(room, query)
    return value


def _rows(room: Room, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{room.file}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


async def _card(room: Room) -> dict[str, Any]:
    database = open_database(room.url)
    try:
        return card_of(await adopted(database, room.policy, now=now()))
    finally:
        await database.close()
