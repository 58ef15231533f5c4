"""A command in words again, such that the grammar reads it as the same command."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import assert_never

from bot.domain.ids import UserId
from handlers.grammar.commands import (
    AcknowledgeIncident,
    AssignIncident,
    CancelIncident,
    ChangeSeverity,
    Command,
    Deed,
    EscalateIncident,
    EscalateTo,
    ExplainIncident,
    FollowIncident,
    Help,
    HoldIncident,
    ListIncidents,
    NoteDown,
    OpenForm,
    OpenFormAbout,
    OpenIncident,
    PassIncident,
    ReopenIncident,
    ResolveIncident,
    ResumeIncident,
    ShowIncident,
    ShowOnCall,
    ShowPolicy,
    SimulatePolicy,
    StillOnIt,
    TellStakeholders,
    TellStory,
    Unclear,
    UnfollowIncident,
)
from handlers.grammar.known import Known
from handlers.grammar.marks import is_dash, mark_of
from handlers.grammar.quotes import head_unquoted, one_quoted, quoted, unquoted

_SIMPLE: Mapping[type, str] = {
    ShowIncident: "show",
    TellStory: "timeline",
    ExplainIncident: "why",
    PassIncident: "pass",
    ResumeIncident: "resume",
    UnfollowIncident: "unfollow",
}
_MISLEADING = re.compile(r"(?:to|duplicate)(?:\s|\Z)|#|tier[ -]?[0-9]", re.IGNORECASE)
"""What the reason of a verb may not begin with, unless it is quoted."""


def written(command: Command, known: Known) -> str:
    """Without `/incident`. What is unclear has no words of its own: it is empty."""
    match command:
        case OpenIncident(severity=severity, service=service, title=title):
            private = "private" if command.is_private else None
            return _joined("open", private, severity, f"{service}:", _title(title, known))
        case OpenForm():
            return _form(command, known)
        case OpenFormAbout(number=number, verb=verb, typed=typed):
            return _joined(verb, f"INC-{number}", typed)
        case ListIncidents():
            return _list(command, known)
        case ShowPolicy():
            return "policy show"
        case SimulatePolicy(severity=severity, service=service, at=at):
            return f"policy simulate {severity} {service}{f' at {at}' if at else ''}"
        case ShowOnCall(service=of):
            return _joined("oncall", of)
        case Help():
            return "help"
        case Unclear():
            return ""
        case ShowIncident() | TellStory() | ExplainIncident():
            return f"{_SIMPLE[type(command)]} INC-{command.number}"
        case _:
            return _deed(command, known)


def _deed(deed: Deed, known: Known) -> str:
    key = f"INC-{deed.number}"
    match deed:
        case PassIncident() | ResumeIncident() | UnfollowIncident():
            return f"{_SIMPLE[type(deed)]} {key}"
        case StillOnIt(beside=beside):
            return _joined("still", key, beside)
        case AcknowledgeIncident(eta=eta, beside=beside):
            return _joined("ack", key, beside, None if eta is None else f"eta until {_instant(eta)}")
        case FollowIncident(who=who):
            return _joined("follow", key, None if who is None else _person(who, known))
        case EscalateIncident(reason=reason):
            return _joined("escalate", key, _reason(reason))
        case EscalateTo(words=words):
            return f"escalate {key} to {words if head_unquoted(words) == words else quoted(words)}"
        case AssignIncident(to=to):
            return f"assign {key} {_person(to, known)}"
        case HoldIncident(until=until, reason=reason):
            return _joined("hold", key, "until", _instant(until), _reason(reason))
        case ChangeSeverity(severity=severity, reason=reason):
            return _joined("severity", key, severity, _reason(reason))
        case NoteDown(text=text):
            return _joined("note", key, _reason(text))
        case TellStakeholders():
            return _update(deed, known)
        case ResolveIncident(summary=summary, impact=impact, data_loss=data_loss):
            ends = (f"impact: {impact}" if impact else None, f"data loss: {data_loss}" if data_loss else None)
            return _joined("resolve", key, _reason(summary), *ends)
        case ReopenIncident(reason=reason):
            return _joined("reopen", key, _reason(reason))
        case CancelIncident(reason=reason, duplicate_of=other):
            of = None if other is None else f"duplicate of INC-{other}"
            return _joined("cancel", key, of, _reason(reason))
        case _:
            assert_never(deed)


def _update(told: TellStakeholders, known: Known) -> str:
    parts = {
        "impact": told.impact,
        "action": told.action,
        "owner": None if told.owner is None else _person(told.owner, known),
        "eta": None if told.eta is None else f"until {_instant(told.eta)}",
    }
    named = (f"{name}: {said}" for name, said in parts.items() if said)
    return _joined("update", f"INC-{told.number}", told.progress, _reason(told.changed), *named)


def _form(form: OpenForm, known: Known) -> str:
    impact = None if form.impact is None else f"impact:{form.impact}"
    urgency = None if form.urgency is None else f"urgency:{form.urgency}"
    service = None if form.service is None else f"{form.service}:"
    private = "(private)" if form.is_private else None
    return _joined("open", private, form.severity, impact, urgency, service, form.title and _title(form.title, known))


def _list(asked: ListIncidents, known: Known) -> str:
    wanted = asked.wanted
    people = [_person(user, known) for user in wanted.people]
    breached, over = "breached" if wanted.breached else None, "closed" if wanted.over else None
    return _joined("list", *wanted.severities, *wanted.services, *people, breached, over)


def _title(title: str, known: Known) -> str:
    """In quotation marks when one of its words would be taken for more than that."""
    words = title.split()
    marked = any(is_dash(word) or mark_of(word, known.services) is not None for word in words)
    return f'"{title}"' if marked or one_quoted(title) is not None else title


def _reason(text: str) -> str:
    return quoted(text) if unquoted(text) != text or _MISLEADING.match(text) else text


def _person(user: UserId, known: Known) -> str:
    named = (name for name, each in known.mentions.people.items() if each == user)
    return next(named, "me" if user == known.me else f"@{user}")


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}".replace(".000000", "")


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)
