"""What goes and what stays, whatever its age."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from bot.domain.ids import THE_BOT, IncidentId
from bot.domain.notice import StartUpReport
from bot.domain.promise import Lane, Promise
from bot.domain.transition import evaluate
from bot.domain.verbs import reopen, resolve
from storage import cards, inbox, incidents, outbox, parachutes, policies, requests, retention, tables
from storage.database import Database
from storage.parachutes import Parachute
from tests.builders import ANA, FALLBACK_CHANNEL, NOW, TIER_1_CHANNEL, WORKSPACE, a_policy, minutes
from tests.storage.stored import change_of, open_one

DAY = timedelta(days=1)
LATER = NOW + DAY
PARTS = (tables.timeline, tables.breaches, tables.cards, tables.outbox, tables.requests, tables.parachutes)


async def a_finished_incident(database: Database, *, settled: bool = True) -> IncidentId:
    """Breached, resolved after six minutes, and with a row of each kind."""
    async with database.write() as tx:
        incident = await open_one(tx)
        breached = evaluate(incident, a_policy(), NOW + minutes(5))
        await incidents.store(tx, [change_of(breached, decided_on=incident.version)])
        stored = (await incidents.by_ids(tx, [incident.id]))[incident.id]
        over = resolve(stored, a_policy(), by=ANA, now=NOW + minutes(6))
        await incidents.store(tx, [change_of(over, decided_on=stored.version)])
        await requests.note(tx, WORKSPACE, f"click/{incident.id}", incident.id, now=NOW)
        parachute = Parachute(
            incident_id=incident.id, channel=TIER_1_CHANNEL, scheduled_id="Q1", post_at=NOW, version=1
        )
        await parachutes.keep(tx, WORKSPACE, parachute, instead_of=None)
        await cards.add(
            tx,
            WORKSPACE,
            incident.id,
            slot="tier:1:0",
            channel=TIER_1_CHANNEL,
            ts="1",
            delivery_key="key",
            shown_version=1,
            wanted_version=1,
            now=NOW,
        )
        if settled:
            await tx.execute(
                update(tables.outbox)
                .where(tables.outbox.c.incident_id == incident.id)
                .values(state="sent", message_ts="1")
            )
    return incident.id


async def past(database: Database, *, limit: int = 10) -> list[IncidentId]:
    async with database.read() as tx:
        return list(await retention.past(tx, WORKSPACE, before=LATER, limit=limit))


async def remove(database: Database, *ids: IncidentId) -> int:
    async with database.write() as tx:
        return await retention.remove_incidents(tx, WORKSPACE, ids, before=LATER)


async def parts_of(database: Database, incident_id: IncidentId) -> list[int]:
    async with database.read() as tx:
        return [
            await tx.scalar(select(func.count()).select_from(part).where(part.c.incident_id == incident_id)) or 0
            for part in PARTS
        ]


async def test_a_story_goes_as_a_whole_and_takes_nothing_else_along(database: Database) -> None:
    gone, left = await a_finished_incident(database), await a_finished_incident(database)
    before = await parts_of(database, left)
    assert await remove(database, gone) == 1
    assert await parts_of(database, gone) == [0] * len(PARTS)
    assert await parts_of(database, left) == before
    async with database.read() as tx:
        assert list(await incidents.by_ids(tx, [gone, left])) == [left]


async def test_the_oldest_go_first(database: Database) -> None:
    ids = [await a_finished_incident(database) for _ in range(3)]
    assert await past(database, limit=2) == ids[:2]


async def test_an_incident_that_is_not_over_stays(database: Database) -> None:
    async with database.write() as tx:
        incident = await open_one(tx)
        await tx.execute(update(tables.outbox).values(state="sent", message_ts="1"))
    assert await past(database) == []
    assert await remove(database, incident.id) == 0


async def test_one_that_was_not_over_long_enough_stays(database: Database) -> None:
    incident_id = await a_finished_incident(database)
    async with database.write() as tx:
        assert not await retention.past(tx, WORKSPACE, before=NOW + minutes(6), limit=9)
        assert await retention.remove_incidents(tx, WORKSPACE, [incident_id], before=NOW + minutes(6)) == 0


@pytest.mark.parametrize("state", ["pending", "sending", "unknown"])
async def test_one_about_which_something_is_still_to_be_said_stays(database: Database, state: str) -> None:
    incident_id = await a_finished_incident(database)
    async with database.write() as tx:
        newest = select(func.max(tables.outbox.c.id)).scalar_subquery()
        await tx.execute(update(tables.outbox).where(tables.outbox.c.id == newest).values(state=state, message_ts=None))
    assert await past(database) == []
    assert await remove(database, incident_id) == 0


async def test_one_that_is_reopened_meanwhile_stays(database: Database) -> None:
    incident_id = await a_finished_incident(database)
    assert await past(database) == [incident_id]
    async with database.write() as tx:
        incident = (await incidents.by_ids(tx, [incident_id]))[incident_id]
        again = reopen(incident, a_policy(), by=ANA, reason="", now=NOW + minutes(7))
        await incidents.store(tx, [change_of(again, decided_on=incident.version)])
    assert await remove(database, incident_id) == 0
    assert all(await parts_of(database, incident_id))


async def test_settled_notices_go(database: Database) -> None:
    async with database.write() as tx:
        for number in range(3):
            report = StartUpReport(away_since=NOW, back_at=NOW, passed=())
            await outbox.promise(
                tx,
                WORKSPACE,
                None,
                Promise(
                    key=f"start-up/{number}",
                    lane=Lane.REPORT,
                    channel=FALLBACK_CHANNEL,
                    deliver_at=NOW + number * DAY,
                    message=report,
                ),
            )
        first = tables.outbox.c.dedup_key.in_(["start-up/0", "start-up/2"])
        await tx.execute(update(tables.outbox).where(first).values(state="sent", message_ts="1"))
        old = await retention.old_notices(tx, WORKSPACE, before=NOW + 1.5 * DAY, limit=9)
        await retention.remove_promises(tx, old)
        assert list(await tx.scalars(select(tables.outbox.c.dedup_key).order_by(tables.outbox.c.id))) == [
            "start-up/1",
            "start-up/2",
        ]


async def test_old_requests_go_some_at_a_time(database: Database) -> None:
    async with database.write() as tx:
        incident = await open_one(tx)
        for day in range(5):
            await requests.note(tx, WORKSPACE, f"click/{day}", incident.id, now=NOW + day * DAY)
        assert await retention.remove_requests(tx, WORKSPACE, before=NOW + 3 * DAY, limit=2) == 2
        assert await retention.remove_requests(tx, WORKSPACE, before=NOW + 3 * DAY, limit=2) == 1
        left = await tx.scalars(select(tables.requests.c.cause).order_by(tables.requests.c.cause))
        assert list(left) == ["click/3", "click/4"]


async def test_events_that_are_still_to_be_handled_stay(database: Database) -> None:
    async with database.write() as tx:
        for cause in ("handled", "waiting"):
            await inbox.put(tx, WORKSPACE, cause, "{}", now=NOW)
        await tx.execute(
            update(tables.inbox).where(tables.inbox.c.cause == "handled").values(handled_at=NOW, take_at=None)
        )
        assert await retention.remove_inbox(tx, WORKSPACE, before=NOW + DAY, limit=9) == 1
        assert list(await tx.scalars(select(tables.inbox.c.cause))) == ["waiting"]


async def test_policies_that_no_incident_has_go_once_they_were_replaced_long_ago(database: Database) -> None:
    async with database.write() as tx:
        await open_one(tx)  # under the first version
        for day in range(1, 5):
            await policies.add(
                tx, WORKSPACE, document=f'{{"v": {day}}}', directory="{}", by=THE_BOT, now=NOW + day * DAY
            )
        assert await retention.remove_policy_versions(tx, WORKSPACE, before=NOW + 3.5 * DAY) == 2
        left = await tx.scalars(select(tables.policy_versions.c.document).order_by(tables.policy_versions.c.id))
        assert list(left) == ["{}", '{"v": 3}', '{"v": 4}']
        assert await retention.remove_policy_versions(tx, WORKSPACE, before=NOW + 99 * DAY) == 1


async def test_other_workspaces_are_left_alone(database: Database) -> None:
    await a_finished_incident(database)
    async with database.write() as tx:
        await tx.execute(insert(tables.workspaces).values(id="T0OTHER"))
        await tx.execute(update(tables.incidents).values(workspace_id="T0OTHER"))
    assert await past(database) == []
