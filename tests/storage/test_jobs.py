"""Slots: each is taken once."""

from datetime import timedelta

from sqlalchemy import select

from bot.domain.ids import WorkspaceId
from storage import jobs, tables
from storage.database import Database
from tests.builders import NOW, WORKSPACE

DAY = timedelta(days=1)


async def take(database: Database, job: str = "clean", days: int = 0, workspace: WorkspaceId = WORKSPACE) -> bool:
    async with database.write() as tx:
        return await jobs.take(tx, workspace, job, NOW + days * DAY)


async def test_a_slot_is_taken_once(database: Database) -> None:
    assert await take(database)
    assert not await take(database)
    assert await take(database, "another")
    assert await take(database, days=1)
    assert await take(database, workspace=WorkspaceId("T0OTHER"))


async def test_what_was_given_back_is_taken_again(database: Database) -> None:
    await take(database)
    async with database.write() as tx:
        await jobs.give_back(tx, WORKSPACE, "clean", NOW)
    assert await take(database)


async def test_old_slots_go_and_the_newest_of_each_job_stays(database: Database) -> None:
    for day in range(3):
        await take(database, days=day)
    await take(database, "rare")
    async with database.write() as tx:
        assert await jobs.forget(tx, WORKSPACE, before=NOW + 5 * DAY) == 2
    async with database.read() as tx:
        left = await tx.execute(
            select(tables.job_slots.c.job, tables.job_slots.c.slot).order_by(tables.job_slots.c.job)
        )
        assert [tuple(row) for row in left] == [("clean", NOW + 2 * DAY), ("rare", NOW)]
