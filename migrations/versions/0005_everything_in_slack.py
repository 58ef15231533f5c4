"""Who follows, what is private, who owes an update; Home tabs, channels of incidents, and what people thought of it."""

import sqlalchemy as sa
from alembic import op

from storage.errors import SchemaMismatch

revision = "0005"
down_revision = "0004"

Instant = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

INSTANTS = ("nudged_at", "overdue_since", "overdue_told_at")
KNOWN_BEFORE = (
    "opened", "warned", "breached", "managers_informed", "escalated", "paged_again", "exhausted", "acknowledged",
    "still_asked", "still_on_it", "acknowledgement_expired", "passed_on", "assigned", "held", "resumed",
    "severity_changed", "update_due", "stakeholders_told", "noted", "resolved", "cancelled", "reopened", "not_sent",
    "delivery_failed", "told_elsewhere",
)  # fmt: skip
_timeline = sa.table("timeline", sa.column("kind"))
_incidents = sa.table("incidents", sa.column("is_private", sa.Boolean()))
UNREADABLE = (
    sa.select(sa.func.count()).select_from(_timeline).where(_timeline.c.kind.not_in(KNOWN_BEFORE)),
    sa.select(sa.func.count()).select_from(_incidents).where(_incidents.c.is_private),
)


def upgrade() -> None:
    for name in INSTANTS:
        op.add_column("incidents", sa.Column(name, Instant))
    op.add_column("incidents", sa.Column("is_private", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("incidents", sa.Column("followers", sa.Text(), server_default="[]", nullable=False))
    op.add_column("incidents", sa.Column("room", sa.String(32)))
    op.add_column("incidents", sa.Column("moved_because", sa.Text(), server_default="", nullable=False))
    with op.batch_alter_table("incidents") as incidents:
        incidents.alter_column("is_private", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        for name in ("followers", "moved_because"):
            incidents.alter_column(name, existing_type=sa.Text(), existing_nullable=False, server_default=None)
        incidents.create_check_constraint(op.f("ck_incidents_is_private"), "is_private IN (false, true)")
    _partial_index("ix_incidents_room", "incidents", "room")
    private = sa.text("is_private")
    op.create_index(
        "ix_incidents_private",
        "incidents",
        ["workspace_id", "number"],
        sqlite_where=private,
        postgresql_where=private,
    )
    op.create_index("ix_cards_message", "cards", ["workspace_id", "channel", "ts"])
    _homes()
    _incident_channels()
    _feedback()


def downgrade() -> None:
    """What the version before cannot read, or would show to everybody, is refused."""
    connection = op.get_bind()
    if any(connection.scalar(count) for count in UNREADABLE):
        raise SchemaMismatch("the version before cannot read these stories or keep them private; restore a backup")
    for table in ("feedback_given", "feedback", "incident_channels", "homes"):
        op.drop_table(table)
    op.drop_index("ix_cards_message", "cards")
    op.drop_index("ix_incidents_room", "incidents")
    op.drop_index("ix_incidents_private", "incidents")
    with op.batch_alter_table("incidents") as incidents:
        incidents.drop_constraint(op.f("ck_incidents_is_private"), type_="check")
        for name in ("moved_because", "room", "followers", "is_private", *INSTANTS):
            incidents.drop_column(name)


def _homes() -> None:
    op.create_table(
        "homes",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("published_at", Instant),
        sa.Column("shown_digest", sa.String(64)),
        sa.Column("publish_at", Instant),
        sa.Column("claimed_until", Instant),
        sa.Column("is_wide", sa.Boolean(), nullable=False),
        sa.CheckConstraint("is_wide IN (false, true)", name=op.f("ck_homes_is_wide")),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name=op.f("pk_homes")),
    )
    _partial_index("ix_homes_publish", "homes", "publish_at")


def _incident_channels() -> None:
    op.create_table(
        "incident_channels",
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("channel", sa.String(32)),
        sa.Column("created_at", Instant),
        sa.Column("invited", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("topic_set_at", Instant),
        sa.Column("bookmark_id", sa.String(32)),
        sa.Column("bookmarked", sa.Text()),
        sa.Column("archived_at", Instant),
        sa.Column("failed_at", Instant),
        sa.Column("shown_version", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("look_at", Instant),
        sa.Column("claimed_until", Instant),
        sa.Column("last_error", sa.Text()),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_channels_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incident_channels")),
    )
    live = sa.text("look_at IS NOT NULL")
    op.create_index(
        "ix_incident_channels_look",
        "incident_channels",
        ["workspace_id", "incident_id"],
        sqlite_where=live,
        postgresql_where=live,
    )


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("given_at", Instant, nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("given_by", sa.String(32)),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_feedback_score")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_feedback_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index("ix_feedback_incident", "feedback", ["incident_id"])
    op.create_table(
        "feedback_given",
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_feedback_given_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "user_id", name=op.f("pk_feedback_given")),
    )


def _partial_index(name: str, table: str, column: str) -> None:
    condition = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, table, ["workspace_id", column], sqlite_where=condition, postgresql_where=condition)
