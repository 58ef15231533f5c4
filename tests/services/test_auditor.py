"""The audit, both ways: it is green while everything moves, red when something is planted, and green once mended."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import update
from structlog.testing import capture_logs

from bot.domain.delivery import LEASE, Unreached
from bot.services.auditor import EVERY, LISTED, PAGE, PAGES, Auditor, Check, Nobody, Url
from bot.services.health import Health, Part
from bot.services.policies import CurrentPolicy, PolicyBook
from storage import tables
from storage.database import Database
from tests.builders import ANA, NOW, WORKSPACE, a_policy, minutes
from tests.clock import ManualClock
from tests.services.bench import Bench, bench
from tests.storage.stored import FIRST_VERSION, an_incident_in


class Ear:
    """Counts how often it heard that all is well."""

    def __init__(self) -> None:
        self.heard = 0

    async def hear(self) -> None:
        self.heard += 1


def an_auditor(
    database: Database, clock: ManualClock, *, health: Health | None = None, ear: Ear | None = None
) -> Auditor:
    book = PolicyBook(CurrentPolicy(version_id=FIRST_VERSION, policy=a_policy()))
    return Auditor(database, WORKSPACE, book, clock, health or Health(), ear or Nobody())


async def checks(auditor: Auditor, clock: ManualClock) -> list[Check]:
    return [finding.check for finding in await auditor.findings(clock.now())]


async def stored(database: Database, table: Any, **values: Any) -> None:
    async with database.write() as tx:
        await tx.execute(update(table).values(**values))


async def test_what_moves_is_green(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        auditor = an_auditor(database, clock)
        await bot.open()
        await bot.deliver_all()
        for _ in range(30):
            clock.advance(seconds=50)
            await bot.tick()
            await bot.deliver()
            await bot.edit()
            assert await checks(auditor, clock) == []


async def test_a_clock_that_ran_out_and_was_not_decided(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        auditor = an_auditor(database, clock)
        await bot.open()
        await bot.deliver_all()
        clock.move_to(NOW + minutes(6))
        assert await checks(auditor, clock) == [], "a minute is forgiven"
        clock.advance(seconds=0.001)
        [finding] = await auditor.findings(clock.now())
        assert (finding.check, finding.concerns) == (Check.OVERDUE, ("INC-1",))
        assert finding.says == "The clocks of INC-1 ran out more than a minute ago, and nothing was decided."
        await bot.tick()
        assert await checks(auditor, clock) == []


async def test_an_incident_that_nothing_looks_at_again(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        auditor = an_auditor(database, clock)
        await bot.open()
        await bot.deliver_all()
        await stored(database, tables.incidents, next_evaluation_at=None)
        assert await checks(auditor, clock) == [Check.FORGOTTEN]
        await stored(database, tables.incidents, next_evaluation_at=NOW + minutes(5))
        assert await checks(auditor, clock) == []


async def test_what_is_left_to_people_and_nobody_reads_hides_no_other(database: Database, clock: ManualClock) -> None:
    done: Final[dict[str, Any]] = {
        "tier_breached_at": NOW,
        "exhausted_at": NOW,
        "resolution_breached_at": NOW,
        "is_private": True,
    }
    async with bench(database, clock):
        for number in range(1, LISTED + 2):
            await an_incident_in(database, number, **done)
        assert await checks(an_auditor(database, clock), clock) == []
        await an_incident_in(database, LISTED + 2, **done | {"followers": (ANA,)})
        [finding] = await an_auditor(database, clock).findings(clock.now())
        assert (finding.check, finding.concerns) == (Check.FORGOTTEN, (f"INC-{LISTED + 2}",))


async def test_an_instant_that_the_rules_do_not_give(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        auditor = an_auditor(database, clock)
        await bot.open()
        await bot.deliver_all()
        await stored(database, tables.incidents, next_evaluation_at=NOW + minutes(5) + timedelta(microseconds=1))
        assert await checks(auditor, clock) == [Check.WRONG_INSTANT]
        await stored(database, tables.incidents, next_evaluation_at=NOW + minutes(5))
        assert await checks(auditor, clock) == []


async def test_an_incident_that_cannot_be_decided(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock):
        await an_incident_in(database, routed_to="a service that is gone", next_at=NOW + minutes(5))
        assert await checks(an_auditor(database, clock), clock) == [Check.WRONG_INSTANT]


async def test_of_very_many_incidents_each_has_its_turn(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock):
        for number in range(1, PAGE * PAGES + 2):
            await an_incident_in(database, number, next_at=NOW + minutes(5))
        await an_incident_in(database, PAGE * PAGES + 2, next_at=NOW + minutes(50))
        auditor = an_auditor(database, clock)
        assert [await checks(auditor, clock) for _ in range(3)] == [[], [Check.WRONG_INSTANT], []]


async def test_a_page_that_does_not_get_through_while_slack_is_away(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        auditor = an_auditor(database, clock)
        bot.slack.down = Unreached("no route")
        await bot.open()
        await keep_delivering(bot, for_seconds=61)
        [finding] = await auditor.findings(clock.now())
        assert finding.check is Check.LATE_PAGES
        assert finding.says == (
            "Pages are not on their way: INC-1/page/tier:1/cycle:0. "
            "The first waits since 03:00 UTC; the last answer was no route."
        )
        bot.slack.down = None
        await keep_delivering(bot, for_seconds=31)
        assert await checks(auditor, clock) == []


async def keep_delivering(bot: Bench, *, for_seconds: int) -> None:
    for _ in range(for_seconds):
        await bot.deliver()
        bot.clock.advance(seconds=1)


async def test_many_pages_of_one_channel_are_explained_by_its_pace(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        auditor = an_auditor(database, clock)
        for _ in range(80):
            await bot.open()
        for _ in range(75):
            await bot.deliver()
            clock.advance(seconds=1)
        assert [promise.state for promise in await bot.promises()].count("pending") > 3
        assert await checks(auditor, clock) == []
        clock.advance(minutes=2)
        assert Check.LATE_PAGES in await checks(auditor, clock)


async def test_a_promise_whose_sender_vanished_and_that_nobody_takes_up(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        auditor = an_auditor(database, clock)
        await bot.open()
        await stored(database, tables.outbox, state="sending", claimed_until=NOW + LEASE, lane=3)
        clock.move_to(NOW + LEASE + minutes(1))
        assert await checks(auditor, clock) == []
        clock.advance(seconds=1)
        assert await checks(auditor, clock) == [Check.ABANDONED]
        await keep_delivering(bot, for_seconds=20)
        assert await checks(auditor, clock) == []


async def test_a_card_that_stays_as_it_was(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        auditor = an_auditor(database, clock)
        await bot.open()
        await bot.deliver_all()
        await bot.desk.acknowledge(1, by=ANA)
        for _ in range(3):
            assert await checks(auditor, clock) == []
            clock.advance(minutes=1)
        assert await checks(auditor, clock) == [Check.STALE_CARDS]
        await bot.edit()
        assert await checks(auditor, clock) == []


async def test_a_finding_names_the_first_few(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        for _ in range(LISTED + 3):
            await bot.open()
        clock.advance(minutes=7)
        finding = (await an_auditor(database, clock).findings(clock.now()))[0]
        assert len(finding.concerns) == LISTED


async def test_it_audits_every_minute_and_is_heard_only_while_all_is_well(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        health, ear = Health(), Ear()
        auditor = an_auditor(database, clock, health=health, ear=ear)
        await bot.open()
        await bot.deliver_all()
        assert await auditor() == clock.now() + EVERY
        assert ear.heard == 0, "first the loops may catch up"
        clock.advance(minutes=1)
        await auditor()
        await auditor()
        assert ear.heard == 1
        health.ill(Part.SOCKET, "The socket is closed.")
        clock.advance(minutes=1)
        await auditor()
        assert ear.heard == 1, "green, but the bot is not ready"
        health.well(Part.SOCKET)
        await stored(database, tables.incidents, next_evaluation_at=None)
        clock.advance(minutes=1)
        with capture_logs() as logs:
            await auditor()
        assert ear.heard == 1
        assert health.problems[Part.AUDIT] == "Nothing will look at INC-1 again, though it is not over."
        assert [entry["check"] for entry in logs if entry["event"] == "audit.finding"] == ["forgotten"]
        await stored(database, tables.incidents, next_evaluation_at=NOW + minutes(5))
        clock.advance(minutes=1)
        await auditor()
        assert ear.heard == 2
        assert health.ready


async def test_after_an_absence_the_loops_have_a_minute_to_catch_up(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        health = Health()
        auditor = an_auditor(database, clock, health=health)
        await bot.open()
        await auditor()
        clock.advance(hours=2)
        assert await auditor() == clock.now() + EVERY
        assert health.ready
        clock.advance(minutes=1)
        await auditor()
        assert not health.ready


class HurriedClock(ManualClock):
    """Ten times as fast as the machine."""

    def real_delay(self, until: datetime) -> timedelta | None:
        return (until - self.now()) / 10


async def test_in_a_hurried_playground_a_machine_has_its_own_minute(database: Database) -> None:
    clock = HurriedClock(NOW)
    async with bench(database, clock) as bot:
        auditor = an_auditor(database, clock)
        await bot.open()
        assert await auditor() == NOW + 10 * EVERY
        clock.move_to(NOW + minutes(5 + 10))
        assert Check.OVERDUE not in await checks(auditor, clock)
        clock.advance(seconds=1)
        assert Check.OVERDUE in await checks(auditor, clock)


async def test_a_database_that_cannot_be_read_is_no_green_audit(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock):
        health, ear = Health(), Ear()
        auditor = an_auditor(database, clock, health=health, ear=ear)
        await auditor()
        async with database.write() as tx:
            await tx.exec_driver_sql("ALTER TABLE incidents RENAME TO gone")
        clock.advance(minutes=1)
        await auditor()
        assert ear.heard == 0
        assert health.problems[Part.AUDIT].startswith("The audit cannot read the database (")


@pytest.mark.parametrize("status", [200, 500])
async def test_the_address_is_called_and_never_shown(status: int) -> None:
    calls: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        calls.append(request.path)
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/ping/secret", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession() as session:
        with capture_logs() as logs:
            await Url(session, f"http://127.0.0.1:{port}/ping/secret").hear()
            await runner.cleanup()
            await Url(session, f"http://127.0.0.1:{port}/ping/secret").hear()
    assert calls == ["/ping/secret"]
    refused: Sequence[Mapping[str, Any]] = [{"event": "heartbeat.refused", "log_level": "warning", "status": 500}]
    gone = {"event": "heartbeat.failed", "log_level": "warning", "error": "ClientConnectorError"}
    assert logs == [*(refused if status == 500 else []), gone]
