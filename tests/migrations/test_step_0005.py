"""The step to followers, private incidents and Home tabs, with the stories that an older bot had stored."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from bot.services.verifying import verify_all
from storage import incidents
from storage.database import Database, open_database
from storage.errors import SchemaMismatch
from storage.schema import migrate
from tests.builders import WORKSPACE
from tests.prepared import prepared_url
from tests.storage.lived import live


async def at_0004(database: Database) -> None:
    """As the version before left it, with stories in it."""
    await migrate(database)
    await live(database)
    await migrate(database, "0004")


url_at_0004 = prepared_url(at_0004)


@pytest.fixture
async def database(url_at_0004: str) -> AsyncIterator[Database]:
    database = open_database(url_at_0004)
    yield database
    await database.close()


async def test_what_was_stored_before_is_whole_public_and_followed_by_nobody(database: Database) -> None:
    await migrate(database)
    assert (await verify_all(database)).findings == []
    async with database.read() as tx:
        incident = await incidents.by_number(tx, WORKSPACE, 1)
    assert incident is not None
    assert (incident.is_private, incident.followers, incident.nudged_at, incident.overdue_since) == (
        False, (), None, None,
    )  # fmt: skip


async def test_down_and_up_again_changes_nothing(database: Database) -> None:
    await migrate(database)
    before = await everything(database)
    await migrate(database, "0004")
    await migrate(database)
    assert await everything(database) == before
    assert (await verify_all(database)).findings == []


async def test_a_private_incident_holds_up_the_way_back(database: Database) -> None:
    await migrate(database)
    async with database.write() as tx:
        await tx.execute(text("UPDATE incidents SET is_private = true WHERE number = 1"))
    with pytest.raises(SchemaMismatch, match="keep them private"):
        await migrate(database, "0004")


async def everything(database: Database) -> list[tuple[object, ...]]:
    async with database.read() as tx:
        return [tuple(row) for row in (await tx.execute(text("SELECT * FROM incidents ORDER BY id"))).all()]
