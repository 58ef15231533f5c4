"""The step to what people tell, with the stories that an older bot had stored: up, down and up again."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from bot.domain.verbs import note
from bot.services.asked import change_of
from bot.services.verifying import verify_all
from storage import incidents
from storage.database import Database, open_database
from storage.errors import SchemaMismatch
from storage.schema import migrate
from tests.builders import ANA, NOW, WORKSPACE, a_policy, minutes
from tests.prepared import prepared_url
from tests.storage.lived import live


async def at_0003(database: Database) -> None:
    """As the version before left it, with stories in it."""
    await migrate(database)
    await live(database)
    await migrate(database, "0003")


url_at_0003 = prepared_url(at_0003)


@pytest.fixture
async def database(url_at_0003: str) -> AsyncIterator[Database]:
    database = open_database(url_at_0003)
    yield database
    await database.close()


async def test_what_was_stored_before_is_whole_and_tells_nothing_yet(database: Database) -> None:
    await migrate(database)
    assert (await verify_all(database)).findings == []
    async with database.read() as tx:
        incident = await incidents.by_number(tx, WORKSPACE, 1)
    assert incident is not None
    told = (incident.progress, incident.impact, incident.eta, incident.told, incident.told_at, incident.data_loss)
    assert told == (None, "", None, "", None, "")


async def test_down_and_up_again_changes_nothing(database: Database) -> None:
    await migrate(database)
    before = await everything(database)
    await migrate(database, "0003")
    await migrate(database)
    assert await everything(database) == before
    assert (await verify_all(database)).findings == []


async def test_notes_hold_up_the_way_back(database: Database) -> None:
    await migrate(database)
    async with database.write() as tx:
        incident = await incidents.by_number(tx, WORKSPACE, 1, lock=True)
        assert incident is not None
        noted = note(incident, a_policy(), by=ANA, text="a log line", now=NOW + minutes(600))
        await incidents.store(tx, [change_of(noted, a_policy(), before=incident)])
    with pytest.raises(SchemaMismatch, match="cannot read notes and updates"):
        await migrate(database, "0003")
    assert (await verify_all(database)).findings == []


async def everything(database: Database) -> list[tuple[object, ...]]:
    async with database.read() as tx:
        return [tuple(row) for row in (await tx.execute(text("SELECT * FROM incidents ORDER BY id"))).all()]
