"""The database's schema: migrated at start on SQLite, refused with a sentence on PostgreSQL until it is migrated."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, func, select

from storage.database import Database
from storage.errors import SchemaMismatch

ONE_AT_A_TIME = 0x5449_4552_4C49_4E45
"""The number of the lock under which a shared database is migrated: TIERLINE, in bytes."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("migrations")))
    return config


async def migrate(database: Database, revision: str = "head") -> None:
    """Brings the schema up, or down, to `revision`. Of two that do so at once, the later one finds it done."""

    def run(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        scripts = ScriptDirectory.from_config(config)
        current = MigrationContext.configure(connection).get_current_revision()
        going_down = revision != "head" and current is not None and revision not in _later(scripts, current)
        (command.downgrade if going_down else command.upgrade)(config, revision)

    async with database.alter() as tx:
        if database.is_shared:
            await tx.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        await tx.run_sync(run)


def _later(scripts: ScriptDirectory, current: str) -> set[str]:
    return {script.revision for script in scripts.iterate_revisions("head", current)}


async def ensure_current(database: Database, *, may_migrate: bool) -> None:
    """Raises `SchemaMismatch` when the database is older and must not be migrated here, or newer than this code."""

    def compare(connection: Connection) -> tuple[str | None, bool]:
        scripts = ScriptDirectory.from_config(_config())
        current = MigrationContext.configure(connection).get_current_revision()
        return current, current == scripts.get_current_head()

    async with database.read() as tx:
        current, is_head = await tx.run_sync(compare)
    if is_head:
        return
    if current is not None and not _knows(current):
        raise SchemaMismatch(
            f"the database is at schema {current}, which this version does not know; install a newer Tierline"
        )
    if not may_migrate:
        raise SchemaMismatch("the database is not migrated to this version; run: tierline migrate")
    await migrate(database)


def _knows(revision: str) -> bool:
    try:
        return ScriptDirectory.from_config(_config()).get_revision(revision) is not None
    except CommandError:
        return False
