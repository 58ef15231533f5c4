"""Many rows in one statement that was prepared once.

SQLAlchemy's own way prepares every parameter of every row anew, which takes longer than SQLite needs to store them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Insert, Update, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Table

from storage.database import Transaction
from storage.tables import UtcTime

Row = Mapping[str, Any]

ROWS_AT_ONCE = 64
"""So many one insert into SQLite gives, to stay below the 999 parameters of its older versions. For each execution it
makes the lists of the table's checks and partial indexes anew, which takes longer than to store a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A statement as the driver wants it, and where in its parameters the instants are."""

    sql: str
    values: Callable[[Row], tuple[Any, ...]]
    instants: Sequence[int]
    instant: Callable[[Any], Any]

    @property
    def grouped(self) -> str:
        """The same for `ROWS_AT_ONCE` rows."""
        insert, values, row = self.sql.partition(" VALUES ")
        return insert + values + ", ".join([row] * ROWS_AT_ONCE)

    def parameters(self, rows: Sequence[Row]) -> Iterator[tuple[Any, ...]]:
        for row in rows:
            values = list(self.values(row))
            for index in self.instants:
                values[index] = self.instant(values[index])
            yield tuple(values)


class Bulk:
    """An insert or update that is executed once for each row; `columns` are those that an insert gives."""

    def __init__(self, statement: Insert | Update, columns: Sequence[str] | None = None) -> None:
        self._statement = statement.inline()
        self._columns = columns
        self._prepared: dict[str, _Prepared] = {}

    async def execute(self, tx: Transaction, rows: Sequence[Row]) -> int:
        """How many rows were stored; -1 where the driver does not count them."""
        prepared = self._prepared_for(tx.dialect)
        return (await tx.exec_driver_sql(prepared.sql, list(prepared.parameters(rows)))).rowcount

    async def execute_grouped(self, tx: Transaction, rows: Sequence[Row]) -> None:
        """The same for an insert, on SQLite with many rows in each execution."""
        whole = len(rows) - len(rows) % ROWS_AT_ONCE if tx.dialect.name == "sqlite" else 0
        if whole:
            prepared = self._prepared_for(tx.dialect)
            parameters = list(prepared.parameters(rows[:whole]))
            groups = (parameters[start : start + ROWS_AT_ONCE] for start in range(0, whole, ROWS_AT_ONCE))
            await tx.exec_driver_sql(prepared.grouped, [tuple(chain.from_iterable(group)) for group in groups])
        if whole < len(rows):
            await self.execute(tx, rows[whole:])

    def _prepared_for(self, dialect: Dialect) -> _Prepared:
        prepared = self._prepared.get(dialect.name)
        if prepared is None:
            prepared = self._prepared[dialect.name] = self._prepare(dialect)
        return prepared

    def _prepare(self, dialect: Dialect) -> _Prepared:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
        names = compiled.positiontup or ()
        return _Prepared(
            sql=str(compiled),
            values=itemgetter(*names),
            instants=[index for index, name in enumerate(names) if isinstance(compiled.binds[name].type, UtcTime)],
            instant=UtcTime().bind_processor(dialect),
        )


async def insert_rows(tx: Transaction, table: Table, rows: Sequence[Row]) -> None:
    """All rows give the same columns."""
    if rows:
        await _inserting(table, tuple(rows[0])).execute_grouped(tx, rows)


@cache
def _inserting(table: Table, columns: Sequence[str]) -> Bulk:
    return Bulk(insert(table), columns)
