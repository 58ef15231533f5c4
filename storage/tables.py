"""The tables. What must never be is a constraint here; every row says to which workspace it belongs."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.domain.delivery import UNSETTLED, PromiseState
from bot.domain.incident import IncidentState
from bot.domain.policy import Severity
from bot.domain.progress import Progress
from bot.domain.timeline import Target

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware instant in UTC. Naive ones are refused; SQLite keeps text that sorts as the instants do."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return String(32) if dialect.name == "sqlite" else DateTime(timezone=True)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _to_text if dialect.name == "sqlite" else _to_aware

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        return _of_text if dialect.name == "sqlite" else _of_aware


def _to_text(instant: datetime | None) -> str | None:
    return None if instant is None else _text_of(_aware(instant))


@lru_cache(maxsize=4096)
def _text_of(instant: datetime) -> str:
    """Remembered, because one decision stores its instant many times."""
    return instant.astimezone(UTC).isoformat(" ", "microseconds")


def _of_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _to_aware(instant: datetime | None) -> datetime | None:
    return None if instant is None else _aware(instant)


def _of_aware(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(UTC)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"a naive time cannot be stored: {instant!r}")
    return instant


def _one_of(column: str, values: Any) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


Id = BigInteger().with_variant(Integer, "sqlite")

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("last_incident_number", Integer, nullable=False, server_default="0"),
    Column("checked_until", UtcTime),
)

policy_versions = Table(
    "policy_versions",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("workspace_id", String(32), ForeignKey("workspaces.id"), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("document", Text, nullable=False),
    Column("directory", Text, nullable=False),
    Column("applied_at", UtcTime, nullable=False),
    Column("applied_by", String(32), nullable=False),
    UniqueConstraint("workspace_id", "digest"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("workspace_id", String(32), ForeignKey("workspaces.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("policy_version_id", Id, ForeignKey("policy_versions.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("severity", String(8), CheckConstraint(_one_of("severity", Severity), "severity"), nullable=False),
    Column("service", String(80), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("opened_by", String(32), nullable=False),
    Column("state", String(16), CheckConstraint(_one_of("state", IncidentState), "state"), nullable=False),
    Column("routed_to", String(80), nullable=False),
    Column("tier", SmallInteger, CheckConstraint("tier >= 1", "tier"), nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("card_cycle", Integer, nullable=False),
    Column("tier_entered_at", UtcTime, nullable=False),
    Column("tier_entered_by", String(32)),
    Column("moved_because", Text, nullable=False),
    Column("paged_at", UtcTime, nullable=False),
    Column("severity_since", UtcTime, nullable=False),
    Column("response_started_at", UtcTime, nullable=False),
    Column("catching_up", Boolean, CheckConstraint("catching_up IN (false, true)", "catching_up"), nullable=False),
    Column("response_warned", Integer, nullable=False),
    Column("tier_breached_at", UtcTime),
    Column("repeats_sent", Integer, nullable=False),
    Column("exhausted_at", UtcTime),
    Column("breach_count", Integer, nullable=False),
    Column("resolution_warned", Integer, nullable=False),
    Column("resolution_breached_at", UtcTime),
    Column("original_breach_at", UtcTime),
    Column("managers_told", Text, nullable=False),
    Column("declined_by", Text, nullable=False),
    Column("assignee", String(32)),
    Column("acknowledged_at", UtcTime),
    Column("first_acknowledged_at", UtcTime),
    Column("active_at", UtcTime),
    Column("still_asked_at", UtcTime),
    Column("held_at", UtcTime),
    Column("held_by", String(32)),
    Column("hold_until", UtcTime),
    Column("hold_reason", Text, nullable=False),
    Column("pauses", Text, nullable=False),
    Column("resolved_at", UtcTime),
    Column("resolved_by", String(32)),
    Column("resolution", Text, nullable=False),
    Column("data_loss", Text, nullable=False),
    Column("cancelled_at", UtcTime),
    Column("cancelled_by", String(32)),
    Column("cancel_reason", Text, nullable=False),
    Column("duplicate_of", Integer),
    Column("updated_at", UtcTime, nullable=False),
    Column("updates_sent", Integer, nullable=False),
    Column("progress", String(16), CheckConstraint(_one_of("progress", Progress), "progress")),
    Column("impact", Text, nullable=False),
    Column("eta", UtcTime),
    Column("told", Text, nullable=False),
    Column("told_at", UtcTime),
    Column("told_by", String(32)),
    Column("nudged_at", UtcTime),
    Column("overdue_since", UtcTime),
    Column("overdue_told_at", UtcTime),
    Column("is_private", Boolean, CheckConstraint("is_private IN (false, true)", "is_private"), nullable=False),
    Column("followers", Text, nullable=False),
    Column("room", String(32)),
    Column("updated_seq", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("last_digest", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("next_evaluation_at", UtcTime),
    UniqueConstraint("workspace_id", "number"),
    CheckConstraint("(state = 'resolved') = (resolved_at IS NOT NULL)", "resolved_at"),
    CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", "cancelled_at"),
    CheckConstraint("(state = 'on_hold') = (held_at IS NOT NULL)", "held_at"),
    CheckConstraint("(state IN ('acknowledged', 'on_hold')) <= (assignee IS NOT NULL)", "assignee"),
)
_due = text("next_evaluation_at IS NOT NULL")
Index(
    "ix_incidents_due",
    incidents.c.workspace_id,
    incidents.c.next_evaluation_at,
    sqlite_where=_due,
    postgresql_where=_due,
)
_has_room = text("room IS NOT NULL")
Index(
    "ix_incidents_room",
    incidents.c.workspace_id,
    incidents.c.room,
    sqlite_where=_has_room,
    postgresql_where=_has_room,
)
private = text("is_private")
"""In the very words of the index too."""

Index(
    "ix_incidents_private",
    incidents.c.workspace_id,
    incidents.c.number,
    sqlite_where=private,
    postgresql_where=private,
)
unresolved = text("state NOT IN ('resolved', 'cancelled')")
"""Queries say it in the very words of the index: from parameters SQLite could not tell that it holds the answer."""

Index(
    "ix_incidents_unresolved",
    incidents.c.workspace_id,
    incidents.c.number,
    sqlite_where=unresolved,
    postgresql_where=unresolved,
)

timeline = Table(
    "timeline",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("workspace_id", String(32), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("fact", Text, nullable=False),
    Column("digest", String(80), nullable=False),
)

breaches = Table(
    "breaches",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("workspace_id", String(32), nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("target", String(16), CheckConstraint(_one_of("target", Target), "target"), nullable=False),
    Column("route", String(80), nullable=False),
    Column("tier", SmallInteger, nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("breached_at", UtcTime, nullable=False),
    Column("told", Text, nullable=False),
    UniqueConstraint("incident_id", "target", "tier", "cycle"),
    UniqueConstraint("incident_id", "number"),
    CheckConstraint("breached_at >= due_at", "not_early"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("workspace_id", String(32), nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id")),
    Column("lane", SmallInteger, nullable=False),
    Column("channel", String(120), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("dedup_key", String(200), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(16), CheckConstraint(_one_of("state", PromiseState), "state"), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("deliver_at", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("claimed_until", UtcTime),
    Column("first_attempt_at", UtcTime),
    Column("unknown_since", UtcTime),
    Column("delivered_at", UtcTime),
    Column("failed_at", UtcTime),
    Column("message_ts", String(32)),
    Column("said", Text),
    Column("last_error", Text),
    Column("told_elsewhere_at", UtcTime),
    Column("sweep_at", UtcTime),
    UniqueConstraint("workspace_id", "dedup_key"),
    CheckConstraint("(state = 'sent') = (message_ts IS NOT NULL)", "sent_has_ts"),
)
_waiting = text(_one_of("state", UNSETTLED))
Index(
    "ix_outbox_waiting",
    outbox.c.workspace_id,
    outbox.c.channel,
    outbox.c.lane,
    outbox.c.id,
    outbox.c.deliver_at,
    outbox.c.claimed_until,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
Index(
    "ix_outbox_waiting_of_incident",
    outbox.c.incident_id,
    outbox.c.channel,
    outbox.c.id,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
_to_be_swept = text("sweep_at IS NOT NULL")
Index(
    "ix_outbox_sweep",
    outbox.c.workspace_id,
    outbox.c.sweep_at,
    sqlite_where=_to_be_swept,
    postgresql_where=_to_be_swept,
)

cards = Table(
    "cards",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("workspace_id", String(32), nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("slot", String(32), nullable=False),
    Column("channel", String(120), nullable=False),
    Column("ts", String(32), nullable=False),
    Column("delivery_key", String(32), nullable=False),
    Column("wanted_version", Integer, nullable=False),
    Column("shown_version", Integer, nullable=False),
    Column("edit_at", UtcTime, nullable=False),
    Column("claimed_until", UtcTime),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    UniqueConstraint("incident_id", "slot"),
)
_stale = text("shown_version < wanted_version")
Index(
    "ix_cards_stale",
    cards.c.workspace_id,
    cards.c.edit_at,
    sqlite_where=_stale,
    postgresql_where=_stale,
)
Index("ix_cards_message", cards.c.workspace_id, cards.c.channel, cards.c.ts)

on_call_feeds = Table(
    "on_call_feeds",
    metadata,
    Column("workspace_id", String(32), primary_key=True),
    Column("url_digest", String(64), primary_key=True),
    Column("shifts", Text),
    Column("fetched_at", UtcTime),
    Column("failed_at", UtcTime),
    Column("error", Text),
)

slack_channels = Table(
    "slack_channels",
    metadata,
    Column("workspace_id", String(32), primary_key=True),
    Column("channel", String(120), primary_key=True),
    Column("next_post_at", UtcTime, nullable=False),
)

slack_methods = Table(
    "slack_methods",
    metadata,
    Column("workspace_id", String(32), primary_key=True),
    Column("method", String(64), primary_key=True),
    Column("calls", Text, nullable=False, server_default="{}"),
    Column("rests_until", UtcTime),
)

requests = Table(
    "requests",
    metadata,
    Column("workspace_id", String(32), primary_key=True),
    Column("cause", String(200), primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("done_at", UtcTime, nullable=False),
)
Index("ix_requests_done", requests.c.done_at)

inbox = Table(
    "inbox",
    metadata,
    Column("workspace_id", String(32), primary_key=True),
    Column("cause", String(200), primary_key=True),
    Column("payload", Text, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("take_at", UtcTime),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("handled_at", UtcTime),
    Column("last_error", Text),
)
_to_be_taken = text("take_at IS NOT NULL")
Index(
    "ix_inbox_waiting",
    inbox.c.workspace_id,
    inbox.c.take_at,
    sqlite_where=_to_be_taken,
    postgresql_where=_to_be_taken,
)
Index("ix_inbox_received", inbox.c.received_at)

parachutes = Table(
    "parachutes",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("workspace_id", String(32), nullable=False),
    Column("channel", String(120), nullable=False),
    Column("scheduled_id", String(64), nullable=False),
    Column("post_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False),
)
Index("ix_parachutes_post", parachutes.c.workspace_id, parachutes.c.post_at)

job_slots = Table(
    "job_slots",
    metadata,
    Column("workspace_id", String(32), primary_key=True),
    Column("job", String(64), primary_key=True),
    Column("slot", UtcTime, primary_key=True),
)

homes = Table(
    "homes",
    metadata,
    Column("workspace_id", String(32), primary_key=True),
    Column("user_id", String(32), primary_key=True),
    Column("opened_at", UtcTime, nullable=False),
    Column("published_at", UtcTime),
    Column("shown_digest", String(64)),
    Column("publish_at", UtcTime),
    Column("claimed_until", UtcTime),
    Column("is_wide", Boolean, CheckConstraint("is_wide IN (false, true)", "is_wide"), nullable=False),
)
_to_be_published = text("publish_at IS NOT NULL")
Index(
    "ix_homes_publish",
    homes.c.workspace_id,
    homes.c.publish_at,
    sqlite_where=_to_be_published,
    postgresql_where=_to_be_published,
)

incident_channels = Table(
    "incident_channels",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("workspace_id", String(32), nullable=False),
    Column("name", String(80), nullable=False),
    Column("channel", String(32)),
    Column("created_at", UtcTime),
    Column("invited", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("topic_set_at", UtcTime),
    Column("bookmark_id", String(32)),
    Column("bookmarked", Text),
    Column("archived_at", UtcTime),
    Column("failed_at", UtcTime),
    Column("shown_version", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("look_at", UtcTime),
    Column("claimed_until", UtcTime),
    Column("last_error", Text),
)
_to_be_looked_at = text("look_at IS NOT NULL")
Index(
    "ix_incident_channels_look",
    incident_channels.c.workspace_id,
    incident_channels.c.incident_id,
    sqlite_where=_to_be_looked_at,
    postgresql_where=_to_be_looked_at,
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("workspace_id", String(32), nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("given_at", UtcTime, nullable=False),
    Column("score", SmallInteger, CheckConstraint("score BETWEEN 1 AND 5", "score"), nullable=False),
    Column("comment", Text, nullable=False),
    Column("given_by", String(32)),
)
Index("ix_feedback_incident", feedback.c.incident_id)

feedback_given = Table(
    "feedback_given",
    metadata,
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("user_id", String(32), primary_key=True),
    Column("workspace_id", String(32), nullable=False),
)
"""Who answered, apart from what they said and in an order of its own, so that no row leads from one to the other."""
