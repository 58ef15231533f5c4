"""A change of the schema: foreign keys do not stand in its way, and hold again when it is done."""

import pytest
from sqlalchemy import text

from storage.database import Database
from storage.errors import NotStored
from tests.storage.stored import an_incident_in, open_one

ORPHAN = text(
    "INSERT INTO timeline (incident_id, seq, workspace_id, at, by, kind, fact)"
    " VALUES (99, 1, 'T0TIERLINE', '2026-11-14 03:00:00+00:00', 'tierline', 'opened', '{}')"
)


async def test_a_row_that_belongs_to_none_is_refused_at_the_end(database: Database) -> None:
    with pytest.raises(NotStored):
        async with database.alter() as tx:
            await tx.execute(ORPHAN)
    async with database.read() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM timeline")) == 0


async def test_foreign_keys_hold_again_afterwards(database: Database) -> None:
    async with database.alter() as tx:
        await open_one(tx)
    with pytest.raises(NotStored):
        async with database.write() as tx:
            await tx.execute(ORPHAN)
    await an_incident_in(database, 5)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_table_to_which_others_refer_can_be_replaced(database: Database) -> None:
    async with database.write() as tx:
        await open_one(tx)
    async with database.alter() as tx:
        await tx.execute(text("CREATE TABLE other AS SELECT * FROM incidents"))
        await tx.execute(text("DROP TABLE incidents"))
        await tx.execute(text("ALTER TABLE other RENAME TO incidents"))
        await tx.execute(text("CREATE UNIQUE INDEX ids ON incidents (id)"))
    async with database.read() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM timeline JOIN incidents ON id = incident_id")) == 1
