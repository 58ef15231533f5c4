"""`tierline policy …`, `explain` and `export`: what is printed, the exit code, and what a running bot takes up."""

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner

from bot import cli, tools
from bot.app import running_bot
from bot.domain.incident import Report
from bot.domain.policy import Severity
from bot.playground import Playground
from tests.builders import DEV, SAM, minutes
from tests.clock import ManualClock
from tests.scenarios.world import ROOT, playground, settings_for

T = TypeVar("T")

NEEDS_AN_ANSWER_WITHIN = 30.0
POLICY = (ROOT / "policy.yml").read_text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int | None
    said: str
    errors: str = ""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped policy in an empty directory, and no setting of this machine."""
    for name in ("SLACK_BOT_TOKEN", "TIERLINE_POLICY_FILE", "TIERLINE_DATABASE_URL", "TIERLINE_CLOCK_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tools.output, "width", 120)
    (tmp_path / "policy.yml").write_text(POLICY)
    return tmp_path


def tierline(*arguments: str) -> Ended:
    """In this process, without Slack."""
    result = CliRunner().invoke(cli.app, arguments)
    return Ended(code=result.exit_code, said=result.stdout, errors=result.stderr)


class Elsewhere:
    """A local Slack, and what else runs in an event loop, in a thread of its own: the commands have this one."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._stack = AsyncExitStack()

    def __enter__(self) -> "Elsewhere":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(NEEDS_AN_ANSWER_WITHIN)
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(NEEDS_AN_ANSWER_WITHIN)

    def enter(self, context: AbstractAsyncContextManager[T]) -> T:
        return self.run(self._stack.enter_async_context(context))


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as thread:
        yield thread


