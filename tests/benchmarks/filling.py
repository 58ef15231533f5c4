"""Databases full of incidents: a few are lived through by the rules and stored by the bot's own storage, and copied."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

from sqlalchemy import insert, select, update

from bot.domain.delivery import PromiseState
from bot.domain.escalation import next_evaluation_at
from bot.domain.ids import IncidentId
from bot.domain.incident import Report
from bot.domain.message import PageTier, StakeholderParent
from bot.domain.policy import Policy, Severity
from bot.domain.promise import Promise
from bot.domain.slot import card_slot
from bot.domain.transition import Transition, evaluate
from bot.domain.verbs import acknowledge, open_incident
from bot.policy_file import read
from bot.services.asked import change_of
from bot.services.policies import PolicyBook, adopt
from bot.slack.marks import delivery_key
from storage import incidents, tables
from storage.database import Database, Transaction, open_database
from storage.records import Row
from storage.schema import migrate
from tests.benchmarks.copying import Numbers, copied, original_ts
from tests.benchmarks.workspace import READER, REPORTER, WORKSPACE, directory_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An incident that is about to be opened."""

    number: int
    report: Report
    book: PolicyBook

    @property
    def policy(self) -> Policy:
        return self.book.current.policy

    def at(self, instant: datetime) -> Transition:
        return open_incident(
            self.report,
            self.policy,
            incident_id=IncidentId(self.number),
            workspace_id=WORKSPACE,
            number=self.number,
            policy_version_id=self.book.current.version_id,
            by=REPORTER,
            now=instant,
        )


Life = Callable[[Opening], Transition]


def reported(severity: Severity, service: str) -> Report:
    return Report(
        title="Customers cannot pay by card",
        description="The page stays blank after the second step. Started after the last release.",
        severity=severity,
        service=service,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Incidents that lived alike, of all services of the policy."""

    numbers: Numbers
    life: Life
    severities: Sequence[Severity] = tuple(Severity)


def opened(at: datetime) -> Life:
    """Nothing has happened since."""
    return lambda opening: opening.at(at)


def unanswered(until: datetime) -> Life:
    """Nobody took it, and its people were warned: at `until` nothing but the breach is left."""

    def life(opening: Opening) -> Transition:
        lived = opening.at(until - opening.policy.targets(opening.report.severity).ack_within)
        while (instant := next_evaluation_at(lived.incident, opening.policy)) is not None and instant < until:
            lived = lived.then(evaluate(lived.incident, opening.policy, instant))
        return lived

    return life


def quiet(until: datetime) -> Life:
    """Acknowledged as soon as it was opened; at `until` it is time for an update."""

    def life(opening: Opening) -> Transition:
        taken = _taken(opening, until)
        due_at = next_evaluation_at(taken.incident, opening.policy) or until
        return _taken(opening, until - (due_at - until))

    return life


def _taken(opening: Opening, at: datetime) -> Transition:
    lived = opening.at(at)
    return lived.then(acknowledge(lived.incident, opening.policy, by=READER, now=at))


async def adopted(database: Database, policy: Path, *, now: datetime) -> PolicyBook:
    document = read(policy)
    return await adopt(database, WORKSPACE, document, await directory_of(document), now=now)


async def filled(url: str, policy: Path, groups: Sequence[Group], *, now: datetime) -> None:
    """The newest schema, and every group's incidents, with all that was promised about them said."""
    database = open_database(url)
    try:
        await migrate(database)
        book = await adopted(database, policy, now=now)
        originals = [await _stored(database, book, group) for group in groups]
    finally:
        await database.close()
    await copied(url, [(group.numbers, count) for group, count in zip(groups, originals, strict=True)])


async def _stored(database: Database, book: PolicyBook, group: Group) -> int:
    """One incident of each severity and service, with the first numbers of the group; how many they are."""
    services = tuple(book.current.policy.services)
    kinds = list(product(group.severities, services))[: group.numbers.count]
    async with database.write() as tx:
        for index, (severity, service) in enumerate(kinds):
            opening = Opening(number=group.numbers.at(index), report=reported(severity, service), book=book)
            lived = group.life(opening)
            await incidents.store_opened(tx, change_of(lived, opening.policy))
            await _said(tx, lived)
    return len(kinds)


async def _said(tx: Transaction, lived: Transition) -> None:
    """As if Slack had taken every message a second after it was due."""
    number = lived.incident.number
    promises = {promise.key: promise for promise in lived.promises}
    outbox = tables.outbox
    query = select(outbox.c.id, outbox.c.dedup_key).where(outbox.c.incident_id == lived.incident.id)
    for index, row in enumerate((await tx.execute(query.order_by(outbox.c.id))).all()):
        promise = promises[row.dedup_key]
        ts = original_ts(number, index)
        said_at = promise.deliver_at + timedelta(seconds=1)
        sent = {"state": PromiseState.SENT.value, "attempts": 1, "message_ts": ts, "delivered_at": said_at}
        await tx.execute(update(outbox).where(outbox.c.id == row.id).values(sent))
        for card in _cards(lived, promise, ts):
            await tx.execute(insert(tables.cards), [card])


def _cards(lived: Transition, promise: Promise, ts: str) -> Iterator[Row]:
    message = promise.message
    slot = card_slot(message) if isinstance(message, PageTier | StakeholderParent) else None
    if slot is not None:
        yield {
            "workspace_id": WORKSPACE,
            "incident_id": lived.incident.id,
            "slot": slot,
            "channel": promise.channel,
            "ts": ts,
            "delivery_key": delivery_key(WORKSPACE, promise.key),
            "wanted_version": lived.incident.version,
            "shown_version": lived.incident.version,
            "edit_at": promise.deliver_at,
        }
