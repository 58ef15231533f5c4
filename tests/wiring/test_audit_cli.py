"""`tierline audit verify`: what is printed, the exit code, and what the key has to do with it."""

import asyncio
import json
import sqlite3
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner

from bot import cli, tools
from bot.services.verifying import verify_all
from storage.database import open_database
from tests.clock import ManualClock
from tests.scenarios.world import world
from tests.storage.lived import live

T = TypeVar("T")

KEY = "a-key-that-nobody-can-guess"


@pytest.fixture
def database(sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In which a bot has worked, and of which the settings know."""
    for name in ("SLACK_BOT_TOKEN", "TIERLINE_AUDIT_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TIERLINE_DATABASE_URL", sqlite_database_url)
    monkeypatch.setattr(tools.output, "width", 120)
    path = Path(sqlite_database_url.removeprefix("sqlite:///"))
    monkeypatch.chdir(path.parent)
    return path


def lived_in(path: Path, key: bytes | None = None) -> None:
    async def work() -> None:
        made = open_database(f"sqlite:///{path}", audit_key=key)
        await live(made)
        await made.close()

    run(work())


def run(work: Coroutine[object, object, T]) -> T:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def tamper(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def verify(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, ("audit", "verify", *arguments))
    return result.exit_code, result.stdout, result.stderr


def test_an_intact_database_is_said_to_be_intact(database: Path) -> None:
    lived_in(database)
    code, said, errors = verify()
    assert (code, errors) == (0, "")
    assert said.startswith("3 incidents, ")
    assert said.endswith(" entries: nothing was edited, removed or inserted.\n")


def test_each_finding_says_where_and_what_and_ends_with_1(database: Path) -> None:
    lived_in(database)
    tamper(database, "UPDATE timeline SET fact = replace(fact, 'Checkout', 'Search') WHERE incident_id = 3 AND seq = 1")
    tamper(database, "DELETE FROM timeline WHERE incident_id = 2 AND seq = 4")
    code, said, _ = verify()
    lines = said.splitlines()
    assert code == 1
    assert lines[:2] == [
        "INC-2 entry 4  the entry is missing",
        "INC-3 entry 1  the entry, or the one before, is not as it was stored: its digest does not fit",
    ]
    assert lines[2].endswith(": 2 findings.")


def test_one_incident_alone(database: Path) -> None:
    lived_in(database)
    tamper(database, "DELETE FROM timeline WHERE incident_id = 2 AND seq = 4")
    assert verify("INC-1")[0] == 0
    assert verify("inc-2")[0] == 1
    assert verify("INC-9") == (2, "", "There is no INC-9 in this database.\n")
    assert verify("nine") == (2, "", "“nine” is not an incident: write it like INC-12.\n")


def test_a_script_reads_values(database: Path) -> None:
    lived_in(database)
    tamper(database, "DELETE FROM timeline WHERE incident_id = 2 AND seq = 4")
    code, said, _ = verify("--json")
    values = json.loads(said)
    assert code == 1
    assert values.pop("entries") > 30
    assert values == {
        "incidents": 3,
        "sealed_entries": 0,
        "intact": False,
        "found": 1,
        "findings": [{"incident": "INC-2", "entry": 4, "kind": "missing", "what": "the entry is missing"}],
    }


def test_sealed_stories_are_verified_with_their_key_only(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lived_in(database, KEY.encode())
    assert verify() == (
        2,
        "",
        "The stories are sealed with a key and cannot be verified without it: set TIERLINE_AUDIT_KEY.\n",
    )
    monkeypatch.setenv("TIERLINE_AUDIT_KEY", KEY)
    code, said, _ = verify()
    assert code == 0
    assert "of them sealed with a key: nothing was edited" in said
    monkeypatch.setenv("TIERLINE_AUDIT_KEY", "another-key-of-this-length")
    code, said, _ = verify()
    assert code == 1
    assert "TIERLINE_AUDIT_KEY is probably not the one they were sealed with." in said


def test_a_key_that_can_be_guessed_is_refused(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERLINE_AUDIT_KEY", "short")
    assert verify() == (
        2,
        "",
        "TIERLINE_AUDIT_KEY has a wrong value: write at least 16 characters that nobody can guess.\n",
    )


async def test_what_the_whole_bot_stored_is_intact(clock: ManualClock, sqlite_database_url: str) -> None:
    """With messages that were not sent, a channel that is gone, and everything that people and clocks do."""
    async with world(clock, sqlite_database_url) as story:
        story.slack.archive("tier-2-platform")
        await story.opened()
        await story.opened("Search is slow", severity="sev2")
        await story.advance(minutes=6)
        for typed in ("ack INC-1", "severity INC-1 sev2 it is less", "hold INC-1 30m the vendor", "pass INC-2"):
            await story.command("ana", f"/incident {typed}")
        await story.advance(minutes=50)
        await story.command("ana", "/incident resolve INC-1 done")
        await story.command("ana", "/incident cancel INC-2 a false alarm")
        await story.command("ana", "/incident reopen INC-1 back again")
        await story.advance(minutes=12)
        story.said()
        verdict = await verify_all(story.bot.database)
        _, events = await story.bot.desk.show(1)
    assert verdict.findings == []
    assert (verdict.incidents, verdict.entries > 15) == (2, True)
    assert any(event.fact.kind in ("not_sent", "delivery_failed") for event in events)


def test_an_empty_database_holds_nothing_that_could_be_wrong(database: Path) -> None:
    assert verify() == (0, "0 incidents, 0 entries: nothing was edited, removed or inserted.\n", "")
