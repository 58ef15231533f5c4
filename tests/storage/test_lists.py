"""A page of what somebody asks for, and what is open of one service."""

from typing import Any

import pytest

from bot.domain.ids import WorkspaceId
from bot.domain.incident import IncidentState
from bot.domain.policy import Severity
from bot.domain.wanted import EVERYTHING, Wanted
from storage import lists
from storage.database import Database
from tests.builders import ANA, BEN, NOW, WORKSPACE
from tests.storage.stored import an_incident_in

TAKEN: dict[str, Any] = {"state": IncidentState.ACKNOWLEDGED, "acknowledged_at": NOW}
RESOLVED: dict[str, Any] = {"state": IncidentState.RESOLVED, "resolved_at": NOW, "resolved_by": ANA}
CANCELLED: dict[str, Any] = {"state": IncidentState.CANCELLED, "cancelled_at": NOW, "cancelled_by": ANA}
ELSEWHERE = WorkspaceId("T0ELSEWHER")

FOUND = [
    (EVERYTHING, [1, 3, 2, 4]),
    (Wanted(severities=(Severity.SEV1,)), [1, 3]),
    (Wanted(severities=(Severity.SEV1, Severity.SEV3)), [1, 3, 4]),
    (Wanted(severities=(Severity.SEV4,)), []),
    (Wanted(severities=(Severity.SEV2,), people=(BEN,)), []),
    (Wanted(severities=(Severity.SEV1,), services=("checkout",), breached=True), [1]),
    (Wanted(services=("search",)), [3]),
    (Wanted(people=(ANA,)), [2]),
    (Wanted(people=(ANA, BEN)), [2, 4]),
    (Wanted(breached=True), [1]),
    (Wanted(over=True), [7, 6, 5]),
    (Wanted(over=True, severities=(Severity.SEV4,)), [6, 5]),
    (Wanted(over=True, people=(ANA,)), [5]),
    (Wanted(over=True, breached=True), []),
]


async def some_incidents(database: Database) -> None:
    await an_incident_in(database, 1, severity=Severity.SEV1, breach_count=1)
    await an_incident_in(database, 2, severity=Severity.SEV2, assignee=ANA, **TAKEN)
    await an_incident_in(database, 3, severity=Severity.SEV1, service="search")
    await an_incident_in(database, 4, severity=Severity.SEV3, assignee=BEN, **TAKEN)
    await an_incident_in(database, 5, severity=Severity.SEV4, assignee=ANA, **RESOLVED)
    await an_incident_in(database, 6, severity=Severity.SEV4, **CANCELLED)
    await an_incident_in(database, 7, severity=Severity.SEV1, **RESOLVED)


@pytest.mark.parametrize(("wanted", "numbers"), FOUND)
async def test_a_list_holds_what_fits_everything_said(database: Database, wanted: Wanted, numbers: list[int]) -> None:
    await some_incidents(database)
    async with database.read() as tx:
        assert await lists.how_many(tx, WORKSPACE, wanted, at_most=9) == len(numbers)
        found = await lists.some(tx, WORKSPACE, wanted, after=0, limit=10)
        assert [incident.number for incident in found] == numbers
        assert await lists.how_many(tx, ELSEWHERE, wanted, at_most=9) == 0
        assert await lists.some(tx, ELSEWHERE, wanted, after=0, limit=10) == []


async def test_the_worst_come_first_then_the_breached_then_the_oldest(database: Database) -> None:
    await an_incident_in(database, 1, severity=Severity.SEV2)
    await an_incident_in(database, 2, severity=Severity.SEV1)
    await an_incident_in(database, 3, severity=Severity.SEV1, breach_count=1)
    await an_incident_in(database, 4, severity=Severity.SEV1, **RESOLVED)
    await an_incident_in(database, 5, severity=Severity.SEV1)
    await an_incident_in(database, 6, **CANCELLED)
    async with database.read() as tx:
        found = await lists.some(tx, WORKSPACE, EVERYTHING, after=0, limit=3)
    assert [incident.number for incident in found] == [3, 2, 5]


@pytest.mark.parametrize(("after", "limit", "numbers"), [(0, 2, [1, 3]), (2, 2, [2, 4]), (3, 2, [4]), (4, 2, [])])
async def test_a_page_begins_after_those_before_it(
    database: Database, after: int, limit: int, numbers: list[int]
) -> None:
    await some_incidents(database)
    async with database.read() as tx:
        found = await lists.some(tx, WORKSPACE, EVERYTHING, after=after, limit=limit)
    assert [incident.number for incident in found] == numbers


async def test_only_so_many_are_counted(database: Database) -> None:
    await some_incidents(database)
    async with database.read() as tx:
        assert await lists.how_many(tx, WORKSPACE, EVERYTHING, at_most=3) == 3
        assert await lists.how_many(tx, WORKSPACE, Wanted(over=True), at_most=2) == 2


async def test_the_titles_of_a_service_are_of_what_is_not_over_the_newest_first(database: Database) -> None:
    down = await an_incident_in(database, 1, title="Checkout is down")
    slow = await an_incident_in(database, 2, title="Checkout is slow", assignee=ANA, **TAKEN)
    await an_incident_in(database, 3, title="Search is slow", service="search")
    await an_incident_in(database, 4, title="Checkout is gone", **RESOLVED)
    async with database.read() as tx:
        assert await lists.open_titles(tx, WORKSPACE, "checkout", limit=9) == [
            (slow.id, "Checkout is slow"),
            (down.id, "Checkout is down"),
        ]
        assert await lists.open_titles(tx, WORKSPACE, "checkout", limit=1) == [(slow.id, "Checkout is slow")]
        assert await lists.open_titles(tx, ELSEWHERE, "checkout", limit=9) == []
