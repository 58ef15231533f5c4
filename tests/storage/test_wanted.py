"""Which incidents somebody asks for: by severity, service, person, breach, and by the channel they are worked in."""

from typing import Any

import pytest

from bot.domain.ids import ChannelId
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Severity
from bot.domain.wanted import EVERYTHING, Wanted
from storage import cards, incidents
from storage.database import Database
from tests.builders import ANA, BEN, NOW, TIER_1_CHANNEL, TIER_2_CHANNEL, WORKSPACE
from tests.storage.stored import an_incident_in

TAKEN: dict[str, Any] = {"state": IncidentState.ACKNOWLEDGED, "acknowledged_at": NOW}
OVER: dict[str, Any] = {"state": IncidentState.RESOLVED, "resolved_at": NOW, "resolved_by": ANA}

FOUND = [
    (EVERYTHING, [1, 3, 2, 4]),
    (Wanted(severities=(Severity.SEV1,)), [1, 3]),
    (Wanted(severities=(Severity.SEV1, Severity.SEV3)), [1, 3, 4]),
    (Wanted(services=("search",)), [3]),
    (Wanted(people=(ANA,)), [2]),
    (Wanted(people=(ANA, BEN)), [2, 4]),
    (Wanted(breached=True), [1]),
    (Wanted(severities=(Severity.SEV1,), services=("checkout",), breached=True), [1]),
    (Wanted(severities=(Severity.SEV2,), people=(BEN,)), []),
    (Wanted(severities=(Severity.SEV4,)), []),
]


async def some_incidents(database: Database) -> None:
    await an_incident_in(database, 1, severity=Severity.SEV1, breach_count=1)
    await an_incident_in(database, 2, severity=Severity.SEV2, assignee=ANA, **TAKEN)
    await an_incident_in(database, 3, severity=Severity.SEV1, service="search")
    await an_incident_in(database, 4, severity=Severity.SEV3, assignee=BEN, **TAKEN)
    await an_incident_in(database, 5, severity=Severity.SEV4, assignee=ANA, **OVER)


@pytest.mark.parametrize(("wanted", "numbers"), FOUND)
async def test_a_list_holds_what_fits_everything_said(database: Database, wanted: Wanted, numbers: list[int]) -> None:
    await some_incidents(database)
    async with database.read() as tx:
        found, total = await incidents.unresolved(tx, WORKSPACE, wanted=wanted, limit=10)
    assert [incident.number for incident, _ in found] == numbers
    assert total == len(numbers)


async def test_the_total_is_of_what_is_wanted_and_not_of_what_is_shown(database: Database) -> None:
    await some_incidents(database)
    async with database.read() as tx:
        found, total = await incidents.unresolved(
            tx, WORKSPACE, wanted=Wanted(severities=(Severity.SEV1, Severity.SEV2)), limit=1
        )
    assert (len(found), total) == (1, 3)


async def test_what_is_worked_in_a_channel_has_a_card_there_and_is_not_over(database: Database) -> None:
    await card(database, await an_incident_in(database, 1), "tier:1:0", TIER_1_CHANNEL)
    moved = await an_incident_in(database, 2)
    await card(database, moved, "tier:1:0", TIER_1_CHANNEL)
    await card(database, moved, "tier:1:1", TIER_1_CHANNEL)
    await card(database, moved, "tier:2:0", TIER_2_CHANNEL)
    await card(database, await an_incident_in(database, 3, **OVER), "tier:1:0", TIER_1_CHANNEL)
    await an_incident_in(database, 4)
    async with database.read() as tx:
        assert await incidents.worked_in(tx, WORKSPACE, TIER_1_CHANNEL, limit=9) == [2, 1]
        assert await incidents.worked_in(tx, WORKSPACE, TIER_1_CHANNEL, limit=1) == [2]
        assert await incidents.worked_in(tx, WORKSPACE, TIER_2_CHANNEL, limit=9) == [2]
        assert await incidents.worked_in(tx, WORKSPACE, ChannelId("C0GENERAL1"), limit=9) == []


async def card(database: Database, incident: Incident, slot: str, channel: ChannelId) -> None:
    async with database.write() as tx:
        await cards.add(
            tx,
            WORKSPACE,
            incident.id,
            slot=slot,
            channel=channel,
            ts=f"17.{incident.number}{slot}",
            delivery_key="key",
            shown_version=1,
            wanted_version=1,
            now=NOW,
        )
