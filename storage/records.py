"""Domain values to and from what the columns hold."""

import json
from collections.abc import Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from sqlalchemy import RowMapping

from bot.domain.ids import WorkspaceId
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Severity
from bot.domain.promise import Message, Promise
from bot.domain.timeline import Fact, TimelineEvent
from bot.domain.transition import Breach

_FACT: TypeAdapter[Fact] = TypeAdapter(Annotated[Fact, Field(discriminator="kind")])
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])

_INCIDENT_FIELDS = tuple(field.name for field in fields(Incident))
_incident_values = attrgetter(*_INCIDENT_FIELDS)

Row = dict[str, Any]


def incident_of(row: RowMapping) -> Incident:
    values: dict[str, Any] = {name: row[name] for name in _INCIDENT_FIELDS}
    values["state"] = IncidentState(values["state"])
    values["severity"] = Severity(values["severity"])
    return Incident(**values)


def incident_row(incident: Incident) -> Row:
    return dict(zip(_INCIDENT_FIELDS, _incident_values(incident), strict=True))


def event_row(workspace_id: WorkspaceId, incident_id: int, event: TimelineEvent) -> Row:
    return {
        "incident_id": incident_id,
        "seq": event.seq,
        "workspace_id": workspace_id,
        "at": event.at,
        "by": event.by,
        "kind": event.fact.kind,
        "fact": _FACT.dump_json(event.fact).decode(),
    }


def event_of(row: RowMapping) -> TimelineEvent:
    return TimelineEvent(seq=row["seq"], at=row["at"], by=row["by"], fact=_FACT.validate_json(row["fact"]))


def breach_row(workspace_id: WorkspaceId, incident_id: int, breach: Breach) -> Row:
    return {
        "workspace_id": workspace_id,
        "incident_id": incident_id,
        "number": breach.number,
        "target": "response",
        "tier": breach.tier,
        "cycle": breach.cycle,
        "due_at": breach.due_at,
        "breached_at": breach.breached_at,
        "told": json.dumps(breach.told),
    }


def breach_of(row: RowMapping) -> Breach:
    return Breach(
        number=row["number"],
        tier=row["tier"],
        cycle=row["cycle"],
        due_at=row["due_at"],
        breached_at=row["breached_at"],
        told=tuple(json.loads(row["told"])),
    )


def promise_row(workspace_id: WorkspaceId, incident_id: int, promise: Promise) -> Row:
    return {
        "workspace_id": workspace_id,
        "incident_id": incident_id,
        "lane": int(promise.lane),
        "channel": promise.channel,
        "kind": promise.message.kind,
        "dedup_key": promise.key,
        "payload": _MESSAGE.dump_json(promise.message).decode(),
        "state": "pending",
        "created_at": promise.deliver_at,
        "deliver_at": promise.deliver_at,
    }


def message_of(row: RowMapping | Mapping[str, Any]) -> Message:
    return _MESSAGE.validate_json(row["payload"])
