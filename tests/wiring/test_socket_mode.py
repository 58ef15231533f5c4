"""The watch over Socket Mode: a silent or broken connection is replaced, its absence said, and in the end given up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Fault, Playground
from bot.services.health import Health, Part
from bot.socket_intake import SILENT_AFTER_SECONDS, AppTokenRefused
from bot.socket_mode import STOP_AFTER_SECONDS, UNREADY_AFTER_SECONDS, Line
from tests.clock import ManualClock
from tests.playground.parties import bolt_app
from tests.scenarios.world import MANIFEST
from tests.unhurried import undisturbed

OPEN = "apps.connections.open"
PATIENCE = 30.0
LOOK_EVERY = 0.01
"""Nothing tells that a connection ended at this end of it."""


class Seconds:
    """The machine's monotonic seconds, as the test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@dataclass(slots=True, kw_only=True)
class Watched:
    """A line, its playground and what it told."""

    slack: Playground
    line: Line
    health: Health
    seconds: Seconds
    broken: list[str] = field(default_factory=list)

    async def look_after(self, seconds: float) -> None:
        self.seconds.pass_by(seconds)
        await self.line.look()

    async def until(self, fact: Callable[[], object]) -> None:
        await self.slack.wait_for(fact, within=PATIENCE)

    async def break_off(self) -> None:
        """The connection is cut, a second after it was made, and the line has seen it."""
        self.seconds.pass_by(1)
        self.slack.cut_sockets()
        await self._seen(lambda: not self.line.state.connected)

    async def hear_the_first_pong(self) -> None:
        intake = self.line._intake
        assert intake is not None
        await self._seen(lambda: intake.client.last_ping_pong_time is not None)

    async def _seen(self, fact: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                if fact():
                    break
                await asyncio.sleep(LOOK_EVERY)
        await self.line.look()

    async def look_until_connected(self) -> None:
        """As the loop does, a second after the other."""
        async with asyncio.timeout(PATIENCE):
            while not self.line.state.connected:
                await self.look_after(1)
                await asyncio.sleep(0)

    def asked(self) -> int:
        """How often a connection was asked for."""
        return sum(call.method == OPEN for call in self.slack.workspace.calls)


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[Playground]:
    async with Playground(clock, manifest=MANIFEST, ack_within=PATIENCE) as slack:
        yield slack


@asynccontextmanager
async def watched(
    slack: Playground, *, app: AsyncApp | None = None, app_token: str | None = None
) -> AsyncIterator[Watched]:
    seconds, health, broken = Seconds(), Health(), list[str]()
    async with aiohttp.ClientSession() as session:
        app = app or _answering(slack, session)
        line = Line(app, app_token or slack.app_token, health, monotonic=seconds, broken=broken.append)
        async with line:
            yield Watched(slack=slack, line=line, health=health, seconds=seconds, broken=broken)


def _answering(slack: Playground, session: aiohttp.ClientSession) -> AsyncApp:
    app = bolt_app(slack, session)

    @app.command("/incident")
    async def heard(ack: Any) -> None:
        await ack("heard")

    return app


async def test_a_connection_that_is_heard_is_left_alone(slack: Playground) -> None:
    async with watched(slack) as watch:
        await watch.hear_the_first_pong()
        await watch.look_after(SILENT_AFTER_SECONDS - 1)
        assert watch.line.state.connected
        assert (watch.asked(), slack.sockets) == (1, 1)
        assert watch.health.ready


async def test_a_silent_connection_is_replaced(slack: Playground) -> None:
    async with watched(slack) as watch:
        await watch.hear_the_first_pong()
        slack.silence_sockets()
        await watch.look_after(SILENT_AFTER_SECONDS)
        assert not watch.line.state.connected
        await watch.until(lambda: watch.asked() == 2)
        await watch.look_until_connected()
        # Slack has not noticed yet that nobody is at the other end of the old one, and sends it every second envelope.
        asking = [asyncio.ensure_future(slack.command("ana", "general", "/incident")) for _ in range(2)]
        answered, unanswered = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
        assert [one.result().text for one in answered] == ["heard"]
        for one in unanswered:
            one.cancel()
        assert watch.health.ready
        assert watch.broken == []


async def test_a_broken_connection_is_replaced(slack: Playground) -> None:
    async with watched(slack) as watch:
        await watch.break_off()
        await watch.look_until_connected()
        assert (watch.asked(), slack.sockets) == (2, 1)


async def test_a_connection_that_slack_wants_back_is_left_only_for_a_new_one(slack: Playground) -> None:
    open_at_once: list[int] = []

    def replaced() -> bool:
        open_at_once.append(slack.sockets)
        return watch.asked() == 2 and slack.sockets == 1

    async with watched(slack) as watch:
        watch.seconds.pass_by(1)
        await slack.refresh_sockets()
        await watch.until(lambda: slack.sockets == 2)
        await watch.until(replaced)
        assert watch.line.state.connected
    assert min(open_at_once) >= 1, "somebody's command would have fallen in between"


async def test_what_came_over_the_old_connection_is_answered_on_it(slack: Playground) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()
    async with aiohttp.ClientSession() as session:
        app = bolt_app(slack, session)

        @app.command("/incident")
        async def slow(ack: Any) -> None:
            began.set()
            await go_on.wait()
            await ack("answered")

        async with watched(slack, app=app) as watch:
            typing = asyncio.ensure_future(slack.command("ana", "general", "/incident"))
            await began.wait()
            watch.seconds.pass_by(1)
            await slack.refresh_sockets()
            await watch.until(lambda: slack.sockets == 2)
            go_on.set()
            answer = await typing
            assert (answer.ok, answer.text) == (True, "answered")
            await watch.until(lambda: slack.sockets == 1)


async def test_half_a_minute_without_a_connection_is_not_ready_until_there_is_one(
    slack: Playground,
) -> None:
    async with watched(slack) as watch:
        slack.faults.add(Fault(method=OPEN, kind="error:internal_error", times=None))
        await watch.break_off()
        await watch.line.rested()
        await watch.look_after(UNREADY_AFTER_SECONDS)
        assert watch.health.ready
        await watch.look_after(0.1)
        assert "internal_error" in watch.health.problems[Part.SOCKET]
        slack.faults.clear()
        await watch.look_until_connected()
        assert watch.health.ready
        assert watch.broken == []


async def test_where_slack_is_and_lets_nobody_in_for_three_minutes_a_new_process_is_asked_for(
    slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(slack) as watch:
        monkeypatch.setattr("bot.playground.socket_mode.MAX_CONNECTIONS", 0)
        await watch.break_off()
        await watch.line.rested()
        await watch.look_after(STOP_AFTER_SECONDS)
        assert watch.broken == []
        await watch.line.rested()
        await watch.look_after(0.1)
        assert watch.broken == ["Slack could not be connected to for 180 seconds (Slack turned the connection away)."]


@pytest.mark.parametrize("kind", ["http_503", "drop_before", "error:internal_error", "error:invalid_auth"])
async def test_while_slack_is_away_or_refuses_the_token_no_new_process_could_do_better(
    slack: Playground, kind: str
) -> None:
    async with watched(slack) as watch:
        slack.faults.add(Fault(method=OPEN, kind=kind, times=None))
        await watch.break_off()
        await watch.line.rested()
        for _ in range(3):
            await watch.look_after(STOP_AFTER_SECONDS)
            await watch.line.rested()
        assert watch.broken == []
        assert watch.health.problems.keys() == {Part.SOCKET}


async def test_slack_is_not_pestered_for_connections(slack: Playground) -> None:
    async with watched(slack) as watch:
        slack.faults.add(Fault(method=OPEN, kind="error:internal_error", times=None))
        await watch.break_off()
        for _ in range(STOP_AFTER_SECONDS):
            await watch.look_after(1)
            await watch.line.rested()
        assert 6 <= watch.asked() - 1 <= 12


async def test_a_pause_that_slack_asks_for_is_kept(slack: Playground) -> None:
    async with watched(slack) as watch:
        slack.faults.add(Fault(method=OPEN, kind="429", retry_after=60))
        await watch.break_off()
        await watch.line.rested()
        await watch.look_after(59)
        await watch.line.rested()
        assert watch.asked() == 2
        await watch.look_after(1)
        await watch.until(lambda: watch.asked() == 3 and slack.sockets == 1)


async def test_a_refused_token_is_said_at_once(slack: Playground) -> None:
    with pytest.raises(AppTokenRefused, match=r"^invalid_auth$"):
        async with watched(slack, app_token="xapp-not-the-one"):
            raise AssertionError("it was let in")


@pytest.mark.parametrize("kind", ["drop_before", "http_503", "http_502_html", "error:internal_error", "429"])
async def test_trouble_at_the_start_leaves_a_line_that_tries_again(slack: Playground, kind: str) -> None:
    slack.faults.add(Fault(method=OPEN, kind=kind, retry_after=1))
    async with watched(slack) as watch:
        assert watch.health.problems.keys() == {Part.SOCKET}
        await watch.look_until_connected()
        assert watch.health.ready
        assert slack.sockets == 1


async def test_a_stop_while_it_connects_does_not_wait_for_it(slack: Playground) -> None:
    async with asyncio.timeout(PATIENCE):
        async with watched(slack) as watch:
            slack.faults.add(Fault(method=OPEN, kind="delay", times=None))
            await watch.break_off()
            await watch.until(lambda: slack.faults.struck)
    assert slack.sockets == 0


async def test_a_stop_on_a_silent_connection_does_not_wait_for_a_goodbye(slack: Playground) -> None:
    async with undisturbed(5), watched(slack):
        slack.silence_sockets()


def test_the_client_still_has_what_the_watch_relies_on() -> None:
    """Its attributes are no part of slack_sdk's promises."""
    from slack_sdk.socket_mode.aiohttp import SocketModeClient

    names = SocketModeClient.__annotations__.keys() | vars(SocketModeClient).keys()
    assert {"last_ping_pong_time", "current_session", "message_receiver", "wss_uri"} <= names
    assert callable(SocketModeClient.connect_to_new_endpoint)
    assert callable(AsyncWebClient.apps_connections_open)
