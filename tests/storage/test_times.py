"""Instants: aware, in UTC, and in the database in the order of time."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from bot.domain.ids import WorkspaceId
from storage import policies
from storage.database import Database, Transaction
from storage.tables import UtcTime
from tests.builders import ANA, NOW, WORKSPACE

_instants = Table("instants", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcTime))

INSTANTS = [
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
    datetime(2026, 11, 14, 3, 0, tzinfo=UTC),
    datetime(2026, 11, 14, 3, 0, 0, 1, tzinfo=UTC),
    datetime(9999, 12, 31, tzinfo=UTC),
]


async def keep(tx: Transaction, instants: list[datetime | None]) -> None:
    await tx.run_sync(_instants.metadata.create_all)
    await tx.execute(insert(_instants), [{"id": number, "at": at} for number, at in enumerate(instants)])


async def test_an_instant_comes_back_to_the_microsecond_and_in_utc(database: Database) -> None:
    async with database.write() as tx:
        await keep(tx, [*INSTANTS, None])
        found = (await tx.execute(select(_instants.c.at).order_by(_instants.c.id))).scalars().all()
    assert found == [*INSTANTS, None]
    assert {at.tzinfo for at in found if at is not None} == {UTC}


async def test_the_database_orders_instants_as_they_happened(database: Database) -> None:
    async with database.write() as tx:
        await keep(tx, [*reversed(INSTANTS)])
        assert (await tx.execute(select(_instants.c.at).order_by(_instants.c.at))).scalars().all() == INSTANTS


async def test_the_zone_that_an_instant_was_written_in_does_not_matter(database: Database) -> None:
    written = [
        NOW.astimezone(ZoneInfo("Europe/Berlin")),
        NOW.astimezone(ZoneInfo("Asia/Kathmandu")),
        NOW.astimezone(timezone(timedelta(hours=-12))),
    ]
    async with database.write() as tx:
        await keep(tx, [*written])
        same = await tx.execute(select(_instants.c.id).where(_instants.c.at == NOW))
        assert len(same.all()) == len(written)


async def test_a_naive_time_is_refused(database: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="a naive time cannot be stored"):
        async with database.write() as tx:
            await policies.add(tx, WORKSPACE, document="naive", directory="{}", by=ANA, now=naive)
    async with database.read() as tx:
        assert await policies.newest_of_document(tx, WorkspaceId(WORKSPACE), "naive") is None
