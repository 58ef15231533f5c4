"""Starting: whatever is missing or wrong is a sentence and exit code 2, and never a traceback."""

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app import CannotStart, running_bot
from bot.http import CannotListen
from bot.playground import Playground
from bot.policy_file import PolicyFileError
from bot.settings import Settings
from storage.database import open_database
from storage.errors import AlreadyRunning, NotStored, SchemaMismatch
from tests.clock import ManualClock
from tests.scenarios.world import ROOT, Transport, playground, running_world, settings_for

NEEDS_A_SENTENCE_WITHIN = 30.0
POLICY = (ROOT / "policy.yml").read_text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int | None
    said: str


async def run(folder: Path, environment: Mapping[str, str], *arguments: str) -> Ended:
    """`python -m bot run` with nothing but this environment."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", *arguments),
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
    assert await run(tmp_path, {}) == Ended(
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
        said="policy.yml line 35: there is no channel #gone that the bot can see; "
        "create it, or invite the bot if it is private.\n"
        "policy.yml line 36: there is no person or user group @nobody in Slack; "
        "write the name as it is there, or the id.\n",
    )


async def test_a_wrong_token_is_a_sentence(clock: ManualClock, sqlite_database: str, tmp_path: Path) -> None:
    async with playground(clock) as slack:
        ended = await run(tmp_path, environment(slack, sqlite_database, SLACK_BOT_TOKEN="xoxb-not-the-one"))
    assert ended.code == 2
    assert ended.said.endswith("(invalid_auth): check SLACK_BOT_TOKEN and the connection to Slack.\n")
    assert len(ended.said.splitlines()) == 1
    assert "xoxb" not in ended.said


async def test_a_second_process_on_the_same_database_is_sent_away(
    clock: ManualClock, sqlite_database: str, tmp_path: Path
) -> None:
    path = sqlite_database.removeprefix("sqlite:///")
    async with playground(clock) as slack, running_world(slack, clock, sqlite_database) as story:
        ended = await run(tmp_path, environment(slack, sqlite_database))
        assert ended == Ended(code=2, said=f"another Tierline process is running on {path}; stop it first\n")
        assert (await story.command("sam", "/incident list")).ok, "the first one goes on"


async def test_a_database_that_is_not_reached_is_a_sentence_without_its_password(
    clock: ManualClock, tmp_path: Path
) -> None:
    async with playground(clock) as slack:
        ended = await run(tmp_path, environment(slack, "postgresql://tierline:canary@127.0.0.1:9/tierline"))
    assert ended == Ended(
        code=2,
        said="the database cannot be used ([Errno 111] Connect call failed ('127.0.0.1', 9)): "
        "check TIERLINE_DATABASE_URL.\n",
    )


# The rest in this process: the command line turns each of these errors into its text and exit code 2.


async def refused(
    slack: Playground, clock: ManualClock, database_url: str, *, transport: Transport = "socket", **changes: object
) -> None:
    """Starts a bot that cannot start."""
    settings = settings_for(slack, database_url, transport=transport, port=int(str(changes.pop("port", 0))))
    async with running_bot(settings.model_copy(update=changes), clock):
        raise AssertionError("it started")


POLICIES = [
    ("missing", None, r"policy\.yml was not found; create it, or say in TIERLINE_POLICY_FILE where it is\.$"),
    ("empty", b"", r"policy\.yml line 1: the file is empty; start it with "),
    ("no YAML", b"severities: [", r"policy\.yml line 1: this is not YAML "),
    ("no text", b"\xff\xfe\x00", r"policy\.yml line 1: this is not UTF-8 text; save the file as UTF-8\.$"),
    ("not a policy", b"tiers: 7\n", r'policy\.yml: "severities" is missing here; add it, '),
    (
        "a private channel",
        POLICY.replace("#tier-1-support", "#security-private").encode(),
        r"line 35: there is no channel #security-private that the bot can see; "
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
            await refused(slack, clock, sqlite_database, policy_file=path)


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
            await refused(slack, clock, sqlite_database, **change)


async def test_with_a_revoked_token_the_bot_does_not_start(clock: ManualClock, sqlite_database: str) -> None:
    async with playground(clock) as slack:
        slack.revoke_token()
        with pytest.raises(CannotStart, match=r"token_revoked.*check SLACK_BOT_TOKEN"):
            await refused(slack, clock, sqlite_database)


@pytest.mark.xfail(reason="bot/socket_mode.py: the client tries for ever, with a traceback each time", strict=True)
async def test_with_a_wrong_app_token_the_bot_does_not_start(clock: ManualClock, sqlite_database: str) -> None:
    async with playground(clock) as slack:
        settings = settings_for(slack, sqlite_database, transport="socket")
        wrong = Settings.model_validate(_given(settings) | {"SLACK_APP_TOKEN": "xapp-not-the-one"})
        with pytest.raises(CannotStart, match="check SLACK_APP_TOKEN"):
            async with asyncio.timeout(1), running_bot(wrong, clock):
                raise AssertionError("it started")


async def test_an_address_that_is_taken_is_said(clock: ManualClock, sqlite_database: str) -> None:
    async with playground(clock) as slack:
        port = int(slack.url.rpartition(":")[2])
        with pytest.raises(CannotListen, match=rf"cannot listen on 127\.0\.0\.1:{port}: .*TIERLINE_HTTP_BIND\.$"):
            await refused(slack, clock, sqlite_database, transport="http", port=port)


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
        with pytest.raises(NotStored):
            await refused(slack, clock, f"sqlite:///{path}")


@pytest.mark.xfail(reason="storage/database.py: _lock lets an OSError out", strict=True, raises=OSError)
async def test_a_database_where_no_file_can_be_is_said(clock: ManualClock, tmp_path: Path) -> None:
    file = _written(tmp_path / "file", "x")
    async with playground(clock) as slack:
        with pytest.raises(NotStored):
            await refused(slack, clock, f"sqlite:///{file}/tierline.sqlite3")


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def _given(settings: Settings) -> dict[str, str]:
    assert settings.slack_app_token is not None
    return {
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_APP_TOKEN": settings.slack_app_token.get_secret_value(),
        "TIERLINE_SLACK_API_URL": settings.slack_api_url,
        "TIERLINE_DATABASE_URL": settings.database_url,
        "TIERLINE_POLICY_FILE": str(settings.policy_file),
    }
