"""An incident's whole story as a document that needs nothing else: a page, Markdown, or values for a script."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from bot.domain.calendar import elapsed
from bot.domain.explanation import ClockReading, Explanation
from bot.domain.timeline import Fact, Noted, Pinned, Resolved, StakeholdersTold, TimelineEvent
from bot.domain.transition import Breach
from bot.explained import as_values
from bot.slack.blocks.explanation import account, clock_name, whole_story
from bot.slack.blocks.mrkdwn import duration, escape, length, one_line
from bot.slack.blocks.voice import Plain
from bot.slack.blocks.words import REASON_SHOWN, STATE, URGENCY

_MARKDOWN_MARKS = "\\`*_{}[]<>#|~"
_BEGINS_A_LIST = re.compile(r"^[ \t]*(?:(\d+)([.)])(?=\s|$)|([-+=]))", re.MULTILINE)
_UNSAID = "none was reported"

TONES: Mapping[str, str] = {
    "breached": "bad",
    "exhausted": "bad",
    "delivery_failed": "bad",
    "warned": "warning",
    "acknowledgement_expired": "warning",
    "acknowledged": "good",
    "resolved": "good",
}
"""How an entry of the story is coloured; what is not here is neither good nor bad."""


class Format(StrEnum):
    MARKDOWN = "md"
    JSON = "json"
    HTML = "html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the story; `at` is the time of its day. `said` is what a person wrote that is not whole in the line,
    each with its label, if it has one."""

    at: str
    text: str
    tone: str
    said: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    name: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`percent` is None of a clock without a target; it may be over 100."""

    name: str
    state: str
    counted: str
    target: str
    percent: int | None
    due_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One target that was missed."""

    number: int
    target: str
    tier: int
    due_at: str
    noticed_at: str
    late: str
    told: str


def document(explanation: Explanation, voice: Plain, form: Format) -> str:
    match form:
        case Format.JSON:
            return json.dumps(_values(explanation, voice), ensure_ascii=False, indent=2) + "\n"
        case Format.HTML:
            return _rendered("incident.html", explanation, voice)
        case Format.MARKDOWN:
            return _rendered("incident.md", explanation, voice)


