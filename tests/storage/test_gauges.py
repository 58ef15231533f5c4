"""What the metrics ask: how much waits and since when, what is due, what is open."""

from sqlalchemy import update

from bot.domain.policy import Severity
from bot.domain.promise import Lane
from storage import gauges, tables
from storage.database import Database
from storage.gauges import Waiting
from tests.builders import NOW, WORKSPACE, minutes
from tests.storage.statements import plan_of, statements_of
from tests.storage.stored import a_page, an_incident_in, an_update, promised
from tests.storage.test_statements import a_long_history


async def test_nothing_waits_in_an_empty_database(database: Database) -> None:
    async with database.read() as tx:
        assert await gauges.waiting(tx, WORKSPACE, now=NOW) == {}
        assert await gauges.due(tx, WORKSPACE, now=NOW) == 0
        assert await gauges.open_incidents(tx, WORKSPACE) == {}


async def test_each_lane_tells_how_much_waits_and_since_when(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(
        database,
        incident,
        a_page("first", deliver_at=NOW),
        a_page("second", deliver_at=NOW + minutes(1)),
        an_update("later", deliver_at=NOW + minutes(60)),
    )
    async with database.write() as tx:
        retried = tables.outbox.c.dedup_key == "first"
        await tx.execute(update(tables.outbox).where(retried).values(deliver_at=NOW + minutes(5), attempts=3))
    async with database.read() as tx:
        assert await gauges.waiting(tx, WORKSPACE, now=NOW + minutes(2)) == {
            Lane.PAGE: Waiting(count=2, since=NOW),
            Lane.UPDATE: Waiting(count=1, since=None),
        }


async def test_what_is_settled_does_not_wait(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("sent"))
    async with database.write() as tx:
        await tx.execute(update(tables.outbox).values(state="sent", message_ts="1.1"))
    async with database.read() as tx:
        assert await gauges.waiting(tx, WORKSPACE, now=NOW) == {}


async def test_what_is_due_is_counted_to_the_instant(database: Database) -> None:
    await an_incident_in(database, 1, next_at=NOW)
    await an_incident_in(database, 2, next_at=NOW + minutes(1))
    await an_incident_in(database, 3, next_at=None)
    async with database.read() as tx:
        counts = [await gauges.due(tx, WORKSPACE, now=NOW + minutes(late)) for late in (-1, 0, 1)]
    assert counts == [0, 1, 2]


async def test_open_incidents_are_counted_by_severity(database: Database) -> None:
    await an_incident_in(database, 1)
    await an_incident_in(database, 2, severity=Severity.SEV3)
    await an_incident_in(database, 3, severity=Severity.SEV3)
    async with database.read() as tx:
        assert await gauges.open_incidents(tx, WORKSPACE) == {Severity.SEV1: 1, Severity.SEV3: 2}


async def test_no_gauge_reads_what_is_over(database: Database) -> None:
    await a_long_history(database)
    with statements_of(database) as said:
        async with database.write() as tx:
            await gauges.waiting(tx, WORKSPACE, now=NOW)
            await gauges.due(tx, WORKSPACE, now=NOW)
            await gauges.open_incidents(tx, WORKSPACE)
    async with database.write() as tx:
        plans = [await plan_of(tx, statement) for statement in said]
    for plan, index in zip(plans, ("ix_outbox_waiting", "ix_incidents_due", "ix_incidents_unresolved"), strict=True):
        assert index in plan
