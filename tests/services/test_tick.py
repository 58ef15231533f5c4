"""The tick: what ran out is decided once, in batches, and one bad incident holds up no other."""

import asyncio

import pytest
from sqlalchemy import delete, func, insert, select, update

from bot.domain import timeline
from bot.domain.incident import Incident, IncidentState
from bot.domain.message import PageTier
from bot.domain.notice import CatchUpPages
from bot.services.downtime import PAGES_AT_ONCE
from bot.services.tick import LOOK_AGAIN
from storage import incidents, tables
from storage.database import Database, open_database
from storage.errors import NotStored
from storage.records import incident_row, message_of
from tests.builders import ANA, GRACE, NOW, WORKSPACE, a_policy, an_incident, minutes
from tests.clock import ManualClock
from tests.services.bench import another_bench, bench
from tests.storage.stored import FIRST_VERSION, a_page, open_one, promised


async def open_many(database: Database, count: int) -> list[Incident]:
    async with database.write() as tx:
        return [await open_one(tx) for _ in range(count)]


async def have_many(database: Database, count: int) -> None:
    """As rows only, which is a hundred times as fast."""
    row = incident_row(an_incident(policy_version_id=FIRST_VERSION)) | {"next_evaluation_at": NOW + minutes(5)}
    async with database.write() as tx:
        await tx.execute(insert(tables.incidents), [row | {"id": n, "number": n} for n in range(1, count + 1)])


async def tiers(database: Database) -> list[int]:
    async with database.read() as tx:
        return list((await tx.execute(select(tables.incidents.c.tier).order_by(tables.incidents.c.number))).scalars())


