"""What the hot paths cost: a fixed number of statements, and an index under each."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, text

from bot.domain.delivery import LEASE, QUIET
from bot.domain.ids import IncidentId
from bot.domain.policy import Severity
from bot.domain.timeline import Acknowledged, TimelineEvent
from bot.domain.transition import evaluate
from bot.domain.wanted import Wanted
from storage import cards, homes, incident_channels, incidents, lists, outbox, tables
from storage.database import Database, Transaction
from storage.records import event_row, incident_row, promise_row
from tests.builders import ANA, NOW, TIER_1_CHANNEL, WORKSPACE, a_policy, an_incident, minutes
from tests.storage.statements import plan_of, statements_of
from tests.storage.stored import FIRST_VERSION, a_page, change_of, open_one

LATER = NOW + minutes(5)
SOME = Wanted(severities=(Severity.SEV1,), services=("checkout",), people=(ANA,), breached=True)


async def decide(database: Database) -> int:
    """As the tick does; how many were due."""
    async with database.write() as tx:
        due = await incidents.due(tx, WORKSPACE, now=LATER, limit=500)
        changes = [change_of(evaluate(one, a_policy(), LATER), decided_on=one.version) for one in due]
        await incidents.store(tx, changes)
    return len(due)


async def test_a_hundred_that_are_due_cost_hardly_more_statements_than_one(database: Database) -> None:
    costs = []
    for count in (1, 100):
        async with database.write() as tx:
            for _ in range(count):
                await open_one(tx)
        with statements_of(database) as said:
            assert await decide(database) == count
        costs.append([statement.kind for statement in said])
    inserts = 1 if database.is_shared else 2  # into each table: SQLite takes groups of rows, and then what is left
    assert costs[0] == ["SELECT", "UPDATE", "UPDATE", "INSERT", "INSERT", "INSERT"]
    assert costs[1] == ["SELECT", "UPDATE", "UPDATE", *["INSERT"] * 3 * inserts]


async def test_opening_an_incident_costs_a_handful_of_statements(database: Database) -> None:
    with statements_of(database) as said:
        async with database.write() as tx:
            await open_one(tx)
    assert [statement.kind for statement in said] == ["UPDATE", "SELECT", "INSERT", "INSERT", "INSERT"]


async def test_claiming_costs_three_statements_however_many_there_are(database: Database) -> None:
    async with database.write() as tx:
        for _ in range(10):
            await open_one(tx)
    with statements_of(database) as said:
        async with database.write() as tx:
            assert len(await outbox.claim(tx, WORKSPACE, now=NOW, limit=50)) == 2
    assert [statement.kind for statement in said] == ["SELECT", "UPDATE", "INSERT"]


SETTLED, WAITING = 1_500, 10
RUNNING = replace(an_incident(policy_version_id=FIRST_VERSION), id=IncidentId(SETTLED + 1), number=SETTLED + 1)


async def a_long_history(database: Database) -> None:
    """Many incidents that are over, with all that was said about them, and a few that are not."""
    numbers = range(1, SETTLED + WAITING + 1)
    over = {"state": "resolved", "resolved_at": LATER, "resolved_by": ANA, "next_evaluation_at": None}
    running = {"next_evaluation_at": LATER}
    template = incident_row(an_incident(policy_version_id=FIRST_VERSION))
    message = promise_row(WORKSPACE, 1, a_page("key"))
    entry = event_row(WORKSPACE, 1, TimelineEvent(seq=1, at=NOW, by=ANA, fact=Acknowledged(tier=1)))
    card = {"workspace_id": WORKSPACE, "slot": "tier:1", "channel": "C1", "ts": "1", "delivery_key": "k"}
    async with database.write() as tx:
        await tx.execute(
            insert(tables.incidents),
            [template | {"id": n, "number": n} | (over if n <= SETTLED else running) for n in numbers],
        )
        await tx.execute(
            insert(tables.outbox),
            [
                message
                | {"incident_id": n, "dedup_key": f"{n}", "channel": f"C{n % 20}"}
                | ({"state": "sent", "message_ts": "1"} if n <= SETTLED else {"state": "pending", "message_ts": None})
                for n in numbers
            ],
        )
        await tx.execute(
            insert(tables.cards),
            [
                card
                | {
                    "incident_id": n,
                    "ts": f"17.{n:06}",
                    "shown_version": 1,
                    "wanted_version": 1 + (n > SETTLED),
                    "edit_at": NOW,
                }
                for n in numbers
            ],
        )
        await tx.execute(
            insert(tables.incident_channels),
            [
                {
                    "incident_id": n, "workspace_id": WORKSPACE, "name": f"inc-{n}", "invited": "[]", "topic": "",
                    "shown_version": 1, "attempts": 0, "look_at": None if n <= SETTLED else NOW,
                }
                for n in numbers
            ],
        )  # fmt: skip
        await tx.execute(
            insert(tables.timeline),
            [entry | {"incident_id": n, "digest": ""} for n in numbers],
        )
        await tx.execute(text("ANALYZE"))


Question = Callable[[Transaction], Awaitable[Any]]

QUESTIONS: dict[str, tuple[Question, set[str]]] = {
    "what is due": (
        lambda tx: incidents.due(tx, WORKSPACE, now=LATER, limit=500),
        {"ix_incidents_due"},
    ),
    "when something is due next": (
        lambda tx: incidents.earliest_evaluation(tx, WORKSPACE),
        {"ix_incidents_due"},
    ),
    "one incident by its number": (
        lambda tx: incidents.by_number(tx, WORKSPACE, 17),
        {"uq_incidents_workspace_id_number", "sqlite_autoindex_incidents_1"},
    ),
    "whether anything that goes on has changed": (
        lambda tx: homes.traces(tx, WORKSPACE),
        {"ix_incidents_unresolved"},
    ),
    "a part of what goes on": (
        lambda tx: homes.going_on(tx, WORKSPACE, after=0, limit=200),
        {"ix_incidents_unresolved"},
    ),
    "how many are wanted": (
        lambda tx: lists.how_many(tx, WORKSPACE, SOME, at_most=1_000),
        {"ix_incidents_unresolved"},
    ),
    "a page of what is wanted": (
        lambda tx: lists.some(tx, WORKSPACE, SOME, after=10, limit=10),
        {"ix_incidents_unresolved"},
    ),
    "the newest of what is over": (
        lambda tx: lists.some(tx, WORKSPACE, Wanted(over=True), after=10, limit=10),
        {"uq_incidents_workspace_id_number", "sqlite_autoindex_incidents_1"},
    ),
    "the titles of what is open in a service": (
        lambda tx: lists.open_titles(tx, WORKSPACE, "checkout", limit=200),
        {"ix_incidents_unresolved"},
    ),
    "what is private of what is wanted": (
        lambda tx: lists.private_ones(tx, WORKSPACE, Wanted(over=True)),
        {"ix_incidents_private"},
    ),
    "what is worked in a channel": (
        lambda tx: incidents.worked_in(tx, WORKSPACE, TIER_1_CHANNEL, limit=2),
        {"ix_incidents_unresolved"},
    ),
    "what can be sent": (
        lambda tx: outbox.claim(tx, WORKSPACE, now=NOW, limit=50),
        {"ix_outbox_waiting", "ix_outbox_waiting_of_incident"},
    ),
    "when something can be sent next": (
        lambda tx: outbox.wake_times(tx, WORKSPACE, now=NOW),
        {"ix_outbox_waiting"},
    ),
    "which senders vanished": (
        lambda tx: outbox.expire_leases(tx, WORKSPACE, now=NOW + LEASE, quiet_until=NOW + LEASE + QUIET),
        {"ix_outbox_waiting"},
    ),
    "which cards are stale": (
        lambda tx: cards.claim_stale(tx, WORKSPACE, now=NOW, limit=45),
        {"ix_cards_stale"},
    ),
    "when a card can be edited next": (
        lambda tx: cards.next_edit_at(tx, WORKSPACE),
        {"ix_cards_stale"},
    ),
    "the cards of an incident": (
        lambda tx: cards.of_incidents(tx, [IncidentId(17)]),
        {"uq_cards_incident_id_slot", "sqlite_autoindex_cards_1"},
    ),
    "whose card a message is": (
        lambda tx: cards.at(tx, WORKSPACE, TIER_1_CHANNEL, "17.000001"),
        {"ix_cards_message"},
    ),
    "whether anything is worked in a channel": (
        lambda tx: cards.any_in(tx, WORKSPACE, TIER_1_CHANNEL),
        {"ix_cards_message"},
    ),
    "whose channel it is": (
        lambda tx: incidents.of_room(tx, WORKSPACE, TIER_1_CHANNEL),
        {"ix_incidents_room"},
    ),
    "which incident is to get a channel": (
        lambda tx: incident_channels.without_one(tx, WORKSPACE, {FIRST_VERSION: {Severity.SEV1}}, limit=100),
        {"ix_incidents_unresolved"},
    ),
    "by which policies work is done": (
        lambda tx: incident_channels.versions_at_work(tx, WORKSPACE),
        {"ix_incidents_unresolved"},
    ),
    "whether the channel of an incident is to be looked at": (
        lambda tx: incident_channels.is_any_due(tx, WORKSPACE, now=NOW),
        {"ix_incident_channels_look"},
    ),
    "whose channel is to be looked at": (
        lambda tx: incident_channels.claim(tx, WORKSPACE, now=NOW),
        {"ix_incident_channels_look"},
    ),
    "when a channel is to be looked at next": (
        lambda tx: incident_channels.next_look_at(tx, WORKSPACE),
        {"ix_incident_channels_look"},
    ),
    "what was kept in a story": (
        lambda tx: incidents.pinned(tx, IncidentId(17)),
        {"pk_timeline", "sqlite_autoindex_timeline_1"},
    ),
    "the story of an incident": (
        lambda tx: incidents.story(tx, IncidentId(17)),
        {"pk_timeline", "sqlite_autoindex_timeline_1"},
    ),
    "where a change is stored": (
        lambda tx: incidents.store(tx, [change_of(evaluate(RUNNING, a_policy(), LATER), decided_on=RUNNING.version)]),
        {"uq_cards_incident_id_slot", "sqlite_autoindex_cards_1", "pk_incidents"},
    ),
}


async def test_no_question_of_the_hot_paths_reads_what_is_over(database: Database) -> None:
    await a_long_history(database)
    bad = {}
    for name, (question, indexes) in QUESTIONS.items():
        with statements_of(database) as said, pytest.raises(RollBack):
            await ask(database, question)
        async with database.write() as tx:
            plan = "\n".join([await plan_of(tx, one) for one in said if one.kind != "INSERT"])
        if whole_tables(plan) or not any(index in plan for index in indexes):
            bad[name] = plan
    assert not bad, "\n\n".join(f"{name}:\n{plan}" for name, plan in bad.items())


class RollBack(Exception):
    """The question is asked for its statements, not for what it changes."""


async def ask(database: Database, question: Question) -> None:
    async with database.write() as tx:
        await question(tx)
        raise RollBack


def whole_tables(plan: str) -> list[str]:
    """The tables that the plan reads from end to end."""
    watched = "incidents|outbox|cards|timeline|earlier"
    return re.findall(rf"Seq Scan on (?:{watched})\b|SCAN (?:{watched})$", plan, flags=re.MULTILINE)
