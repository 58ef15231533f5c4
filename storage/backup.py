"""A copy of an SQLite database that is whole, made beside whoever writes it; and such a copy put in its place."""

import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

import aiosqlite
from sqlalchemy import func, update
from sqlalchemy.engine import make_url

from bot.domain.delivery import PromiseState
from storage import tables
from storage.database import Database, Transaction, open_database
from storage.outbox import unsettled
from storage.schema import ensure_current

PAGES_AT_ONCE = 2_000

Progress = Callable[[int, int], None]
"""Told how many of how many pages were copied; from another thread."""


class BackupError(Exception):
    """No copy was made or put in place; the text is one sentence."""


def sqlite_path(url: str) -> Path | None:
    """None for another kind of database."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


async def back_up(source: Path, target: Path, progress: Progress = lambda _done, _of: None) -> int:
    """The size of the new file, which is checked, on disk and readable by its owner only.

    It holds what was committed when it began: the copy is one read, so that a bot that writes meanwhile neither waits
    nor makes it begin anew. Raises `BackupError`, also when `target` is there already.
    """
    _refuse_if_missing(source)
    _refuse_if_there(target)
    try:
        with _unfinished(target) as copied:
            with closing(sqlite3.connect(copied, check_same_thread=False, isolation_level=None)) as copy:
                await _copy(source, copy, progress)
                # One file without others beside it, which can be read where nothing may be written.
                copy.execute("PRAGMA journal_mode=DELETE")
                _check(copy)
            _keep(copied)
            _refuse_if_there(target)
            copied.rename(target)
            _keep(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"{source} cannot be copied to {target} ({error})") from error
    return _size(target)


async def restore(backup: Path, url: str, *, quiet_until: datetime, aside: str) -> tuple[int, Path | None]:
    """How many messages are in doubt now, and where the database is kept that was there before.

    What is in place at any instant is a whole database: the one before, or the backup with the newest schema.
    Raises `BackupError`, or `AlreadyRunning` while a bot has the database.
    """
    path = sqlite_path(url)
    if path is None:
        raise BackupError("only an SQLite database is restored by this command")
    _refuse_if_missing(backup)
    held = open_database(url)  # for its lock
    try:
        with _unfinished(path) as prepared:
            await _copy_back(backup, prepared)
            in_doubt = await _prepare(prepared, quiet_until)
            _keep(prepared)
            kept = _set_aside(path, path.with_name(f"{path.name}.{aside}"))
            prepared.replace(path)
            _keep(path.parent)
    except OSError as error:
        raise BackupError(f"{backup} cannot be restored to {path} ({error})") from error
    finally:
        await held.close()
    return in_doubt, kept


async def doubt_all(tx: Transaction, *, quiet_until: datetime) -> int:
    """Whatever was not settled when the copy was made may have been sent since: it is looked for before it is sent."""
    outbox = tables.outbox
    result = await tx.execute(
        update(outbox)
        .where(unsettled(outbox))
        .values(
            state=PromiseState.UNKNOWN.value,
            unknown_since=func.coalesce(outbox.c.unknown_since, outbox.c.created_at),
            # Where the search in the channel begins.
            first_attempt_at=func.coalesce(outbox.c.first_attempt_at, outbox.c.created_at),
            deliver_at=quiet_until,
            claimed_until=None,
            last_error="restored from a backup",
        )
    )
    return result.rowcount


async def _copy(source: Path, copy: sqlite3.Connection, progress: Progress) -> None:
    """In a transaction of the reader, which makes all steps one view; it is read-only, so it never checkpoints."""
    async with aiosqlite.connect(_read_only(source), uri=True, isolation_level=None) as reader:
        await reader.execute("BEGIN")
        async with reader.execute("SELECT count(*) FROM sqlite_master") as cursor:
            await cursor.fetchone()
        await reader.backup(
            copy, pages=PAGES_AT_ONCE, progress=lambda _status, left, of: progress(of - left, of), sleep=0
        )


async def _copy_back(backup: Path, prepared: Path) -> None:
    try:
        with closing(sqlite3.connect(prepared, check_same_thread=False, isolation_level=None)) as copy:
            await _copy(backup, copy, lambda _done, _of: None)
            _check(copy)
            if not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                raise BackupError(f"{backup} is no database of Tierline")
    except sqlite3.Error as error:
        raise BackupError(f"{backup} cannot be read as a database ({error})") from error


def _check(connection: sqlite3.Connection) -> None:
    """Raises `BackupError` when the file is damaged."""
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise BackupError(f"the copy is damaged, as what was copied is ({found}): run tierline doctor")


async def _prepare(prepared: Path, quiet_until: datetime) -> int:
    async with _opened(prepared) as database:
        await ensure_current(database, may_migrate=True)
        async with database.write() as tx:
            in_doubt = await doubt_all(tx, quiet_until=quiet_until)
    _write_back(prepared)
    return in_doubt


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[Database]:
    database = open_database(f"sqlite:///{path}")
    try:
        yield database
    finally:
        await database.close()
        path.with_name(path.name + ".lock-file").unlink(missing_ok=True)


def _set_aside(path: Path, kept: Path) -> Path | None:
    """The database that was there, under another name as well; its journal goes with it, not to the next one."""
    if not path.exists():
        return None
    _refuse_if_there(kept)
    with suppress(sqlite3.Error):  # a damaged one is kept as it is
        _write_back(path)
    for end in ("-wal", "-shm"):
        journal = path.with_name(path.name + end)
        if journal.exists():
            journal.rename(kept.with_name(kept.name + end))
    os.link(path, kept)
    return kept


def _write_back(path: Path) -> None:
    """All of it is in the file itself then."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """A new file beside `target` that only its owner can read; it is gone at the end unless it was renamed."""
    path = target.with_name(f".{target.name}.unfinished")
    path.unlink(missing_ok=True)  # of a run that was killed
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield path
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + end).unlink(missing_ok=True)


def _refuse_if_there(target: Path) -> None:
    if target.exists():
        raise BackupError(f"{target} is there already; name a new file")


def _refuse_if_missing(source: Path) -> None:
    if not source.is_file():
        raise BackupError(f"there is no file {source}")


def _read_only(path: Path) -> str:
    return f"{path.resolve().as_uri()}?mode=ro"


def _size(path: Path) -> int:
    return path.stat().st_size


def _keep(path: Path) -> None:
    """What was written to the file or the folder survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
