"""Holds, cancellations, resolution targets, routes and catching up; notices about the workspace; on-call feeds."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from migrations import rewriting

revision = "0002"
down_revision = "0001"

Instant = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

BEFORE = {
    "state": "state IN ('open', 'acknowledged', 'resolved')",
    "assignee": "(state = 'acknowledged') <= (assignee IS NOT NULL)",
}
AFTER = {
    "state": "state IN ('open', 'acknowledged', 'on_hold', 'resolved', 'cancelled')",
    "assignee": "(state IN ('acknowledged', 'on_hold')) <= (assignee IS NOT NULL)",
    "cancelled_at": "(state = 'cancelled') = (cancelled_at IS NOT NULL)",
    "held_at": "(state = 'on_hold') = (held_at IS NOT NULL)",
    "catching_up": "catching_up IN (false, true)",
}
TARGET = {"target": "target IN ('response', 'resolution')"}

ColumnType = sa.types.TypeEngine[Any]

MAY_BE_UNKNOWN: dict[str, ColumnType] = {
    "resolution_breached_at": Instant,
    "original_breach_at": Instant,
    "active_at": Instant,
    "still_asked_at": Instant,
    "held_at": Instant,
    "held_by": sa.String(32),
    "hold_until": Instant,
    "cancelled_at": Instant,
    "cancelled_by": sa.String(32),
    "duplicate_of": sa.Integer(),
}
ALWAYS_KNOWN: dict[str, tuple[ColumnType, str]] = {
    "routed_to": (sa.String(80), "service"),
    "card_cycle": (sa.Integer(), "0"),
    "severity_since": (Instant, "opened_at"),
    "response_started_at": (Instant, "tier_entered_at"),
    "catching_up": (sa.Boolean(), "false"),
    "response_warned": (sa.Integer(), "0"),
    "resolution_warned": (sa.Integer(), "0"),
    "managers_told": (sa.Text(), "'[]'"),
    "declined_by": (sa.Text(), "'[]'"),
    "hold_reason": (sa.Text(), "''"),
    "pauses": (sa.Text(), "'[]'"),
    "cancel_reason": (sa.Text(), "''"),
}
"""Each with what it is in the incidents that are already there."""


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("checked_until", Instant))
    _new_columns()
    op.drop_index("ix_incidents_unresolved", table_name="incidents")
    with op.batch_alter_table("incidents") as incidents:
        for name, (column_type, _) in ALWAYS_KNOWN.items():
            incidents.alter_column(name, existing_type=column_type, nullable=False)
        _other_checks(incidents, "incidents", BEFORE, AFTER)
    _index_unresolved("state NOT IN ('resolved', 'cancelled')")
    op.add_column("breaches", sa.Column("route", sa.String(80)))
    op.execute("UPDATE breaches SET route = (SELECT service FROM incidents WHERE incidents.id = breaches.incident_id)")
    with op.batch_alter_table("breaches") as breaches:
        breaches.alter_column("route", existing_type=sa.String(80), nullable=False)
        _other_checks(breaches, "breaches", {}, TARGET)
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("incident_id", existing_type=Id, nullable=True)
    op.execute(r"UPDATE cards SET slot = slot || '\:0' WHERE slot LIKE 'tier:%'")
    op.create_table(
        "on_call_feeds",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("url_digest", sa.String(length=64), nullable=False),
        sa.Column("shifts", sa.Text(), nullable=True),
        sa.Column("fetched_at", Instant, nullable=True),
        sa.Column("failed_at", Instant, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "url_digest", name=op.f("pk_on_call_feeds")),
    )
    rewriting.upgrade(op.get_bind())


def downgrade() -> None:
    rewriting.downgrade(op.get_bind())
    op.drop_table("on_call_feeds")
    op.execute("DELETE FROM outbox WHERE incident_id IS NULL")
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("incident_id", existing_type=Id, nullable=False)
    with op.batch_alter_table("breaches") as breaches:
        _other_checks(breaches, "breaches", TARGET, {})
        breaches.drop_column("route")
    _states_of_before()
    op.drop_index("ix_incidents_unresolved", table_name="incidents")
    with op.batch_alter_table("incidents") as incidents:
        _other_checks(incidents, "incidents", AFTER, BEFORE)
        for name in (*MAY_BE_UNKNOWN, *ALWAYS_KNOWN):
            incidents.drop_column(name)
    _index_unresolved("state <> 'resolved'")
    with op.batch_alter_table("workspaces") as workspaces:
        workspaces.drop_column("checked_until")


def _new_columns() -> None:
    for name, column_type in MAY_BE_UNKNOWN.items():
        op.add_column("incidents", sa.Column(name, column_type))
    for name, (column_type, _) in ALWAYS_KNOWN.items():
        op.add_column("incidents", sa.Column(name, column_type))
    known = {name: sa.text(value) for name, (_, value) in ALWAYS_KNOWN.items()}
    incidents = sa.table("incidents", *(sa.column(name) for name in (*known, "active_at", "acknowledged_at")))
    op.execute(incidents.update().values(known | {"active_at": incidents.c.acknowledged_at}))
    # The next look at each was computed from fewer clocks: all are looked at once now.
    op.execute("UPDATE incidents SET next_evaluation_at = opened_at WHERE state <> 'resolved'")


def _states_of_before() -> None:
    """A hold was not known, so it goes on as acknowledged; a cancelled one is over, so it is resolved."""
    op.execute(
        "UPDATE incidents SET state = 'acknowledged', held_at = NULL, next_evaluation_at = opened_at"
        " WHERE state = 'on_hold'"
    )
    op.execute(
        "UPDATE incidents SET state = 'resolved', resolved_at = cancelled_at, resolved_by = cancelled_by,"
        " resolution = cancel_reason, cancelled_at = NULL WHERE state = 'cancelled'"
    )


def _other_checks(batch: BatchOperations, table: str, before: dict[str, str], after: dict[str, str]) -> None:
    for name in before:
        batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
    for name, rule in after.items():
        batch.create_check_constraint(op.f(f"ck_{table}_{name}"), rule)


def _index_unresolved(condition: str) -> None:
    op.create_index(
        "ix_incidents_unresolved",
        "incidents",
        ["workspace_id", "number"],
        unique=False,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )
