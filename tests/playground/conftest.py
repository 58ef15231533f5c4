"""A local Slack with a clock moved by hand, and a real Bolt app on the other side."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Playground
from tests.clock import ManualClock
from tests.playground.parties import Connect, bolt_app, connected, web_client


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


@pytest.fixture
async def app(slack: Playground, session: aiohttp.ClientSession) -> AsyncApp:
    """A Bolt app to register listeners on; `connect` brings it on line."""
    return bolt_app(slack, session)


@pytest.fixture
async def connect(slack: Playground, app: AsyncApp) -> AsyncIterator[Connect]:
    async with AsyncExitStack() as stack:

        async def go() -> None:
            await stack.enter_async_context(connected(slack, app))

        yield go
