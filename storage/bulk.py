"""Many rows in one statement, prepared once.

SQLAlchemy's own way prepares every parameter of every row anew, which takes longer than SQLite needs to store them; and
PostgreSQL runs a statement per row, which takes longer than storing them too.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ARRAY, Column, Insert, TableValuedAlias, Update, bindparam, column, func, insert, select, update
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Table

from storage.database import Transaction
from storage.tables import UtcTime

Row = Mapping[str, Any]


class Bulk:
    """An insert or an update of rows that all give the values of `names`."""

    def __init__(self, names: Sequence[str], *, one: Insert | Update, all_at_once: Insert | Update) -> None:
        self._names = names
        self._one = one
        self._all_at_once = all_at_once
        self._prepared: _Prepared | None = None

    async def execute(self, tx: Transaction, rows: Sequence[Row]) -> int:
        """How many rows were stored."""
        if tx.dialect.name == "postgresql":
            columns = {name: [row[name] for row in rows] for name in self._names}
            return (await tx.execute(self._all_at_once, columns)).rowcount
        if self._prepared is None:
            self._prepared = _prepare(self._one, self._names, tx.dialect)
        return (await tx.exec_driver_sql(self._prepared.sql, list(self._prepared.parameters(rows)))).rowcount


async def insert_rows(tx: Transaction, table: Table, rows: Sequence[Row]) -> None:
    """All rows give the same columns."""
    if rows:
        await _inserting(table, tuple(rows[0])).execute(tx, rows)


@cache
def _inserting(table: Table, names: Sequence[str]) -> Bulk:
    given = _given({name: table.c[name] for name in names})
    return Bulk(names, one=insert(table).inline(), all_at_once=insert(table).from_select(names, select(given)))


def updating(table: Table, *, found_by: Mapping[str, str], sets: Mapping[str, str]) -> Bulk:
    """Rows that say under which names they give the columns to be set and those of the rows to be found."""
    columns = {name: table.c[key] for key, name in (*found_by.items(), *sets.items())}
    given = _given(columns)
    one, all_at_once = update(table).inline(), update(table)
    for key, name in found_by.items():
        one = one.where(table.c[key] == bindparam(name))
        all_at_once = all_at_once.where(table.c[key] == given.c[name])
    return Bulk(
        list(columns),
        one=one.values({key: bindparam(name) for key, name in sets.items()}),
        all_at_once=all_at_once.values({key: given.c[name] for key, name in sets.items()}),
    )


def _given(columns: Mapping[str, Column[Any]]) -> TableValuedAlias:
    """The rows as PostgreSQL takes them: an array per column."""
    arrays = (bindparam(name, type_=ARRAY(one.type)) for name, one in columns.items())
    names = (column(name, one.type) for name, one in columns.items())
    return func.unnest(*arrays).table_valued(*names).render_derived(name="given")


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as the driver wants it, and where in its parameters the instants are."""

    sql: str
    values: Callable[[Row], tuple[Any, ...]]
    instants: Sequence[int]
    instant: Callable[[Any], Any]

    def parameters(self, rows: Sequence[Row]) -> Iterator[tuple[Any, ...]]:
        for row in rows:
            values = list(self.values(row))
            for index in self.instants:
                values[index] = self.instant(values[index])
            yield tuple(values)


def _prepare(statement: Insert | Update, names: Sequence[str], dialect: Dialect) -> _Prepared:
    columns = names if isinstance(statement, Insert) else None
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    order = compiled.positiontup or ()
    return _Prepared(
        sql=str(compiled),
        values=itemgetter(*order),
        instants=[index for index, name in enumerate(order) if isinstance(compiled.binds[name].type, UtcTime)],
        instant=UtcTime().bind_processor(dialect),
    )
