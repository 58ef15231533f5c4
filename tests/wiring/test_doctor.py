"""`tierline doctor`: each check well and ill, what is printed, and the exit code."""

import asyncio
import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import text
from typer.testing import CliRunner

from bot import cli, tools
from bot import clock as machine
from bot.app import running_bot
from bot.domain.promise import Lane
from bot.playground import Playground
from bot.services import doctor
from bot.services.doctor import Check, Grade
from bot.services.policy_check import Finding
from bot.slack.client import make_client, make_session
from bot.slack.workspace import SlackWorkspace, Standing
from storage import soundness
from storage.database import open_database
from storage.gauges import Waiting
from tests.builders import NOW
from tests.clock import ManualClock
from tests.databases import PostgresServer
from tests.scenarios.world import MANIFEST, ROOT, settings_for
from tests.storage.lived import live
from tests.wiring.test_policy_cli import Elsewhere

KEY = "a-key-that-nobody-can-guess"


@pytest.fixture
def clock() -> ManualClock:
    """The commands look at the machine's own."""
    return ManualClock(machine.now())


@pytest.fixture
def folder(sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "TIERLINE_AUDIT_KEY", "TIERLINE_FALLBACK_URLS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERLINE_DATABASE_URL", sqlite_database_url)
    monkeypatch.setattr(tools.output, "width", 200)
    (tmp_path / "policy.yml").write_text((ROOT / "policy.yml").read_text())
    return tmp_path


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as thread:
        yield thread


def examined(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, ("doctor", *arguments))
    assert result.stderr == ""
    return result.exit_code, result.stdout


def grades() -> dict[str, str]:
    return {each["check"]: each["grade"] for each in json.loads(examined("--json")[1])["checks"]}


def slack_in(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, clock: ManualClock, **changes: list[str]
) -> Playground:
    """A local Slack of which the settings know; `changes` are those of the manifest's scopes."""
    manifest = deepcopy(MANIFEST)
    manifest["oauth_config"]["scopes"] |= changes
    local = elsewhere.enter(Playground(clock, manifest=manifest))
    monkeypatch.setenv("SLACK_BOT_TOKEN", local.bot_token)
    monkeypatch.setenv("SLACK_APP_TOKEN", local.app_token)
    monkeypatch.setenv("TIERLINE_SLACK_API_URL", local.api_url)
    return local


def test_beside_a_running_bot_all_is_well(
    folder: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, clock: ManualClock, sqlite_database_url: str
) -> None:
    slack = slack_in(elsewhere, monkeypatch, clock)
    monkeypatch.setenv("TIERLINE_FALLBACK_URLS", "json://127.0.0.1/hook")
    settings = settings_for(slack, sqlite_database_url, transport="socket", policy_file=folder / "policy.yml")
    bot = elsewhere.enter(running_bot(settings, clock))
    elsewhere.run(bot.settled())
    found = grades()
    # The playground does not say what time it is.
    assert {name for name, grade in found.items() if grade != "ok"} == {"Slack clock"}
    assert examined()[1].endswith("All is well.\n")
    assert found.keys() >= {
        "Versions", "Settings", "Policy file", "Disk", "Database file", "Schema", "Database", "Audit key", "Bot",
        "Deadlines", "Incidents' channels", "Messages", "Slack", "Scopes", "Slack clock", "Policy in Slack", "Fallback",
    }  # fmt: skip


def test_without_slack_and_a_bot_the_rest_is_looked_at(folder: Path) -> None:
    code, said = examined()
    assert code == 0
    assert "not looked at  Slack          SLACK_BOT_TOKEN is not set" in said
    assert "not looked at  Bot            The database has no workspace yet" in said
    assert "→ set TIERLINE_FALLBACK_URLS: mail, SMS or a webhook" in said
    assert said.endswith("0 problems, 1 warning.\n")


