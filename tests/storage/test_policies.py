"""The versions of the policy: never changed, and never twice the same."""

import asyncio

import pytest
from sqlalchemy import event

from bot.domain.ids import THE_BOT, WorkspaceId
from storage import policies
from storage.database import Database, Transaction, open_database
from storage.policies import PolicyVersion
from tests.builders import NOW, WORKSPACE
from tests.storage.stored import a_workspace


async def add(
    tx: Transaction, document: str, directory: str = "{}", workspace_id: WorkspaceId = WORKSPACE
) -> PolicyVersion:
    return await policies.add(tx, workspace_id, document=document, directory=directory, by=THE_BOT, now=NOW)


async def test_the_same_content_is_the_same_version(database: Database) -> None:
    async with database.write() as tx:
        first = await add(tx, "a")
        assert await add(tx, "a") == first
        assert await policies.by_id(tx, first.id) == first


async def test_another_document_or_another_meaning_of_its_names_is_another_version(database: Database) -> None:
    async with database.write() as tx:
        versions = [await add(tx, "a"), await add(tx, "b"), await add(tx, "a", directory="[]")]
    assert len({version.id for version in versions}) == 3


async def test_the_newest_version_of_a_document_is_found_whatever_came_later(database: Database) -> None:
    async with database.write() as tx:
        await add(tx, "a", directory="old")
        newest = await add(tx, "a", directory="new")
        await add(tx, "b", directory="newer")
        assert await policies.newest_of_document(tx, WORKSPACE, "a") == newest
        assert await policies.newest_of_document(tx, WORKSPACE, "c") is None


async def test_versions_belong_to_their_workspace(database: Database) -> None:
    other = WorkspaceId("T0ELSEWHERE")
    await a_workspace(database, other)
    async with database.write() as tx:
        here, there = await add(tx, "a"), await add(tx, "a", workspace_id=other)
        assert here.id != there.id
        assert await policies.newest_of_document(tx, other, "a") == there


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_processes_that_start_with_the_same_new_file_agree_on_one_version(
    database: Database, database_url: str
) -> None:
    other = open_database(database_url)
    about_to_insert = asyncio.Event()

    async def start_too() -> PolicyVersion:
        async with other.write() as tx:
            return await add(tx, "new")

    @event.listens_for(other.engine.sync_engine, "before_cursor_execute")
    def _watch(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT"):
            about_to_insert.set()

    async with database.write() as tx:
        ours = await add(tx, "new")
        theirs = asyncio.create_task(start_too())
        await about_to_insert.wait()
    assert await theirs == ours
    await other.close()
