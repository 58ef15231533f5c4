"""What people tell of an incident: how far they are, the impact, when it will be solved, and what was lost."""

import sqlalchemy as sa
from alembic import op

from storage.errors import SchemaMismatch

revision = "0004"
down_revision = "0003"

Instant = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")

TEXTS = ("data_loss", "impact", "told")
PROGRESS = "progress IN ('investigating', 'identified', 'monitoring')"
UNKNOWN_BEFORE = "SELECT count(*) FROM timeline WHERE kind IN ('stakeholders_told', 'noted')"


def upgrade() -> None:
    for name in TEXTS:
        op.add_column("incidents", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("incidents", sa.Column("eta", Instant))
    op.add_column("incidents", sa.Column("told_at", Instant))
    op.add_column("incidents", sa.Column("told_by", sa.String(32)))
    with op.batch_alter_table("incidents") as incidents:
        incidents.add_column(sa.Column("progress", sa.String(16)))
        incidents.create_check_constraint(op.f("ck_incidents_progress"), PROGRESS)
        for name in TEXTS:
            incidents.alter_column(name, existing_type=sa.Text(), existing_nullable=False, server_default=None)


def downgrade() -> None:
    if op.get_bind().scalar(sa.text(UNKNOWN_BEFORE)):
        raise SchemaMismatch("the version before cannot read notes and updates, and there are some; restore a backup")
    with op.batch_alter_table("incidents") as incidents:
        incidents.drop_constraint(op.f("ck_incidents_progress"), type_="check")
        for name in (*TEXTS, "eta", "told_at", "told_by", "progress"):
            incidents.drop_column(name)
