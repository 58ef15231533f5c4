"""A tier paged by a calendar that is kept elsewhere: who is on duty is paged, also when the calendar is gone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from tests.clock import ManualClock
from tests.scenarios.conftest import LogEntries
from tests.scenarios.world import PLAIN_POLICY, Said, World, world

SECRET = "private-8d1f"
PEOPLE = '    on_call: [{ical: {url: "URL", people: {"Ana Ruiz": "@ana", "ben@acme.example": "@ben"}}}]'
NIGHT_OF_ANA_THEN_BEN = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Acme//On call//EN\r
BEGIN:VEVENT\r
UID:ana\r
DTSTAMP:20261101T000000Z\r
DTSTART:20261113T200000Z\r
DTEND:20261114T040000Z\r
SUMMARY:On call: Ana Ruiz\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:ben\r
DTSTAMP:20261101T000000Z\r
DTSTART:20261114T040000Z\r
DTEND:20261114T200000Z\r
SUMMARY:On call\r
ATTENDEE:mailto:ben@acme.example\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.fixture
async def server() -> AsyncIterator[BaseTestServer]:
    async def calendar(_request: web.Request) -> web.Response:
        return web.Response(body=NIGHT_OF_ANA_THEN_BEN, content_type="text/calendar")

    app = web.Application()
    app.router.add_get(f"/{SECRET}.ics", calendar)
    async with TestServer(app) as server:
        yield server


@pytest.fixture
def policy_file(tmp_path: Path, server: BaseTestServer) -> Path:
    """The plain policy, in which a calendar says who is paged at the first tier."""
    source = PEOPLE.replace("URL", str(server.make_url(f"/{SECRET}.ics"))).strip()
    path = tmp_path / "policy.yml"
    path.write_text(PLAIN_POLICY.read_text().replace('people: ["@first-line"]', source))
    return path


async def test_the_last_good_copy_of_a_calendar_pages_the_right_person_when_its_server_is_gone(
    clock: ManualClock, sqlite_database: str, policy_file: Path, server: BaseTestServer, logs: LogEntries
) -> None:
    async with world(clock, sqlite_database, policy_file=policy_file) as story:
        await _open(story, "Checkout is down")
        assert story.said()[1:] == [_page("<@U0ANA00001>", "INC-1", "Checkout is down", "03:05")]
        assert story.notified() == {"ana": 1}
        await story.command("ana", "/incident resolve INC-1")

        await server.close()
        await story.advance(hours=1, minutes=10)
        assert [said.place for said in story.said()] == ["#incident-updates thread"], "the resolution"
        failures = [entry for entry in logs if entry["event"] == "on_call.feed_failed"]
        assert failures[0]["error"] == "it cannot be reached"
        assert SECRET not in str(logs), "the address is a secret"

        await _open(story, "Search is slow")
        assert story.said()[1:] == [_page("<@U0BEN00001>", "INC-2", "Search is slow", "04:15")]
        assert story.notified() == {"ana": 1, "ben": 1}


async def test_a_bot_that_starts_while_the_calendar_is_gone_pages_by_the_copy_on_disk(
    clock: ManualClock, sqlite_database: str, policy_file: Path, server: BaseTestServer
) -> None:
    async with world(clock, sqlite_database, policy_file=policy_file):
        await server.close()
    async with world(clock, sqlite_database, policy_file=policy_file) as story:
        await _open(story, "Checkout is down")
        assert story.said()[1:] == [_page("<@U0ANA00001>", "INC-1", "Checkout is down", "03:05")]


async def _open(story: World, title: str) -> None:
    await story.command("sam", f"/incident open sev1 checkout: {title}")
    await story.advance(seconds=2)


def _page(who: str, key: str, title: str, by: str) -> Said:
    return Said(
        "#tier-1-support",
        f"{who} please acknowledge {key} by {by}. {title} ({key}, sev1, checkout). "
        "It is open at tier 1 of 4, First line. Otherwise it goes to tier 2 (Platform) in <#C0PLATFRM1>.",
    )
