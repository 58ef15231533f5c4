"""Which incidents are worked in a channel."""

from typing import Any

from bot.domain.ids import ChannelId
from bot.domain.incident import Incident, IncidentState
from storage import cards, incidents
from storage.database import Database
from tests.builders import ANA, NOW, TIER_1_CHANNEL, TIER_2_CHANNEL, WORKSPACE
from tests.storage.stored import an_incident_in

OVER: dict[str, Any] = {"state": IncidentState.RESOLVED, "resolved_at": NOW, "resolved_by": ANA}


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
