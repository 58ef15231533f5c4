"""Domain values to and from what the columns hold."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from pydantic_core import to_json
from sqlalchemy import RowMapping

from bot.domain.ids import WorkspaceId
from bot.domain.incident import Incident, IncidentState, Pause
from bot.domain.message import Message
from bot.domain.notice import Notice, PagesElsewhere
from bot.domain.policy import Severity
from bot.domain.progress import Progress
from bot.domain.promise import Promise
from bot.domain.timeline import Fact, Target, TimelineEvent
from bot.domain.transition import Breach

Content = Message | Notice | PagesElsewhere
"""What a promise can hold."""

_FACT: TypeAdapter[Fact] = TypeAdapter(Annotated[Fact, Field(discriminator="kind")])
_MESSAGE: TypeAdapter[Content] = TypeAdapter(Annotated[Content, Field(discriminator="kind")])

_INCIDENT_FIELDS = tuple(field.name for field in fields(Incident))
_incident_values = itemgetter(*_INCIDENT_FIELDS)

Row = dict[str, Any]


def incident_of(row: RowMapping) -> Incident:
    values = dict(zip(_INCIDENT_FIELDS, _incident_values(row), strict=True))
    values["state"] = IncidentState(values["state"])
    values["severity"] = Severity(values["severity"])
    values["progress"] = None if values["progress"] is None else Progress(values["progress"])
    values["managers_told"] = _ids_of(values["managers_told"])
    values["declined_by"] = _ids_of(values["declined_by"])
    values["pauses"] = _pauses_of(values["pauses"])
    values["followers"] = _ids_of(values["followers"])
    return Incident.of(values)


def incident_row(incident: Incident) -> Row:
    return dict(stored_values(incident, _INCIDENT_FIELDS))


def stored_values(incident: Incident, names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """What the columns of these names hold."""
    facts = vars(incident)
    for name in names:
        stored = _STORED_AS.get(name)
        yield name, facts[name] if stored is None else stored(facts[name])


_NOTHING = "[]"
"""Nearly every list of nearly every incident, and each is read and written at every decision."""


def _json_of(values: Sequence[Any]) -> str:
    return to_json(values).decode() if values else _NOTHING


def _ids_of(text: str) -> tuple[str, ...]:
    return () if text == _NOTHING else tuple(json.loads(text))


def _pauses_of(text: str) -> tuple[Pause, ...]:
    if text == _NOTHING:
        return ()
    return tuple(Pause(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in json.loads(text))


def _pauses_text(pauses: Sequence[Pause]) -> str:
    return _json_of([[pause.start.isoformat(), pause.end.isoformat()] for pause in pauses])


_STORED_AS: Mapping[str, Callable[[Any], str]] = {
    "managers_told": _json_of,
    "declined_by": _json_of,
    "followers": _json_of,
    "pauses": _pauses_text,
}


def event_row(workspace_id: WorkspaceId, incident_id: int, event: TimelineEvent) -> Row:
    return {
        "incident_id": incident_id,
        "seq": event.seq,
        "workspace_id": workspace_id,
        "at": event.at,
        "by": event.by,
        "kind": event.fact.kind,
        "fact": _text_of(event.fact),
    }


def event_of(row: RowMapping | Mapping[str, Any]) -> TimelineEvent:
    return TimelineEvent(seq=row["seq"], at=row["at"], by=row["by"], fact=_FACT.validate_json(row["fact"]))


def breach_row(workspace_id: WorkspaceId, incident_id: int, breach: Breach) -> Row:
    return {
        "workspace_id": workspace_id,
        "incident_id": incident_id,
        "number": breach.number,
        "target": breach.target,
        "route": breach.route,
        "tier": breach.tier,
        "cycle": breach.cycle,
        "due_at": breach.due_at,
        "breached_at": breach.breached_at,
        "told": _json_of(breach.told),
    }


def breach_of(row: RowMapping) -> Breach:
    return Breach(
        number=row["number"],
        target=Target(row["target"]),
        route=row["route"],
        tier=row["tier"],
        cycle=row["cycle"],
        due_at=row["due_at"],
        breached_at=row["breached_at"],
        told=tuple(json.loads(row["told"])),
    )


def promise_row(workspace_id: WorkspaceId, incident_id: int | None, promise: Promise) -> Row:
    """Without an incident for a notice, which is about the workspace."""
    return {
        "workspace_id": workspace_id,
        "incident_id": incident_id,
        "lane": int(promise.lane),
        "channel": promise.channel,
        "kind": promise.message.kind,
        "dedup_key": promise.key,
        "payload": payload_of(promise.message),
        "state": "pending",
        "created_at": promise.deliver_at,
        "deliver_at": promise.deliver_at,
    }


def payload_of(message: Content) -> str:
    return _text_of(message)


def _text_of(value: Any) -> str:
    return _writer(type(value))(value).decode()  # type: ignore[arg-type]  # mypy takes a class for unhashable


@cache
def _writer(kind: type[Any]) -> Callable[[Any], bytes]:
    """Of one class, because that of a union tries which one it is."""
    return TypeAdapter(kind).serializer.to_json


def message_of(row: RowMapping | Mapping[str, Any]) -> Content:
    return _MESSAGE.validate_json(row["payload"])
