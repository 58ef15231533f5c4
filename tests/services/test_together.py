"""What is asked at the same moment shares a transaction, and nobody is answered for another."""

import asyncio
from collections.abc import Sequence
from typing import Final

import pytest
from sqlalchemy import func, insert, select

from bot.domain.errors import IncidentAlreadyAcknowledged, IncidentNotFound
from bot.domain.ids import WorkspaceId
from bot.domain.incident import IncidentState
from bot.services.commits import Commits
from bot.services.together import Together
from storage import tables
from storage.database import Database, Transaction
from storage.errors import CommitUnknown, NotStored
from tests.builders import ANA, BEN, CHLOE
from tests.clock import ManualClock
from tests.services.bench import bench
from tests.storage.statements import statements_of
from tests.unhurried import LONG

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SOON: Final = 0.3


async def stored(database: Database) -> int:
    async with database.read() as tx:
        return await tx.scalar(select(func.count()).select_from(tables.workspaces)) or 0


class Doing:
    """Stores a workspace for each that is asked; fails if told so. `given` is what it was given at a time."""

    def __init__(self, error: Exception | None = None) -> None:
        self.given: list[Sequence[str]] = []
        self._error = error

    async def one(self, tx: Transaction, asked: str) -> str:
        (answer,) = await self.several(tx, [asked])
        return answer

    async def several(self, tx: Transaction, several: Sequence[str]) -> Sequence[str]:
        self.given.append(several)
        for asked in several:
            await tx.execute(insert(tables.workspaces).values(id=WorkspaceId(asked)))
        if self._error is not None:
            raise self._error
        return [f"{asked} stored" for asked in several]

    def together(self, database: Database, within: float = LONG) -> Together[str, str]:
        return Together(Commits(database, within=within), one=self.one, several=self.several)


async def test_whoever_asks_while_one_waits_for_its_turn_joins_it(database: Database) -> None:
    doing = Doing()
    together = doing.together(database)
    assert await asyncio.gather(*(together(name) for name in "ABC")) == ["A stored", "B stored", "C stored"]
    assert await together("D") == "D stored"
    assert doing.given == [["A", "B", "C"], ["D"]]
    assert await stored(database) == 4


async def test_what_fails_is_raised_to_whoever_was_alone_and_left_undone_for_several(database: Database) -> None:
    together = Doing(ZeroDivisionError()).together(database)
    with pytest.raises(ZeroDivisionError):
        await together("A")
    assert list(await asyncio.gather(together("B"), together("C"))) == [None, None]
    assert await stored(database) == 0


async def test_a_commit_in_doubt_is_told_to_all(database: Database) -> None:
    together = Doing(CommitUnknown("reset")).together(database)
    answers = await asyncio.gather(together("A"), together("B"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [CommitUnknown, CommitUnknown]


async def test_nobody_waits_for_ever_for_their_turn(database: Database) -> None:
    doing = Doing()
    hasty = doing.together(database, within=SOON)
    async with database.write():
        assert list(await asyncio.gather(hasty("A"), hasty("B"))) == [None, None]
        with pytest.raises(NotStored, match="takes too long"):
            await hasty("C")
    assert await doing.together(database)("D") == "D stored"
    assert doing.given == [["D"]]


async def test_whoever_goes_away_while_waiting_is_left_out(database: Database) -> None:
    doing = Doing()
    together = doing.together(database)
    async with database.write():
        asking = [asyncio.create_task(together(name)) for name in "ABC"]
        await asyncio.sleep(0)
        asking[1].cancel()
        await asyncio.wait((asking[1],))
    assert list(await asyncio.gather(asking[0], asking[2])) == ["A stored", "C stored"]
    assert doing.given == [["A", "C"]]
    async with database.write():
        gone = asyncio.create_task(together("D"))
        await asyncio.sleep(0)
        gone.cancel()
    await together.finish()
    assert doing.given == [["A", "C"]]


async def test_what_was_begun_ends_before_the_database_is_closed(database: Database) -> None:
    together = Doing().together(database)
    await together.finish()
    asking = asyncio.create_task(together("A"))
    await asyncio.sleep(0)
    await together.finish()
    assert await stored(database) == 1
    assert await asking == "A stored"


class TestAtTheDesk:
    async def test_many_clicks_cost_the_statements_of_one(self, database: Database, clock: ManualClock) -> None:
        async with bench(database, clock) as bot:
            for _ in range(5):
                await bot.open()
            with statements_of(database) as for_one:
                await bot.desk.acknowledge(1, by=ANA, cause="click/1")
            with statements_of(database) as for_four:
                cases = await asyncio.gather(
                    *(bot.desk.acknowledge(number, by=BEN, cause=f"click/{number}") for number in (2, 3, 4, 5))
                )
            assert [statement.kind for statement in for_four] == [statement.kind for statement in for_one]
            assert [(case.incident.number, case.incident.assignee) for case in cases] == [
                (number, BEN) for number in (2, 3, 4, 5)
            ]
            assert bot.changes == 10

    async def test_each_is_answered_for_itself(self, database: Database, clock: ManualClock) -> None:
        async with bench(database, clock) as bot:
            for _ in range(4):
                await bot.open()
            first = await bot.desk.acknowledge(1, by=ANA, cause="click/1")
            again, refused, missing, done, late = await asyncio.gather(
                bot.desk.acknowledge(1, by=ANA, cause="click/1"),
                bot.desk.acknowledge(1, by=BEN, cause="click/2"),
                bot.desk.acknowledge(9, by=BEN, cause="click/3"),
                bot.desk.acknowledge(2, by=BEN, cause="click/4"),
                bot.desk.resolve(2, by=BEN, cause="click/5"),
                return_exceptions=True,
            )
            assert again == first
            assert isinstance(refused, IncidentAlreadyAcknowledged)
            assert isinstance(missing, IncidentNotFound)
            assert not isinstance(done, BaseException)
            assert not isinstance(late, BaseException)
            assert (done.incident.assignee, late.incident.state) == (BEN, IncidentState.RESOLVED)

    async def test_of_what_was_done_before_nothing_is_done_again(self, database: Database, clock: ManualClock) -> None:
        """Who has it may give it to somebody again: nothing but its cause tells that this is a repeat."""
        async with bench(database, clock) as bot:
            for _ in range(2):
                await bot.open()
            await bot.desk.assign(1, by=ANA, to=BEN, cause="form/1")
            now = await bot.desk.assign(1, by=ANA, to=CHLOE, cause="form/2")
            again, other = await asyncio.gather(
                bot.desk.assign(1, by=ANA, to=BEN, cause="form/1"),
                bot.desk.acknowledge(2, by=BEN, cause="click/1"),
            )
            assert (again, other.incident.assignee) == (now, BEN)
            assert [event.fact.kind for event in await bot.story()] == ["opened", "assigned", "assigned"]
