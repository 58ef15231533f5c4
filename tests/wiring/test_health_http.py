"""What an operator's machines ask over HTTP: alive, ready, the numbers, and no secret in any of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import Bot, running_bot
from bot.health_http import STUCK_AFTER_SECONDS, VITAL, VITAL_STUCK_AFTER_SECONDS, health_router, ops_app
from bot.http import serving
from bot.listening import CannotListen
from bot.metrics import Metrics
from bot.playground import Playground
from bot.services.health import Health, Part
from bot.settings import Settings, SettingsError, read_settings
from tests.clock import ManualClock
from tests.scenarios.world import free_port, playground, settings_for

Json = dict[str, Any]


@dataclass(slots=True)
class Wheel:
    """A loop, as far as it matters here."""

    name: str
    finished_at: float


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Json


async def ask(port: int, path: str) -> Answer:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return Answer(response.status, await response.json())


async def read(port: int, path: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        assert response.status == 200
        return await response.text()


async def nothing() -> None:
    """No gauge is to be set."""


@asynccontextmanager
async def answering(wheels: list[Wheel], health: Health, now: list[float]) -> AsyncIterator[int]:
    router = health_router(wheels, health, monotonic=lambda: now[0])
    async with serving(ops_app(router, Metrics(), nothing), "127.0.0.1", 0) as port:
        yield port


async def test_it_is_alive_while_every_loop_turns_and_names_the_one_that_hangs() -> None:
    wheels, now = [Wheel("tick", 100), Wheel("delivery", 100)], [100.0 + VITAL_STUCK_AFTER_SECONDS]
    async with answering(wheels, Health(), now) as port:
        assert await ask(port, "/healthz") == Answer(200, {"ok": True, "stuck": []})
        wheels[1].finished_at = now[0]
        now[0] += 0.1
        assert await ask(port, "/healthz") == Answer(503, {"ok": False, "stuck": ["tick"]})


async def test_a_loop_that_waits_for_slack_is_given_more_time() -> None:
    now = [100.0 + STUCK_AFTER_SECONDS]
    async with answering([Wheel("memberships", 100)], Health(), now) as port:
        assert (await ask(port, "/healthz")).status == 200
        now[0] += 0.1
        assert await ask(port, "/healthz") == Answer(503, {"ok": False, "stuck": ["memberships"]})


async def test_the_loops_that_are_vital_are_among_those_that_run(clock: ManualClock, sqlite_database: str) -> None:
    async with (
        playground(clock) as slack,
        a_bot(slack, clock, settings_for(slack, sqlite_database, transport="socket")) as bot,
    ):
        assert {loop.name for loop in bot.scheduler.loops} >= VITAL


async def test_it_is_ready_while_no_part_is_ill_and_says_what_is_wrong() -> None:
    health = Health()
    async with answering([], health, [0]) as port:
        assert await ask(port, "/readyz") == Answer(200, {"ok": True, "problems": {}})
        health.ill(Part.DATABASE, "Nothing can be stored.")
        assert await ask(port, "/readyz") == Answer(
            503, {"ok": False, "problems": {"database": "Nothing can be stored."}}
        )
        health.well(Part.DATABASE)
        assert (await ask(port, "/readyz")).status == 200


def with_ops(settings: Settings, bind: str = "127.0.0.1:0") -> Settings:
    return settings.model_copy(update={"ops_bind": bind})


@asynccontextmanager
async def a_bot(slack: Playground, clock: ManualClock, settings: Settings) -> AsyncIterator[Bot]:
    async with running_bot(settings, clock) as bot:
        await bot.settled()
        yield bot


async def test_a_running_bot_shows_its_numbers_and_no_secret(clock: ManualClock, sqlite_database: str) -> None:
    async with playground(clock) as slack:
        settings = with_ops(settings_for(slack, sqlite_database, transport="socket"))
        async with a_bot(slack, clock, settings) as bot:
            assert bot.ops_port is not None
            assert (await slack.command("sam", "general", "/incident open sev1 checkout: It is down")).ok
            await bot.settled()
            text = await read(bot.ops_port, "/metrics")
            answers = [await ask(bot.ops_port, path) for path in ("/healthz", "/readyz")]
    lines = text.splitlines()
    assert 'tierline_open_incidents{severity="sev1"} 1.0' in lines
    assert "tierline_socket_connected 1.0" in lines
    assert 'tierline_healthy{part="socket"} 1.0' in lines
    assert any(
        line.startswith('tierline_slack_calls_total{method="chat.postMessage",outcome="Delivered"}') for line in lines
    )
    assert any(line.startswith('tierline_loop_run_seconds_count{loop="tick"}') for line in lines)
    assert [answer.status for answer in answers] == [200, 200]
    assert not any(secret in text for secret in settings.secrets)


async def test_a_decision_of_the_tick_is_among_the_numbers(clock: ManualClock, sqlite_database: str) -> None:
    async with playground(clock) as slack:
        settings = settings_for(slack, sqlite_database, transport="socket")
        async with a_bot(slack, clock, settings) as bot:
            assert bot.ops_port is None
            assert (await slack.command("sam", "general", "/incident open sev1 checkout: It is down")).ok
            await bot.settled()
            clock.advance(minutes=5)
            await bot.settled()
            late = bot.metrics.registry.get_sample_value("tierline_escalation_lateness_seconds_count")
            assert late == 1
            assert bot.metrics.registry.get_sample_value("tierline_breaches_total", {"target": "response"}) == 1


async def test_in_http_mode_the_probes_are_where_slack_comes_in_too(clock: ManualClock, sqlite_database: str) -> None:
    port = free_port()
    async with playground(clock, "http", port) as slack:
        settings = settings_for(slack, sqlite_database, transport="http", port=port)
        async with a_bot(slack, clock, settings):
            assert [(await ask(port, path)).status for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 404]


async def test_an_address_that_is_taken_is_said_with_its_setting(clock: ManualClock, sqlite_database: str) -> None:
    async with playground(clock) as slack:
        taken = slack.url.rpartition("/")[2]
        settings = with_ops(settings_for(slack, sqlite_database, transport="socket"), taken)
        with pytest.raises(CannotListen, match=rf"cannot listen on {taken}: .*TIERLINE_OPS_BIND\.$"):
            async with a_bot(slack, clock, settings):
                raise AssertionError("it started")


async def test_a_database_that_takes_nothing_makes_the_bot_unready(clock: ManualClock, sqlite_database: str) -> None:
    seconds = [0.0]
    async with playground(clock) as slack:
        settings = with_ops(settings_for(slack, sqlite_database, transport="socket"))
        async with running_bot(settings, clock, monotonic=lambda: seconds[0]) as bot:
            await bot.settled()
            assert bot.ops_port is not None
            async with bot.database.write() as tx:
                await tx.exec_driver_sql(
                    "CREATE TRIGGER full BEFORE UPDATE ON workspaces BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
                )
            clock.advance(minutes=1)
            await bot.settled()
            seconds[0] += 6
            await _until_status(bot.ops_port, 503)
            async with bot.database.write() as tx:
                await tx.exec_driver_sql("DROP TRIGGER full")
            await _until_status(bot.ops_port, 200)


async def _until_status(port: int, status: int) -> None:
    """The heartbeat tries again every second."""
    async with asyncio.timeout(30):
        while True:
            if (await ask(port, "/readyz")).status == status:
                return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("bind", ["9090", "127.0.0.1:", "127.0.0.1:99999", "http://127.0.0.1:9090"])
def test_an_address_that_is_none_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bind: str) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "TIERLINE_OPS_BIND": bind}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=r"^TIERLINE_OPS_BIND has a wrong value: write host:port, for example "):
        read_settings()
