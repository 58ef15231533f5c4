"""Starting: whatever is missing or wrong is a sentence and exit code 2, and never a traceback."""

import asyncio
import sqlite3
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import cli
from bot.app import running_bot
from bot.listening import CannotListen
from bot.playground import Playground
from bot.policy_file import PolicyFileError
from bot.settings import SettingsError
from bot.start import CannotStart
from storage.database import open_database
from storage.errors import AlreadyRunning, NotStored, SchemaMismatch
from tests.clock import ManualClock
from tests.forked import run_forked
from tests.scenarios.world import ROOT, playground, settings_for

NEEDS_A_SENTENCE_WITHIN = 30.0
POLICY = (ROOT / "policy.yml").read_text()
FIRST_CHANNEL = 1 + POLICY.splitlines().index('        channel: "#tier-1-support"')
"""Its line, and the people are on the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int | None
    said: str


async def run(folder: Path, environment: Mapping[str, str]) -> Ended:
    """`tierline run` with nothing but this environment."""
    ended = await run_forked(environment, folder, "run")
    assert not ended.out
    return Ended(code=ended.code, said=ended.err)


async def run_from_disk(folder: Path, environment: Mapping[str, str]) -> Ended:
    """`python -m bot run` with nothing but this environment."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        env=dict(environment),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(NEEDS_A_SENTENCE_WITHIN):
        out, err = await process.communicate()
    assert not out
    return Ended(code=process.returncode, said=err.decode())


def environment(slack: Playground, database_url: str, **changes: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "TIERLINE_SLACK_API_URL": slack.api_url,
        "TIERLINE_DATABASE_URL": database_url,
        "TIERLINE_POLICY_FILE": str(ROOT / "policy.yml"),
        **changes,
    }


async def test_without_settings_one_sentence_says_what_to_set(tmp_path: Path) -> None:
    assert await run_from_disk(tmp_path, {}) == Ended(
        code=2, said="SLACK_BOT_TOKEN is not set: set it to the bot token (xoxb-…) from OAuth & Permissions.\n"
    )


async def test_every_problem_of_the_policy_file_is_a_line_of_its_own(
    clock: ManualClock, sqlite_database: str, tmp_path: Path
) -> None:
    (tmp_path / "policy.yml").write_text(POLICY.replace("#tier-1-support", "#gone").replace("@first-line", "@nobody"))
    async with playground(clock) as slack:
        ended = await run(
            tmp_path, environment(slack, sqlite_database, TIERLINE_POLICY_FILE="policy.yml", TIERLINE_LOG_FORMAT="json")
        )
    assert ended == Ended(
        code=2,
        said=f"policy.yml line {FIRST_CHANNEL}: there is no channel #gone that the bot can see; "
        "create it, or invite the bot if it is private.\n"
        f"policy.yml line {FIRST_CHANNEL + 1}: there is no person or user group @nobody in Slack; "
        "write the name as it is there, or the id.\n",
    )


async def test_a_wrong_token_is_a_sentence(clock: ManualClock, sqlite_database: str, tmp_path: Path) -> None:
    async with playground(clock) as slack:
        ended = await run(tmp_path, environment(slack, sqlite_database, SLACK_BOT_TOKEN="xoxb-not-the-one"))
    assert ended.code == 2
    assert ended.said == "Slack answered invalid_auth: check SLACK_BOT_TOKEN and the connection to Slack.\n"
    assert len(ended.said.splitlines()) == 1
    assert "xoxb" not in ended.said


ERRORS = [
    (SettingsError("SLACK_BOT_TOKEN is not set."), "SLACK_BOT_TOKEN is not set.\n"),
    (CannotStart("Slack does not answer."), "Slack does not answer.\n"),
    (CannotListen("The address is taken."), "The address is taken.\n"),
    (PolicyFileError(["line 1: first", "line 2: second"]), "line 1: first\nline 2: second\n"),
    (AlreadyRunning("another process is running"), "another process is running\n"),
    (SchemaMismatch("install a newer Tierline"), "install a newer Tierline\n"),
    (
        NotStored("file is not a database"),
        "the database cannot be used (file is not a database): check TIERLINE_DATABASE_URL.\n",
    ),
    (CannotStart("[bold] is not markup, " + "and a long sentence stays on its line, " * 9), None),
]


@pytest.mark.parametrize(("error", "said"), ERRORS)
def test_what_an_operator_can_mend_is_said_and_ends_with_2(
    capsys: pytest.CaptureFixture[str], error: Exception, said: str | None
) -> None:
    async def fail() -> None:
        raise error

    with pytest.raises(SystemExit) as ended:
        cli._start(fail)
    assert ended.value.code == 2
    assert capsys.readouterr() == ("", said or f"{error}\n")


def test_a_bug_is_not_hidden() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cli._start(fail)


async def refused(
    slack: Playground, clock: ManualClock, database_url: str, changes: Mapping[str, object] | None = None
) -> None:
    """Starts a bot that cannot start."""
    settings = settings_for(slack, database_url, transport="socket")
    try:
        async with running_bot(settings.model_copy(update=changes), clock):
            raise AssertionError("it started")
    finally:
        await asyncio.to_thread(_connections_ended)


def _connections_ended() -> None:
    """A connection to what is no database is closed by its thread when it gets to it, and tells this event loop."""
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            thread.join(NEEDS_A_SENTENCE_WITHIN)


