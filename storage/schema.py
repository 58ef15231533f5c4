"""The database's schema: migrated at start on SQLite, refused with a sentence on PostgreSQL until it is migrated."""

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, func, inspect, select, text

from storage.database import Database
from storage.errors import SchemaMismatch

if TYPE_CHECKING:
    from alembic.config import Config

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005")
"""The steps in `migrations/versions`; known here, so that a start with nothing to migrate does without Alembic."""

ONE_AT_A_TIME = 0x5449_4552_4C49_4E45
"""The number of the lock under which a shared database is migrated: TIERLINE, in bytes."""


def config() -> "Config":
    """Where Alembic finds the steps."""
    from alembic.config import Config  # as everything of Alembic: slow to import, and rarely needed

    made = Config()
    made.set_main_option("script_location", str(files("migrations")))
    return made


async def migrate(database: Database, revision: str = "head") -> None:
    """Brings the schema up, or down, to `revision`. Of two that do so at once, the later one finds it done."""
    from alembic import command

    def run(connection: Connection) -> None:
        made = config()
        made.attributes["connection"] = connection
        current = _revision_of(connection)
        going_down = revision != "head" and current in REVISIONS and revision not in _later(current)
        (command.downgrade if going_down else command.upgrade)(made, revision)

    async with database.alter() as tx:
        if database.is_shared:
            await tx.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        await tx.run_sync(run)


def _later(revision: str) -> tuple[str, ...]:
    return REVISIONS[REVISIONS.index(revision) :]


async def ensure_current(database: Database, *, may_migrate: bool) -> None:
    """Raises `SchemaMismatch` when the database is older and must not be migrated here, or newer than this code."""
    async with database.read() as tx:
        current = await tx.run_sync(_revision_of)
    if current == REVISIONS[-1]:
        return
    if current is not None and current not in REVISIONS:
        raise SchemaMismatch(
            f"the database is at schema {current}, which this version does not know; install a newer Tierline"
        )
    if not may_migrate:
        raise SchemaMismatch("the database is not migrated to this version; run: tierline migrate")
    await migrate(database)


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
