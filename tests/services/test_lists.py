"""A page of a list as it is by now, and what is open already when somebody opens it again."""

from typing import Any

from bot.domain.incident import Report
from bot.domain.policy import Severity
from bot.domain.wanted import EVERYTHING, ROWS, Wanted
from bot.services.lists import Similar
from storage.database import Database
from tests.builders import ANA, SAM
from tests.clock import ManualClock
from tests.services.bench import Bench, bench


def a_report(**said: Any) -> Report:
    return Report(**{"title": "Checkout is down", "severity": Severity.SEV1, "service": "checkout"} | said)


async def open_some(bot: Bench, count: int) -> None:
    for number in range(1, count + 1):
        await bot.desk.open(a_report(title=f"Number {number}"), by=SAM)


async def test_a_list_is_turned_page_by_page(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await open_some(bot, ROWS + 2)
        for page, numbers in ((1, range(1, ROWS + 1)), (2, range(ROWS + 1, ROWS + 3))):
            listed = await bot.desk.list_page(EVERYTHING, page=page)
            assert [incident.number for incident in listed.incidents] == list(numbers)
            assert (listed.page, listed.pages, listed.total, listed.wanted) == (page, 2, ROWS + 2, EVERYTHING)


async def test_a_page_that_is_not_there_any_more_is_the_last_one(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await open_some(bot, ROWS + 1)
        await bot.desk.resolve(ROWS + 1, by=ANA)
        listed = await bot.desk.list_page(EVERYTHING, page=2)
        assert (listed.page, listed.pages, len(listed.incidents)) == (1, 1, ROWS)
        nothing = await bot.desk.list_page(Wanted(breached=True), page=7)
        assert (nothing.page, nothing.pages, nothing.incidents, nothing.total) == (1, 1, [], 0)


async def test_what_sounds_the_same_and_is_not_over_is_similar(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        for title in ("Checkout is down in Asia", "Search is slow", "Checkout fails", "Checkout is down today"):
            await bot.desk.open(a_report(title=title), by=SAM)
        await bot.desk.open(a_report(service="search"), by=SAM)
        await bot.desk.resolve(4, by=ANA)
        found = await bot.desk.similar(a_report())
        assert [incident.number for incident in found.incidents] == [3, 1]
        assert not found.opened_before
        assert await bot.desk.similar(a_report(title="Baskets are empty")) == Similar(incidents=[])


async def test_a_request_that_comes_again_is_not_asked_about_what_it_opened(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.desk.open(a_report(), by=SAM, cause="command/1")
        assert await bot.desk.similar(a_report(), cause="command/1") == Similar(incidents=[], opened_before=True)
        other = await bot.desk.similar(a_report(), cause="command/2")
        assert ([incident.number for incident in other.incidents], other.opened_before) == ([1], False)
        await bot.desk.open(a_report(), by=SAM, cause="command/2")
        again = await bot.desk.similar(a_report(), cause="command/2")
        assert ([incident.number for incident in again.incidents], again.opened_before) == ([1], True)
