"""A local Slack with a clock moved by hand, and a real Bolt app on the other side."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Playground

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class ManualClock:
    def __init__(self) -> None:
        self._now = START
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        return self._now

    def real_delay(self, until: datetime) -> timedelta | None:
        return timedelta(0) if until <= self._now else None

    def on_jump(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def advance(self, **by: float) -> None:
        self._now += timedelta(**by)
        for listener in self._listeners:
            listener()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[Playground]:
    async with Playground(clock) as slack:
        yield slack


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def client(slack: Playground, session: aiohttp.ClientSession) -> AsyncWebClient:
    return web_client(slack, session)


def web_client(slack: Playground, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client that does not call again by itself."""
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


def bolt_app(slack: Playground, session: aiohttp.ClientSession) -> AsyncApp:
    return AsyncApp(
        client=web_client(slack, session), signing_secret=slack.signing_secret, process_before_response=True
    )


@asynccontextmanager
async def connected(slack: Playground, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """The app on Socket Mode, until the block ends."""
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.05)
    before = slack.sockets
    async with AsyncExitStack() as stack:
        stack.push_async_callback(handler.close_async)
        await handler.connect_async()
        await slack.wait_for(lambda: slack.sockets > before)
        yield handler


@pytest.fixture
async def app(slack: Playground, session: aiohttp.ClientSession) -> AsyncApp:
    """A Bolt app to register listeners on; `connect` brings it on line."""
    return bolt_app(slack, session)


@pytest.fixture
async def connect(slack: Playground, app: AsyncApp) -> AsyncIterator[Callable[[], Awaitable[AsyncSocketModeHandler]]]:
    async with AsyncExitStack() as stack:

        async def go() -> AsyncSocketModeHandler:
            return await stack.enter_async_context(connected(slack, app))

        yield go
