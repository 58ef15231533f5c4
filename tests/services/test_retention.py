"""Cleaning up: what was removed is logged, and nothing is removed that is kept for ever."""

from datetime import timedelta

from structlog.testing import capture_logs

from bot.services.retention import INCIDENTS_AT_ONCE, REQUESTS_KEPT, Retention
from storage import incidents, jobs, requests
from storage.database import Database
from tests.builders import ANA, NOW, WORKSPACE, minutes
from tests.clock import ManualClock
from tests.services.bench import bench

KEEP = timedelta(days=400)


async def test_what_has_been_over_for_long_is_removed_and_logged(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        for number in range(1, INCIDENTS_AT_ONCE + 3):
            await bot.open()
            if number > 1:
                await bot.desk.resolve(number, by=ANA)
        await bot.deliver_all()
        over_at = NOW + minutes(1)
        async with database.write() as tx:
            await requests.note(tx, WORKSPACE, "a click", (await bot.incident()).id, now=NOW)
            await jobs.take(tx, WORKSPACE, "retention", NOW)
            await jobs.take(tx, WORKSPACE, "retention", NOW + timedelta(days=399))
        cleaning = Retention(database, WORKSPACE, keep=KEEP)
        assert not await cleaning(NOW + KEEP)
        with capture_logs() as logs:
            assert not await cleaning(over_at + KEEP)
        assert [entry["event"] for entry in logs] == ["retention.removed"]
        assert logs[0]["incidents"] == INCIDENTS_AT_ONCE + 1
        async with database.read() as tx:
            left = await incidents.by_numbers(tx, WORKSPACE, range(1, INCIDENTS_AT_ONCE + 3))
            assert [one.number for one in left.values()] == [1]
        async with database.write() as tx:
            assert not await jobs.take(tx, WORKSPACE, "retention", NOW + timedelta(days=399))
            assert await requests.incident_of(tx, WORKSPACE, "a click") is None


async def test_kept_for_ever_only_what_is_transient_goes(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.desk.resolve(1, by=ANA)
        await bot.deliver_all()
        async with database.write() as tx:
            await requests.note(tx, WORKSPACE, "a click", (await bot.incident()).id, now=NOW)
        cleaning = Retention(database, WORKSPACE, keep=None)
        assert not await cleaning(NOW + REQUESTS_KEPT)
        async with database.read() as tx:
            assert await requests.incident_of(tx, WORKSPACE, "a click") is not None
        assert not await cleaning(NOW + 10 * KEEP)
        assert (await bot.incident()).is_over
        async with database.read() as tx:
            assert await requests.incident_of(tx, WORKSPACE, "a click") is None


async def test_very_much_is_removed_in_several_runs(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        for number in range(1, 4):
            await bot.open()
            await bot.desk.resolve(number, by=ANA)
        await bot.deliver_all()
        cleaning = Retention(database, WORKSPACE, keep=KEEP, steps=2, incidents_at_once=1)
        assert await cleaning(NOW + 2 * KEEP)
        assert not await cleaning(NOW + 2 * KEEP)
        async with database.read() as tx:
            assert not await incidents.by_numbers(tx, WORKSPACE, range(1, 4))
