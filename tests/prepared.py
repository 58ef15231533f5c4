"""Databases that took long to fill are filled once, and each test has a copy."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from storage.database import Database, open_database
from tests.databases import PostgresServer, sqlite_url

Prepare = Callable[[Database], Coroutine[Any, Any, None]]


def prepared_url(prepare: Prepare) -> Any:
    """A fixture: the URL of a database of each kind that is as `prepare` left an empty one."""
    made: dict[str, str] = {}

    @pytest.fixture(params=["sqlite", "postgresql"])
    def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
        if request.param == "sqlite":
            if not made.get("sqlite"):
                folders: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
                first = folders.mktemp("prepared") / "tierline.sqlite3"
                _run(prepare, sqlite_url(first))
                made["sqlite"] = str(first)
            path = tmp_path / "tierline.sqlite3"
            shutil.copyfile(made["sqlite"], path)
            yield sqlite_url(path)
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            if not made.get("postgresql"):
                empty = server.fresh_url(migrated=False)
                _run(prepare, empty)
                made["postgresql"] = empty
            copy = server.copy_of(made["postgresql"])
            yield copy
            server.drop(copy)

    return url


def _run(prepare: Prepare, url: str) -> None:
    """In a thread, because the test may have a running loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _prepared(prepare, url)).result()


async def _prepared(prepare: Prepare, url: str) -> None:
    database = open_database(url)
    try:
        await prepare(database)
    finally:
        await database.close()