async def test_before_its_time_nothing_happens_and_the_next_look_is_at_its_time(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        assert await bot.tick() is None
        incident = await bot.open()
        clock.advance(minutes=4, seconds=59)
        assert await bot.tick() == NOW + minutes(5)
        assert await bot.incident() == incident


async def test_what_ran_out_is_a_breach_and_moves_to_the_next_tier(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        incident = await bot.open()
        clock.advance(minutes=5)
        assert await bot.tick() == NOW + minutes(10)
        assert (await bot.incident()).tier == 2
        assert [event.fact for event in (await bot.story())[1:]] == [
            timeline.Breached(number=1, tier=1, cycle=0, due_at=NOW + minutes(5), told=(GRACE,), route="checkout"),
            timeline.Escalated(from_tier=1, to_tier=2, reason=""),
        ]
        assert [promise.key for promise in (await bot.promises())[2:]] == [
            "INC-1/breach/tier:1/cycle:0",
            "INC-1/page/tier:2/cycle:1",
            "INC-1/update/1",
        ]
        async with database.read() as tx:
            [breach] = await incidents.ledger(tx, incident.id)
        assert (breach.number, breach.tier, breach.due_at, breach.breached_at) == (
            1,
            1,
            NOW + minutes(5),
            NOW + minutes(5),
        )
        assert bot.changes == 2


async def test_a_second_tick_at_the_same_instant_changes_nothing(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        clock.advance(minutes=5)
        await bot.tick()
        before = (await bot.incident(), await bot.promises(), bot.changes)
        await bot.tick()
        assert (await bot.incident(), await bot.promises(), bot.changes) == before


async def test_after_a_long_absence_one_tier_is_breached_with_its_true_lateness(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        incident = await bot.open()
        clock.advance(hours=3)
        await bot.tick()
        async with database.read() as tx:
            [breach] = await incidents.ledger(tx, incident.id)
        assert breach.breached_at - breach.due_at == minutes(175)
        assert (await bot.incident()).tier == 2


async def test_an_acknowledged_incident_is_not_escalated(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.desk.acknowledge(1, by=ANA)
        clock.advance(hours=3)
        await bot.tick()
        assert (await bot.incident()).tier == 1
        assert [event.fact.kind for event in await bot.story()] == ["opened", "acknowledged", "update_due"]


async def test_twelve_hundred_at_once_are_all_decided(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await have_many(database, 1_200)
        clock.advance(minutes=5)
        assert await bot.tick() == NOW + minutes(10)
        assert await tiers(database) == [2] * 1_200
        assert bot.changes >= 3, "each batch is told of as soon as it is stored"
        async with database.read() as tx:
            assert await tx.scalar(select(func.count()).select_from(tables.breaches)) == 1_200


async def test_an_incident_that_cannot_be_stored_holds_up_no_other(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        opened = await open_many(database, 5)
        await promised(database, opened[2], a_page("INC-3/breach/tier:1/cycle:0"))
        clock.advance(minutes=5)
        assert await bot.tick() == clock.now() + LOOK_AGAIN, "a failure is tried again, and not at once"
        assert await tiers(database) == [2, 2, 1, 2, 2]
        await no_promise(database, "INC-3/breach/tier:1/cycle:0")
        clock.advance(seconds=90)
        await bot.tick()
        assert await tiers(database) == [2] * 5
        async with database.read() as tx:
            [breach] = await incidents.ledger(tx, opened[2].id)
        assert breach.breached_at - breach.due_at == minutes(1.5)


async def no_promise(database: Database, key: str) -> None:
    async with database.write() as tx:
        await tx.execute(delete(tables.outbox).where(tables.outbox.c.dedup_key == key))


async def test_an_incident_that_cannot_be_decided_holds_up_no_other(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        opened = await open_many(database, 3)
        async with database.write() as tx:
            await tx.execute(
                update(tables.incidents).where(tables.incidents.c.id == opened[0].id).values(routed_to="unheard of")
            )
        clock.advance(minutes=5)
        assert await bot.tick() == clock.now() + LOOK_AGAIN
        assert await tiers(database) == [1, 2, 2]


async def test_two_ticks_at_once_decide_each_incident_once(
    database: Database, database_url: str, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        opened = await open_many(database, 60)
        clock.advance(minutes=5)
        other = database if database_url.startswith("sqlite") else open_database(database_url)
        async with another_bench(other, clock) as second:
            await asyncio.gather(bot.tick(), second.tick())
            await bot.tick()
        if other is not database:
            await other.close()
        assert await tiers(database) == [2] * 60
        async with database.read() as tx:
            assert [len(await incidents.ledger(tx, one.id)) for one in opened] == [1] * 60


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_another_process_decides_on_is_looked_at_again_a_second_later(
    database: Database, database_url: str, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await open_many(database, 1)
        clock.advance(minutes=5)
        other = open_database(database_url)
        async with other.write() as tx:
            assert len(await incidents.due(tx, WORKSPACE, now=clock.now(), limit=1)) == 1
            assert await bot.tick() == clock.now() + LOOK_AGAIN
        await other.close()
        assert await bot.tick() == NOW + minutes(10)


async def test_an_acknowledgement_at_the_very_instant_of_the_breach_and_the_tick_agree(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        clock.advance(minutes=5)
        await asyncio.gather(bot.tick(), bot.desk.acknowledge(1, by=ANA))
        incident = await bot.incident()
        assert (incident.tier, incident.state, incident.breach_count) == (2, IncidentState.ACKNOWLEDGED, 1)
        kinds = [event.fact.kind for event in await bot.story()]
        assert kinds == ["opened", "breached", "escalated", "acknowledged"]


async def test_a_whole_night_without_an_answer_ends_in_the_alarm(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        while (at := await bot.tick()) is not None and at < NOW + minutes(60):
            clock.move_to(max(at, clock.now()))
        kinds = [event.fact.kind for event in await bot.story() if event.fact.kind != "update_due"]
        assert kinds == ["opened", *["breached", "escalated"] * 3, "breached", *["paged_again"] * 3, "exhausted"]
        assert (await bot.incident()).exhausted_at == NOW + minutes(40)
        assert a_policy().escalation("checkout").repeat is not None


async def bundled(database: Database) -> tuple[list[CatchUpPages], list[PageTier]]:
    """What rings for many pages at once, and the pages that it rings for."""
    query = select(tables.outbox).where(tables.outbox.c.kind.in_(["catch_up", "page"])).order_by(tables.outbox.c.id)
    async with database.read() as tx:
        found = [message_of(row) for row in (await tx.execute(query)).mappings()]
    pages = [one for one in found if isinstance(one, PageTier) and one.catching_up]
    return [one for one in found if isinstance(one, CatchUpPages)], pages


async def test_after_an_absence_the_tick_rings_a_channel_once_for_very_many(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.tick.BATCH", 10)
    async with bench(database, clock) as bot:
        opened = await open_many(database, 25)
        clock.advance(minutes=30)
        assert await bot.tick() == NOW + minutes(35)
        [rings], pages = await bundled(database)
        assert sorted(rings.incidents) == [one.id for one in opened], "over all batches"
        assert [page.silent for page in pages] == [True] * 25


async def test_after_an_absence_the_tick_leaves_a_few_pages_as_they_are(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await open_many(database, PAGES_AT_ONCE)
        clock.advance(minutes=30)
        await bot.tick()
        lists, pages = await bundled(database)
        assert (lists, [page.silent for page in pages]) == ([], [False] * PAGES_AT_ONCE)


async def test_a_bundle_that_cannot_be_stored_takes_its_decisions_with_it(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise NotStored("killed")

    async with bench(database, clock) as bot:
        await open_many(database, 21)
        clock.advance(minutes=30)
        with monkeypatch.context() as patch:
            patch.setattr("bot.services.tick.bundle", fail)
            assert await bot.tick() == clock.now() + LOOK_AGAIN
        assert await tiers(database) == [1] * 21
        await bot.tick()
        assert await tiers(database) == [2] * 21
        [rings], _ = await bundled(database)
        assert len(rings.incidents) == 21
