"""The clock that bots on several machines share: the database's, whatever their own clocks show."""

import asyncio
from datetime import datetime, timedelta

import pytest
import structlog

from bot import clock as machine
from bot.clock import ServerClock, SteadyClock
from bot.services.common_time import READ_AGAIN, READ_EVERY, CommonTime
from storage import presence
from storage.database import open_database
from tests.builders import NOW, minutes

SECOND = timedelta(seconds=1)
HERE = 5_000.0
"""What the machine counts when a test begins; another machine counts something else."""


class Machine:
    """Counts seconds when it is told to; a question to the server takes `way` there and `back` again."""

    def __init__(self, seconds: float = HERE) -> None:
        self.seconds = seconds
        self.server = NOW
        self.way = self.back = 0.0
        self.clock = ServerClock(lambda: self.seconds)

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds
        self.server += timedelta(seconds=seconds)

    async def ask(self) -> datetime:
        self.pass_(self.way)
        shown = self.server
        self.pass_(self.back)
        return shown

    async def read(self) -> bool:
        return await self.clock.set_by(self.ask)


async def test_two_machines_agree_whatever_they_count() -> None:
    ours, theirs = Machine(), Machine(seconds=30.0)
    for one in (ours, theirs):
        await one.read()
        one.pass_(10)
    assert ours.clock.now() == theirs.clock.now() == NOW + 10 * SECOND
    assert ours.clock.real_delay(NOW + minutes(1)) == 50 * SECOND
    assert ours.clock.real_delay(NOW) == timedelta(0)


async def test_the_answer_was_given_half_way() -> None:
    here = Machine()
    here.way = here.back = 0.2
    await here.read()
    assert here.clock.now() == here.server

    lopsided = Machine()
    lopsided.way = 0.4
    await lopsided.read()
    assert lopsided.clock.now() - lopsided.server == timedelta(seconds=0.2), "off by half the way at the most"


async def test_an_answer_that_took_too_long_says_nothing_unless_it_is_the_first() -> None:
    here = Machine()
    here.back = 3.0
    assert await here.read()
    assert here.server - here.clock.now() == 1.5 * SECOND
    assert not await here.read()
    assert here.server - here.clock.now() == 1.5 * SECOND
    here.back = 0.0
    assert await here.read()
    assert here.clock.now() == here.server


async def test_a_server_that_was_set_back_makes_time_stand_still_and_not_go_back() -> None:
    here = Machine()
    await here.read()
    steady = SteadyClock(here.clock, None)
    here.pass_(60)
    assert steady.now() == NOW + minutes(1)
    here.server -= 30 * SECOND
    await here.read()
    assert steady.now() == NOW + minutes(1)
    here.pass_(40)
    assert steady.now() == NOW + minutes(1) + 10 * SECOND


def test_it_shows_nothing_before_it_was_read() -> None:
    with pytest.raises(LookupError, match="not read"):
        ServerClock().now()


class TestCommonTime:
    @pytest.fixture
    def database_url(self, request: pytest.FixtureRequest) -> str:
        url: str = request.getfixturevalue("postgres_server").fresh_url()
        return url

    async def test_a_machine_that_is_wrong_shows_the_time_of_the_database(self, database_url: str) -> None:
        database = open_database(database_url)
        wrong = ServerClock(lambda: machine.elapsed_seconds() - 30)
        right = ServerClock()
        for clock in (wrong, right):
            assert await CommonTime(database, clock).read()
        async with database.read() as tx:
            shown = await presence.time_of_database(tx)
        assert abs(wrong.now() - shown) < SECOND
        assert abs(wrong.now() - right.now()) < SECOND
        await database.close()

    async def test_it_is_read_every_minute_and_sooner_after_a_failure(self, database_url: str) -> None:
        database = open_database(database_url)
        here = Machine()
        here.server = machine.now()
        await here.read()
        keeping = CommonTime(database, here.clock)
        next_at = await keeping()
        assert abs(next_at - (machine.now() + READ_EVERY)) < SECOND
        assert await keeping() == next_at, "not before it is due"
        await database.close()

        nowhere = open_database("postgresql://postgres@/nothing?host=/nowhere")
        keeping = CommonTime(nowhere, here.clock)
        with structlog.testing.capture_logs() as logs:
            assert await keeping() == here.clock.now() + READ_AGAIN
        assert [entry["event"] for entry in logs] == ["clock.not_read"]
        await nowhere.close()

    async def test_a_machine_whose_own_clock_is_off_is_told_once(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        database = open_database(database_url)
        shown = machine.now()
        monkeypatch.setattr(machine, "now", lambda: shown - minutes(1))
        keeping = CommonTime(database, ServerClock())
        with structlog.testing.capture_logs() as logs:
            await keeping.read()
            await keeping.read()
        ((event, seconds),) = [(entry["event"], entry["seconds"]) for entry in logs]
        assert event == "clock.of_machine_is_off"
        assert -61 < seconds < -59
        await database.close()


def test_seconds_go_on() -> None:
    before = machine.elapsed_seconds()
    asyncio.run(asyncio.sleep(0))
    assert machine.elapsed_seconds() > before
