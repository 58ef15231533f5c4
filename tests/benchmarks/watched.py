"""The bot's database with a note of each write: when it began, when it was on disk, how many statements it took."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from sqlalchemy import Connection, event

from bot.clock import Clock
from storage.database import Database, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A transaction that was seen to be committed; its statements without BEGIN and COMMIT."""

    began_at: datetime
    committed_at: datetime
    statements: int


class WatchedDatabase(Database):
    """As the one that it is made of."""

    def __init__(self, database: Database, clock: Clock) -> None:
        vars(self).update(vars(database))
        self._watched_by = clock
        self._statements: Counter[Connection | None] = Counter()
        self.writes: list[Write] = []
        event.listen(self.engine.sync_engine, "before_cursor_execute", self._count)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        async with super().write() as tx:
            connection, began_at = tx.sync_connection, self._watched_by.now()
            self._statements.pop(connection, 0)
            yield tx
        self.writes.append(
            Write(
                began_at=began_at,
                committed_at=self._watched_by.now(),
                statements=self._statements.pop(connection, 0),
            )
        )

    def _count(self, connection: Connection, *_: object) -> None:
        self._statements[connection] += 1


def committed_at(writes: Sequence[Write], decided_at: datetime) -> datetime:
    """When that was on disk: the tick reads the time in its transaction, which is the last that began before."""
    began = sorted((write for write in writes if write.began_at <= decided_at), key=attrgetter("began_at"))
    return began[-1].committed_at
