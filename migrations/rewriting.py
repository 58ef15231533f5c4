"""What step 0002 rewrites in the texts that are stored as JSON: what is still to be said, and the story."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, bindparam, text

MESSAGES_OF_BEFORE = {"page", "page_again", "breach", "exhausted", "stakeholder_parent", "update", "undeliverable"}
REASONS_OF_BEFORE = {"cadence", "acknowledged", "escalated", "resolved"}
FACTS_OF_BEFORE = {"opened", "breached", "escalated", "paged_again", "exhausted", "acknowledged", "update_due",
                   "resolved", "not_sent", "delivery_failed"}  # fmt: skip

Json = dict[str, Any]


def upgrade(connection: Connection) -> None:
    _rewrite_payloads(connection, "breach", lambda row, payload: payload | _more_of_a_breach(connection, row, payload))
    _rewrite_payloads(connection, "undeliverable", lambda row, payload: payload | {"route": row.service})
    _suppress_pages_of_tiers_left(connection)
    wrapped = text("SELECT incident_id, seq, fact FROM timeline WHERE fact LIKE '%\"later\":%'")
    for row in connection.execute(wrapped).all():
        fact = json.loads(row.fact)
        _store_fact(connection, row, fact.get("later", fact))


def downgrade(connection: Connection) -> None:
    """Facts of a kind that was not known are wrapped into one that was, whole, so that nothing of the story is lost."""
    unknown = text("SELECT incident_id, seq, kind, fact FROM timeline WHERE kind NOT IN :known")
    unknown = unknown.bindparams(bindparam("known", expanding=True))
    for row in connection.execute(unknown, {"known": sorted(FACTS_OF_BEFORE)}).all():
        wrapped = {"kind": "not_sent", "promise": row.kind, "reason": "a newer version knows what this was"}
        _store_fact(connection, row, wrapped | {"later": json.loads(row.fact)})
    _suppress_what_was_not_known(connection)
    _one_card_per_tier(connection)


def _rewrite_payloads(connection: Connection, kind: str, rewritten: Callable[[Any, Json], Json]) -> None:
    rows = connection.execute(
        text(
            "SELECT outbox.id, outbox.workspace_id, outbox.dedup_key, outbox.incident_id, outbox.payload,"
            " incidents.service FROM outbox JOIN incidents ON incidents.id = outbox.incident_id"
            " WHERE outbox.kind = :kind"
        ),
        {"kind": kind},
    )
    for row in rows.all():
        payload = rewritten(row, json.loads(row.payload))
        connection.execute(
            text("UPDATE outbox SET payload = :payload WHERE id = :id"), {"id": row.id, "payload": _dump(payload)}
        )


def _more_of_a_breach(connection: Connection, row: Any, payload: Json) -> Json:
    """The clock ran since the tier's page was promised; the managers are those of the ledger."""
    arrived_at = connection.scalar(
        text("SELECT created_at FROM outbox WHERE workspace_id = :workspace AND dedup_key = :key"),
        {"workspace": row.workspace_id, "key": _first_page(row.dedup_key)},
    )
    told = connection.scalar(
        text("SELECT told FROM breaches WHERE incident_id = :incident AND number = :number"),
        {"incident": row.incident_id, "number": payload["number"]},
    )
    return {
        "target": "response",
        "card": 0,
        "route": row.service,
        "since": str(arrived_at) if arrived_at is not None else payload["due_at"],
        "told": [_mention(slack_id) for slack_id in json.loads(told or "[]")],
    }


def _first_page(breach_key: str) -> str:
    return breach_key.replace("/breach/", "/page/").rpartition("/cycle:")[0] + "/cycle:0"


def _mention(slack_id: str) -> Json:
    kind = "user_group" if slack_id.startswith("S") else "user"
    return {"kind": kind, "slack_id": slack_id, "name": slack_id}


def _suppress_pages_of_tiers_left(connection: Connection) -> None:
    """Which card is the present one was told by the tier, and is told by the page from now on."""
    rows = connection.execute(
        text(
            "SELECT outbox.id, outbox.payload, incidents.tier FROM outbox"
            " JOIN incidents ON incidents.id = outbox.incident_id"
            " WHERE outbox.kind = 'page' AND outbox.state IN ('pending', 'sending', 'unknown')"
        )
    )
    for row in rows.all():
        if json.loads(row.payload)["tier"] != row.tier:
            _suppress(connection, row.id, f"already at tier {row.tier}")


def _suppress_what_was_not_known(connection: Connection) -> None:
    unsettled = text("SELECT id, payload FROM outbox WHERE state IN ('pending', 'sending', 'unknown')")
    for row in connection.execute(unsettled).all():
        payload = json.loads(row.payload)
        known = payload["kind"] in MESSAGES_OF_BEFORE and payload.get("reason", "cadence") in REASONS_OF_BEFORE
        if payload["kind"] == "page_again":
            known = payload["reason"] == "repeat"
        if not known:
            _suppress(connection, row.id, "not known to this version")


def _suppress(connection: Connection, promise_id: int, reason: str) -> None:
    connection.execute(
        text("UPDATE outbox SET state = 'suppressed', claimed_until = NULL, last_error = :reason WHERE id = :id"),
        {"id": promise_id, "reason": reason},
    )


def _one_card_per_tier(connection: Connection) -> None:
    """The newest of each tier stays; the others are not kept current any more."""
    newest: dict[tuple[int, str], int] = {}
    slots: dict[int, str] = {}
    rows = connection.execute(text("SELECT id, incident_id, slot FROM cards WHERE slot LIKE 'tier:%' ORDER BY id"))
    for row in rows.all():
        newest[row.incident_id, row.slot.rpartition(":")[0]] = row.id
        slots[row.id] = row.slot.rpartition(":")[0]
    kept = set(newest.values())
    for card_id in slots.keys() - kept:
        connection.execute(text("DELETE FROM cards WHERE id = :id"), {"id": card_id})
    for card_id in kept:
        connection.execute(
            text("UPDATE cards SET slot = :slot WHERE id = :id"), {"id": card_id, "slot": slots[card_id]}
        )


def _store_fact(connection: Connection, row: Any, fact: Json) -> None:
    connection.execute(
        text("UPDATE timeline SET fact = :fact WHERE incident_id = :incident AND seq = :seq"),
        {"incident": row.incident_id, "seq": row.seq, "fact": _dump(fact)},
    )


def _dump(payload: Json) -> str:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
