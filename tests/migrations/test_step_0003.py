"""The step to the hash chain, with the stories that an older bot had stored: up, down and up again."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from bot.services.verifying import verify_all
from migrations import chaining
from storage.database import Database, open_database
from storage.schema import migrate
from tests.builders import minutes
from tests.prepared import prepared_url
from tests.storage.lived import Life, live

KEY = b"nobody can guess this"


async def at_0002(database: Database) -> None:
    """As the version before left it, with stories in it."""
    await migrate(database)
    await live(database)
    await migrate(database, "0002")


url_at_0002 = prepared_url(at_0002)


@pytest.fixture
async def database(url_at_0002: str) -> AsyncIterator[Database]:
    database = open_database(url_at_0002)
    yield database
    await database.close()


async def rows_of(database: Database, query: str) -> list[tuple[object, ...]]:
    async with database.read() as tx:
        return [tuple(row) for row in (await tx.execute(text(query))).all()]


async def test_stories_of_before_are_chained_to_what_the_verifier_expects(database: Database) -> None:
    await migrate(database)
    verdict = await verify_all(database)
    assert (verdict.incidents, verdict.findings) == (3, [])
    assert [(verdict.entries,)] == await rows_of(database, "SELECT count(*) FROM timeline")


async def test_a_story_that_was_chained_in_chunks_is_whole(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chaining, "CHUNK", 3)
    await migrate(database)
    assert (await verify_all(database)).findings == []


async def test_down_and_up_again_gives_the_same_digests(database: Database) -> None:
    await migrate(database)
    before = await rows_of(database, "SELECT incident_id, seq, digest FROM timeline ORDER BY incident_id, seq")
    await migrate(database, "0002")
    await migrate(database)
    assert await rows_of(database, "SELECT incident_id, seq, digest FROM timeline ORDER BY incident_id, seq") == before
    assert (await verify_all(database)).findings == []


async def test_an_entry_that_is_edited_after_the_step_is_found(database: Database) -> None:
    await migrate(database)
    async with database.write() as tx:
        await tx.execute(text("UPDATE timeline SET \"by\" = 'U0BEN00001' WHERE incident_id = 3 AND seq = 1"))
    assert [(each.incident, each.seq) for each in (await verify_all(database)).findings] == [("INC-3", 1)]


async def test_an_incident_without_a_story_has_an_empty_chain(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(text("DELETE FROM timeline WHERE incident_id = 3"))
    await migrate(database)
    assert await rows_of(database, "SELECT last_digest FROM incidents WHERE id = 3") == [("",)]


async def test_with_a_key_from_now_on_the_stories_of_before_stay_verifiable(
    database: Database, url_at_0002: str
) -> None:
    await migrate(database)
    sealing = open_database(url_at_0002, beside=True, audit_key=KEY)
    life = await Life.resumed(sealing)
    await life.waits(minutes(30))
    verdict = await verify_all(sealing)
    await sealing.close()
    assert verdict.findings == []
    assert 0 < verdict.sealed < verdict.entries
