"""`tierline feedback`: a table for people, values for scripts."""

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner

from bot import cli, tools
from bot.clock import now
from bot.domain.feedback import Feedback
from bot.domain.ids import IncidentId, UserId
from storage import feedback
from storage.database import open_database
from tests.builders import ANA, BEN, CHLOE, WORKSPACE
from tests.storage.stored import a_workspace, an_incident_in

Answer = tuple[int, str, UserId, int, str]
SAID: Sequence[Answer] = (
    (1, "checkout", ANA, 5, "Quick, and\nwell told"),
    (1, "checkout", BEN, 2, ""),
    (2, "search", CHLOE, 3, "Slow [/]"),
)


@pytest.fixture
def url(sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of a database of which the settings know."""
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    monkeypatch.setenv("TIERLINE_DATABASE_URL", sqlite_database_url)
    monkeypatch.setattr(tools.output, "width", 100)
    return sqlite_database_url


def said(url: str, answers: Sequence[Answer]) -> None:
    async def work() -> None:
        database = open_database(url)
        await a_workspace(database)
        for number, service in sorted({(number, service) for number, service, *_ in answers}):
            await an_incident_in(database, number, service=service)
        for number, _, by, score, comment in answers:
            told = Feedback(score=score, comment=comment, given_by=by if by == ANA else None)
            async with database.write() as tx:
                await feedback.keep(tx, WORKSPACE, IncidentId(number), told, by=by, at=now())
        await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work()).result()


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(cli.app, ("feedback", *arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_table_tells_each_service_and_what_people_wrote(url: str) -> None:
    said(url, SAID)
    rows = [line.split() for line in shown().splitlines()]
    assert ["checkout", "2", "3.50", "·", "1", "·", "·", "1"] in rows
    assert ["search", "1", "3.00", "·", "·", "1", "·", "·"] in rows
    assert ["all", "of", "them", "3", "3.33", "0", "1", "1", "0", "1"] in rows
    assert shown().splitlines()[-2:] == ["INC-1  5 of 5  Quick, and well told", "INC-2  3 of 5  Slow [/]"]


def test_for_a_script_there_is_all_of_it_and_no_name_of_those_who_left_it_out(url: str) -> None:
    said(url, SAID)
    values = json.loads(shown("--json"))
    by = [answer["by"] for answer in values["answers"]]
    assert by == [None, None, ANA], "without a name it is of the day, and its place tells no more"
    assert values["services"]["checkout"] == {
        "answers": 2,
        "mean": 3.5,
        "of_each_score": {"1": 0, "2": 1, "3": 0, "4": 0, "5": 1},
    }


def test_with_nothing_said_it_says_so(url: str) -> None:
    said(url, ())
    assert shown("--days", "7").strip() == "Nobody has said anything in the last 7 days."
