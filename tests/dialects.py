"""One dialect for all databases of a kind: what was compiled for one of them is compiled for those of later tests too.

The bot has one database for as long as it lives. The tests open thousands, and each would compile every statement anew.
"""

from typing import Any, Final, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine.default import DefaultDialect

_STATEMENTS: Final[dict[Any, Any]] = {}
"""Compiled; the dialect is part of each key."""


class _Shared(DefaultDialect):
    """Made once for all engines that ask for it with the same options, and asks a server of its kind once who it is."""

    _made: dict[Any, Self]
    _knows_the_server = False

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls._made = {}

    def __new__(cls, **options: Any) -> Self:
        # The driver is wrapped anew for each engine, and is the same one.
        wanted = tuple(sorted((name, value) for name, value in options.items() if name != "dbapi"))
        return cls._made.setdefault(wanted, super().__new__(cls))

    def __init__(self, **options: Any) -> None:
        if not vars(self):
            super().__init__(**options)

    def initialize(self, connection: Connection) -> None:
        if not self._knows_the_server:
            super().initialize(connection)
            self._knows_the_server = True

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_STATEMENTS)


class SharedSqlite(_Shared, SQLiteDialect_aiosqlite):
    supports_statement_cache = True


class SharedPostgresql(_Shared, PGDialect_asyncpg):
    supports_statement_cache = True


def share_dialects() -> None:
    """From now on, in this process."""
    registry.register("sqlite.aiosqlite", __name__, SharedSqlite.__name__)
    registry.register("postgresql.asyncpg", __name__, SharedPostgresql.__name__)
