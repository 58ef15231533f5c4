"""What people thought of an incident is kept once each, with their name or without any way back to them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, text

from bot.domain.feedback import Feedback
from bot.domain.ids import UserId, WorkspaceId
from storage import feedback, tables
from storage.database import Database
from tests.builders import ANA, BEN, CHLOE, NOW, SAM, WORKSPACE, minutes
from tests.storage.stored import an_incident_in

AT = NOW + minutes(17)


async def test_it_is_kept_with_a_name(database: Database) -> None:
    incident = await an_incident_in(database, 1)
    async with database.write() as tx:
        said = Feedback(score=4, comment="fast", given_by=ANA)
        assert await feedback.keep(tx, WORKSPACE, incident.id, said, by=ANA, at=AT)
    async with database.read() as tx:
        (given,) = await feedback.since(tx, WORKSPACE, NOW)
    assert (given.number, given.service, given.at, given.feedback) == (1, incident.service, AT, said)


async def test_without_a_name_nothing_leads_back_but_that_they_were_heard(database: Database) -> None:
    incident = await an_incident_in(database, 1)
    async with database.write() as tx:
        assert await feedback.keep(tx, WORKSPACE, incident.id, Feedback(score=1, comment="slow"), by=ANA, at=AT)
    async with database.read() as tx:
        (row,) = (await tx.execute(select(tables.feedback))).mappings().all()
        assert await feedback.was_heard(tx, incident.id, ANA)
    assert row["given_by"] is None
    assert row["given_at"] == NOW.replace(hour=0, minute=0), "the instant would tell who it was"
    assert ANA not in str(row)


async def test_neither_place_nor_number_of_a_row_tells_whose_words_it_holds(database: Database) -> None:
    incident = await an_incident_in(database, 1)
    in_this_order = (SAM, BEN, CHLOE, ANA)
    for by in in_this_order:
        async with database.write() as tx:
            words = Feedback(score=3, comment=f"by {by}")
            assert await feedback.keep(tx, WORKSPACE, incident.id, words, by=by, at=AT)
    heard = await _as_stored(database, "feedback_given", "user_id")
    said = await _as_stored(database, "feedback", "id")
    assert heard == sorted(in_this_order)
    assert said == sorted(said)
    assert min(said) > len(in_this_order), "they do not count up from one"
    async with database.read() as tx:
        assert {each.feedback.comment for each in await feedback.since(tx, WORKSPACE, NOW - timedelta(days=1))} == {
            f"by {by}" for by in in_this_order
        }


async def _as_stored(database: Database, table: str, column: str) -> Sequence[Any]:
    """From where the database put the first row to where it put the last; of PostgreSQL all by one transaction."""
    place = "ctid" if database.is_shared else "rowid"
    async with database.read() as tx:
        rows = (await tx.execute(text(f"SELECT {column} FROM {table} ORDER BY {place}"))).scalars().all()  # noqa: S608
        if database.is_shared:
            assert len((await tx.execute(text(f"SELECT DISTINCT xmin::text FROM {table}"))).all()) == 1  # noqa: S608
    return rows


async def test_nobody_is_heard_twice_of_one_incident(database: Database) -> None:
    one, other = await an_incident_in(database, 1), await an_incident_in(database, 2)
    kept = []
    for incident, by in ((one, ANA), (one, ANA), (one, BEN), (other, ANA)):
        async with database.write() as tx:
            kept.append(await feedback.keep(tx, WORKSPACE, incident.id, Feedback(score=3), by=by, at=AT))
    assert kept == [True, False, True, True]
    async with database.read() as tx:
        assert len(await feedback.since(tx, WORKSPACE, NOW)) == 0, "without a name it is of the day"
        assert len(await feedback.since(tx, WORKSPACE, NOW - timedelta(days=1))) == 3


async def test_another_workspace_sees_none_of_it(database: Database) -> None:
    incident = await an_incident_in(database, 1)
    async with database.write() as tx:
        await feedback.keep(tx, WORKSPACE, incident.id, Feedback(score=3, given_by=ANA), by=ANA, at=AT)
    async with database.read() as tx:
        assert await feedback.since(tx, WorkspaceId("T0OTHERS01"), NOW) == []
        assert not await feedback.was_heard(tx, incident.id, UserId("U0NOBODY01"))
