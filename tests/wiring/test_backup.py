"""`tierline backup` and `tierline restore`: a whole copy beside a running bot, and no message twice after a restore."""

import asyncio
import os
import sqlite3
import stat
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner

from bot import cli, tools
from bot.domain.policy import Severity
from bot.playground import Fault
from bot.services.verifying import verify_all
from storage.backup import BackupError, back_up, restore
from storage.database import Database, open_database
from storage.schema import migrate
from tests.builders import minutes
from tests.clock import ManualClock
from tests.scenarios.world import playground, running_world
from tests.storage.lived import Life, live

T = TypeVar("T")

FIRST = "tier-1-support"


@pytest.fixture
def path(sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SLACK_BOT_TOKEN", "TIERLINE_AUDIT_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TIERLINE_DATABASE_URL", sqlite_database_url)
    monkeypatch.setattr(tools.output, "width", 300)
    found = Path(sqlite_database_url.removeprefix("sqlite:///"))
    monkeypatch.chdir(found.parent)
    return found


@pytest.fixture
async def database(sqlite_database_url: str) -> AsyncIterator[Database]:
    """Open in a bot that goes on to use it."""
    database = open_database(sqlite_database_url)
    await live(database)
    yield database
    await database.close()


def tierline(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, arguments)
    return result.exit_code, result.stdout, result.stderr


def run(work: Coroutine[object, object, T]) -> T:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def lived_in(url: str, *, more: int = 0) -> None:
    database = open_database(url)
    life = await (Life.resumed(database) if more else Life.begun(database))
    for _ in range(more or 1):
        await life.opens(Severity.SEV1)
    await life.waits(minutes(20))
    await database.close()


def size_of(path: Path) -> int:
    return path.stat().st_size


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(os.urandom(4096))


async def incidents_in(path: Path) -> int:
    database = open_database(f"sqlite:///{path}", beside=True)
    verdict = await verify_all(database)
    await database.close()
    assert verdict.findings == []
    return verdict.incidents


async def test_a_copy_made_beside_a_running_bot_is_whole_and_a_file_of_its_own(
    database: Database, path: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sqlite3"
    seen: list[tuple[int, int]] = []
    assert size_of(path.with_name(path.name + "-wal")) > 0, "what was written last is in the journal"
    assert await back_up(path, copy, lambda done, of: seen.append((done, of))) == size_of(copy) > 0
    assert seen[-1][0] == seen[-1][1] > 0
    assert mode_of(copy) == 0o600
    assert [name for name in os.listdir(tmp_path) if "copy" in name] == ["copy.sqlite3"]
    assert await incidents_in(copy) == 3


async def test_what_is_written_meanwhile_neither_waits_nor_gets_into_the_copy(
    database: Database, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page at a time, with a write in between, and then the view it began with."""
    monkeypatch.setattr("storage.backup.PAGES_AT_ONCE", 1)
    life = await Life.resumed(database)
    steps: list[int] = []

    def write_at_the_third_step(done: int, _of: int) -> None:
        steps.append(done)
        if len(steps) == 3:
            asyncio.run_coroutine_threadsafe(life.opens(), loop).result(10)

    loop = asyncio.get_running_loop()
    await back_up(path, tmp_path / "copy.sqlite3", write_at_the_third_step)
    assert steps == sorted(set(steps)), "it did not begin anew"
    assert (await incidents_in(path), await incidents_in(tmp_path / "copy.sqlite3")) == (4, 3)


async def test_a_damaged_database_makes_no_backup(path: Path, tmp_path: Path) -> None:
    overwrite(path)
    with pytest.raises(BackupError, match="the copy is damaged"):
        await back_up(path, tmp_path / "copy.sqlite3")
    assert not [name for name in os.listdir(tmp_path) if "copy" in name]


def test_what_the_command_says(path: Path, sqlite_database_url: str) -> None:
    run(lived_in(sqlite_database_url))
    code, said, errors = tierline("backup", "copy.sqlite3")
    assert (code, errors) == (0, "")
    assert said.startswith("copy.sqlite3: ")
    assert " kB, checked, in " in said
    assert tierline("backup", "copy.sqlite3") == (
        2, "", "No backup was made: copy.sqlite3 is there already; name a new file.\n",
    )  # fmt: skip


def test_for_postgresql_its_own_tool_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERLINE_DATABASE_URL", "postgresql://tierline:secret@db.example:5432/tierline")
    said = (
        "PostgreSQL has its own tools for that: pg_dump --format=custom --file=x postgresql://tierline:***@db.example"
    )
    assert tierline("backup", "x") == (2, "", f"{said}:5432/tierline\n")
    code, _, errors = tierline("restore", "x")
    assert code == 2
    assert "pg_restore --clean --if-exists --dbname=postgresql://tierline:***@db.example:5432/tierline x" in errors


def test_a_restore_keeps_what_was_there(path: Path, sqlite_database_url: str) -> None:
    run(lived_in(sqlite_database_url))
    assert tierline("backup", "copy.sqlite3")[0] == 0
    run(lived_in(sqlite_database_url, more=2))
    code, said, errors = tierline("restore", "copy.sqlite3")
    assert (code, errors) == (0, "")
    [kept] = path.parent.glob("tierline.sqlite3.before-*Z")
    assert f"{path} is what copy.sqlite3 holds." in said
    assert f"The database that was there is kept as {kept}." in said
    assert "messages were not sent yet when the backup was made" in said
    assert (run(incidents_in(path)), run(incidents_in(kept))) == (1, 3)


def test_a_restore_where_nothing_was_before(path: Path, sqlite_database_url: str) -> None:
    run(lived_in(sqlite_database_url))
    assert tierline("backup", "copy.sqlite3")[0] == 0
    for each in path.parent.glob("tierline.sqlite3*"):
        each.unlink()
    code, said, _ = tierline("restore", "copy.sqlite3")
    assert code == 0
    assert "is kept as" not in said
    assert run(incidents_in(path)) == 1


async def test_an_older_backup_is_brought_to_the_newest_schema(path: Path, tmp_path: Path, clock: ManualClock) -> None:
    url = f"sqlite:///{path}"
    await lived_in(url)
    database = open_database(url)
    await migrate(database, "0002")
    await database.close()
    await back_up(path, tmp_path / "copy.sqlite3")
    await restore(tmp_path / "copy.sqlite3", url, quiet_until=clock.now(), aside="before")
    assert await incidents_in(path) == 1


def test_while_a_bot_runs_nothing_is_restored(path: Path, sqlite_database_url: str) -> None:
    run(lived_in(sqlite_database_url))
    assert tierline("backup", "copy.sqlite3")[0] == 0
    running = open_database(sqlite_database_url)
    ended = tierline("restore", "copy.sqlite3")
    run(running.close())
    assert ended == (2, "", "A bot is running on this database: stop it, restore, and start it again.\n")


@pytest.mark.parametrize("what", ["nothing", "text", "another"])
def test_what_is_no_backup_changes_nothing(path: Path, what: str) -> None:
    other = path.with_name("other")
    if what == "text":
        other.write_text("no database at all, but long enough to be one" * 100)
    elif what == "another":
        with closing(sqlite3.connect(other)) as connection:
            connection.execute("CREATE TABLE mine (id INTEGER)")
    before = path.read_bytes()
    code, said, errors = tierline("restore", "other")
    assert (code, said) == (2, "")
    assert errors.startswith("Nothing was restored: ")
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*before*"))
    assert not list(path.parent.glob(".*unfinished*"))


async def test_a_page_that_was_posted_after_the_backup_is_not_posted_again(
    clock: ManualClock, path: Path, sqlite_database_url: str, tmp_path: Path
) -> None:
    """Slack was silent when the backup was made, so that the page waits in it."""
    copy = tmp_path / "copy.sqlite3"
    async with playground(clock) as slack:
        async with running_world(slack, clock, sqlite_database_url) as story:
            slack.faults.add(Fault(method="chat.postMessage", kind="429", retry_after=20, channel=FIRST))
            await story.command("sam", "/incident open sev1 checkout: Checkout is down")
            await back_up(path, copy)
            await story.advance(seconds=25)
            assert f"#{FIRST}" in [said.place for said in story.said()]
        in_doubt, _ = await restore(
            copy, sqlite_database_url, quiet_until=clock.now() + timedelta(seconds=15), aside="before"
        )
        assert in_doubt >= 1
        async with running_world(slack, clock, sqlite_database_url, after=story) as again:
            await again.advance(seconds=30)
            assert again.said() == []
            assert len(slack.workspace.channel(FIRST).visible()) == 1
            assert again.notified() == {"ana": 1, "ben": 1}
            await again.click("ana", FIRST, "acknowledge")
            assert "It is acknowledged" in again.shows(FIRST), "the card that is there is the bot's own again"
            again.said()


async def test_a_page_that_was_not_posted_after_the_backup_is_posted_after_the_restore(
    clock: ManualClock, path: Path, sqlite_database_url: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sqlite3"
    async with playground(clock) as slack:
        async with running_world(slack, clock, sqlite_database_url) as story:
            slack.faults.add(Fault(method="chat.postMessage", kind="429", retry_after=60, channel=FIRST))
            await story.command("sam", "/incident open sev1 checkout: Checkout is down")
            await back_up(path, copy)
            assert f"#{FIRST}" not in [said.place for said in story.said()]
        await restore(copy, sqlite_database_url, quiet_until=clock.now() + timedelta(seconds=15), aside="before")
        async with running_world(slack, clock, sqlite_database_url, after=story) as again:
            await again.advance(seconds=75)
            assert f"#{FIRST}" in [said.place for said in again.said()]
