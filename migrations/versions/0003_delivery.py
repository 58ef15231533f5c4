"""A hash chain over every story; pace and rests shared by all processes; what came in; what Slack keeps for us."""

import sqlalchemy as sa
from alembic import op

from migrations import chaining

revision = "0003"
down_revision = "0002"

Instant = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

UNSETTLED = "state IN ('pending', 'sending', 'unknown')"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("told_elsewhere_at", Instant))
    op.add_column("outbox", sa.Column("sweep_at", Instant))
    op.drop_index("ix_outbox_waiting", table_name="outbox")
    first_of_a_channel = ["workspace_id", "channel", "lane", "id", "deliver_at", "claimed_until"]
    _partial_index("ix_outbox_waiting", "outbox", first_of_a_channel, UNSETTLED)
    _partial_index("ix_outbox_sweep", "outbox", ["workspace_id", "sweep_at"], "sweep_at IS NOT NULL")
    op.add_column("timeline", sa.Column("digest", sa.String(80)))
    op.add_column("incidents", sa.Column("last_digest", sa.String(80)))
    chaining.seal(op.get_bind())
    for table, column in (("timeline", "digest"), ("incidents", "last_digest")):
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, existing_type=sa.String(80), nullable=False)
    _pace()
    _intake()
    op.create_table(
        "parachutes",
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(120), nullable=False),
        sa.Column("scheduled_id", sa.String(64), nullable=False),
        sa.Column("post_at", Instant, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_parachutes_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_parachutes")),
    )
    op.create_index("ix_parachutes_post", "parachutes", ["workspace_id", "post_at"])
    op.create_table(
        "job_slots",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("job", sa.String(64), nullable=False),
        sa.Column("slot", Instant, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "job", "slot", name=op.f("pk_job_slots")),
    )


def downgrade() -> None:
    for table in ("job_slots", "parachutes", "inbox", "requests", "slack_methods", "slack_channels"):
        op.drop_table(table)
    with op.batch_alter_table("incidents") as incidents:
        incidents.drop_column("last_digest")
    with op.batch_alter_table("timeline") as timeline:
        timeline.drop_column("digest")
    op.execute("DELETE FROM outbox WHERE kind = 'elsewhere'")
    op.drop_index("ix_outbox_sweep", table_name="outbox")
    op.drop_index("ix_outbox_waiting", table_name="outbox")
    _partial_index("ix_outbox_waiting", "outbox", ["workspace_id", "channel", "lane", "deliver_at"], UNSETTLED)
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("sweep_at")
        outbox.drop_column("told_elsewhere_at")


def _pace() -> None:
    op.create_table(
        "slack_channels",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(120), nullable=False),
        sa.Column("next_post_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "channel", name=op.f("pk_slack_channels")),
    )
    op.create_table(
        "slack_methods",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("method", sa.String(64), nullable=False),
        sa.Column("calls", sa.Text(), server_default="{}", nullable=False),
        sa.Column("rests_until", Instant, nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "method", name=op.f("pk_slack_methods")),
    )


def _intake() -> None:
    op.create_table(
        "requests",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("cause", sa.String(200), nullable=False),
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("done_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_requests_incident_id")),
        sa.PrimaryKeyConstraint("workspace_id", "cause", name=op.f("pk_requests")),
    )
    op.create_index("ix_requests_done", "requests", ["done_at"])
    op.create_table(
        "inbox",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("cause", sa.String(200), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("take_at", Instant, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("handled_at", Instant, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "cause", name=op.f("pk_inbox")),
    )
    op.create_index("ix_inbox_received", "inbox", ["received_at"])
    _partial_index("ix_inbox_waiting", "inbox", ["workspace_id", "take_at"], "take_at IS NOT NULL")


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
