"""One running bot per database for the whole folder; starting it costs more than most of these tests."""

import itertools
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.crash.world import World, a_world
from tests.databases import PostgresServer, sqlite_url


class Worlds:
    """Gives the same world again as long as each test left it sound, and else a new one."""

    def __init__(self, folder: Path, database: Callable[[Path], str]) -> None:
        self._folder = folder
        self._database = database
        self._numbers = itertools.count(1)
        self._stack = AsyncExitStack()
        self._world: World | None = None

    async def sound(self) -> World:
        if self._world is None or not self._world.sound:
            await self.close()
            self._world = await self._stack.enter_async_context(self.another())
        self._world.sound = False
        return self._world

    def another(self, *, from_disk: bool = False) -> AbstractAsyncContextManager[World]:
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        return a_world(self._database(folder), folder, from_disk=from_disk)

    async def close(self) -> None:
        self._world = None
        await self._stack.aclose()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sqlite_worlds(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Worlds]:
    def fresh(folder: Path) -> str:
        return sqlite_url(Path(shutil.copyfile(migrated_sqlite, folder / "tierline.sqlite3")))

    worlds = Worlds(tmp_path_factory.mktemp("crash-sqlite"), fresh)
    yield worlds
    await worlds.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgresql_worlds(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Worlds]:
    worlds = Worlds(tmp_path_factory.mktemp("crash-postgresql"), lambda _: postgres_server.fresh_url())
    yield worlds
    await worlds.close()


@pytest.fixture
def worlds(request: pytest.FixtureRequest) -> Worlds:
    """On SQLite, unless the test asks for more."""
    database = getattr(request, "param", "sqlite")
    worlds: Worlds = request.getfixturevalue(f"{database}_worlds")
    return worlds


@pytest_asyncio.fixture(loop_scope="session")
async def world(worlds: Worlds) -> AsyncIterator[World]:
    """A world at rest: nothing of earlier tests is open or on its way."""
    world = await worlds.sound()
    yield world
    print(world.last_words())  # noqa: T201 — shown when the test failed


@pytest_asyncio.fixture(loop_scope="session")
async def own_world(worlds: Worlds) -> AsyncIterator[World]:
    """A world of the test's own, in which it may let go of held calls."""
    async with worlds.another() as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world_from_disk(worlds: Worlds) -> AsyncIterator[World]:
    """A world of the test's own, in which the bot is started as an operator starts it."""
    async with worlds.another(from_disk=True) as world:
        yield world
