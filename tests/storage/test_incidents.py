"""Incidents: what is due, and a transition that is stored whole or not at all."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.domain import verbs
from bot.domain.errors import InvalidIncident
from bot.domain.ids import IncidentId, WorkspaceId
from bot.domain.incident import Incident, IncidentState, Pause
from bot.domain.policy import Severity
from bot.domain.progress import Quotation
from bot.domain.timeline import Pinned
from bot.domain.transition import Transition, evaluate
from bot.domain.verbs import resolve
from storage import incidents, tables
from storage.database import Database, open_database
from storage.errors import Conflict, NotStored
from storage.incidents import Change
from tests.builders import ANA, BEN, NOW, WORKSPACE, a_policy, minutes
from tests.storage.stored import a_workspace, acknowledged, an_incident_in, change_of, open_one

LATER = NOW + minutes(10)


async def due_numbers(database: Database, *, limit: int = 10, excluding: tuple[int, ...] = ()) -> list[int]:
    async with database.write() as tx:
        due = await incidents.due(
            tx, WORKSPACE, now=LATER, limit=limit, excluding=[IncidentId(number) for number in excluding]
        )
    return [incident.number for incident in due]


async def test_what_is_due_comes_oldest_first(database: Database) -> None:
    for number, wait in ((1, 3), (2, 1), (3, 2)):
        await an_incident_in(database, number, next_at=NOW + minutes(wait))
    assert await due_numbers(database) == [2, 3, 1]


async def test_an_incident_is_due_at_its_very_instant_and_not_before(database: Database) -> None:
    await an_incident_in(database, 1, next_at=LATER)
    await an_incident_in(database, 2, next_at=LATER.replace(microsecond=1))
    await an_incident_in(database, 3, next_at=None)
    assert await due_numbers(database) == [1]


async def test_a_batch_takes_the_oldest_and_no_more_than_its_limit(database: Database) -> None:
    for number in (1, 2, 3):
        await an_incident_in(database, number, next_at=NOW + minutes(number))
    assert await due_numbers(database, limit=2) == [1, 2]


async def test_what_is_excluded_is_not_due(database: Database) -> None:
    for number in (1, 2, 3):
        await an_incident_in(database, number, next_at=NOW + minutes(number))
    assert await due_numbers(database, excluding=(1, 3)) == [2]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_another_process_decides_on_is_skipped(database: Database, database_url: str) -> None:
    for number in (1, 2):
        await an_incident_in(database, number, next_at=NOW + minutes(number))
    other = open_database(database_url)
    async with other.write() as tx:
        assert [one.number for one in await incidents.due(tx, WORKSPACE, now=LATER, limit=1)] == [1]
        assert await due_numbers(database) == [2]
    await other.close()
    assert await due_numbers(database) == [1, 2]


async def test_an_incident_is_read_back_as_it_was_stored(database: Database) -> None:
    stored = await an_incident_in(
        database,
        state=IncidentState.RESOLVED,
        severity=Severity.SEV3,
        tier=3,
        cycle=2,
        tier_entered_by=ANA,
        moved_because="It is the database",
        tier_breached_at=NOW + minutes(1),
        repeats_sent=2,
        exhausted_at=NOW + minutes(2),
        breach_count=3,
        assignee=BEN,
        acknowledged_at=NOW + minutes(3),
        first_acknowledged_at=NOW + minutes(3),
        resolved_at=NOW + minutes(4),
        resolved_by=BEN,
        resolution="Rolled back — “v1.2” \U0001f4a5",
        title="Zahlung schlägt fehl 💥 'quoted' \\ % _",
        updates_sent=4,
        updated_seq=5,
        last_seq=6,
        version=7,
    )
    async with database.read() as tx:
        assert await incidents.by_number(tx, WORKSPACE, stored.number) == stored
        assert await incidents.by_ids(tx, [stored.id]) == {stored.id: stored}


async def test_an_incident_on_hold_is_read_back_as_it_was_stored(database: Database) -> None:
    pauses = (Pause(NOW, NOW + minutes(1)), Pause(NOW + minutes(2), NOW + minutes(3)))
    stored = await an_incident_in(database, **HELD, pauses=pauses, **EVERY_CLOCK)
    async with database.read() as tx:
        assert await incidents.by_number(tx, WORKSPACE, stored.number) == stored


async def test_a_cancelled_incident_is_read_back_as_it_was_stored(database: Database) -> None:
    stored = await an_incident_in(database, **CANCELLED, duplicate_of=4)
    async with database.read() as tx:
        assert await incidents.by_number(tx, WORKSPACE, stored.number) == stored


async def test_whatever_may_change_after_the_opening_is_stored_with_a_change(database: Database) -> None:
    incident = await an_incident_in(database)
    changed = replace(incident, version=2, severity=Severity.SEV3, **HELD, **EVERY_CLOCK)
    change = Change(transition=Transition(incident=changed), decided_on=1, next_evaluation_at=None)
    async with database.write() as tx:
        await incidents.store(tx, [change])
    async with database.read() as tx:
        assert await incidents.by_number(tx, WORKSPACE, incident.number) == changed


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"state": "lost"}, "state"),
        ({"state": IncidentState.RESOLVED}, "resolved_at"),
        ({"resolved_at": NOW}, "resolved_at"),
        ({"state": IncidentState.CANCELLED}, "cancelled_at"),
        ({"cancelled_at": NOW}, "cancelled_at"),
        ({"state": IncidentState.ON_HOLD, "assignee": ANA}, "held_at"),
        ({"held_at": NOW}, "held_at"),
        ({"state": IncidentState.ON_HOLD, "held_at": NOW}, "assignee"),
        ({"state": IncidentState.ACKNOWLEDGED}, "assignee"),
        ({"tier": 0}, "tier"),
    ],
)
async def test_an_incident_that_cannot_be_is_refused(database: Database, changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(NotStored, match=f"ck_incidents_{rule}"):
        await an_incident_in(database, **changes)


HELD: dict[str, Any] = {
    "state": IncidentState.ON_HOLD,
    "assignee": BEN,
    "held_at": NOW + minutes(9),
    "held_by": ANA,
    "hold_until": NOW + minutes(60),
    "hold_reason": "Waiting for the provider ☎️",
}
CANCELLED: dict[str, Any] = {
    "state": IncidentState.CANCELLED,
    "cancelled_at": NOW + minutes(9),
    "cancelled_by": ANA,
    "cancel_reason": "a false alarm",
}
EVERY_CLOCK: dict[str, Any] = {
    "routed_to": "search",
    "cycle": 3,
    "card_cycle": 2,
    "response_started_at": NOW + minutes(3),
    "catching_up": True,
    "response_warned": 1,
    "resolution_warned": 2,
    "resolution_breached_at": NOW + minutes(4),
    "original_breach_at": NOW + minutes(5),
    "managers_told": ("U0GRACE001", "S0BOARD001"),
    "declined_by": (ANA,),
    "active_at": NOW + minutes(6),
    "still_asked_at": NOW + minutes(7),
    "nudged_at": NOW + minutes(8),
    "overdue_since": NOW + minutes(9),
    "overdue_told_at": NOW + minutes(10),
}


async def test_a_change_stores_the_incident_its_story_its_breaches_and_its_promises(database: Database) -> None:
    async with database.write() as tx:
        incident = await open_one(tx)
    late = evaluate(incident, a_policy(), NOW + minutes(5))
    async with database.write() as tx:
        await incidents.store(tx, [change_of(late, decided_on=incident.version)])
    async with database.read() as tx:
        assert await incidents.by_number(tx, WORKSPACE, incident.number) == late.incident
        assert (await incidents.story(tx, incident.id))[1:] == list(late.events)
        assert await incidents.ledger(tx, incident.id) == list(late.breaches)
        keys = (await tx.execute(select(tables.outbox.c.dedup_key).order_by(tables.outbox.c.id))).scalars().all()
        assert keys[2:] == [promise.key for promise in late.promises]
        assert await incidents.earliest_evaluation(tx, WORKSPACE) == NOW + minutes(10)


async def test_what_was_decided_on_an_old_version_is_refused_and_nothing_of_it_stored(database: Database) -> None:
    async with database.write() as tx:
        incident = await open_one(tx)
    async with database.write() as tx:
        await incidents.store(tx, [acknowledged(incident, by=ANA)])
    before = await everything(database)
    with pytest.raises(Conflict):
        async with database.write() as tx:
            await incidents.store(tx, [acknowledged(incident, by=BEN)])
    assert await everything(database) == before


async def test_one_conflict_in_a_batch_leaves_the_whole_batch_unstored(database: Database) -> None:
    async with database.write() as tx:
        first, second = await open_one(tx), await open_one(tx)
    async with database.write() as tx:
        await incidents.store(tx, [acknowledged(second, by=ANA)])
    before = await everything(database)
    with pytest.raises((Conflict, NotStored)):
        async with database.write() as tx:
            await incidents.store(tx, [acknowledged(first, by=BEN), acknowledged(second, by=BEN)])
    assert await everything(database) == before


async def test_nothing_to_store_is_nothing_done(database: Database) -> None:
    async with database.write() as tx:
        await incidents.store(tx, [])


async def test_a_promise_with_a_known_key_is_refused_with_the_fact_it_came_with(database: Database) -> None:
    async with database.write() as tx:
        incident = await open_one(tx)
    late = evaluate(incident, a_policy(), NOW + minutes(5))
    doubled = replace(late, promises=(*late.promises, late.promises[0]))
    before = await everything(database)
    with pytest.raises(NotStored, match=r"(?i)unique"):
        async with database.write() as tx:
            await incidents.store(tx, [change_of(doubled, decided_on=incident.version)])
    assert await everything(database) == before


async def test_a_second_breach_of_the_same_target_at_the_same_tier_is_refused(database: Database) -> None:
    async with database.write() as tx:
        incident = await open_one(tx)
    late = evaluate(incident, a_policy(), NOW + minutes(5))
    again = replace(late, promises=(), breaches=(*late.breaches, replace(late.breaches[0], number=2)))
    with pytest.raises(NotStored, match=r"(?i)unique"):
        async with database.write() as tx:
            await incidents.store(tx, [change_of(again, decided_on=incident.version)])


async def test_a_breach_before_its_time_is_refused(database: Database) -> None:
    async with database.write() as tx:
        incident = await open_one(tx)
    late = evaluate(incident, a_policy(), NOW + minutes(5))
    early = replace(late, breaches=[replace(late.breaches[0], breached_at=NOW + minutes(4))])
    with pytest.raises(NotStored, match="not_early"):
        async with database.write() as tx:
            await incidents.store(tx, [change_of(early, decided_on=incident.version)])


async def test_a_timeline_entry_is_never_written_twice(database: Database) -> None:
    async with database.write() as tx:
        incident = await open_one(tx)
    change = acknowledged(replace(incident, last_seq=0))
    with pytest.raises(NotStored, match=r"(?i)unique"):
        async with database.write() as tx:
            await incidents.store(tx, [change])


async def test_twenty_opened_at_once_are_numbered_without_a_gap(database: Database) -> None:
    async def open_in_its_own_transaction() -> Incident:
        async with database.write() as tx:
            return await open_one(tx)

    opened = await asyncio.gather(*(open_in_its_own_transaction() for _ in range(20)))
    assert sorted(incident.number for incident in opened) == list(range(1, 21))
    assert len({incident.id for incident in opened}) == 20


async def test_an_opening_that_fails_leaves_no_gap_in_the_numbers(database: Database) -> None:
    async def open_and_fail() -> None:
        async with database.write() as tx:
            await open_one(tx)
            raise InvalidIncident

    with pytest.raises(InvalidIncident):
        await open_and_fail()
    async with database.write() as tx:
        assert (await open_one(tx)).number == 1


async def test_each_workspace_counts_for_itself(database: Database) -> None:
    other = WorkspaceId("T0ELSEWHERE")
    await a_workspace(database, other)
    async with database.write() as tx:
        assert (await incidents.next_identity(tx, WORKSPACE))[1] == 1
        assert (await incidents.next_identity(tx, other))[1] == 1


async def test_a_workspace_that_was_never_made_has_no_numbers(database: Database) -> None:
    with pytest.raises(LookupError):
        async with database.write() as tx:
            await incidents.next_identity(tx, WorkspaceId("T0NOWHERE"))


async def test_one_workspace_never_sees_the_incidents_of_another(database: Database) -> None:
    other = WorkspaceId("T0ELSEWHERE")
    version = await a_workspace(database, other)
    await an_incident_in(database, 1, next_at=NOW, workspace_id=other, policy_version_id=version)
    async with database.write() as tx:
        assert await incidents.due(tx, WORKSPACE, now=LATER, limit=10) == []
        assert await incidents.earliest_evaluation(tx, WORKSPACE) is None
        assert await incidents.by_number(tx, WORKSPACE, 1) is None
        assert [one.number for one in await incidents.due(tx, other, now=LATER, limit=10)] == [1]


async def test_the_story_can_be_read_from_and_up_to_an_entry(database: Database) -> None:
    async with database.write() as tx:
        incident = await open_one(tx)
        taken = acknowledged(incident)
        await incidents.store(tx, [taken])
        mended = resolve(taken.transition.incident, a_policy(), by=ANA, now=NOW)
        await incidents.store(tx, [change_of(mended, decided_on=taken.transition.incident.version)])
    async with database.read() as tx:
        assert [event.seq for event in await incidents.story(tx, incident.id)] == [1, 2, 3]
        assert [event.seq for event in await incidents.story(tx, incident.id, after=1)] == [2, 3]
        assert [event.seq for event in await incidents.story(tx, incident.id, after=1, until=2)] == [2]


async def test_a_thousand_ids_can_be_excluded_and_looked_up_at_once(database: Database) -> None:
    incident = await an_incident_in(database, 1, next_at=NOW)
    ids = [IncidentId(number) for number in range(2, 1_002)]
    async with database.write() as tx:
        assert await incidents.due(tx, WORKSPACE, now=LATER, limit=1, excluding=ids) == [incident]
        assert await incidents.by_ids(tx, [incident.id, *ids]) == {incident.id: incident}


async def test_each_of_a_batch_is_stored_in_its_own_row(database: Database) -> None:
    async with database.write() as tx:
        opened = [await open_one(tx) for _ in range(3)]
        await incidents.store(tx, [acknowledged(incident, by=BEN) for incident in reversed(opened)])
    async with database.read() as tx:
        for incident in opened:
            stored = await incidents.by_number(tx, WORKSPACE, incident.number)
            assert stored == acknowledged(incident, by=BEN).transition.incident


async def everything(database: Database) -> list[object]:
    """How many rows each table has, and each incident as it is."""
    watched = (tables.timeline, tables.breaches, tables.outbox, tables.cards, tables.incidents)
    async with database.read() as tx:
        counts: list[object] = [await tx.scalar(select(func.count()).select_from(table)) for table in watched]
        found = await tx.execute(select(tables.incidents).order_by(tables.incidents.c.id))
    return [*counts, *found.all()]


async def test_the_messages_that_were_kept_are_found_in_the_story(database: Database) -> None:
    incident = await an_incident_in(database)
    said = Quotation(text="it is the cache", author=ANA, said_at=NOW, link="https://acme.slack.com/p1")
    noted = verbs.note(incident, a_policy(), by=ANA, text="a log line", now=NOW)
    kept = noted.then(verbs.pin(noted.incident, a_policy(), by=ANA, message=said, now=NOW))
    async with database.write() as tx:
        await incidents.store(tx, [Change(transition=kept, decided_on=incident.version, next_evaluation_at=None)])
    async with database.read() as tx:
        assert await incidents.pinned(tx, incident.id) == [
            Pinned(text="it is the cache", author=ANA, said_at=NOW, link="https://acme.slack.com/p1")
        ]
