"""Killed while nothing is on its way, and away past the targets: what is true at the restart decides."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.domain.notice import StartUpReport
from bot.domain.promise import Lane, Promise
from bot.domain.timeline import Target
from bot.domain.transition import Breach
from storage import outbox, presence
from storage.database import Database, open_database
from tests.builders import FALLBACK_CHANNEL, GRACE, HUGO, NOW, WORKSPACE, minutes
from tests.crash.stored import Facts
from tests.crash.world import PATIENCE, World

REPORTS = "start-up/"

AWAY = minutes(25)

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_after_downtime_one_tier_breaches_with_its_true_lateness_and_the_next_has_its_full_time(
    world: World,
) -> None:
    incident = await world.open_and_settle("Nobody answers, and the bot is away")
    opened_at = (await world.facts()).incidents[incident.number].opened_at
    await world.kill()
    back_at = opened_at + minutes(25)
    world.move_to(back_at)
    await world.start()

    facts = await world.until(lambda facts: facts.breaches[incident.number])
    late = Breach(
        number=1,
        target=Target.RESPONSE,
        route="checkout",
        tier=1,
        cycle=0,
        due_at=opened_at + minutes(5),
        breached_at=back_at,
        told=(GRACE,),
    )
    assert facts.breaches[incident.number] == [late]
    assert facts.next_evaluations[incident.number] == back_at + minutes(5)
    assert facts.promised(incident.number) == {
        "page/tier:1/cycle:0",
        "stakeholders",
        "breach/tier:1/cycle:0",
        "page/tier:2/cycle:1",
        "update/1",
    }, "no cascade, and the update whose time passed too is the one about the escalation"
    await world.settle_promises(incident.page(2), incident.breach(1), incident.update(1))
    assert (world.rung("chloe", incident.page(2)), world.rung("grace", incident.breach(1))) == (1, 1)

    world.move_to(back_at + minutes(5))
    facts = await world.until(lambda facts: len(facts.breaches[incident.number]) > 1)
    on_time = back_at + minutes(5)
    punctual = replace(late, number=2, tier=2, cycle=1, due_at=on_time, breached_at=on_time, told=(GRACE, HUGO))
    assert facts.breaches[incident.number] == [late, punctual]
    await world.finish()


@pytest.mark.parametrize("worlds", ["postgresql"], indirect=True)
async def test_killed_between_the_decision_and_the_report_the_next_start_reports_it(world: World) -> None:
    incident = await world.open_and_settle("Nobody answers, and the bot comes back twice")
    await world.kill()
    database = open_database(world.database_url)
    report = await the_report(database)
    world.move_to((await world.facts()).incidents[incident.number].opened_at + AWAY)
    async with held_back(database, report) as waits:
        await world.start()
        facts = await world.until(lambda facts: facts.breaches[incident.number])
        await waits()
        assert report not in facts.promises
        await world.kill()
    await database.close()
    assert report not in (await world.facts()).promises
    await world.start()
    await world.until(lambda facts: report in facts.promises)
    facts = await world.settle_promises(report, incident.page(2), incident.breach(1))
    assert [breach.number for breach in facts.breaches[incident.number]] == [1]
    assert incident.name in world.copies(report)[0].text
    await world.finish()


async def test_killed_right_after_the_decision_it_is_reported_once(world: World) -> None:
    incident = await world.open_and_settle("Nobody answers, and the bot comes back and goes")
    await world.kill()
    known = reports(await world.facts())
    world.move_to((await world.facts()).incidents[incident.number].opened_at + AWAY)
    await world.start()
    await world.until(lambda facts: facts.breaches[incident.number])
    await world.kill_and_restart()
    facts = await world.until(lambda facts: reports(facts) - known)
    facts = await world.settle_promises(*reports(facts) - known, incident.page(2), incident.breach(1))
    assert len(reports(facts) - known) == 1
    assert [breach.number for breach in facts.breaches[incident.number]] == [1]
    await world.finish()


def reports(facts: Facts) -> set[str]:
    return {key for key in facts.promises if key.startswith(REPORTS)}


async def the_report(database: Database) -> str:
    """The key of the report about the absence that has just begun."""
    async with database.read() as tx:
        away_since = await presence.checked_until(tx, WORKSPACE)
    assert away_since is not None
    return f"{REPORTS}{away_since.isoformat()}"


@asynccontextmanager
async def held_back(database: Database, key: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """While the block runs the promise cannot be stored: whoever tries waits, and what is given waits for that."""
    async with database.engine.connect() as connection:
        for limit in ("idle_in_transaction_session_timeout", "transaction_timeout"):
            await connection.execute(text(f"SET LOCAL {limit} = 0"))
        report = StartUpReport(away_since=NOW, back_at=NOW, passed=())
        promise = Promise(key=key, lane=Lane.REPORT, channel=FALLBACK_CHANNEL, deliver_at=NOW, message=report)
        await outbox.promise(connection, WORKSPACE, None, promise)

        async def waits() -> None:
            async with asyncio.timeout(PATIENCE):
                while not await connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                    pass

        yield waits
        await connection.rollback()
