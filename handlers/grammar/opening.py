"""`/incident open …`: what can be opened at once is, and for everything else the form asks."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TypeVar

from bot.domain.policy import Impact, Severity, Urgency
from handlers.grammar.commands import OpenForm, OpenIncident
from handlers.grammar.known import Known, Matrix
from handlers.grammar.words import service, severity, shown, split

Level = TypeVar("Level", Impact, Urgency)

_SEVERITY_LIKE = re.compile(r"sev\S*", re.IGNORECASE)
_LEVEL = re.compile(r"(impact|urgency)[:=](\S+)", re.IGNORECASE)
_SERVICE = re.compile(r"([\w.-]{1,80}):\s+(.*)|([\w.-]{1,80}):$", re.DOTALL)

NO_MATRIX = "This policy does not derive the severity from impact and urgency; choose a severity."


@dataclass(slots=True)
class _Understood:
    """What the words before the title say, and what is wrong with them."""

    severity: Severity | None = None
    impact: Impact | None = None
    urgency: Urgency | None = None
    problems: list[str] = field(default_factory=list)


def read_opening(rest: str, known: Known) -> OpenIncident | OpenForm:
    said = _Understood()
    while (after := _head(rest, said)) is not None:
        rest = after
    named, title = _service(rest, known.services, said.problems)
    derived = _derived(said, known.matrix)
    if derived is None or named is None or not title or said.problems:
        return OpenForm(
            severity=said.severity,
            impact=said.impact,
            urgency=said.urgency,
            service=named,
            title=title,
            problem=" ".join(said.problems) or None,
        )
    return OpenIncident(severity=derived, service=named, title=title)


def _head(rest: str, said: _Understood) -> str | None:
    """Takes one word about the severity; the rest of the words, or None when the first is not of that kind."""
    head, after = split(rest)
    level = _LEVEL.fullmatch(head)
    if level is not None:
        return after if _take_level(level.group(1).lower(), level.group(2).lower(), head, said) else None
    if said.severity is not None or not _SEVERITY_LIKE.fullmatch(head):
        return None
    said.severity = severity(head)
    if said.severity is None:
        if not any(character.isdigit() for character in head):
            return None  # "several people report …" is a title
        said.problems.append(f"“{shown(head)}” is not a severity; choose one of {', '.join(Severity)}.")
    return after


def _take_level(kind: str, value: str, head: str, said: _Understood) -> bool:
    """Whether the word said an impact or an urgency that was not said before."""
    if kind == "impact" and said.impact is None:
        said.impact = _level(Impact, value, head, said)
        return True
    if kind == "urgency" and said.urgency is None:
        said.urgency = _level(Urgency, value, head, said)
        return True
    return False


def _level(kind: type[Level], value: str, head: str, said: _Understood) -> Level | None:
    try:
        return kind(value)
    except ValueError:
        said.problems.append(f"“{shown(head)}” is not understood; choose one of {', '.join(kind)}.")
        return None


def disagreement(impact: Impact, urgency: Urgency, made: Severity | None) -> str:
    return f"Impact {impact} and urgency {urgency} make it {made}; choose that severity, or none."


def _derived(said: _Understood, matrix: Matrix) -> Severity | None:
    """The severity that was said, or that impact and urgency make. Both at once must agree."""
    if said.impact is None and said.urgency is None:
        return said.severity
    if not matrix:
        said.problems.append(NO_MATRIX)
        return None
    if said.impact is None or said.urgency is None:
        return None
    made = matrix.get((said.impact, said.urgency))
    if said.severity not in (None, made):
        said.problems.append(disagreement(said.impact, said.urgency, made))
    return made


def _service(rest: str, services: Collection[str], problems: list[str]) -> tuple[str | None, str]:
    match = _SERVICE.fullmatch(rest)
    if match is None:
        return None, rest
    word, title = match.group(1) or match.group(3), (match.group(2) or "").strip()
    named = service(word, services)
    if named is not None:
        return named, title
    problems.append(f"“{shown(word)}” is not a service here; choose one from the list.")
    return None, rest
