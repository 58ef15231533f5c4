"""Which incident a place in Slack is about."""

from bot.domain.ids import ChannelId, WorkspaceId
from bot.services.whereabouts import About, Whereabouts
from storage import cards
from storage.database import Database
from tests.builders import NOW, STAKEHOLDER_CHANNEL, TIER_1_CHANNEL, TIER_2_CHANNEL, WORKSPACE
from tests.storage.stored import a_workspace, an_incident_in

ROOM = ChannelId("C0INC00003")


async def whereabouts(database: Database) -> Whereabouts:
    await a_workspace(database)
    return Whereabouts(database, WORKSPACE)


async def a_card(database: Database, number: int, slot: str, channel: ChannelId, ts: str) -> None:
    incident = await an_incident_in(database, number)
    await another_card(database, incident.number, slot, channel, ts)


async def another_card(database: Database, number: int, slot: str, channel: ChannelId, ts: str) -> None:
    async with database.write() as tx:
        await cards.add(
            tx,
            WORKSPACE,
            number,  # type: ignore[arg-type]  # its id is its number
            slot=slot,
            channel=channel,
            ts=ts,
            delivery_key="key",
            shown_version=1,
            wanted_version=1,
            now=NOW,
        )


async def test_a_card_is_known_by_its_channel_and_its_ts(database: Database) -> None:
    where = await whereabouts(database)
    await a_card(database, 1, "tier:1:0", TIER_1_CHANNEL, "17.000001")
    await another_card(database, 1, "tier:2:1", TIER_2_CHANNEL, "17.000001")
    await another_card(database, 1, "stakeholders", STAKEHOLDER_CHANNEL, "17.000002")
    assert await where.card_at(TIER_1_CHANNEL, "17.000001") == About(number=1)
    assert await where.card_at(STAKEHOLDER_CHANNEL, "17.000002") == About(number=1, for_stakeholders=True)
    assert await where.card_at(TIER_1_CHANNEL, "17.000002") is None
    assert await Whereabouts(database, WorkspaceId("T0OTHERS01")).card_at(TIER_1_CHANNEL, "17.000001") is None


async def test_a_thread_is_about_the_card_above_it(database: Database) -> None:
    where = await whereabouts(database)
    await a_card(database, 1, "tier:1:0", TIER_1_CHANNEL, "17.000001")
    assert await where.thread_of(TIER_1_CHANNEL, "17.000001") == About(number=1)
    assert await where.thread_of(TIER_1_CHANNEL, "17.000009") is None
    assert await where.thread_of(TIER_1_CHANNEL, None) is None


async def test_all_of_the_channel_of_an_incident_is_about_it(database: Database) -> None:
    where = await whereabouts(database)
    await an_incident_in(database, 3, room=ROOM)
    assert await where.thread_of(ROOM, None) == About(number=3)
    assert await where.thread_of(ROOM, "17.000009") == About(number=3)
    assert await where.is_worked_in(ROOM)


async def test_a_channel_in_which_no_incident_was_ever_shown_is_known(database: Database) -> None:
    where = await whereabouts(database)
    await a_card(database, 1, "tier:1:0", TIER_1_CHANNEL, "17.000001")
    assert await where.is_worked_in(TIER_1_CHANNEL)
    assert not await where.is_worked_in(TIER_2_CHANNEL)
