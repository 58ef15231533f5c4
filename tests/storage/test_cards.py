"""Cards: which are stale, and what is known of them once they were edited."""

from datetime import datetime

import pytest
from sqlalchemy import select

from bot.domain.delivery import LEASE
from bot.domain.ids import ChannelId, WorkspaceId
from bot.domain.incident import Incident
from storage import cards, incidents, tables
from storage.cards import Card
from storage.database import Database, open_database
from storage.errors import NotStored
from tests.builders import NOW, TIER_1_CHANNEL, WORKSPACE, minutes
from tests.storage.stored import a_workspace, acknowledged, an_incident_in, open_one, seconds


async def add(
    database: Database,
    incident: Incident,
    *,
    slot: str = "tier:1",
    shown: int = 1,
    wanted: int = 1,
    now: datetime = NOW,
    channel: ChannelId = TIER_1_CHANNEL,
) -> None:
    async with database.write() as tx:
        await cards.add(
            tx,
            incident.workspace_id,
            incident.id,
            slot=slot,
            channel=channel,
            ts=f"17.{slot}",
            delivery_key="key",
            shown_version=shown,
            wanted_version=wanted,
            now=now,
        )


async def claim(database: Database, *, now: datetime = NOW, limit: int = 10) -> list[Card]:
    async with database.write() as tx:
        return list(await cards.claim_stale(tx, WORKSPACE, now=now, limit=limit))


async def shown(database: Database, card: Card, version: int, *, edit_at: datetime = NOW) -> None:
    async with database.write() as tx:
        await cards.record_shown(tx, card, version=version, edit_at=edit_at)


async def next_edit_at(database: Database) -> datetime | None:
    async with database.read() as tx:
        return await cards.next_edit_at(tx, WORKSPACE)


async def test_a_card_that_shows_the_present_version_is_left_alone(database: Database) -> None:
    await add(database, await an_incident_in(database), shown=2, wanted=2)
    assert await claim(database) == []
    assert await next_edit_at(database) is None


async def test_a_stale_card_is_claimed_with_all_that_an_edit_needs(database: Database) -> None:
    incident = await an_incident_in(database)
    await add(database, incident, shown=1, wanted=2)
    assert await next_edit_at(database) == NOW
    assert await claim(database) == [
        Card(
            id=1,
            incident_id=incident.id,
            slot="tier:1",
            channel=TIER_1_CHANNEL,
            ts="17.tier:1",
            delivery_key="key",
            fence=1,
            attempts=1,
        )
    ]


async def test_a_change_of_the_incident_makes_each_of_its_cards_stale(database: Database) -> None:
    async with database.write() as tx:
        incident, other = await open_one(tx), await open_one(tx)
    for one in (incident, other):
        await add(database, one, slot="tier:1")
        await add(database, one, slot="stakeholders")
    async with database.write() as tx:
        await incidents.store(tx, [acknowledged(incident)])
    stale = await claim(database)
    assert sorted((card.incident_id, card.slot) for card in stale) == [
        (incident.id, "stakeholders"),
        (incident.id, "tier:1"),
    ]


async def test_the_longest_stale_goes_first_and_no_more_than_asked_for(database: Database) -> None:
    incident = await an_incident_in(database)
    for slot, wait in (("tier:1", 3), ("tier:2", 1), ("tier:3", 2)):
        await add(database, incident, slot=slot, wanted=2, now=NOW + seconds(wait))
    assert [card.slot for card in await claim(database, now=NOW + seconds(5), limit=2)] == ["tier:2", "tier:3"]


async def test_a_card_is_not_edited_before_its_time(database: Database) -> None:
    await add(database, await an_incident_in(database), wanted=2, now=NOW + seconds(1))
    assert await claim(database) == []
    assert len(await claim(database, now=NOW + seconds(1))) == 1


async def test_a_claimed_card_is_left_alone_until_its_lease_runs_out(database: Database) -> None:
    await add(database, await an_incident_in(database), wanted=2)
    await claim(database)
    assert await claim(database, now=NOW + LEASE - seconds(0.001)) == []
    [again] = await claim(database, now=NOW + LEASE)
    assert (again.fence, again.attempts) == (2, 2)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_card_that_another_process_takes_is_skipped(database: Database, database_url: str) -> None:
    incident = await an_incident_in(database)
    await add(database, incident, slot="tier:1", wanted=2)
    await add(database, incident, slot="tier:2", wanted=2, now=NOW + seconds(1))
    other = open_database(database_url)
    async with other.write() as tx:
        theirs = await cards.claim_stale(tx, WORKSPACE, now=NOW + seconds(1), limit=1)
        assert [card.slot for card in theirs] == ["tier:1"]
        assert [card.slot for card in await claim(database, now=NOW + seconds(1))] == ["tier:2"]
    await other.close()


