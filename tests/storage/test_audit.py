"""The auditor's questions: what they find, and that their cost does not grow with what is over."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.ids import ChannelId
from storage import audit, incidents, parachutes, tables
from storage.audit import StaleCard, WaitingPage
from storage.database import Database
from tests.builders import NOW, TIER_1_CHANNEL, TIER_2_CHANNEL, WORKSPACE, minutes
from tests.storage.statements import plan_of, statements_of
from tests.storage.stored import a_page, acknowledged, an_incident_in, an_update, open_one, promised, seconds
from tests.storage.test_cards import add
from tests.storage.test_statements import LATER, RollBack, a_long_history, ask, whole_tables


async def settle(database: Database, key: str, *, at: float = 0, **values: Any) -> None:
    changed = {"state": "sent", "message_ts": "1", "delivered_at": NOW + seconds(at)} | values
    async with database.write() as tx:
        await tx.execute(update(tables.outbox).where(tables.outbox.c.dedup_key == key).values(changed))


async def test_the_longest_overdue_comes_first(database: Database) -> None:
    for number, wait in ((1, 3), (2, 1), (3, 4), (4, 9)):
        await an_incident_in(database, number, next_at=NOW + minutes(wait))
    async with database.read() as tx:
        assert await audit.overdue(tx, WORKSPACE, before=NOW + minutes(4), limit=9) == ["INC-2", "INC-1"]
        assert await audit.overdue(tx, WORKSPACE, before=NOW + minutes(4), limit=1) == ["INC-2"]


async def test_what_nothing_looks_at_again(database: Database) -> None:
    await an_incident_in(database, 1, next_at=NOW)
    await an_incident_in(database, 2)
    await an_incident_in(database, 3, state="resolved", resolved_at=NOW, resolved_by="U1")
    async with database.read() as tx:
        found = await audit.forgotten(tx, WORKSPACE, limit=9)
        assert [(one.incident.number, one.next_evaluation_at) for one in found] == [(2, None)]


async def test_what_is_not_over_is_read_in_turn(database: Database) -> None:
    for number in range(1, 5):
        await an_incident_in(database, number, next_at=NOW + minutes(number))
    async with database.read() as tx:
        found = await audit.unresolved_after(tx, WORKSPACE, 1, limit=2)
    assert [(one.incident.number, one.next_evaluation_at) for one in found] == [
        (2, NOW + minutes(2)),
        (3, NOW + minutes(3)),
    ]


async def test_a_page_knows_how_many_pages_of_its_channel_go_first(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(
        database,
        incident,
        a_page("first"),
        an_update("an update"),
        a_page("elsewhere", channel=TIER_2_CHANNEL),
        a_page("second", deliver_at=NOW + seconds(5)),
        a_page("sent"),
        a_page("young", deliver_at=NOW + minutes(1)),
    )
    await settle(database, "sent")
    await settle(database, "second", state="unknown", message_ts=None, delivered_at=None, last_error="timeout")

    def page(
        key: str, ahead: int, wait: float = 0, error: str | None = None, channel: ChannelId = TIER_1_CHANNEL
    ) -> Any:
        return WaitingPage(key=key, channel=channel, promised_at=NOW + seconds(wait), ahead=ahead, error=error)

    async with database.read() as tx:
        found = await audit.waiting_pages(tx, WORKSPACE, before=NOW + minutes(1), limit=9)
    assert sorted(found, key=lambda one: one.key) == [
        page("elsewhere", 0, channel=TIER_2_CHANNEL),
        page("first", 0),
        page("second", 1, 5, "timeout"),
    ]


async def test_what_a_channel_has_posted_since(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, *(a_page(f"{n}") for n in range(4)), a_page("other", channel=TIER_2_CHANNEL))
    for n in range(3):
        await settle(database, f"{n}", at=n)
    await settle(database, "other", at=9)
    async with database.read() as tx:
        since = await audit.posted_since(tx, WORKSPACE, NOW + seconds(1))
    assert since == {TIER_1_CHANNEL: 2, TIER_2_CHANNEL: 1}


async def test_a_promise_whose_lease_ran_out(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, *(a_page(f"{n}") for n in range(3)))
    for n in range(2):
        await settle(
            database, f"{n}", state="sending", message_ts=None, delivered_at=None, claimed_until=NOW + seconds(n)
        )
    async with database.read() as tx:
        assert await audit.abandoned(tx, WORKSPACE, before=NOW + seconds(1), limit=9) == ["0"]


async def test_cards_that_could_be_edited_or_were_refused(database: Database) -> None:
    async with database.write() as tx:
        incident = await open_one(tx)
    for slot, wait in (("tier:1", 0), ("tier:2", 60), ("tier:3", 60)):
        await add(database, incident, slot=slot, now=NOW + seconds(wait))
    async with database.read() as tx:
        assert await audit.stale_cards(tx, WORKSPACE, now=NOW, limit=9) == []
    async with database.write() as tx:
        await incidents.store(tx, [acknowledged(incident)])
        await tx.execute(update(tables.cards).where(tables.cards.c.slot == "tier:3").values(last_error="timeout"))
    async with database.read() as tx:
        assert await audit.stale_cards(tx, WORKSPACE, now=NOW, limit=9) == [StaleCard(1, 1), StaleCard(3, 1)]


QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "overdue": lambda tx: audit.overdue(tx, WORKSPACE, before=LATER, limit=10),
    "forgotten": lambda tx: audit.forgotten(tx, WORKSPACE, limit=10),
    "unresolved": lambda tx: audit.unresolved_after(tx, WORKSPACE, 3, limit=10),
    "pages": lambda tx: audit.waiting_pages(tx, WORKSPACE, before=LATER, limit=10),
    "abandoned": lambda tx: audit.abandoned(tx, WORKSPACE, before=LATER, limit=10),
    "cards": lambda tx: audit.stale_cards(tx, WORKSPACE, now=LATER, limit=10),
    "parachutes out of date": lambda tx: parachutes.outdated(tx, WORKSPACE, after=0, limit=10),
    "parachutes of what is over": lambda tx: parachutes.of_the_over(tx, WORKSPACE, after=0, limit=10),
    "parachutes that open soon": lambda tx: parachutes.firing_before(tx, WORKSPACE, LATER),
}


async def test_no_question_reads_what_is_over(database: Database) -> None:
    await a_long_history(database)
    bad = {}
    for name, question in QUESTIONS.items():
        with statements_of(database) as said, pytest.raises(RollBack):
            await ask(database, question)
        async with database.write() as tx:
            plan = "\n".join([await plan_of(tx, one) for one in said])
        if whole_tables(plan):
            bad[name] = plan
    assert not bad, "\n\n".join(f"{name}:\n{plan}" for name, plan in bad.items())
