"""What every measurement is given: how much to measure, where, and whom to tell how far it is."""

import gc
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.benchmarks.sizes import Sizes
from tests.benchmarks.workspace import shipped_policy
from tests.databases import PostgresServer, sqlite_url


class NotMeasured(Exception):
    """What was measured is not what the figure says; the text says what went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    sizes: Sizes
    say: Callable[[str], None]

    def runs(self) -> Iterator[int]:
        return self._counted(self.sizes.runs)

    def long_runs(self) -> Iterator[int]:
        return self._counted(self.sizes.long_runs)

    def _counted(self, runs: int) -> Iterator[int]:
        for run in range(1, runs + 1):
            self.say(f"run {run} of {runs}")
            gc.collect()
            yield run


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A folder, a policy and an empty database."""

    folder: Path
    policy: Path
    url: str

    @property
    def file(self) -> Path:
        """Of the database, on SQLite."""
        return self.folder / "tierline.sqlite3"

    @classmethod
    @contextmanager
    def on_sqlite(cls) -> Iterator[Self]:
        with _folder() as folder:
            yield cls(folder=folder, policy=shipped_policy(folder), url=sqlite_url(folder / "tierline.sqlite3"))

    @classmethod
    @contextmanager
    def on_postgresql(cls, server: PostgresServer) -> Iterator[Self]:
        url = server.fresh_url()
        with _folder() as folder:
            try:
                yield cls(folder=folder, policy=shipped_policy(folder), url=url)
            finally:
                server.drop(url)


@contextmanager
def _folder() -> Iterator[Path]:
    """On a disk: what is measured waits for it."""
    with tempfile.TemporaryDirectory(prefix="tierline-bench-") as folder:
        yield Path(folder)
