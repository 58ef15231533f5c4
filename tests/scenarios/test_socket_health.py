"""Slack is away: the clocks go on, the operator is told, and the bot is there again when Slack is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from bot.app import Bot, running_bot
from bot.playground import Fault, Playground
from bot.services.health import Part
from bot.start import CannotStart
from tests.clock import ManualClock
from tests.scenarios.world import playground, running_world, settings_for

OPEN = "apps.connections.open"
PATIENCE = 30.0


class Seconds:
    """The machine's monotonic seconds, as the story says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def a_bot(slack: Playground, clock: ManualClock, database: str, seconds: Seconds) -> AsyncIterator[Bot]:
    async with running_bot(settings_for(slack, database, transport="socket"), clock, monotonic=seconds) as bot:
        await bot.settled()
        yield bot


async def test_without_a_connection_at_the_start_the_clocks_run_and_it_connects_when_slack_is_back(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with playground(clock) as slack:
        async with running_world(slack, clock, sqlite_database) as before:
            await before.opened()
        slack.faults.add(Fault(method=OPEN, kind="http_503", times=None))
        async with running_world(slack, clock, sqlite_database, after=before) as story:
            assert story.bot.health.problems.keys() == {Part.SOCKET}
            await story.advance(minutes=5)
            assert "#tier-2-platform" in [said.place for said in story.said()]
            slack.faults.clear()
            await slack.wait_for(lambda: slack.sockets, within=PATIENCE)
            answer = await story.command("ana", "/incident list")
            assert "INC-1" in (answer.text or "")
            assert story.bot.health.ready


async def test_a_wrong_app_token_is_said_and_not_tried_again(clock: ManualClock, sqlite_database: str) -> None:
    async with playground(clock) as slack:
        slack.faults.add(Fault(method=OPEN, kind="error:not_allowed_token_type", times=None))
        with pytest.raises(CannotStart, match=r"\(not_allowed_token_type\): check SLACK_APP_TOKEN\.$"):
            async with a_bot(slack, clock, sqlite_database, Seconds()):
                raise AssertionError("it started")
        assert len(slack.faults.struck) == 1


@pytest.mark.parametrize("trouble", ["cut_sockets", "silence_sockets"])
async def test_a_connection_that_breaks_or_falls_silent_is_there_again(
    clock: ManualClock, sqlite_database: str, trouble: str
) -> None:
    seconds = Seconds()
    async with playground(clock) as slack, a_bot(slack, clock, sqlite_database, seconds) as bot:
        getattr(slack, trouble)()
        async with asyncio.timeout(PATIENCE):
            while True:
                if _connections_asked_for(slack) > 1:
                    break
                seconds.now += 10
                await asyncio.sleep(0.1)
        await slack.wait_for(lambda: slack.sockets, within=PATIENCE)
        assert not bot.stopped_by.done()


async def test_where_slack_lets_nobody_in_for_three_minutes_the_bot_wants_a_new_process(
    clock: ManualClock, sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = Seconds()
    async with playground(clock) as slack, a_bot(slack, clock, sqlite_database, seconds) as bot:
        monkeypatch.setattr("bot.playground.socket_mode.MAX_CONNECTIONS", 0)
        slack.cut_sockets()
        async with asyncio.timeout(PATIENCE):
            while not bot.stopped_by.done():
                seconds.now += 40
                await asyncio.sleep(0.1)
            reason = bot.stopped_by.result()
        assert reason == "Slack could not be connected to for 180 seconds (Slack turned the connection away)."
        assert bot.health.problems.keys() == {Part.SOCKET}


def _connections_asked_for(slack: Playground) -> int:
    return sum(call.method == OPEN for call in slack.workspace.calls)


def test_a_bot_that_cannot_go_on_ends_with_1_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ended = []

    @asynccontextmanager
    async def broken_bot(_settings: object) -> AsyncIterator[Any]:
        stopped_by: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        stopped_by.set_result("Slack is gone.")
        yield type("Broken", (), {"stopped_by": stopped_by})
        ended.append(True)

    monkeypatch.chdir(tmp_path)
    for name, value in {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cli, "running_bot", broken_bot)
    monkeypatch.setattr(cli, "set_up_logs", lambda *_: None)
    with pytest.raises(SystemExit) as exit_code:
        cli._start(lambda: cli._run(None))
    assert exit_code.value.code == 1
    assert capsys.readouterr().err == "Slack is gone.\n"
    assert ended == [True], "in an orderly way"
