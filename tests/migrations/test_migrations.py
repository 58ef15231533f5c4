"""The schema: the migrations make what the code expects, lead back again, and refuse what they do not know."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage import incidents
from storage.database import Database, open_database
from storage.errors import NotStored, SchemaMismatch
from storage.schema import REVISIONS, config, ensure_current, migrate
from storage.tables import metadata
from tests.builders import WORKSPACE
from tests.storage.stored import FIRST_VERSION, a_workspace, acknowledged, open_one

TABLES = set(metadata.tables)


@pytest.fixture
async def database(empty_database_url: str) -> AsyncIterator[Database]:
    """Without any table."""
    database = open_database(empty_database_url)
    yield database
    await database.close()


async def tables_of(database: Database) -> set[str]:
    async with database.read() as tx:
        return await tx.run_sync(lambda connection: set(inspect(connection).get_table_names())) - {"alembic_version"}


async def test_from_nothing_the_migrations_make_what_the_code_expects(database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    await migrate(database)
    async with database.read() as tx:
        assert await tx.run_sync(differences) == []


async def test_the_migrations_leave_out_no_rule_that_the_code_relies_on(database: Database) -> None:
    """What `compare_metadata` does not look at: checks, and the conditions of indexes."""
    await migrate(database)
    migrated = await rules_of(database)
    await migrate(database, "base")
    async with database.write() as tx:
        await tx.run_sync(metadata.create_all)
    expected = await rules_of(database)
    assert (expected - migrated, migrated - expected) == (set(), set())


async def rules_of(database: Database) -> set[str]:
    def rules(connection: Connection) -> Iterator[str]:
        inspector = inspect(connection)
        for table in TABLES:
            for check in inspector.get_check_constraints(table):
                yield f"{check['name']}: {check['sqltext']}"
            for index in inspector.get_indexes(table):
                condition = index.get("dialect_options", {}).get(f"{connection.dialect.name}_where")
                yield f"{index['name']}: {index['column_names']} where {condition}"

    async with database.read() as tx:
        return await tx.run_sync(lambda connection: set(rules(connection)))


def test_the_steps_are_those_that_the_code_knows() -> None:
    steps = ScriptDirectory.from_config(config()).walk_revisions()
    assert tuple(step.revision for step in reversed(list(steps))) == REVISIONS


async def test_each_step_leads_up_and_back_and_up_again(database: Database) -> None:
    script = ScriptDirectory.from_config(config())
    for step in reversed(list(script.walk_revisions())):
        await migrate(database, step.revision)
        await migrate(database, str(step.down_revision or "base"))
        await migrate(database, step.revision)
    assert await tables_of(database) == TABLES


@pytest.mark.parametrize("empty_database_url", ["postgresql"], indirect=True)
async def test_of_two_that_migrate_at_once_the_later_one_finds_it_done(empty_database_url: str) -> None:
    first, second = open_database(empty_database_url), open_database(empty_database_url)
    await asyncio.gather(migrate(first), migrate(second))
    assert await tables_of(first) == TABLES
    for database in (first, second):
        await ensure_current(database, may_migrate=False)
        await database.close()


async def test_down_to_nothing_and_up_again_with_rows_in_the_tables(database: Database) -> None:
    await migrate(database)
    await a_story_in(database)
    await migrate(database, "base")
    assert await tables_of(database) == set()
    await migrate(database)
    await a_story_in(database)


async def a_story_in(database: Database) -> None:
    assert await a_workspace(database) == FIRST_VERSION
    async with database.write() as tx:
        incident = await open_one(tx)
        await incidents.store(tx, [acknowledged(incident)])
        assert len(await incidents.story(tx, incident.id)) == 2
        assert await incidents.by_number(tx, WORKSPACE, 1) is not None


async def test_a_migration_that_fails_leaves_nothing_behind(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(text("CREATE TABLE timeline (mine INTEGER)"))
    with pytest.raises(NotStored, match="already exists"):
        await migrate(database)
    assert await tables_of(database) == {"timeline"}


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await migrate(database)
    await a_story_in(database)
    await migrate(database)
    async with database.read() as tx:
        assert await incidents.by_number(tx, WORKSPACE, 1) is not None


async def test_where_the_bot_may_migrate_it_does_so_by_itself_at_the_first_start(database: Database) -> None:
    for _ in range(2):
        await ensure_current(database, may_migrate=True)
    assert await tables_of(database) == TABLES


async def test_where_it_may_not_it_refuses_with_the_command_to_run(database: Database) -> None:
    with pytest.raises(SchemaMismatch) as refused:
        await ensure_current(database, may_migrate=False)
    assert str(refused.value) == "the database is not migrated to this version; run: tierline migrate"
    assert await tables_of(database) == set()
    await migrate(database)
    await ensure_current(database, may_migrate=False)


@pytest.mark.parametrize("may_migrate", [True, False])
async def test_a_schema_that_is_newer_than_the_code_is_refused_and_left_alone(
    database: Database, may_migrate: bool
) -> None:
    await migrate(database)
    async with database.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatch) as refused:
        await ensure_current(database, may_migrate=may_migrate)
    assert str(refused.value) == (
        "the database is at schema 9999, which this version does not know; install a newer Tierline"
    )
    async with database.read() as tx:
        assert await tx.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
