"""How far the due checks have come, and which deadlines passed meanwhile."""

import asyncio
from dataclasses import replace

from bot.domain.incident import Incident
from bot.domain.notice import PassedDeadline
from bot.domain.timeline import Target
from bot.domain.transition import Breach, Transition
from storage import incidents, presence
from storage.database import Database
from storage.incidents import Change
from tests.builders import NOW, WORKSPACE, minutes
from tests.storage.stored import an_incident_in

BREACH = Breach(
    number=1,
    target=Target.RESPONSE,
    route="checkout",
    tier=1,
    cycle=0,
    due_at=NOW + minutes(5),
    breached_at=NOW + minutes(30),
    told=("U0GRACE001",),
)


async def breached(database: Database, incident: Incident, *breaches: Breach) -> None:
    transition = Transition(incident=replace(incident, version=incident.version + 1), breaches=breaches)
    async with database.write() as tx:
        await incidents.store(tx, [Change(transition=transition, decided_on=1, next_evaluation_at=None)])


async def test_a_workspace_that_no_bot_worked_for_has_no_mark(database: Database) -> None:
    async with database.read() as tx:
        assert await presence.checked_until(tx, WORKSPACE) is None


async def test_the_mark_never_goes_back(database: Database) -> None:
    marks = []
    for wait in (1, 3, 2, 3, 4):
        async with database.write() as tx:
            await presence.set_checked_until(tx, WORKSPACE, NOW + minutes(wait))
            marks.append(await presence.checked_until(tx, WORKSPACE, lock=True))
    assert marks == [NOW + minutes(wait) for wait in (1, 3, 3, 3, 4)]


async def test_two_that_set_it_at_once_leave_the_later_one(database: Database) -> None:
    async def beat(wait: int) -> None:
        async with database.write() as tx:
            await presence.set_checked_until(tx, WORKSPACE, NOW + minutes(wait))

    await asyncio.gather(*(beat(wait) for wait in (5, 1, 4, 2, 3)))
    async with database.read() as tx:
        assert await presence.checked_until(tx, WORKSPACE) == NOW + minutes(5)


async def test_only_what_was_due_in_the_time_and_recorded_after_it_passed(database: Database) -> None:
    first, second = await an_incident_in(database, 1), await an_incident_in(database, 2)
    resolution = replace(BREACH, number=2, target=Target.RESOLUTION, tier=2, due_at=NOW + minutes(3))
    await breached(database, first, BREACH, resolution)
    before = replace(BREACH, due_at=NOW - minutes(1))
    on_time = replace(BREACH, number=2, tier=2, due_at=NOW + minutes(1), breached_at=NOW + minutes(1))
    after = replace(BREACH, number=3, tier=3, due_at=NOW + minutes(30))
    await breached(database, second, before, on_time, after)
    async with database.read() as tx:
        passed = await presence.passed_deadlines(
            tx, WORKSPACE, since=NOW, until=NOW + minutes(30), recorded_from=NOW + minutes(2)
        )
    assert passed == [
        PassedDeadline(number=1, target=Target.RESOLUTION, tier=2, due_at=NOW + minutes(3)),
        PassedDeadline(number=1, target=Target.RESPONSE, tier=1, due_at=NOW + minutes(5)),
    ]


async def test_the_ledger_keeps_which_target_and_whose_tier_it_was(database: Database) -> None:
    incident = await an_incident_in(database, 1)
    breaches = (BREACH, replace(BREACH, number=2, target=Target.RESOLUTION, route="search"))
    await breached(database, incident, *breaches)
    async with database.read() as tx:
        assert await incidents.ledger(tx, incident.id) == list(breaches)
