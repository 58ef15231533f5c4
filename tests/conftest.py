"""What every folder may use: a clock, and a database of each kind."""

import gc
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from storage.database import Database, open_database
from tests import examples
from tests.builders import NOW
from tests.clock import ManualClock
from tests.databases import PostgresServer, fast_folder, run_migrations, sqlite_url
from tests.dialects import share_dialects
from tests.unhurried import be_unhurried

examples.register()
share_dialects()
be_unhurried()

sys.dont_write_bytecode = False  # each worker, and each process that a test starts, would compile everything anew


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Each test's files in memory where there is room: none is to outlive its test, and a busy disk takes its time."""
    if config.option.basetemp is None:
        folder = tempfile.mkdtemp(prefix="tierline-", dir=fast_folder())
        config.option.basetemp = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    """Unless told otherwise structlog draws each traceback with all its variables, which takes a second."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite3"
    run_migrations(sqlite_url(path))
    return path


@pytest.fixture
def sqlite_database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A fresh SQLite file with the newest schema, for what does not depend on the kind of database."""
    path = tmp_path / "tierline.sqlite3"
    shutil.copyfile(migrated_sqlite, path)
    return sqlite_url(path)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh database of each kind with the newest schema."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database_url")
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.fresh_url()
        yield url
        server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database of each kind without any table."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "tierline.sqlite3")
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.fresh_url(migrated=False)
        yield url
        server.drop(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Open and migrated, and of each kind."""
    database = open_database(database_url)
    yield database
    await database.close()
