"""A database of its own for each story, and what the bot logged in it."""

import shutil
from collections.abc import Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.processors import format_exc_info
from structlog.testing import capture_logs

from tests.databases import sqlite_url
from tests.scenarios.one_incident import POLICY

LogEntries = Sequence[MutableMapping[str, Any]]


@pytest.fixture
def sqlite_database(tmp_path: Path, migrated_sqlite: Path) -> str:
    """A fresh SQLite database, for stories whose point is not the database."""
    path = tmp_path / "tierline.sqlite3"
    shutil.copyfile(migrated_sqlite, path)
    return sqlite_url(path)


@pytest.fixture
def logs() -> Iterator[LogEntries]:
    """What was logged so far; printed at the end, which pytest shows when the test failed."""
    with capture_logs(processors=[format_exc_info]) as entries:
        yield entries
    for entry in entries:
        print({key: value for key, value in entry.items() if key != "exception"})  # noqa: T201
        print(entry.get("exception", ""), end="")  # noqa: T201


@pytest.fixture(autouse=True)
def logged(logs: LogEntries) -> None:
    """In every story: a traceback with all its values is slow to print, and nobody reads it."""


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yml"
    path.write_text(POLICY)
    return path
