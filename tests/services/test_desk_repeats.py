"""A request that comes again is done once, and answered as it was: by what is so by now."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import func, select

from bot.domain.errors import IncidentAlreadyAcknowledged, IncidentNotOnHold
from bot.domain.incident import IncidentState, Report
from bot.domain.policy import Severity
from bot.domain.verbs import Seen
from bot.services.commits import Commits
from storage import tables
from storage.database import Database, open_database
from storage.errors import CommitUnknown, NotStored
from tests.builders import ANA, BEN, CHLOE, NOW, SAM, minutes
from tests.clock import ManualClock
from tests.databases import PostgresServer
from tests.services.bench import Bench, bench
from tests.storage.broken_line import Break, BrokenLine, broken_line
from tests.storage.statements import statements_of

CAUSE: Final = "click/1794625200.000100/U0ANA00001/acknowledge/1794625100.000100"
REPORT: Final = Report(title="Checkout is down", severity=Severity.SEV1, service="checkout")

VERBS: Final[Mapping[str, Mapping[str, Any]]] = {
    "acknowledge": {},
    "escalate": {"seen": Seen(tier=1, cycle=0)},
    "escalate_to": {"words": "platform it is theirs"},
    "pass_on": {"seen": Seen(tier=1, cycle=0)},
    "assign": {"to": CHLOE},
    "hold": {"until": NOW + minutes(60), "reason": "Waits for a part"},
    "change_severity": {"severity": Severity.SEV2, "reason": "Less"},
    "resolve": {"summary": "Rolled back"},
    "cancel": {"reason": "A drill"},
}


async def everything(bot: Bench) -> object:
    return await bot.incident(), await bot.story(), await bot.promises(), bot.changes


async def count(database: Database) -> int:
    async with database.read() as tx:
        return await tx.scalar(select(func.count()).select_from(tables.incidents)) or 0


@pytest.mark.parametrize("verb", VERBS)
async def test_what_is_asked_again_changes_nothing(database: Database, clock: ManualClock, verb: str) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        first = await getattr(bot.desk, verb)(1, by=ANA, cause=CAUSE, **VERBS[verb])
        before = await everything(bot)
        clock.advance(seconds=30)
        assert await getattr(bot.desk, verb)(1, by=ANA, cause=CAUSE, **VERBS[verb]) == first
        assert await everything(bot) == before


async def test_an_incident_is_opened_once_however_often_it_is_asked_for(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        first = await bot.desk.open(REPORT, by=SAM, cause="command/1")
        before = await everything(bot)
        assert await bot.desk.open(REPORT, by=SAM, cause="command/1") == first
        assert await everything(bot) == before
        assert (await bot.desk.open(REPORT, by=SAM, cause="command/2")).incident.number == 2, "no number was lost"
        assert await count(database) == 2


async def test_an_incident_asked_for_many_times_at_once_is_opened_once(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        cases = await asyncio.gather(*(bot.desk.open(REPORT, by=SAM, cause="command/1") for _ in range(8)))
        assert {case.incident.number for case in cases} == {1}
        assert (await count(database), bot.changes) == (1, 1)


async def test_the_same_click_many_times_at_once_is_done_once_and_refused_to_nobody(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        cases = await asyncio.gather(*(bot.desk.acknowledge(1, by=ANA, cause=CAUSE) for _ in range(8)))
        assert {case.incident.assignee for case in cases} == {ANA}
        assert [event.fact.kind for event in await bot.story()] == ["opened", "acknowledged"]
        assert bot.changes == 2


async def test_the_answer_is_what_is_so_by_now(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.desk.acknowledge(1, by=ANA, cause=CAUSE)
        await bot.desk.resolve(1, by=ANA)
        again = await bot.desk.acknowledge(1, by=ANA, cause=CAUSE)
        assert again.incident.state is IncidentState.RESOLVED


async def test_another_click_is_another_request(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.desk.acknowledge(1, by=ANA, cause=CAUSE)
        with pytest.raises(IncidentAlreadyAcknowledged):
            await bot.desk.acknowledge(1, by=BEN, cause="click/another")


async def test_what_was_refused_is_decided_again(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        with pytest.raises(IncidentNotOnHold):
            await bot.desk.resume(1, by=ANA, cause=CAUSE)
        await bot.desk.hold(1, by=ANA, **VERBS["hold"])
        assert (await bot.desk.resume(1, by=ANA, cause=CAUSE)).incident.state is IncidentState.ACKNOWLEDGED


async def test_remembering_a_click_costs_one_statement(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        costs = []
        for number, cause in ((1, None), (2, CAUSE)):
            await bot.open()
            with statements_of(database) as said:
                await bot.desk.acknowledge(number, by=ANA, cause=cause)
            costs.append([statement.kind for statement in said])
        plain, remembered = costs
        assert remembered == [plain[0], "INSERT", *plain[1:]]


class TestWithoutAnAnswerToTheCommit:
    """The line to PostgreSQL breaks while the commit is on its way."""

    @pytest.fixture
    async def on_the_line(
        self, postgres_server: PostgresServer, clock: ManualClock
    ) -> AsyncIterator[tuple[BrokenLine, Bench, Database]]:
        """The bot by way of the line, and the database without it."""
        url = postgres_server.fresh_url()
        # The path of a socket may have about a hundred characters.
        with tempfile.TemporaryDirectory(prefix="tl-") as folder:
            async with (
                broken_line(url, Path(folder)) as (line, by_line),
                _open(by_line) as database,
                _open(url) as other,
                bench(database, clock) as bot,
            ):
                yield line, bot, other

    @pytest.mark.parametrize("at", Break)
    async def test_a_click_is_done_once(self, on_the_line: tuple[BrokenLine, Bench, Database], at: Break) -> None:
        line, bot, _ = on_the_line
        await bot.open()
        line.at = at
        case = await bot.desk.acknowledge(1, by=ANA, cause=CAUSE)
        assert case.incident == await bot.incident()
        assert case.incident.assignee == ANA
        assert [event.fact.kind for event in await bot.story()] == ["opened", "acknowledged"]
        assert bot.changes == 2, "the loops hear of it"

    @pytest.mark.parametrize("at", Break)
    async def test_an_incident_is_opened_once(self, on_the_line: tuple[BrokenLine, Bench, Database], at: Break) -> None:
        line, bot, other = on_the_line
        line.at = at
        case = await bot.desk.open(REPORT, by=SAM, cause="command/1")
        assert (case.incident.number, await count(other)) == (1, 1)

    async def test_what_cannot_be_told_is_said_in_time(
        self, on_the_line: tuple[BrokenLine, Bench, Database], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        line, bot, other = on_the_line
        line.at, line.stays_down = Break.AFTER_COMMIT, True
        loop, within = asyncio.get_running_loop(), 0.5
        with monkeypatch.context() as hasty:
            hasty.setattr(Commits, "deadline", lambda _: loop.time() + within)
            said: type[Exception] = NotStored
            while said is NotStored:  # a busy machine may need more time to come as far as the commit
                with pytest.raises((CommitUnknown, NotStored)) as raised:
                    await bot.desk.open(REPORT, by=SAM, cause="command/1")
                said, within = raised.type, within * 2
        await line.broken.wait()
        line.stays_down = False
        again = await bot.desk.open(REPORT, by=SAM, cause="command/1")
        assert (again.incident.number, await count(other)) == (1, 1), "whoever tries again finds it done"

    async def test_a_request_without_a_name_is_not_guessed_at(
        self, on_the_line: tuple[BrokenLine, Bench, Database]
    ) -> None:
        line, bot, other = on_the_line
        line.at = Break.AFTER_COMMIT
        with pytest.raises(CommitUnknown):
            await bot.desk.open(REPORT, by=SAM)
        assert await count(other) == 1


@asynccontextmanager
async def _open(url: str) -> AsyncIterator[Database]:
    database = open_database(url)
    try:
        yield database
    finally:
        await database.close()
