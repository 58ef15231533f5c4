"""The first schema: incidents, their timeline and breach ledger, the outbox, the cards, the policy versions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Instant = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "workspaces",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("last_incident_number", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
    )
    op.create_table(
        "policy_versions",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("directory", sa.Text(), nullable=False),
        sa.Column("applied_at", Instant, nullable=False),
        sa.Column("applied_by", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_policy_versions_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_versions")),
        sa.UniqueConstraint("workspace_id", "digest", name=op.f("uq_policy_versions_workspace_id_digest")),
    )
    op.create_table(
        "incidents",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("policy_version_id", Id, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("opened_by", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("tier_entered_at", Instant, nullable=False),
        sa.Column("tier_entered_by", sa.String(length=32), nullable=True),
        sa.Column("paged_at", Instant, nullable=False),
        sa.Column("tier_breached_at", Instant, nullable=True),
        sa.Column("repeats_sent", sa.Integer(), nullable=False),
        sa.Column("exhausted_at", Instant, nullable=True),
        sa.Column("breach_count", sa.Integer(), nullable=False),
        sa.Column("assignee", sa.String(length=32), nullable=True),
        sa.Column("acknowledged_at", Instant, nullable=True),
        sa.Column("first_acknowledged_at", Instant, nullable=True),
        sa.Column("resolved_at", Instant, nullable=True),
        sa.Column("resolved_by", sa.String(length=32), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("updates_sent", sa.Integer(), nullable=False),
        sa.Column("updated_seq", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("next_evaluation_at", Instant, nullable=True),
        sa.CheckConstraint("(state = 'acknowledged') <= (assignee IS NOT NULL)", name=op.f("ck_incidents_assignee")),
        sa.CheckConstraint("severity IN ('sev1', 'sev2', 'sev3', 'sev4')", name=op.f("ck_incidents_severity")),
        sa.CheckConstraint("state IN ('open', 'acknowledged', 'resolved')", name=op.f("ck_incidents_state")),
        sa.CheckConstraint("tier >= 1", name=op.f("ck_incidents_tier")),
        sa.CheckConstraint("(state = 'resolved') = (resolved_at IS NOT NULL)", name=op.f("ck_incidents_resolved_at")),
        sa.ForeignKeyConstraint(
            ["policy_version_id"], ["policy_versions.id"], name=op.f("fk_incidents_policy_version_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_incidents_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("workspace_id", "number", name=op.f("uq_incidents_workspace_id_number")),
    )
    op.create_index(
        "ix_incidents_due",
        "incidents",
        ["workspace_id", "next_evaluation_at"],
        unique=False,
        sqlite_where=sa.text("next_evaluation_at IS NOT NULL"),
        postgresql_where=sa.text("next_evaluation_at IS NOT NULL"),
    )
    op.create_index(
        "ix_incidents_unresolved",
        "incidents",
        ["workspace_id", "number"],
        unique=False,
        sqlite_where=sa.text("state <> 'resolved'"),
        postgresql_where=sa.text("state <> 'resolved'"),
    )
    op.create_table(
        "breaches",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=16), nullable=False),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("breached_at", Instant, nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.CheckConstraint("breached_at >= due_at", name=op.f("ck_breaches_not_early")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_breaches_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breaches")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_breaches_incident_id_number")),
        sa.UniqueConstraint(
            "incident_id", "target", "tier", "cycle", name=op.f("uq_breaches_incident_id_target_tier_cycle")
        ),
    )
    op.create_table(
        "cards",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("slot", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("ts", sa.String(length=32), nullable=False),
        sa.Column("delivery_key", sa.String(length=32), nullable=False),
        sa.Column("wanted_version", sa.Integer(), nullable=False),
        sa.Column("shown_version", sa.Integer(), nullable=False),
        sa.Column("edit_at", Instant, nullable=False),
        sa.Column("claimed_until", Instant, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_cards_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cards")),
        sa.UniqueConstraint("incident_id", "slot", name=op.f("uq_cards_incident_id_slot")),
    )
    op.create_index(
        "ix_cards_stale",
        "cards",
        ["workspace_id", "edit_at"],
        unique=False,
        sqlite_where=sa.text("shown_version < wanted_version"),
        postgresql_where=sa.text("shown_version < wanted_version"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("dedup_key", sa.String(length=200), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("deliver_at", Instant, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_until", Instant, nullable=True),
        sa.Column("first_attempt_at", Instant, nullable=True),
        sa.Column("unknown_since", Instant, nullable=True),
        sa.Column("delivered_at", Instant, nullable=True),
        sa.Column("failed_at", Instant, nullable=True),
        sa.Column("message_ts", sa.String(length=32), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'unknown', 'sent', 'suppressed', 'failed')", name=op.f("ck_outbox_state")
        ),
        sa.CheckConstraint("(state = 'sent') = (message_ts IS NOT NULL)", name=op.f("ck_outbox_sent_has_ts")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_outbox_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("workspace_id", "dedup_key", name=op.f("uq_outbox_workspace_id_dedup_key")),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["workspace_id", "channel", "lane", "deliver_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
    )
    op.create_index(
        "ix_outbox_waiting_of_incident",
        "outbox",
        ["incident_id", "channel", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
    )
    op.create_table(
        "timeline",
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_timeline_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "seq", name=op.f("pk_timeline")),
    )


def downgrade() -> None:
    op.drop_table("timeline")
    op.drop_index(
        "ix_outbox_waiting_of_incident",
        table_name="outbox",
        sqlite_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
    )
    op.drop_index(
        "ix_outbox_waiting",
        table_name="outbox",
        sqlite_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
    )
    op.drop_table("outbox")
    op.drop_index(
        "ix_cards_stale",
        table_name="cards",
        sqlite_where=sa.text("shown_version < wanted_version"),
        postgresql_where=sa.text("shown_version < wanted_version"),
    )
    op.drop_table("cards")
    op.drop_table("breaches")
    op.drop_index(
        "ix_incidents_unresolved",
        table_name="incidents",
        sqlite_where=sa.text("state <> 'resolved'"),
        postgresql_where=sa.text("state <> 'resolved'"),
    )
    op.drop_index(
        "ix_incidents_due",
        table_name="incidents",
        sqlite_where=sa.text("next_evaluation_at IS NOT NULL"),
        postgresql_where=sa.text("next_evaluation_at IS NOT NULL"),
    )
    op.drop_table("incidents")
    op.drop_table("policy_versions")
    op.drop_table("workspaces")
