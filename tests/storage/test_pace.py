"""Slack's pace as all processes keep it together: budgets by the minute, rests, and channels that were just used."""

from datetime import timedelta

from bot.domain.delivery import WINDOW, Budget
from storage import pace
from storage.database import Database
from storage.pace import Allowance
from tests.builders import NOW, WORKSPACE

BUDGET = Budget(method="chat.update", calls=5)
SECOND = timedelta(seconds=1)


async def allowed(database: Database, *, after: timedelta = timedelta(0), calls: int = 0) -> Allowance:
    """What may be called, with `calls` counted then."""
    async with database.write() as tx:
        found = await pace.allowance(tx, WORKSPACE, BUDGET, now=NOW + after)
        if calls:
            await pace.count(tx, WORKSPACE, BUDGET, found, calls, now=NOW + after)
        return found


async def test_calls_count_for_a_minute_and_not_less(database: Database) -> None:
    assert (await allowed(database, calls=3)).calls == 5
    assert (await allowed(database, after=SECOND, calls=2)).calls == 2
    assert await allowed(database, after=WINDOW) == Allowance(0, NOW + SECOND + WINDOW)
    assert (await allowed(database, after=WINDOW + SECOND)).calls == 3
    assert (await allowed(database, after=WINDOW + 2 * SECOND)).calls == 5


async def test_a_rest_that_slack_asked_for_lets_nothing_through_until_it_is_over(database: Database) -> None:
    async with database.write() as tx:
        await pace.rest(tx, WORKSPACE, BUDGET.method, NOW + 30 * SECOND)
        await pace.rest(tx, WORKSPACE, BUDGET.method, NOW + 10 * SECOND)
    assert await allowed(database, after=29 * SECOND) == Allowance(0, NOW + 30 * SECOND)
    assert (await allowed(database, after=30 * SECOND)).calls == 5


async def test_a_rest_is_of_one_method_and_keeps_what_was_counted(database: Database) -> None:
    await allowed(database, calls=4)
    async with database.write() as tx:
        await pace.rest(tx, WORKSPACE, BUDGET.method, NOW + SECOND)
        await pace.rest(tx, WORKSPACE, "chat.postMessage", NOW + WINDOW)
    assert (await allowed(database, after=SECOND)).calls == 1


async def test_more_calls_than_allowed_are_never_owed(database: Database) -> None:
    await allowed(database, calls=9)
    assert (await allowed(database)).calls == 0
