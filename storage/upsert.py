"""Inserts that say what becomes of a row that is there already: each database has a builder of its own for them."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import Table

Builder = Any
"""The two builders are alike, and have no type in common."""


def for_each_dialect(table: Table, ending: Callable[[Builder], Insert]) -> Mapping[str, Insert]:
    """The statement by the dialect's name."""
    return {"sqlite": ending(sqlite.insert(table)), "postgresql": ending(postgresql.insert(table))}


def or_nothing(table: Table, *key: str) -> Mapping[str, Insert]:
    """Nothing becomes of it. Without a `key`, whichever is there."""
    return for_each_dialect(table, lambda insert: insert.on_conflict_do_nothing(index_elements=key or None))


def or_update(table: Table, key: tuple[str, ...], columns: tuple[str, ...]) -> Mapping[str, Insert]:
    """These columns of it become what the new row would have had."""

    def ending(insert: Builder) -> Insert:
        new = {name: insert.excluded[name] for name in columns}
        updating: Insert = insert.on_conflict_do_update(index_elements=key, set_=new)
        return updating

    return for_each_dialect(table, ending)