def test_a_problem_ends_with_1_and_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERLINE_DATABASE_URL", "sqlite:///nowhere.sqlite3")
    code, said = examined()
    assert code == 1
    assert "problem        Database     there is none at nowhere.sqlite3" in said
    assert "→ start the bot once, or check TIERLINE_DATABASE_URL" in said


def test_settings_that_cannot_be_read_are_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERLINE_AUDIT_KEY", "short")
    code, said = examined("--json")
    assert code == 1
    assert json.loads(said) == {
        "checks": [
            {
                "check": "Settings",
                "grade": "problem",
                "sentence": "TIERLINE_AUDIT_KEY has a wrong value: write at least 16 characters that nobody can guess.",
                "fix": "mend it; nothing else was looked at",
            }
        ],
        "healthy": False,
    }


def test_a_setting_that_only_the_bot_needs_is_told(
    folder: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    slack_in(elsewhere, monkeypatch, clock)
    monkeypatch.delenv("SLACK_APP_TOKEN")
    assert grades()["Settings"] == "problem"


def test_a_token_without_a_scope_is_a_problem(
    folder: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    slack_in(elsewhere, monkeypatch, clock, bot=sorted(doctor.SCOPES - {"groups:history"}))
    code, said = examined()
    assert code == 1
    assert "the token lacks groups:history" in said


def test_a_token_that_slack_does_not_know_is_a_problem(
    folder: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    slack_in(elsewhere, monkeypatch, clock)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-another")
    code, said = examined()
    assert code == 1
    assert "Slack answered invalid_auth" in said


def test_a_policy_that_cannot_be_read_is_a_problem(folder: Path) -> None:
    (folder / "policy.yml").write_text("services: {}")
    assert grades()["Policy file"] == "problem"


def test_a_damaged_file_and_an_older_schema_are_problems(folder: Path, sqlite_database_url: str) -> None:
    path = Path(sqlite_database_url.removeprefix("sqlite:///"))

    async def older() -> None:
        database = open_database(sqlite_database_url)
        async with database.write() as tx:
            await tx.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        await database.close()

    asyncio.run(older())
    assert grades()["Schema"] == "problem"
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xa5" * 4096)
    assert grades()["Database file"] == "problem"


def test_stories_sealed_with_a_key_that_is_not_set_are_a_problem(
    folder: Path, sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def sealed() -> None:
        database = open_database(sqlite_database_url, audit_key=KEY.encode())
        await live(database)
        await database.close()

    asyncio.run(sealed())
    found = grades()
    assert (found["Audit key"], found["Bot"], found["Deadlines"]) == ("problem", "warning", "problem")
    assert found["Messages: page"] == "problem"
    monkeypatch.setenv("TIERLINE_AUDIT_KEY", KEY)
    assert grades()["Audit key"] == "ok"


def test_the_scopes_are_those_of_the_manifest() -> None:
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == doctor.SCOPES


@pytest.mark.parametrize(
    ("check", "grade"),
    [
        (doctor.of_versions("3.11.7", "3.40.1", is_replicated=False), Grade.OK),
        (doctor.of_versions("3.11.7", "3.40.1", is_replicated=True), Grade.WARNING),
        (doctor.of_versions("3.11.7", "3.51.3", is_replicated=True), Grade.OK),
        (doctor.of_space(5_000 * doctor.MEGABYTE, 10), Grade.OK),
        (doctor.of_space(5_000 * doctor.MEGABYTE, 6_000 * doctor.MEGABYTE), Grade.WARNING),
        (doctor.of_space(999 * doctor.MEGABYTE, 10), Grade.WARNING),
        (doctor.of_space(99 * doctor.MEGABYTE, 10), Grade.PROBLEM),
        (doctor.of_scopes(Standing(scopes=None, answered_at=None)), Grade.SKIPPED),
        (doctor.of_scopes(Standing(scopes=doctor.SCOPES | {"files:read"}, answered_at=None)), Grade.OK),
        (doctor.of_slack_clock(Standing(scopes=None, answered_at=None), NOW), Grade.SKIPPED),
        (doctor.of_slack_clock(Standing(scopes=None, answered_at=NOW + timedelta(seconds=2)), NOW), Grade.OK),
        (doctor.of_slack_clock(Standing(scopes=None, answered_at=NOW - timedelta(seconds=3)), NOW), Grade.WARNING),
        (doctor.of_presence(None, NOW), Grade.WARNING),
        (doctor.of_presence(NOW - timedelta(seconds=60), NOW), Grade.OK),
        (doctor.of_presence(NOW - timedelta(days=3), NOW), Grade.WARNING),
        (doctor.of_overdue(["INC-1"]), Grade.PROBLEM),
    ],
)
def test_each_check_has_its_limits(check: Check, grade: Grade) -> None:
    assert check.grade is grade
    assert bool(check.fix) is (grade in (Grade.WARNING, Grade.PROBLEM))


@pytest.mark.parametrize(
    ("lane", "age", "grade"),
    [
        (Lane.PAGE, timedelta(seconds=60), Grade.OK),
        (Lane.PAGE, timedelta(seconds=61), Grade.WARNING),
        (Lane.PAGE, timedelta(seconds=301), Grade.PROBLEM),
        (Lane.UPDATE, timedelta(minutes=15), Grade.OK),
        (Lane.UPDATE, timedelta(hours=50), Grade.WARNING),
    ],
)
def test_a_page_may_wait_for_less_than_anything_else(lane: Lane, age: timedelta, grade: Grade) -> None:
    [found] = doctor.of_queues({lane: Waiting(count=2, since=NOW - age)}, NOW)
    assert (found.name, found.grade) == (f"Messages: {lane.name.lower()}", grade)


def test_what_is_wrong_in_slack_says_what_to_do_apart() -> None:
    lost = Finding(line=3, sentence="the channel #x is archived; unarchive it, or name another.", serious=True)
    assert list(doctor.of_policy([lost])) == [
        Check(
            name="Policy in Slack",
            grade=Grade.PROBLEM,
            sentence="the channel #x is archived",
            fix="unarchive it, or name another",
        )
    ]


async def test_slack_says_its_scopes_and_its_time_with_each_answer() -> None:
    async def answer(_request: web.Request) -> web.Response:
        said = {"Date": "Sat, 14 Nov 2026 03:00:07 GMT", "X-OAuth-Scopes": "chat:write, commands"}
        return web.json_response({"ok": True}, headers=said)

    app = web.Application()
    app.router.add_post("/auth.test", answer)
    async with TestServer(app) as server, make_session() as session:
        workspace = SlackWorkspace(make_client(token="xoxb-1", base_url=str(server.make_url("/")), session=session))
        assert await workspace.standing() == Standing(
            scopes=frozenset({"chat:write", "commands"}), answered_at=NOW + timedelta(seconds=7)
        )


async def test_the_clock_of_postgresql_is_compared(postgres_server: PostgresServer) -> None:
    database = open_database(postgres_server.fresh_url())
    async with database.read() as tx:
        good = await doctor.of_server(tx, machine.now())
        bad = await doctor.of_server(tx, machine.now() - timedelta(seconds=9))
    await database.close()
    assert (good.grade, bad.grade) == (Grade.OK, Grade.WARNING)


def test_postgresql_is_looked_at_too(
    folder: Path, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIERLINE_DATABASE_URL", postgres_server.fresh_url())
    found = grades()
    assert {found[name] for name in ("Schema", "Database", "Database clock")} == {"ok"}
    assert not found.keys() & {"Disk", "Database file"}


async def test_sqlite_that_runs_with_other_settings_is_found(sqlite_database_url: str) -> None:
    database = open_database(sqlite_database_url)
    async with database.read() as tx:
        assert await soundness.wrong_pragmas(tx) == {}
        await tx.exec_driver_sql("PRAGMA trusted_schema=ON")
        assert await soundness.wrong_pragmas(tx) == {"trusted_schema": 1}
        [found] = await doctor.of_file(tx)
    await database.close()
    assert found.grade is Grade.PROBLEM
