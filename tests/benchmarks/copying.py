"""Many incidents out of a few, by the database itself: a million of them in a minute.

A copy differs from its original in its number and in what follows from it. Its story has the digests of the original's,
which nothing that is measured looks at.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table
from sqlalchemy.engine import make_url

from storage import tables
from storage.database import open_database

FIRST_TS: Final = 1_600_000_000
"""The timestamps of messages begin here, a second for each incident; the playground's own come years later."""

_PRAGMAS: Final = ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000", "locking_mode=EXCLUSIVE")
"""What is being filled is thrown away when that fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """`count` numbers from `first` on, `step` apart; with `but_every` its multiples are left out of 1, 2, 3 …"""

    count: int
    first: int = 1
    step: int = 1
    but_every: int | None = None

    def at(self, index: int) -> int:
        left_out = index // (self.but_every - 1) if self.but_every else 0
        return self.first + index * self.step + left_out

    def sql(self, index: str) -> str:
        left_out = f" + ({index}) / {self.but_every - 1}" if self.but_every else ""
        return f"({self.first} + ({index}) * {self.step}{left_out})"

    @property
    def highest(self) -> int:
        return self.at(self.count - 1)


def original_ts(number: int, index: int) -> str:
    """Of an incident's message with this index."""
    return f"{FIRST_TS + number}.{index:06}"


async def copied(url: str, groups: Sequence[tuple[Numbers, int]]) -> None:
    """Copies the first incidents of each group, so many, until the group is complete."""
    statements = [statement for numbers, originals in groups for statement in _copies(numbers, originals)]
    highest = max(numbers.highest for numbers, _ in groups)
    statements.append(f"UPDATE workspaces SET last_incident_number = {highest}")  # noqa: S608
    if url.startswith("sqlite"):
        _execute_at_once(make_url(url).database or "", statements)
        return
    database = open_database(url)
    try:
        async with database.write() as tx:
            for statement in (*statements, f"SELECT setval('incidents_id_seq', {highest})", "ANALYZE"):
                await tx.exec_driver_sql(statement)
    finally:
        await database.close()


def _execute_at_once(path: str, statements: Sequence[str]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        for statement in ("BEGIN", *statements, "COMMIT"):
            connection.execute(statement)
        connection.execute("PRAGMA journal_mode=WAL")


def _copies(numbers: Numbers, originals: int) -> Iterator[str]:
    """`i` counts the copies, `o` is a row of an original."""
    if numbers.count <= originals:
        return
    number, original = numbers.sql("i"), numbers.sql(f"(i % {originals})")
    ts = f"CAST({FIRST_TS} + {number} AS TEXT) || substr(o.{{}}, 11)"
    key = f"replace(o.dedup_key, 'INC-' || CAST({original} AS TEXT) || '/', 'INC-' || CAST({number} AS TEXT) || '/')"
    of_incident = {"incident_id": number}
    changed: Mapping[Table, Mapping[str, str | None]] = {
        tables.incidents: {"id": number, "number": number},
        tables.timeline: of_incident,
        tables.outbox: of_incident | {"id": None, "dedup_key": key, "message_ts": ts.format("message_ts")},
        tables.cards: of_incident | {"id": None, "ts": ts.format("ts")},
    }
    for table, values in changed.items():
        columns = {column.name: values.get(column.name, f'o."{column.name}"') for column in table.columns}
        given = {name: value for name, value in columns.items() if value is not None}
        names = ", ".join(f'"{name}"' for name in given)
        on = "id" if table is tables.incidents else "incident_id"
        yield (
            f"INSERT INTO {table.name} ({names})"  # noqa: S608 - names of our tables and numbers
            f" WITH RECURSIVE copies(i) AS"
            f" (SELECT {originals} UNION ALL SELECT i + 1 FROM copies WHERE i < {numbers.count - 1})"
            f" SELECT {', '.join(given.values())} FROM copies JOIN {table.name} o ON o.{on} = {original}"
        )