async def test_an_edit_that_showed_the_newest_version_leaves_nothing_to_do(database: Database) -> None:
    await add(database, await an_incident_in(database), wanted=10)
    [card] = await claim(database)
    await shown(database, card, 10, edit_at=NOW + seconds(1))
    assert await next_edit_at(database) is None
    assert await claim(database, now=NOW + minutes(1)) == []


async def test_a_change_during_the_edit_is_shown_by_the_next_one(database: Database) -> None:
    async with database.write() as tx:
        incident = await open_one(tx)
    await add(database, incident, shown=0, wanted=1)
    [card] = await claim(database)
    async with database.write() as tx:
        await incidents.store(tx, [acknowledged(incident)])
    await shown(database, card, 1, edit_at=NOW + seconds(1))
    assert await next_edit_at(database) == NOW + seconds(1)
    [again] = await claim(database, now=NOW + seconds(1))
    assert (again.fence, again.attempts) == (2, 1)


async def test_the_shown_version_never_goes_back(database: Database) -> None:
    await add(database, await an_incident_in(database), shown=3, wanted=4)
    [card] = await claim(database)
    await shown(database, card, 2)
    async with database.read() as tx:
        assert await tx.scalar(select(tables.cards.c.shown_version)) == 3


async def test_an_edit_that_failed_is_tried_again_when_it_says(database: Database) -> None:
    await add(database, await an_incident_in(database), wanted=2)
    [card] = await claim(database)
    async with database.write() as tx:
        await cards.record_not_shown(tx, card, edit_at=NOW + seconds(30), error="ratelimited")
    assert await next_edit_at(database) == NOW + seconds(30)
    assert await claim(database, now=NOW + seconds(29)) == []
    [again] = await claim(database, now=NOW + seconds(30))
    assert again.attempts == 2


async def test_an_old_fence_changes_nothing(database: Database) -> None:
    await add(database, await an_incident_in(database), wanted=2)
    [vanished] = await claim(database)
    [present] = await claim(database, now=NOW + LEASE)
    await shown(database, vanished, 2)
    async with database.write() as tx:
        await cards.record_not_shown(tx, vanished, edit_at=NOW, error="timeout")
        await cards.forget(tx, vanished)
    assert await next_edit_at(database) == NOW + LEASE + LEASE
    await shown(database, present, 2)
    assert await next_edit_at(database) is None


async def test_a_card_whose_message_is_gone_is_forgotten(database: Database) -> None:
    incident = await an_incident_in(database)
    await add(database, incident, wanted=2)
    [card] = await claim(database)
    async with database.write() as tx:
        await cards.forget(tx, card)
    async with database.read() as tx:
        assert await cards.of_incidents(tx, [incident.id]) == {}


async def test_a_card_in_its_editors_hands_does_not_hide_one_that_can_be_edited_sooner(database: Database) -> None:
    incident = await an_incident_in(database)
    await add(database, incident, slot="tier:1", wanted=2)
    await claim(database)
    await add(database, incident, slot="tier:2", wanted=2, now=NOW + seconds(1))
    assert await next_edit_at(database) == NOW + seconds(1)


async def test_an_incident_has_one_card_at_a_place(database: Database) -> None:
    incident = await an_incident_in(database)
    await add(database, incident)
    with pytest.raises(NotStored, match=r"(?i)unique"):
        await add(database, incident)


async def test_the_cards_of_several_incidents_are_found_at_once(database: Database) -> None:
    first, second = await an_incident_in(database, 1), await an_incident_in(database, 2)
    await add(database, first, slot="tier:1")
    await add(database, first, slot="stakeholders")
    await add(database, second, slot="tier:1")
    async with database.read() as tx:
        assert await cards.of_incidents(tx, [first.id, second.id]) == {
            (first.id, "tier:1"): "17.tier:1",
            (first.id, "stakeholders"): "17.stakeholders",
            (second.id, "tier:1"): "17.tier:1",
        }


async def test_one_workspace_never_edits_the_cards_of_another(database: Database) -> None:
    other = WorkspaceId("T0ELSEWHERE")
    version = await a_workspace(database, other)
    await add(database, await an_incident_in(database, workspace_id=other, policy_version_id=version), wanted=2)
    assert await claim(database) == []
    assert await next_edit_at(database) is None
