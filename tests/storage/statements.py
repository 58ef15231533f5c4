"""What is said to the database, and how it means to answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from storage.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    parameters: Any

    @property
    def kind(self) -> str:
        return self.sql.split(maxsplit=1)[0]


@contextmanager
def statements_of(database: Database) -> Iterator[list[Statement]]:
    """What the block says in writing transactions, without their beginnings and ends."""
    said: list[Statement] = []

    def listen(_connection: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, _many: bool) -> None:
        if not sql.startswith("BEGIN"):
            said.append(Statement(sql, parameters))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", listen)


async def plan_of(tx: Transaction, statement: Statement) -> str:
    """The database's plan, a step a line."""
    if tx.dialect.name == "sqlite":
        rows = await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.sql}", statement.parameters)
        return "\n".join(row.detail for row in rows)
    rows = await tx.exec_driver_sql(f"EXPLAIN {statement.sql}", statement.parameters)
    return "\n".join(row[0] for row in rows)
