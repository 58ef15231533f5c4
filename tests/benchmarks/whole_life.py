"""What one incident costs from its opening to its resolution: calls to Slack and statements in the database."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.playground import Answer
from storage import tables
from storage.database import Database
from tests.benchmarks.bench import Bench, NotMeasured, Room
from tests.benchmarks.figure import Figure
from tests.benchmarks.workspace import SHIPPED_POLICY
from tests.builders import NOW
from tests.clock import ManualClock
from tests.scenarios.world import World, world

STORY: Final = "one incident's whole life: opened, paged, breached, tier 2, acknowledged, an update, resolved"
WRITING: Final = "writing"
READING: Final = "reading"
FACTS: Final = (tables.incidents, tables.timeline, tables.breaches, tables.outbox, tables.cards)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    calls: Mapping[str, int]
    messages: int
    """What people find in Slack at the end."""

    statements: Counter[tuple[str, str]]
    """How often each was said, by WRITING or READING and its text."""

    rows: int
    """What is stored of it at the end."""

    def said(self, kind: str, *, begins: bool = False) -> int:
        """How many statements, or how many beginnings of a transaction."""
        chosen = (said for said in self.statements if said[0] == kind and said[1].startswith("BEGIN") is begins)
        return sum(self.statements[said] for said in chosen)


def whole_life(bench: Bench) -> Sequence[Figure]:
    """Once: the clock is moved by hand, so hardly anything of it varies."""
    bench.say("from its opening to its resolution")
    with Room.on_sqlite() as room:
        life = asyncio.run(lived(room))
    messages, rows = "the messages that people find", "the rows that are stored"
    figures = [
        Figure(
            group=STORY,
            what="calls to Slack",
            unit="",
            runs=[sum(life.calls.values())],
            baseline=messages,
            baseline_runs=[life.messages],
        ),
        *(
            Figure(group=STORY, what=f"of these {method}", unit="", runs=[count])
            for method, count in sorted(life.calls.items())
        ),
    ]
    said = {
        "statements in transactions that write": life.said(WRITING),
        "transactions that write": life.said(WRITING, begins=True),
        "statements that only read": life.said(READING),
    }
    figures.extend(
        Figure(group=STORY, what=what, unit="", runs=[count], baseline=rows, baseline_runs=[life.rows])
        for what, count in said.items()
    )
    return figures


async def lived(room: Room) -> Life:
    clock = ManualClock(NOW)
    async with world(clock, room.url, transport="http", policy_file=SHIPPED_POLICY) as story:
        before = len(story.slack.workspace.calls)
        with _statements(story.bot.database) as said:
            await _live(story)
        calls = Counter(call.method for call in story.slack.workspace.calls[before:])
        messages = len(story.said())
        rows = await _rows(story.bot.database)
    return Life(
        calls=calls,
        messages=messages,
        statements=said,
        rows=rows,
    )


async def _live(story: World) -> None:
    _done(await story.command("sam", "/incident open sev1 checkout: Checkout is down"))
    await story.advance(minutes=5, seconds=10)
    _done(await story.click("chloe", "tier-2-platform", "acknowledge"))
    await story.advance(minutes=20, seconds=10)
    await story.resolve("chloe", "tier-2-platform")
    await story.advance(seconds=10)
    if "Resolved by" not in story.shows("tier-2-platform"):
        raise NotMeasured("it was not resolved")


def _done(answer: Answer) -> None:
    if not answer.ok:
        raise NotMeasured(f"Slack showed an error: {answer.error}")


@contextmanager
def _statements(database: Database) -> Iterator[Counter[tuple[str, str]]]:
    said: Counter[tuple[str, str]] = Counter()
    with ExitStack() as stack:
        for kind, engine in ((WRITING, database.engine), (READING, database._reader)):
            stack.enter_context(_listening(engine, kind, said))
        yield said


@contextmanager
def _listening(engine: AsyncEngine, kind: str, said: Counter[tuple[str, str]]) -> Iterator[None]:
    def count(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        said[kind, sql] += 1

    event.listen(engine.sync_engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", count)


async def _rows(database: Database) -> int:
    async with database.read() as tx:
        return sum([await tx.scalar(select(func.count()).select_from(table)) or 0 for table in FACTS])
