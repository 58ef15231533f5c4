"""Whether the database itself is sound: SQLite's own check, and the settings it must run with."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.exc import DBAPIError

from storage.database import Transaction

EXPECTED: Final[Mapping[str, object]] = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "mmap_size": 0,
}
"""2 is FULL: less loses acknowledged commits at a power cut."""


async def damage(tx: Transaction) -> str | None:
    """What is wrong with the file, None when nothing is. Some damage is an error instead of an answer."""
    try:
        found = str((await tx.exec_driver_sql("PRAGMA quick_check(1)")).scalar_one())
    except DBAPIError as error:
        return str(error.orig)
    return None if found == "ok" else found


async def wrong_pragmas(tx: Transaction) -> Mapping[str, object]:
    """Those that are not as they must be, with what they are."""
    found = {name: (await tx.exec_driver_sql(f"PRAGMA {name}")).scalar_one_or_none() for name in EXPECTED}
    # A build of SQLite without memory mapping does not know its size.
    return {name: value for name, value in found.items() if value not in (EXPECTED[name], None)}
