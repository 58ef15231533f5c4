"""What the bot has stored, read beside it: the test never writes, and holds no connection between two looks."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, Table, event, select
from sqlalchemy.engine import RowMapping, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.domain.delivery import UNSETTLED, PromiseState
from bot.domain.incident import Incident
from bot.domain.transition import Breach
from storage import tables
from storage.records import breach_of, incident_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPromise:
    key: str
    channel: str
    state: PromiseState
    deliver_at: datetime
    claimed_until: datetime | None
    attempts: int
    message_ts: str | None

    @property
    def settled(self) -> bool:
        return self.state not in UNSETTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCard:
    incident_id: int
    slot: str
    ts: str
    current: bool
    claimed_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything of one instant."""

    incidents: Mapping[int, Incident]
    """By number."""
    next_evaluations: Mapping[int, datetime | None]
    promises: Mapping[str, StoredPromise]
    """By the key made from their cause."""
    cards: Sequence[StoredCard]
    breaches: Mapping[int, Sequence[Breach]]
    """By the incident's number, in order."""
    stories: Mapping[int, Sequence[tuple[int, datetime]]]
    """By the incident's number: each entry's place and instant, in order."""

    def state(self, key: str) -> PromiseState | None:
        promise = self.promises.get(key)
        return None if promise is None else promise.state

    def in_state(self, state: PromiseState) -> Sequence[StoredPromise]:
        return [promise for promise in self.promises.values() if promise.state is state]

    @property
    def leases(self) -> Sequence[datetime]:
        """Until when each message or edit on its way belongs to its sender."""
        ends = [
            *(promise.claimed_until for promise in self.promises.values()),
            *(card.claimed_until for card in self.cards),
        ]
        return [end for end in ends if end is not None]

    def promised(self, number: int) -> set[str]:
        """What was promised about an incident, without the incident's own key."""
        prefix = f"INC-{number}/"
        return {key.removeprefix(prefix) for key in self.promises if key.startswith(prefix)}

    def at_rest(self, now: datetime) -> bool:
        """Whether nothing is left to decide, to say or to show at `now`."""
        due = [at for at in self.next_evaluations.values() if at is not None and at <= now]
        return not due and not self.unfinished()

    def unfinished(self) -> Sequence[StoredPromise | StoredCard]:
        """What is still to be said or shown."""
        promises = [promise for promise in self.promises.values() if not promise.settled]
        return [*promises, *(card for card in self.cards if not card.current)]


class Stored:
    """Reads a database that a running bot has open. Read-only on SQLite, so that the log of writes stays the bot's."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)

    async def facts(self) -> Facts:
        async with self._engine.connect() as connection:
            incidents = await _rows(connection, select(tables.incidents).order_by(tables.incidents.c.number))
            promises = await _all(connection, tables.outbox)
            cards = await _all(connection, tables.cards)
            breaches = await _rows(connection, select(tables.breaches).order_by(tables.breaches.c.number))
            story = await _rows(connection, select(tables.timeline).order_by(tables.timeline.c.seq))
        numbers = {row["id"]: row["number"] for row in incidents}
        return Facts(
            incidents={row["number"]: incident_of(row) for row in incidents},
            next_evaluations={row["number"]: row["next_evaluation_at"] for row in incidents},
            promises={row["dedup_key"]: _promise(row) for row in promises},
            cards=[_card(row) for row in cards],
            breaches={
                number: [breach_of(row) for row in breaches if row["incident_id"] == id_]
                for id_, number in numbers.items()
            },
            stories={
                number: [(row["seq"], row["at"]) for row in story if row["incident_id"] == id_]
                for id_, number in numbers.items()
            },
        )

    async def close(self) -> None:
        await asyncio.shield(self._engine.dispose())


def _engine(url: str) -> AsyncEngine:
    """Each connection sees one instant only."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(f"sqlite+aiosqlite:///file:{parsed.database}?mode=ro&uri=true")
    return create_async_engine(
        parsed.set(drivername="postgresql+asyncpg"), poolclass=NullPool, isolation_level="REPEATABLE READ"
    )


def _sqlite_engine(url: str) -> AsyncEngine:
    engine = create_async_engine(url, poolclass=NullPool, connect_args={"isolation_level": None})

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


async def _all(connection: AsyncConnection, table: Table) -> Sequence[RowMapping]:
    return await _rows(connection, select(table).order_by(table.c.id))


async def _rows(connection: AsyncConnection, query: Select[*tuple[object, ...]]) -> Sequence[RowMapping]:
    return (await connection.execute(query)).mappings().all()


def _promise(row: RowMapping) -> StoredPromise:
    return StoredPromise(
        key=row["dedup_key"],
        channel=row["channel"],
        state=PromiseState(row["state"]),
        deliver_at=row["deliver_at"],
        claimed_until=row["claimed_until"],
        attempts=row["attempts"],
        message_ts=row["message_ts"],
    )


def _card(row: RowMapping) -> StoredCard:
    return StoredCard(
        incident_id=row["incident_id"],
        slot=row["slot"],
        ts=row["ts"],
        current=row["shown_version"] >= row["wanted_version"],
        claimed_until=row["claimed_until"],
    )
