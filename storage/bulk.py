"""A statement for many rows, compiled once and handed to the driver as it is.

SQLAlchemy prepares each parameter of each row anew, which takes longer than SQLite needs to store the row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Insert, Update
from sqlalchemy.engine import Dialect

from storage.database import Transaction
from storage.tables import UtcTime


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    values: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    instants: Sequence[int]
    """Where in a row the instants are, which the driver wants in another form."""


class Bulk:
    """An insert, or an update with parameters. All rows of an insert give the same columns."""

    def __init__(self, statement: Insert | Update) -> None:
        self._statement = statement.inline()
        self._compiled: dict[str, _Compiled] = {}

    async def execute(self, tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> int:
        """How many rows were stored; -1 where the driver does not count them."""
        compiled = self._compiled.get(tx.dialect.name)
        if compiled is None:
            compiled = self._compiled[tx.dialect.name] = self._compile(tx.dialect, rows[0])
        result = await tx.exec_driver_sql(compiled.sql, list(_parameters(compiled, rows, tx.dialect)))
        return result.rowcount

    def _compile(self, dialect: Dialect, row: Mapping[str, Any]) -> _Compiled:
        columns = list(row) if isinstance(self._statement, Insert) else None
        compiled = self._statement.compile(dialect=dialect, column_keys=columns)
        names = compiled.positiontup or ()
        return _Compiled(
            sql=str(compiled),
            values=itemgetter(*names),
            instants=[index for index, name in enumerate(names) if isinstance(compiled.binds[name].type, UtcTime)],
        )


def _parameters(compiled: _Compiled, rows: Sequence[Mapping[str, Any]], dialect: Dialect) -> Iterator[tuple[Any, ...]]:
    to_driver = UtcTime().bind_processor(dialect)
    for row in rows:
        values = list(compiled.values(row))
        for index in compiled.instants:
            values[index] = to_driver(values[index])
        yield tuple(values)
