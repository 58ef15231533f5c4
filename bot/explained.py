"""An incident as the commands beside the bot tell of it: read with the names of all that is in it, and as values."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer

from bot.clock import now
from bot.domain import explanation as why
from bot.domain.explanation import ClockReading, Explanation
from bot.domain.ids import UserId
from bot.policy_file import Directory
from bot.services.policies import policy_of
from bot.settings import ToolSettings, read_tool_settings
from bot.slack.blocks.explanation import Line, account
from bot.slack.blocks.voice import Plain
from bot.start import CannotStart
from bot.tools import reading_database, slack_of, the_workspace, zone_named
from storage import incidents, policies
from storage.database import Transaction

_PERSON = re.compile(r"[UW][A-Z0-9]{6,20}")
_INCIDENT = re.compile(r"(?:inc-?)?([1-9][0-9]{0,8})", re.IGNORECASE)

IncidentKey = Annotated[str, typer.Argument(help="The incident, like INC-12.")]
Zone = Annotated[str, typer.Option(help="The time zone of what is shown, like Europe/Paris; default: this machine's.")]


async def explained(incident: str, *, zone: str) -> tuple[Explanation, Plain]:
    """As it is now, and the voice that knows its names. Raises `CannotStart` when there is no such incident."""
    settings = read_tool_settings()
    async with reading_database(settings) as database, database.read() as tx:
        explanation, names = await _read(tx, incident)
    names = {**names, **await _names_from_slack(settings, explanation, names)}
    return explanation, Plain(zone=zone_named(zone), names=names)


async def _read(tx: Transaction, key: str) -> tuple[Explanation, Mapping[str, str]]:
    match = _INCIDENT.fullmatch(key.strip())
    if match is None:
        raise CannotStart(f"“{key}” is not an incident: write it like INC-12.")
    number = int(match.group(1))
    incident = await incidents.by_number(tx, await the_workspace(tx), number)
    if incident is None:
        raise CannotStart(f"There is no INC-{number} in this database.")
    version = await policies.by_id(tx, incident.policy_version_id)
    story, ledger = await incidents.story(tx, incident.id), await incidents.ledger(tx, incident.id)
    explanation = why.explain(incident, policy_of(version), story, ledger, now())
    return explanation, names_of(Directory.from_json(version.directory))


def names_of(directory: Directory) -> Mapping[str, str]:
    """Names by id, as the policy file writes them."""
    people = {who.slack_id: f"@{who.name.removeprefix('@')}" for who in directory.people.values()}
    return people | {str(slack_id): name for name, slack_id in directory.channels.items()}


async def _names_from_slack(
    settings: ToolSettings, explanation: Explanation, known: Mapping[str, str]
) -> Mapping[str, str]:
    """Of people who are not in the policy; none of whom Slack does not say, since this must work when it is away."""
    people = set(_people_in(explanation))
    found: dict[str, str] = {}
    async with slack_of(settings) as slack:
        for person in sorted(people - known.keys()) if slack is not None else ():
            name = await slack.name_of(UserId(person)) if slack is not None else None
            if name is not None:
                found[person] = name
    return found


def _people_in(explanation: Explanation) -> Iterator[str]:
    """Everybody whom the story names: also to whom it was given, who was asked, who does what."""
    incident = explanation.incident
    for event in explanation.story:
        named = [one for held in asdict(event.fact).values() for one in (held if isinstance(held, tuple) else (held,))]
        people = (event.by, incident.assignee, incident.opened_by, *named)
        yield from (one for one in people if isinstance(one, str) and _PERSON.fullmatch(one))


def as_values(explanation: Explanation, voice: Plain) -> dict[str, Any]:
    """Times in ISO 8601 and UTC, spans in seconds; keys are only ever added."""
    told = account(explanation)
    incident = explanation.incident
    return {
        "incident": incident.key,
        "title": incident.title,
        "severity": incident.severity,
        "service": incident.service,
        "state": incident.state,
        "tier": incident.tier,
        "assignee": incident.assignee,
        "as_of": explanation.now.isoformat(),
        "summary": voice.read(told.now),
        "past": _line_values(told.past, voice),
        "clocks": [_clock_values(reading) for reading in explanation.clocks],
        "next": _line_values(told.next, voice),
        "breaches": [
            {
                "number": breach.number,
                "target": breach.target,
                "tier": breach.tier,
                "due_at": breach.due_at.isoformat(),
                "breached_at": breach.breached_at.isoformat(),
                "told": [voice.name(who) for who in breach.told],
            }
            for breach in explanation.ledger
        ],
    }


def _line_values(lines: Sequence[Line], voice: Plain) -> list[dict[str, Any]]:
    return [{"at": None if line.at is None else line.at.isoformat(), "text": voice.read(line.text)} for line in lines]


def _clock_values(reading: ClockReading) -> dict[str, Any]:
    return {
        "name": reading.name,
        "state": reading.state,
        "started_at": reading.started_at.isoformat(),
        "ended_at": None if reading.ended_at is None else reading.ended_at.isoformat(),
        "due_at": None if reading.due_at is None else reading.due_at.isoformat(),
        "target_seconds": _seconds(reading.target),
        "counted_seconds": _seconds(reading.counted),
        "paused_seconds": _seconds(reading.paused),
        "outside_seconds": _seconds(reading.outside),
        "wall_seconds": _seconds(reading.wall),
        "percent": None if reading.percent is None else round(reading.percent, 2),
        "calendar": reading.calendar,
        "pauses": [{"start": pause.start.isoformat(), "end": pause.end.isoformat()} for pause in reading.pauses],
    }


def _seconds(span: timedelta) -> float:
    return span.total_seconds()
