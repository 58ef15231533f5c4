"""The step from one response clock to every rule, with what an older bot had stored: up, down and up again."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import Connection, MetaData, text

from bot.domain.ids import IncidentId
from bot.domain.incident import IncidentState
from bot.domain.message import BreachNotice, Undeliverable
from bot.domain.policy import Mention, MentionKind
from bot.domain.timeline import NotSent, Target
from storage import cards, incidents
from storage.database import Database, open_database
from storage.records import message_of
from storage.schema import migrate
from storage.tables import UtcTime, metadata
from tests.builders import NOW, TIER_1_CHANNEL, WORKSPACE, minutes
from tests.prepared import prepared_url

Row = dict[str, Any]

AN_INCIDENT: Row = {
    "workspace_id": WORKSPACE,
    "policy_version_id": 1,
    "title": "Checkout is down",
    "description": "",
    "severity": "sev1",
    "service": "checkout",
    "opened_at": NOW,
    "opened_by": "U0SAM00001",
    "state": "open",
    "tier": 2,
    "cycle": 0,
    "tier_entered_at": NOW + minutes(5),
    "paged_at": NOW + minutes(5),
    "repeats_sent": 0,
    "breach_count": 1,
    "resolution": "",
    "updated_at": NOW + minutes(5),
    "updates_sent": 1,
    "updated_seq": 2,
    "last_seq": 3,
    "version": 2,
    "next_evaluation_at": NOW + minutes(10),
}
ACKNOWLEDGED: Row = {"state": "acknowledged", "assignee": "U0ANA00001", "acknowledged_at": NOW + minutes(7)}
RESOLVED: Row = {"state": "resolved", "resolved_at": NOW + minutes(9), "resolved_by": "U0ANA00001"}
A_PROMISE: Row = {
    "workspace_id": WORKSPACE,
    "lane": 0,
    "channel": TIER_1_CHANNEL,
    "state": "pending",
    "deliver_at": NOW + minutes(5),
    "created_at": NOW + minutes(5),
}
A_BREACH: Row = {
    "kind": "breach",
    "tier": 1,
    "cycle": 0,
    "number": 1,
    "due_at": (NOW + minutes(5)).isoformat(),
    "breached_at": (NOW + minutes(5)).isoformat(),
}
UNDELIVERABLE: Row = {
    "kind": "undeliverable",
    "promise": "INC-1/page/tier:1/cycle:0",
    "channel": TIER_1_CHANNEL,
    "error": "is_archived",
    "tier": 1,
}


async def at_0001(database: Database) -> None:
    """As the version before left it."""
    await migrate(database, "0001")
    await insert(database, "workspaces", {"id": WORKSPACE, "last_incident_number": 3})
    version = {"workspace_id": WORKSPACE, "digest": "d", "document": "{}", "directory": "{}", "applied_by": "tierline"}
    await insert(database, "policy_versions", {"id": 1, "applied_at": NOW} | version)
    for number, state in enumerate(({}, ACKNOWLEDGED, RESOLVED), start=1):
        await insert(database, "incidents", AN_INCIDENT | {"id": number, "number": number} | state)
    for slot in ("tier:1", "tier:2", "stakeholders"):
        await a_card(database, slot)
    breach = {"number": 1, "target": "response", "tier": 1, "cycle": 0, "told": '["U0GRACE001", "S0BOARD001"]'}
    at = {"due_at": NOW + minutes(5), "breached_at": NOW + minutes(5)}
    await insert(database, "breaches", {"workspace_id": WORKSPACE, "incident_id": 1} | breach | at)
    await a_promise(database, "INC-1/page/tier:1/cycle:0", {"kind": "page", "tier": 1, "cycle": 0}, created_at=NOW)
    await a_promise(database, "INC-1/page/tier:2/cycle:0", {"kind": "page", "tier": 2, "cycle": 0})
    await a_promise(database, "INC-1/breach/tier:1/cycle:0", A_BREACH)
    await a_promise(database, "INC-1/page/tier:1/cycle:0/fallback", UNDELIVERABLE)
    await a_fact(database, 1, {"kind": "opened", "title": "t", "description": "", "severity": "sev1",
                               "service": "checkout", "tier": 1})  # fmt: skip


url_at_0001 = prepared_url(at_0001)


@pytest.fixture
async def database(url_at_0001: str) -> AsyncIterator[Database]:
    database = open_database(url_at_0001)
    yield database
    await database.close()


async def insert(database: Database, table: str, row: Row) -> None:
    """Into the table as it is at that step of the schema."""

    def run(connection: Connection) -> None:
        found = MetaData()
        found.reflect(connection, only=[table], resolve_fks=False)
        columns = metadata.tables[table].c
        instants = {name for name in row if name in columns and isinstance(columns[name].type, UtcTime)}
        bind = UtcTime().bind_processor(connection.dialect)
        connection.execute(
            found.tables[table].insert().values({k: bind(v) if k in instants else v for k, v in row.items()})
        )

    async with database.write() as tx:
        await tx.run_sync(run)


async def a_card(database: Database, slot: str, ts: str = "17.1") -> None:
    card = {"workspace_id": WORKSPACE, "incident_id": 1, "slot": slot, "channel": TIER_1_CHANNEL, "ts": ts}
    shown = {"delivery_key": "k", "wanted_version": 1, "shown_version": 1, "edit_at": NOW}
    await insert(database, "cards", card | shown)


async def a_promise(database: Database, key: str, payload: Row, **changes: Any) -> None:
    row = A_PROMISE | {"incident_id": 1, "dedup_key": key, "kind": payload["kind"], "payload": json.dumps(payload)}
    await insert(database, "outbox", row | changes)


async def a_fact(database: Database, seq: int, fact: Row) -> None:
    row = {"incident_id": 1, "seq": seq, "workspace_id": WORKSPACE, "at": NOW, "by": "tierline"}
    await insert(database, "timeline", row | {"kind": fact["kind"], "fact": json.dumps(fact)})


async def column(database: Database, query: str) -> list[Any]:
    async with database.read() as tx:
        return list((await tx.execute(text(query))).scalars())


async def payload(database: Database, key: str) -> Any:
    async with database.read() as tx:
        rows = await tx.execute(text("SELECT payload FROM outbox WHERE dedup_key = :key"), {"key": key})
        return message_of(rows.mappings().one())


async def test_incidents_go_on_with_every_clock_where_they_were(database: Database) -> None:
    await migrate(database)
    async with database.read() as tx:
        found = await incidents.by_ids(tx, [IncidentId(number) for number in (1, 2, 3)])
        running, taken, over = (found[IncidentId(number)] for number in (1, 2, 3))
        assert (running.routed_to, running.response_started_at) == ("checkout", NOW + minutes(5))
        assert (running.card_cycle, running.catching_up, running.pauses, running.active_at) == (0, False, (), None)
        assert taken.active_at == taken.acknowledged_at == NOW + minutes(7)
        assert over.state is IncidentState.RESOLVED
        assert await incidents.earliest_evaluation(tx, WORKSPACE) == NOW, "every clock is asked anew"
        [breach] = await incidents.ledger(tx, IncidentId(1))
        assert (breach.target, breach.route) == (Target.RESPONSE, "checkout")


async def test_cards_are_found_under_the_page_that_posted_them(database: Database) -> None:
    await migrate(database)
    async with database.read() as tx:
        found = await cards.of_incidents(tx, [IncidentId(1)])
    assert set(found) == {(1, "tier:1:0"), (1, "tier:2:0"), (1, "stakeholders")}


async def test_what_was_still_to_be_said_can_be_said(database: Database) -> None:
    await migrate(database)
    assert await payload(database, "INC-1/breach/tier:1/cycle:0") == BreachNotice(
        tier=1,
        cycle=0,
        route="checkout",
        number=1,
        since=NOW,
        due_at=NOW + minutes(5),
        breached_at=NOW + minutes(5),
        told=(
            Mention(kind=MentionKind.USER, slack_id="U0GRACE001", name="U0GRACE001"),
            Mention(kind=MentionKind.USER_GROUP, slack_id="S0BOARD001", name="S0BOARD001"),
        ),
    )
    undeliverable = await payload(database, "INC-1/page/tier:1/cycle:0/fallback")
    assert isinstance(undeliverable, Undeliverable)
    assert undeliverable.route == "checkout"


async def test_a_page_of_a_tier_that_was_left_is_not_sent_any_more(database: Database) -> None:
    await migrate(database)
    states = await column(database, "SELECT state FROM outbox WHERE kind = 'page' ORDER BY id")
    assert states == ["suppressed", "pending"]


async def test_down_again_what_was_not_known_is_the_nearest_that_was(database: Database) -> None:
    await migrate(database)
    await execute(database, "UPDATE incidents SET state = 'on_hold', held_at = tier_entered_at WHERE number = 2")
    await execute(
        database,
        "UPDATE incidents SET state = 'cancelled', cancelled_at = opened_at, cancelled_by = 'U0BEN00001',"
        " cancel_reason = 'a false alarm' WHERE number = 1",
    )
    await migrate(database, "0001")
    assert await column(database, "SELECT state FROM incidents ORDER BY number") == [
        "resolved",
        "acknowledged",
        "resolved",
    ]
    assert await column(database, "SELECT resolved_by FROM incidents ORDER BY number") == [
        "U0BEN00001",
        None,
        "U0ANA00001",
    ]
    assert await column(database, "SELECT resolution FROM incidents WHERE number = 1") == ["a false alarm"]


async def test_down_again_each_tier_keeps_its_newest_card(database: Database) -> None:
    await migrate(database)
    await a_card(database, "tier:1:4", ts="17.4")
    await migrate(database, "0001")
    assert sorted(await column(database, "SELECT slot || ' ' || ts FROM cards")) == [
        "stakeholders 17.1",
        "tier:1 17.4",
        "tier:2 17.1",
    ]


async def test_down_again_only_what_the_older_bot_can_say_is_left_to_say(database: Database) -> None:
    await migrate(database)
    before = await column(database, "SELECT dedup_key FROM outbox WHERE state = 'pending' ORDER BY id")
    await a_promise(database, "start-up/1", {"kind": "start_up"}, incident_id=None)
    await a_promise(database, "INC-1/review", {"kind": "hold_review"})
    await a_promise(database, "INC-1/again", {"kind": "page_again", "reason": "expired"})
    await a_promise(database, "INC-1/update/2", {"kind": "update", "reason": "held"})
    await a_promise(database, "INC-1/update/3", {"kind": "update", "reason": "cadence"})
    await migrate(database, "0001")
    left = await column(database, "SELECT dedup_key FROM outbox WHERE state = 'pending' ORDER BY id")
    assert left == [*before, "INC-1/update/3"]
    assert await column(database, "SELECT count(*) FROM outbox WHERE incident_id IS NULL") == [0]


async def test_no_fact_of_the_story_is_lost_on_the_way_down_and_up(database: Database) -> None:
    await migrate(database, "0002")
    fact = {"kind": "held", "until": NOW.isoformat(), "reason": "“wait”", "assignee": "U0ANA00001"}
    await a_fact(database, 2, fact)
    await migrate(database, "0001")
    [wrapped] = await column(database, "SELECT fact FROM timeline WHERE seq = 2")
    assert TypeAdapter(NotSent).validate_json(wrapped).promise == "held", "a fact that the older bot can read"
    await migrate(database)
    async with database.read() as tx:
        assert [event.fact.kind for event in await incidents.story(tx, IncidentId(1))] == ["opened", "held"]
    assert json.loads((await column(database, "SELECT fact FROM timeline WHERE seq = 2"))[0]) == fact


async def execute(database: Database, statement: str) -> None:
    async with database.write() as tx:
        await tx.execute(text(statement))
