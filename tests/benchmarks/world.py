"""A database with many open incidents of the shipped policy, as the bot would have left it."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, event, insert

from bot.clock import Clock
from bot.domain.delivery import PromiseState
from bot.domain.escalation import next_evaluation_at
from bot.domain.ids import ChannelId, IncidentId, UserId, WorkspaceId
from bot.domain.incident import Report
from bot.domain.policy import Mention, MentionKind, Severity
from bot.domain.promise import Notice, Promise, card_slot
from bot.domain.transition import Transition, evaluate
from bot.domain.verbs import open_incident
from bot.policy_file import Directory, PolicyDocument, read
from bot.policy_file.calendars import CalendarEntry
from bot.services.policies import PolicyBook, adopt
from storage import tables
from storage.database import Database, Transaction, open_database
from storage.records import Row, event_row, incident_row, promise_row
from storage.schema import migrate

SHIPPED_POLICY = Path(__file__).parents[2] / "policy.yml"
WORKSPACE = WorkspaceId("T0BENCHMARK")
REPORTER = UserId("U0REPORTER")


class NoGroups:
    """Nobody is in a user group; taking an incident is open to anyone."""

    def groups_of(self, user: UserId) -> Collection[str]:
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A transaction that was seen to be committed, and how many statements it took besides BEGIN and COMMIT."""

    began_at: datetime
    committed_at: datetime
    statements: int


class WatchedDatabase(Database):
    """The product's database, with a note of each write."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database._writer, database._reader, database._release)
        self._clock = clock
        self._statements: Counter[Connection | None] = Counter()
        self.writes: list[Write] = []
        event.listen(self.engine.sync_engine, "before_cursor_execute", self._count)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        async with super().write() as tx:
            connection, began_at = tx.sync_connection, self._clock.now()
            yield tx
        write = Write(began_at=began_at, committed_at=self._clock.now(), statements=self._statements.pop(connection, 0))
        self.writes.append(write)

    def _count(self, connection: Connection, *_: object) -> None:
        self._statements[connection] += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    database: WatchedDatabase
    book: PolicyBook


@asynccontextmanager
async def a_world(url: str, clock: Clock) -> AsyncIterator[World]:
    database = WatchedDatabase(open_database(url), clock)
    try:
        await migrate(database)
        document = _policy()
        book = await adopt(database, WORKSPACE, document, _directory(document), now=clock.now())
        yield World(database=database, book=book)
    finally:
        await database.close()


async def fill(world: World, count: int, *, due_at: datetime, first: int = 1) -> None:
    """`count` incidents of all severities and services, paged and shown, whose response targets all end at `due_at`."""
    opened = [_opened(world, number, due_at) for number in range(first, first + count)]
    async with world.database.write() as tx:
        await tx.execute(insert(tables.incidents), [_incident_row(world, one) for one in opened])
        await tx.execute(insert(tables.timeline), [row for one in opened for row in _event_rows(one)])
        await tx.execute(insert(tables.outbox), [row for one in opened for row in _sent_rows(one)])
        await tx.execute(insert(tables.cards), [row for one in opened for row in _card_rows(one)])
    if world.database.engine.dialect.name == "postgresql":
        async with world.database.write() as tx:
            await tx.exec_driver_sql("ANALYZE")


def _policy() -> PolicyDocument:
    """The shipped one, with its calendars open all the time: else nothing of sev3 runs out at night."""
    document = read(SHIPPED_POLICY)
    always = CalendarEntry(zone="Europe/Paris", week={"mon-sun": ("00:00-24:00",)})
    return document.model_copy(update={"calendars": dict.fromkeys(document.calendars, always)})


def _directory(document: PolicyDocument) -> Directory:
    names = document.names()
    return Directory(
        channels={name: ChannelId(f"C{number:09}") for number, name in enumerate(sorted(names.channels))},
        people={
            name: Mention(kind=MentionKind.USER, slack_id=f"U{number:09}", name=name.removeprefix("@"))
            for number, name in enumerate(sorted(names.people))
        },
    )


def _opened(world: World, number: int, due_at: datetime) -> Transition:
    """Opened, and warned until nothing but the breach is left."""
    current = world.book.current
    services = tuple(current.policy.services)
    severity = tuple(Severity)[number % len(Severity)]
    opened = open_incident(
        Report(
            title=f"Customers cannot pay with card number {number}",
            description="The page stays blank after the second step. Started after the last release.",
            severity=severity,
            service=services[number // len(Severity) % len(services)],
        ),
        current.policy,
        incident_id=IncidentId(number),
        workspace_id=WORKSPACE,
        number=number,
        policy_version_id=current.version_id,
        by=REPORTER,
        now=due_at - current.policy.targets(severity).ack_within,
    )
    while (at := next_evaluation_at(opened.incident, current.policy)) is not None and at < due_at:
        opened = opened.then(evaluate(opened.incident, current.policy, at))
    return opened


def _incident_row(world: World, opened: Transition) -> Row:
    instant = next_evaluation_at(opened.incident, world.book.current.policy)
    return incident_row(opened.incident) | {"next_evaluation_at": instant}


def _event_rows(opened: Transition) -> Iterator[Row]:
    for one in opened.events:
        yield event_row(WORKSPACE, opened.incident.id, one)


def _sent_rows(opened: Transition) -> Iterator[Row]:
    for promise in opened.promises:
        yield promise_row(WORKSPACE, opened.incident.id, promise) | {
            "state": PromiseState.SENT.value,
            "attempts": 1,
            "message_ts": _ts(opened, promise),
            "delivered_at": promise.deliver_at + timedelta(seconds=1),
        }


def _card_rows(opened: Transition) -> Iterator[Row]:
    for promise in opened.promises:
        slot = None if isinstance(promise.message, Notice) else card_slot(promise.message)
        if slot is None:
            continue
        yield {
            "workspace_id": WORKSPACE,
            "incident_id": opened.incident.id,
            "slot": slot,
            "channel": promise.channel,
            "ts": _ts(opened, promise),
            "delivery_key": f"K{opened.incident.number}",
            "wanted_version": opened.incident.version,
            "shown_version": opened.incident.version,
            "edit_at": promise.deliver_at,
        }


def _ts(opened: Transition, promise: Promise) -> str:
    return f"{promise.deliver_at.timestamp():.0f}.{opened.incident.number:06}"