@pytest.fixture
def slack(elsewhere: Elsewhere, clock: ManualClock, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Playground:
    """A local Slack of which the settings know."""
    local = elsewhere.enter(playground(clock))
    monkeypatch.setenv("SLACK_BOT_TOKEN", local.bot_token)
    monkeypatch.setenv("TIERLINE_SLACK_API_URL", local.api_url)
    return local


def test_the_shipped_policy_is_right(folder: Path) -> None:
    assert tierline("policy", "check") == Ended(
        code=0, said="policy.yml is right (without Slack: set SLACK_BOT_TOKEN to look its names up).\n"
    )


def test_each_problem_is_told_with_its_line_and_ends_with_2(folder: Path) -> None:
    (folder / "mine.yml").write_text(POLICY.replace("ack_within: 5m", "ack_within: five"))
    ended = tierline("policy", "check", "mine.yml")
    assert ended.code == 2
    line = POLICY[: POLICY.index("ack_within: 5m")].count("\n") + 1
    assert f'mine.yml line {line}: "five" is not a duration; write it like 5m, 1h30m or 2h.' in ended.said


def test_a_warning_ends_with_1_only_when_asked_to_be_strict(folder: Path) -> None:
    (folder / "policy.yml").write_text(POLICY.replace("    repeat: {every: 5m, times: 3}\n", ""))
    assert tierline("policy", "check").code == 0
    strict = tierline("policy", "check", "--strict", "--json")
    assert strict.code == 1
    found = json.loads(strict.said)
    assert (found["problems"], found["looked_up_in_slack"]) == ([], False)
    assert found["warnings"][0]["text"] == (
        'the last tier of "default" is paged once; add repeat: {every: 5m, times: 3}.'
    )
    assert found["warnings"][0]["line"] > 1


SATURDAY = ("--severity", "sev1", "--service", "checkout", "--at", "2026-11-14 03:00")


def test_the_future_is_a_table(folder: Path, snapshot: SnapshotAssertion) -> None:
    ended = tierline("policy", "simulate", *SATURDAY, "--ack-after", "7m", "--until", "3h")
    assert ended.code == 0
    assert "\n".join(line.rstrip() for line in ended.said.splitlines()) == snapshot


def test_the_future_for_a_script(folder: Path) -> None:
    acts = ("--escalate-after", "1m", "--ack-after", "2m", "--hold-after", "3m", "--hold-for", "1h")
    ended = tierline("policy", "simulate", *SATURDAY, *acts, "--resolve-after", "2h", "--json")
    moments: list[dict[str, Any]] = json.loads(ended.said)["moments"]
    assert [(moment["at"], moment["clock"]) for moment in moments[:4]] == [
        ("2026-11-14T02:00:00+00:00", None),
        ("2026-11-14T02:01:00+00:00", None),
        ("2026-11-14T02:02:00+00:00", None),
        ("2026-11-14T02:03:00+00:00", None),
    ]
    assert moments[-1]["what"] == "Somebody resolves it."


def test_a_business_severity_is_told_in_the_zone_of_its_calendar(folder: Path) -> None:
    asked = ("--severity", "sev3", "--service", "checkout", "--at", "2026-11-14 03:00")
    ended = tierline("policy", "simulate", *asked, "--json", "--until", "72h")
    read = json.loads(ended.said)
    assert read["opened_at"] == "2026-11-14T02:00:00+00:00"
    assert [moment["at"] for moment in read["moments"]][1] == "2026-11-16T07:30:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--service", "nothing"), "“nothing” is not a service of the policy: checkout, payments, website, data.\n"),
        (("--at", "soon"), "--at: “soon” is not a day and a time; write it like sat 03:00 or 2026-11-14 03:00.\n"),
        (("--ack-after", "soon"), "--ack-after: “soon” is not a duration; write it like 5m, 1h30m or 2h.\n"),
    ],
)
def test_what_cannot_be_simulated_is_said(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    ended = tierline("policy", "simulate", *SATURDAY, *arguments)
    assert (ended.code, ended.errors) == (2, said)


def test_the_schema_is_json(folder: Path) -> None:
    ended = tierline("policy", "schema")
    assert json.loads(ended.said)["title"] == "Tierline policy"


def test_without_a_database_a_sentence_says_so(folder: Path) -> None:
    ended = tierline("policy", "diff")
    assert ended.code == 2
    assert ended.errors == (
        "the database cannot be used (there is none at tierline.sqlite3): check TIERLINE_DATABASE_URL.\n"
    )


def test_applying_needs_slack(folder: Path) -> None:
    ended = tierline("policy", "apply")
    assert (ended.code, ended.errors) == (
        2,
        "SLACK_BOT_TOKEN is not set: names are looked up in Slack before a policy is applied.\n",
    )


def test_a_policy_is_checked_against_slack(folder: Path, slack: Playground) -> None:
    (folder / "policy.yml").write_text(POLICY.replace("#tier-1-support", "#gone"))
    ended, refused = tierline("policy", "check", "--json"), tierline("policy", "apply")
    assert ended.code == refused.code == 2
    found = json.loads(ended.said)
    assert found["looked_up_in_slack"]
    sentence = "there is no channel #gone that the bot can see; create it, or invite the bot if it is private."
    assert [problem["text"] for problem in found["problems"]] == [sentence]
    assert sentence in refused.errors


def test_a_policy_is_applied_shown_and_compared(folder: Path, slack: Playground) -> None:
    first, again = tierline("policy", "apply"), tierline("policy", "apply")
    assert (first.code, first.said) == (
        0,
        "Version 1 is the policy of incidents opened from now on; open ones keep theirs.\n",
    )
    assert again.said == "Version 1 is this very policy already; nothing changed.\n"

    (folder / "policy.yml").write_text(POLICY.replace("ack_within: 5m", "ack_within: 4m"))
    compared, second = tierline("policy", "diff"), tierline("policy", "apply")
    change = "  ~ severities.sev1.ack_within: 5m → 4m\n"
    assert compared.said == f"Against version 1:\n{change}"
    assert second.said.endswith(f"Against version 1:\n{change}")
    assert tierline("policy", "diff").said == "Nothing differs from version 2.\n"
    assert json.loads(tierline("policy", "diff", "--version", "1", "--json").said)["changes"] == [
        {"key": "severities.sev1.ack_within", "before": "5m", "after": "4m"}
    ]

    (folder / "policy.yml").write_text(POLICY)
    assert tierline("policy", "apply").said.startswith("Version 1 is the policy of incidents opened from now on")
    assert json.loads(tierline("policy", "show", "--json").said)["version"] == 1
    assert "    ack_within: 4m\n" in tierline("policy", "show", "--version", "2").said
    assert tierline("policy", "show", "--version", "9").errors == "In this database there is no version 9.\n"


@pytest.mark.usefixtures("logs")
def test_beside_a_running_bot_it_is_explained_and_its_policy_changed(
    folder: Path,
    slack: Playground,
    elsewhere: Elsewhere,
    clock: ManualClock,
    sqlite_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TIERLINE_DATABASE_URL", sqlite_database)
    settings = settings_for(slack, sqlite_database, transport="socket")
    bot = elsewhere.enter(running_bot(settings, clock))
    report = Report(title="Checkout is down", severity=Severity.SEV1, service="checkout")
    elsewhere.run(bot.desk.open(report, by=SAM))

    told, values = tierline("explain", "INC-1", "--zone", "UTC"), tierline("explain", "1", "--json")
    assert "Sam Reed opened it as sev1 for checkout." in " ".join(told.said.split())
    assert json.loads(values.said)["clocks"][0]["name"] == "response"
    assert tierline("export", "INC-1", "--format", "html", "--output", "story.html").code == 0
    assert "Sam Reed opened it as sev1 for checkout." in (folder / "story.html").read_text()
    elsewhere.run(bot.desk.follow(1, by=SAM, who=DEV))
    elsewhere.run(bot.desk.assign(1, by=SAM, to=DEV))
    story = tierline("export", "1", "--zone", "UTC").said
    assert story.startswith("# INC-1: Checkout is down\n")
    assert "Sam Reed asked Dev Patel to take it" in story
    assert "U0" not in story, "everybody in it is called by their name"
    nowhere = tierline("export", "1", "--output", "no/such/folder")
    assert (nowhere.code, nowhere.errors) == (2, "no/such/folder cannot be written: No such file or directory.\n")
    unknown = tierline("explain", "INC-9")
    assert (unknown.code, unknown.errors) == (2, "There is no INC-9 in this database.\n")

    (folder / "policy.yml").write_text(POLICY.replace("ack_within: 5m", "ack_within: 4m"))
    assert tierline("policy", "apply").code == 0

    async def ten_seconds_later() -> None:
        clock.advance(seconds=11)
        await bot.settled()

    elsewhere.run(ten_seconds_later())
    assert bot.desk.policy.targets(Severity.SEV1).ack_within == minutes(4)