POLICIES = [
    ("missing", None, r"policy\.yml was not found; create it, or say in TIERLINE_POLICY_FILE where it is\.$"),
    ("empty", b"", r"policy\.yml line 1: the file is empty; start it with "),
    ("no YAML", b"severities: [", r"policy\.yml line 1: this is not YAML "),
    ("no text", b"\xff\xfe\x00", r"policy\.yml line 1: this is not UTF-8 text; save the file as UTF-8\.$"),
    ("not a policy", b"tiers: 7\n", r'policy\.yml: "severities" is missing here; add it, '),
    (
        "a private channel",
        POLICY.replace("#tier-1-support", "#security-private").encode(),
        rf"line {FIRST_CHANNEL}: there is no channel #security-private that the bot can see; "
        r"create it, or invite the bot if it is private\.$",
    ),
    (
        "a person who left",
        POLICY.replace("@iris", "@nobody").encode(),
        r"there is no person or user group @nobody in Slack; write the name as it is there, or the id\.$",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), [row[1:] for row in POLICIES], ids=[row[0] for row in POLICIES])
async def test_a_policy_that_cannot_be_used_is_said(
    clock: ManualClock, sqlite_database: str, tmp_path: Path, text: bytes | None, sentence: str
) -> None:
    path = tmp_path / "policy.yml"
    if text is not None:
        path.write_bytes(text)
    async with playground(clock) as slack:
        with pytest.raises(PolicyFileError, match=sentence):
            await refused(slack, clock, sqlite_database, {"policy_file": path})


async def test_a_database_that_is_not_reached_is_said_without_its_password(clock: ManualClock) -> None:
    async with playground(clock) as slack:
        with pytest.raises(
            CannotStart, match=r"^The database cannot be used \(.*\): check TIERLINE_DATABASE_URL\.$"
        ) as said:
            await refused(slack, clock, "postgresql://tierline:canary@127.0.0.1:9/tierline")
    assert "canary" not in str(said.value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"slack_api_url": "http://127.0.0.1:9/api/"}, "could not connect"),
        ({"slack_api_url": "http://nowhere.invalid/api/"}, "could not connect"),
    ],
)
async def test_without_slack_the_bot_does_not_start(
    clock: ManualClock, sqlite_database: str, change: dict[str, str], reason: str
) -> None:
    async with playground(clock) as slack:
        with pytest.raises(CannotStart, match=rf"{reason}.*check SLACK_BOT_TOKEN and the connection to Slack\.$"):
            await refused(slack, clock, sqlite_database, change)


async def test_with_a_revoked_token_the_bot_does_not_start(clock: ManualClock, sqlite_database: str) -> None:
    async with playground(clock) as slack:
        slack.revoke_token()
        with pytest.raises(CannotStart, match=r"token_revoked.*check SLACK_BOT_TOKEN"):
            await refused(slack, clock, sqlite_database)


async def test_with_a_wrong_app_token_the_bot_does_not_start(clock: ManualClock, sqlite_database: str) -> None:
    async with playground(clock) as slack:
        with pytest.raises(CannotStart, match="check SLACK_APP_TOKEN"):
            async with asyncio.timeout(NEEDS_A_SENTENCE_WITHIN):
                await refused(slack, clock, sqlite_database, {"slack_app_token": SecretStr("xapp-not-the-one")})


async def test_an_address_that_is_taken_is_said(clock: ManualClock, sqlite_database: str) -> None:
    async with playground(clock) as slack:
        port = int(slack.url.rpartition(":")[2])
        with pytest.raises(CannotListen, match=rf"cannot listen on 127\.0\.0\.1:{port}: .*TIERLINE_HTTP_BIND\.$"):
            await refused(slack, clock, sqlite_database, {"mode": "http", "http_bind": f"127.0.0.1:{port}"})


async def test_a_database_of_a_newer_version_is_left_alone(clock: ManualClock, sqlite_database: str) -> None:
    with closing(sqlite3.connect(sqlite_database.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_of_the_future'")
        connection.commit()
    async with playground(clock) as slack:
        with pytest.raises(SchemaMismatch, match=r"schema 9999_of_the_future, .*; install a newer Tierline$"):
            await refused(slack, clock, sqlite_database)


async def test_a_database_that_another_bot_has_is_left_alone(clock: ManualClock, sqlite_database: str) -> None:
    other = open_database(sqlite_database)
    async with playground(clock) as slack:
        with pytest.raises(AlreadyRunning, match=r"another Tierline process is running on .*; stop it first$"):
            await refused(slack, clock, sqlite_database)
    await other.close()


UNUSABLE: list[tuple[str, Callable[[Path], Path]]] = [
    ("no database", lambda folder: _written(folder / "tierline.sqlite3", "this is no database " * 100)),
    ("a folder", lambda folder: folder),
]


@pytest.mark.parametrize("path_in", [row[1] for row in UNUSABLE], ids=[row[0] for row in UNUSABLE])
async def test_a_file_that_is_no_database_is_not_touched(
    clock: ManualClock, tmp_path: Path, path_in: Callable[[Path], Path]
) -> None:
    path = path_in(tmp_path)
    async with playground(clock) as slack:
        with pytest.raises(CannotStart, match=r"^The database cannot be used \(.*\): check TIERLINE_DATABASE_URL\.$"):
            await refused(slack, clock, f"sqlite:///{path}")


async def test_a_database_where_no_file_can_be_is_said(clock: ManualClock, tmp_path: Path) -> None:
    file = _written(tmp_path / "file", "x")
    async with playground(clock) as slack:
        with pytest.raises(NotStored, match=r"mend TIERLINE_DATABASE_URL\.$"):
            await refused(slack, clock, f"sqlite:///{file}/tierline.sqlite3")


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path