def _rendered(template: str, explanation: Explanation, voice: Plain) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # which a bot that runs does not need

    environment = Environment(
        loader=PackageLoader("bot"),
        autoescape=template.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["plain"] = _escaped_for_markdown
    environment.filters["in_an_item"] = _in_an_item
    return environment.get_template(f"{template}.j2").render(_contents(explanation, voice))


def _contents(explanation: Explanation, voice: Plain) -> Mapping[str, Any]:
    told, incident = account(explanation), explanation.incident
    return {
        "incident": incident,
        "state": STATE[incident.state],
        "summary": voice.read(told.now),
        "facts": [(label, said) for label, said in _facts(explanation, voice) if said],
        "days": _days(explanation, voice),
        "clocks": [_clock(reading, explanation, voice) for reading in explanation.clocks],
        "ledger": [_ledger_row(breach, explanation, voice) for breach in explanation.ledger],
        "next": [(voice.at(line.at) if line.at else "", voice.read(line.text, beside=line.at)) for line in told.next],
        "afterwards": told.afterwards,
        "as_of": voice.at(explanation.now),
        "zone": f"{explanation.now.astimezone(voice.zone):%Z}",
    }


def _facts(explanation: Explanation, voice: Plain) -> Sequence[tuple[str, str]]:
    incident = explanation.incident
    until = incident.over_at or explanation.now
    answered = incident.first_acknowledged_at
    return [
        ("Severity", f"{incident.severity} ({URGENCY[incident.severity]})"),
        ("Service", incident.service),
        ("State", STATE[incident.state]),
        ("Tier", f"{incident.tier} of {len(explanation.policy.escalation(incident.routed_to).tiers)}"),
        ("Opened", f"{voice.at(incident.opened_at)} by {voice.name(incident.opened_by)}"),
        ("First acknowledged", f"after {_span(answered - incident.opened_at)}" if answered else "by nobody"),
        ("Private", "only for its tiers and for who follows it" if incident.is_private else ""),
        ("Has it", voice.name(incident.assignee) if incident.assignee else ""),
        ("Over", voice.at(incident.over_at, beside=incident.opened_at) if incident.over_at else ""),
        ("Lasted" if incident.is_over else "Has lasted", _span(until - incident.opened_at)),
        ("Missed targets", str(len(explanation.ledger)) if explanation.ledger else "none"),
        ("Impact", incident.impact or (_UNSAID if incident.resolved_at else "")),
        ("Data loss", incident.data_loss or (_UNSAID if incident.resolved_at else "")),
        ("Resolution", incident.resolution),
    ]


def _days(explanation: Explanation, voice: Plain) -> Sequence[Day]:
    told = zip(explanation.story, whole_story(explanation), strict=True)
    entries = [(event, _entry(event, voice.read(line.text, beside=event.at), voice)) for event, line in told]
    by_day = groupby(entries, key=lambda one: f"{one[0].at.astimezone(voice.zone):%A, %Y-%m-%d}")
    return [Day(name=name, entries=[entry for _, entry in some]) for name, some in by_day]


def _entry(event: TimelineEvent, text: str, voice: Plain) -> Entry:
    return Entry(
        at=voice.at(event.at, beside=event.at),
        text=text,
        tone=TONES.get(event.fact.kind, "plain"),
        said=[(label, words) for label, words in _said(event.fact, voice) if words],
    )


def _said(fact: Fact, voice: Plain) -> Iterator[tuple[str, str]]:
    match fact:
        case StakeholdersTold(changed=changed, impact=impact, action=action, owner=owner, eta=eta):
            yield "", _if_cut(changed)
            yield "Impact", impact
            yield "Being done", action
            yield "In the hands of", voice.name(owner) if owner is not None else ""
            yield "Expected to be solved", voice.at(eta) if eta is not None else "not known yet"
        case Resolved(summary=summary, impact=impact, data_loss=lost):
            yield "", _if_cut(summary)
            yield "Impact", impact or _UNSAID
            yield "Data loss", lost or _UNSAID
        case Noted(text=text) | Pinned(text=text):
            yield "", _if_cut(text)
        case _:
            yield "", _if_cut(str(getattr(fact, "reason", "")))


def _if_cut(words: str) -> str:
    """Sentences have the first of it."""
    return words if length(escape(one_line(words))) > REASON_SHOWN else ""


def _clock(reading: ClockReading, explanation: Explanation, voice: Plain) -> Clock:
    return Clock(
        name=voice.read(clock_name(reading, explanation)),
        state=reading.state.value,
        counted=_span(reading.counted),
        target=_span(reading.target),
        percent=None if reading.percent is None else int(reading.percent),
        due_at="" if reading.due_at is None else voice.at(reading.due_at),
    )


def _ledger_row(breach: Breach, explanation: Explanation, voice: Plain) -> LedgerRow:
    calendar = explanation.policy.targets(explanation.incident.severity).calendar
    return LedgerRow(
        number=breach.number,
        target=breach.target.value,
        tier=breach.tier,
        due_at=voice.at(breach.due_at),
        noticed_at=voice.at(breach.breached_at, beside=breach.due_at),
        late=_span(elapsed(calendar, breach.due_at, breach.breached_at)),
        told=", ".join(voice.name(who) for who in breach.told),
    )


def _span(span: timedelta) -> str:
    return duration(span) if span >= timedelta(seconds=1) else "0 seconds"


def _escaped_for_markdown(text: object) -> str:
    """What people typed makes no headings, links, lists or tables."""
    signs = "".join(f"\\{sign}" if sign in _MARKDOWN_MARKS else sign for sign in str(text))
    return _BEGINS_A_LIST.sub(lambda begun: f"{begun[1] or ''}\\{begun[2] or begun[3]}", signs)


def _in_an_item(text: str) -> str:
    """Lines that stay in the item of the list in which the first of them stands."""
    return "  \n  ".join(line.strip() for line in text.splitlines() if line.strip())


def _values(explanation: Explanation, voice: Plain) -> dict[str, Any]:
    """What `explain --json` says, and the whole story entry by entry."""
    incident = explanation.incident
    moments: Mapping[str, Any] = {
        "opened_at": incident.opened_at,
        "first_acknowledged_at": incident.first_acknowledged_at,
        "over_at": incident.over_at,
    }
    return {
        **as_values(explanation, voice),
        "description": incident.description,
        "resolution": incident.resolution,
        "impact": incident.impact,
        "data_loss": incident.data_loss,
        "is_private": incident.is_private,
        **{name: None if at is None else at.isoformat() for name, at in moments.items()},
        "names": dict(voice.names),
        "timeline": [_event_values(event) for event in explanation.story],
    }


def _event_values(event: TimelineEvent) -> dict[str, Any]:
    facts = {name: _json_value(value) for name, value in asdict(event.fact).items()}
    return {"seq": event.seq, "at": event.at.isoformat(), "by": event.by, **facts}


def _json_value(value: Any) -> Any:
    written: Callable[[], str] | None = getattr(value, "isoformat", None)
    return written() if written is not None else value
