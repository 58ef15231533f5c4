"""A server of this folder's own, which its stories stop and start without disturbing others."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.databases import PostgresServer
from tests.replicas.world import Fleet, a_fleet


@pytest.fixture(scope="package")
def own_server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest_asyncio.fixture
async def fleet(request: pytest.FixtureRequest, own_server: PostgresServer, tmp_path: Path) -> AsyncIterator[Fleet]:
    """Over Socket Mode, unless the test asks for more; no bot runs yet."""
    async with a_fleet(own_server, tmp_path, transport=getattr(request, "param", "socket")) as fleet:
        yield fleet
