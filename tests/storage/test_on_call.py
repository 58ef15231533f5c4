"""The copies of on-call calendars: the last good one stays, whatever happens after it."""

from datetime import timedelta
from typing import Final

from bot.domain.ids import THE_BOT, WorkspaceId
from bot.domain.incident import IncidentState
from bot.domain.on_call import Shift
from storage import on_call, policies
from storage.database import Database
from storage.on_call import FeedCopy
from tests.builders import ANA, NOW, WORKSPACE
from tests.storage.statements import plan_of, statements_of
from tests.storage.stored import FIRST_VERSION, an_incident_in

DIGEST: Final = "d1" * 32
LATER: Final = NOW + timedelta(minutes=5)
SHIFTS: Final = (
    Shift(start=NOW, end=NOW + timedelta(hours=8), who="Ana Silva <ana@example.com>\nPrimary — Zoë"),
    Shift(start=NOW + timedelta(hours=8), end=NOW + timedelta(hours=16), who="Ben"),
)


async def copies(database: Database, workspace_id: WorkspaceId = WORKSPACE) -> dict[str, FeedCopy]:
    async with database.read() as tx:
        return dict(await on_call.copies(tx, workspace_id))


async def test_a_copy_comes_back_as_it_was(database: Database) -> None:
    async with database.write() as tx:
        await on_call.keep_copy(tx, WORKSPACE, DIGEST, SHIFTS, now=NOW)
        await on_call.keep_copy(tx, WORKSPACE, "e" * 64, (), now=NOW)
    assert await copies(database) == {
        DIGEST: FeedCopy(shifts=SHIFTS, fetched_at=NOW),
        "e" * 64: FeedCopy(shifts=(), fetched_at=NOW),
    }
    assert await copies(database, WorkspaceId("T0ELSEWHERE")) == {}


async def test_a_failure_leaves_the_last_good_copy(database: Database) -> None:
    async with database.write() as tx:
        await on_call.keep_copy(tx, WORKSPACE, DIGEST, SHIFTS, now=NOW)
        await on_call.keep_failure(tx, WORKSPACE, DIGEST, "it cannot be reached", now=LATER)
    known = FeedCopy(shifts=SHIFTS, fetched_at=NOW, failed_at=LATER, error="it cannot be reached")
    assert await copies(database) == {DIGEST: known}


async def test_a_new_copy_takes_the_place_of_the_old_one_and_of_its_failure(database: Database) -> None:
    async with database.write() as tx:
        await on_call.keep_failure(tx, WORKSPACE, DIGEST, "it cannot be reached", now=NOW)
        assert await on_call.copies(tx, WORKSPACE) == {DIGEST: FeedCopy(failed_at=NOW, error="it cannot be reached")}
        await on_call.keep_copy(tx, WORKSPACE, DIGEST, SHIFTS[:1], now=NOW)
        await on_call.keep_copy(tx, WORKSPACE, DIGEST, SHIFTS, now=LATER)
    assert await copies(database) == {DIGEST: FeedCopy(shifts=SHIFTS, fetched_at=LATER)}


async def test_the_versions_in_use_are_those_of_incidents_that_are_going_on(database: Database) -> None:
    async with database.write() as tx:
        second = await policies.add(tx, WORKSPACE, document="2", directory="{}", by=THE_BOT, now=NOW)
        third = await policies.add(tx, WORKSPACE, document="3", directory="{}", by=THE_BOT, now=NOW)
    await an_incident_in(database, 1, policy_version_id=third.id)
    await an_incident_in(database, 2, policy_version_id=FIRST_VERSION)
    await an_incident_in(database, 3, policy_version_id=FIRST_VERSION)
    await an_incident_in(
        database, 4, policy_version_id=second.id, state=IncidentState.RESOLVED, resolved_at=NOW, resolved_by=ANA
    )
    with statements_of(database) as said:
        async with database.write() as tx:
            assert await on_call.versions_in_use(tx, WORKSPACE) == [FIRST_VERSION, third.id]
            assert await on_call.versions_in_use(tx, WorkspaceId("T0ELSEWHERE")) == []
    async with database.write() as tx:
        if tx.dialect.name == "sqlite":  # PostgreSQL reads so few rows from end to end
            assert "ix_incidents_unresolved" in await plan_of(tx, said[0])
