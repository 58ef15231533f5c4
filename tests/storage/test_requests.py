"""What a request did is stored once, together with what it did."""

import asyncio
from contextlib import suppress

import pytest

from bot.domain.ids import WorkspaceId
from storage import requests
from storage.database import Database
from tests.builders import NOW, WORKSPACE, minutes
from tests.storage.stored import a_workspace, an_incident_in

CAUSE = "click/1.2/U0ANA00001/acknowledge/1.1"
ELSEWHERE = WorkspaceId("T0OTHERS01")


async def test_only_the_first_time_is_new(database: Database) -> None:
    one, other = await an_incident_in(database, 1), await an_incident_in(database, 2)
    news = []
    for incident in (one, other):
        async with database.write() as tx:
            news.append(await requests.note(tx, WORKSPACE, CAUSE, incident.id, now=NOW))
    assert news == [True, False]
    async with database.read() as tx:
        assert await requests.incident_of(tx, WORKSPACE, CAUSE) == one.id, "the first stands"


async def test_what_was_not_asked_changed_nothing(database: Database) -> None:
    async with database.read() as tx:
        assert await requests.incident_of(tx, WORKSPACE, CAUSE) is None


async def test_what_was_rolled_back_is_new_again(database: Database) -> None:
    incident = await an_incident_in(database)
    with suppress(ZeroDivisionError):
        async with database.write() as tx:
            await requests.note(tx, WORKSPACE, CAUSE, incident.id, now=NOW)
            raise ZeroDivisionError
    async with database.write() as tx:
        assert await requests.note(tx, WORKSPACE, CAUSE, incident.id, now=NOW)


async def test_another_request_and_another_workspace_are_new(database: Database) -> None:
    await a_workspace(database, ELSEWHERE)
    incident = await an_incident_in(database)
    news = []
    for workspace, cause in ((WORKSPACE, CAUSE), (WORKSPACE, "command/1"), (ELSEWHERE, CAUSE)):
        async with database.write() as tx:
            news.append(await requests.note(tx, workspace, cause, incident.id, now=NOW + minutes(1)))
    assert news == [True, True, True]


async def test_of_many_at_once_one_is_new(database: Database) -> None:
    incident = await an_incident_in(database)

    async def note() -> bool:
        async with database.write() as tx:
            return await requests.note(tx, WORKSPACE, CAUSE, incident.id, now=NOW)

    assert sorted(await asyncio.gather(*(note() for _ in range(6)))) == [False] * 5 + [True]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_several_are_new_only_if_all_of_them_are(database: Database) -> None:
    one, other = await an_incident_in(database, 1), await an_incident_in(database, 2)
    async with database.write() as tx:
        assert await requests.note_all(tx, WORKSPACE, {}, now=NOW)
        assert await requests.note_all(tx, WORKSPACE, {CAUSE: one.id, "command/1": other.id}, now=NOW)
    async with database.write() as tx:
        assert not await requests.note_all(tx, WORKSPACE, {"command/2": one.id, CAUSE: other.id}, now=NOW)
        assert await requests.incident_of(tx, WORKSPACE, CAUSE) == one.id, "the first stands"
