"""Channels of incidents: which are wanted, whose turn it is, and what is known of each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.delivery import NextState, PromiseState
from bot.domain.ids import ChannelId, IncidentId, PolicyVersionId
from bot.domain.incident import IncidentState
from bot.domain.policy import Severity
from bot.domain.rooms import LEASE, Card, Room
from bot.domain.slot import Slot, tier_slot
from storage import cards, incident_channels, incidents, outbox
from storage.database import Database
from storage.incident_channels import Claim
from tests.builders import ANA, NOW, SAM, STAKEHOLDER_CHANNEL, TIER_1_CHANNEL, TIER_2_CHANNEL, WORKSPACE, minutes
from tests.storage.stored import FIRST_VERSION, a_page, acknowledged, an_incident_in, open_one, promised, seconds

ROOM = ChannelId("C0ROOM0001")
SEV1 = {FIRST_VERSION: {Severity.SEV1}}
A_ROOM = Room(
    name="inc-1-checkout",
    channel=ROOM,
    created_at=NOW,
    invited=(ANA, SAM),
    topic="sev1",
    topic_set_at=NOW,
    bookmark_id="Bk1",
    bookmarked="C1:17.1",
)


async def wanting(
    database: Database, severities: Mapping[PolicyVersionId, set[Severity]], *, limit: int = 10
) -> Sequence[tuple[int, str | None]]:
    async with database.read() as tx:
        found = await incident_channels.without_one(tx, WORKSPACE, severities, limit=limit)
    return [(incident.number, earlier) for incident, earlier in found]


async def begin(database: Database, number: int = 1, *, name: str = "inc-1-checkout", now: datetime = NOW) -> None:
    async with database.write() as tx:
        await incident_channels.begin(tx, WORKSPACE, IncidentId(number), name=name, now=now)


async def claim(database: Database, *, now: datetime = NOW) -> Claim | None:
    async with database.read() as tx:
        is_due = await incident_channels.is_any_due(tx, WORKSPACE, now=now)
    async with database.write() as tx:
        claimed = await incident_channels.claim(tx, WORKSPACE, now=now)
    assert is_due is (claimed is not None)
    return claimed


async def claimed(database: Database, *, now: datetime = NOW) -> Claim:
    found = await claim(database, now=now)
    assert found is not None
    return found


async def record(
    database: Database, ours: Claim, room: Room, *, look_at: datetime | None = None, considered: int = 1
) -> bool:
    async with database.write() as tx:
        return await incident_channels.record(tx, ours, room, considered=considered, look_at=look_at)


async def next_look_at(database: Database) -> datetime | None:
    async with database.read() as tx:
        return await incident_channels.next_look_at(tx, WORKSPACE)


async def test_one_is_wanted_for_what_is_not_over_and_as_severe_as_the_policy_says(database: Database) -> None:
    await an_incident_in(database, 1)
    await an_incident_in(database, 2, severity=Severity.SEV3)
    await an_incident_in(database, 3, state=IncidentState.RESOLVED, resolved_at=NOW, resolved_by=ANA)
    await an_incident_in(database, 4)
    assert await wanting(database, SEV1) == [(1, None), (4, None)]
    assert await wanting(database, {FIRST_VERSION: {Severity.SEV1, Severity.SEV3}}, limit=2) == [(1, None), (2, None)]
    assert await wanting(database, {PolicyVersionId(99): {Severity.SEV1}}) == []
    assert await wanting(database, {}) == []


async def test_the_policies_at_work_are_those_of_what_is_not_over(database: Database) -> None:
    await an_incident_in(database, 1, state=IncidentState.RESOLVED, resolved_at=NOW, resolved_by=ANA)
    async with database.read() as tx:
        assert await incident_channels.versions_at_work(tx, WORKSPACE) == []
    await an_incident_in(database, 2)
    await an_incident_in(database, 3)
    async with database.read() as tx:
        assert await incident_channels.versions_at_work(tx, WORKSPACE) == [FIRST_VERSION]


async def test_what_has_begun_is_not_wanted_again_until_it_is_over_with(database: Database) -> None:
    await an_incident_in(database)
    await begin(database)
    assert await wanting(database, SEV1) == []
    await record(database, await claimed(database), replace(A_ROOM, archived_at=NOW))
    assert await wanting(database, SEV1) == [(1, "inc-1-checkout")]
    await begin(database, name="inc-1-checkout-2", now=NOW + minutes(1))
    again = await claimed(database, now=NOW + minutes(1))
    assert again.room == Room(name="inc-1-checkout-2")


async def test_a_name_that_was_never_used_can_be_tried_again(database: Database) -> None:
    await an_incident_in(database)
    await begin(database)
    await record(database, await claimed(database), Room(name="inc-1-checkout"))
    assert await wanting(database, SEV1) == [(1, None)]


async def test_who_begins_later_changes_nothing(database: Database) -> None:
    await an_incident_in(database)
    await begin(database)
    await begin(database, name="another")
    assert (await claimed(database)).room == Room(name="inc-1-checkout")


async def test_what_is_recorded_is_what_is_read(database: Database) -> None:
    await an_incident_in(database)
    await begin(database)
    assert await record(database, await claimed(database), A_ROOM, look_at=NOW + minutes(1))
    assert (await claimed(database, now=NOW + minutes(1))).room == A_ROOM


async def test_it_belongs_to_who_claimed_it_until_the_lease_is_over(database: Database) -> None:
    await an_incident_in(database)
    await begin(database)
    ours = await claimed(database)
    assert await claim(database) is None
    assert await next_look_at(database) == NOW + LEASE
    theirs = await claimed(database, now=NOW + LEASE)
    assert not await record(database, ours, A_ROOM)
    assert await record(database, theirs, A_ROOM)


async def test_an_attempt_is_counted_by_who_has_it_alone(database: Database) -> None:
    await an_incident_in(database)
    await begin(database)
    ours = await claimed(database)
    async with database.write() as tx:
        assert await incident_channels.count_attempt(tx, ours)
    theirs = await claimed(database, now=NOW + LEASE)
    assert theirs.room.attempts == 1
    async with database.write() as tx:
        assert not await incident_channels.count_attempt(tx, ours)


async def test_the_oldest_incident_has_its_turn_first(database: Database) -> None:
    for number in (1, 2, 3):
        await an_incident_in(database, number)
    for number in (3, 1, 2):
        await begin(database, number, name=f"inc-{number}", now=NOW + seconds(number))
    turns = [(await claimed(database, now=NOW + minutes(1))).incident_id for _ in range(3)]
    assert turns == [1, 2, 3]
    assert await claim(database, now=NOW + minutes(1)) is None


async def test_a_change_of_the_incident_has_it_looked_at_before_its_time(database: Database) -> None:
    async with database.write() as tx:
        incident = await open_one(tx)
    await begin(database)
    await record(database, await claimed(database), A_ROOM, look_at=NOW + minutes(5))
    assert await claim(database, now=NOW + minutes(1)) is None
    async with database.write() as tx:
        await incidents.store(tx, [acknowledged(incident)])
    changed = await claimed(database, now=NOW + minutes(1))
    await record(database, changed, A_ROOM, look_at=NOW + minutes(5), considered=2)
    assert await claim(database, now=NOW + minutes(1)) is None
    assert await next_look_at(database) == NOW + minutes(5)


async def test_what_is_over_with_is_never_looked_at(database: Database) -> None:
    await an_incident_in(database)
    await begin(database)
    await record(database, await claimed(database), replace(A_ROOM, archived_at=NOW), considered=0)
    assert await claim(database, now=NOW + minutes(600)) is None
    assert await next_look_at(database) is None


async def test_it_leads_to_the_card_of_the_present_tier_or_else_to_the_stakeholders(database: Database) -> None:
    incident = await an_incident_in(database, tier=2, card_cycle=1)

    async def posted(slot: str, channel: ChannelId, ts: str) -> None:
        async with database.write() as tx:
            await cards.add(
                tx, WORKSPACE, incident.id, slot=slot, channel=channel, ts=ts, delivery_key=slot,
                shown_version=1, wanted_version=1, now=NOW,
            )  # fmt: skip

    async def card() -> Card | None:
        async with database.read() as tx:
            return await incident_channels.card(tx, incident)

    assert await card() is None
    await posted(tier_slot(1, 0), TIER_1_CHANNEL, "17.1")
    assert await card() is None
    await posted(Slot.STAKEHOLDERS.value, STAKEHOLDER_CHANNEL, "17.2")
    assert await card() == Card(channel=STAKEHOLDER_CHANNEL, ts="17.2")
    await posted(tier_slot(2, 1), TIER_2_CHANNEL, "17.3")
    assert await card() == Card(channel=TIER_2_CHANNEL, ts="17.3")


async def test_what_became_of_a_promise_is_known_by_its_key(database: Database) -> None:
    async def state_of(key: str) -> PromiseState | None:
        async with database.read() as tx:
            return await incident_channels.state_of(tx, WORKSPACE, key)

    incident = await an_incident_in(database)
    await promised(database, incident, a_page("INC-1/farewell/0"))
    assert await state_of("INC-1/farewell/1") is None
    assert await state_of("INC-1/farewell/0") is PromiseState.PENDING
    async with database.write() as tx:
        [sending] = await outbox.claim(tx, WORKSPACE, now=NOW, limit=1)
        await outbox.record(tx, sending, NextState(state=PromiseState.SENT, message_ts="17.1"), said="", now=NOW)
    assert await state_of("INC-1/farewell/0") is PromiseState.SENT


async def test_an_incident_is_found_by_its_own_channel(database: Database) -> None:
    await an_incident_in(database, 1, room=ROOM)
    await an_incident_in(database, 2)
    async with database.read() as tx:
        assert await incidents.of_room(tx, WORKSPACE, ROOM) == 1
        assert await incidents.of_room(tx, WORKSPACE, TIER_1_CHANNEL) is None
