"""The words after `/incident`, understood. Pure: text in, one of a few commands out; nothing typed is lost."""

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.domain.policy import Severity

LONGEST_COMMAND = 20_000

VERBS = ("open", "list", "show", "ack", "escalate", "resolve", "help")

_SEVERITY_LIKE = re.compile(r"sev\S*", re.IGNORECASE)
_SERVICE = re.compile(r"([\w.-]{1,80}):\s+(.*)|([\w.-]{1,80}):$", re.DOTALL)
_INCIDENT = re.compile(r"(?:inc-?)?([1-9][0-9]{0,8})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncident:
    """Everything needed to open an incident at once."""

    severity: Severity
    service: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForm:
    """Something is missing or unclear: the form asks for it, filled in with what was understood."""

    severity: Severity | None = None
    service: str | None = None
    title: str = ""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ListIncidents:
    pass


@dataclass(frozen=True, slots=True)
class ShowIncident:
    number: int


@dataclass(frozen=True, slots=True)
class AcknowledgeIncident:
    number: int


@dataclass(frozen=True, slots=True)
class EscalateIncident:
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ResolveIncident:
    number: int
    summary: str


@dataclass(frozen=True, slots=True)
class Help:
    pass


@dataclass(frozen=True, slots=True)
class Unclear:
    """`problem` is a sentence in plain text: what is wrong, and what to do."""

    problem: str


Command = (
    OpenIncident
    | OpenForm
    | ListIncidents
    | ShowIncident
    | AcknowledgeIncident
    | EscalateIncident
    | ResolveIncident
    | Help
    | Unclear
)


def parse(text: str, services: Collection[str]) -> Command:
    """Never raises. `services` are the ones the policy knows."""
    text = text.strip()[:LONGEST_COMMAND]
    verb, rest = _split(text)
    match verb.lower():
        case "":
            return OpenForm()
        case "open":
            return _open(rest, services)
        case "list":
            return ListIncidents()
        case "help":
            return Help()
        case "show" | "ack" | "escalate" | "resolve" as known:
            return _about_one(known, rest)
        case _:
            return Unclear(_unknown(verb))


def _split(text: str) -> tuple[str, str]:
    """The first word and the rest."""
    head, *rest = text.split(maxsplit=1) or [""]
    return head, rest[0].strip() if rest else ""


def _about_one(verb: str, rest: str) -> Command:
    key, words = _split(rest)
    match = _INCIDENT.fullmatch(key)
    if match is None:
        said = f"“{_shown(key)}” is not an incident" if key else "It does not say which incident"
        return Unclear(f"{said}; write for example /incident {verb} INC-12.")
    number = int(match.group(1))
    match verb:
        case "show":
            return ShowIncident(number)
        case "ack":
            return AcknowledgeIncident(number)
        case "escalate":
            return EscalateIncident(number, words)
        case _:
            return ResolveIncident(number, words)


def _open(rest: str, services: Collection[str]) -> OpenIncident | OpenForm:
    problems: list[str] = []
    severity, rest = _severity(rest, problems)
    service, title = _service(rest, services, problems)
    if severity is None or service is None or not title or problems:
        return OpenForm(severity=severity, service=service, title=title, problem=" ".join(problems) or None)
    return OpenIncident(severity=severity, service=service, title=title)


def _severity(rest: str, problems: list[str]) -> tuple[Severity | None, str]:
    head, after = _split(rest)
    if not _SEVERITY_LIKE.fullmatch(head):
        return None, rest
    try:
        return Severity(head.lower()), after
    except ValueError:
        if not any(character.isdigit() for character in head):
            return None, rest  # "several people report …" is a title
        problems.append(f"“{_shown(head)}” is not a severity; choose one of {', '.join(Severity)}.")
        return None, after


def _service(rest: str, services: Collection[str], problems: list[str]) -> tuple[str | None, str]:
    match = _SERVICE.fullmatch(rest)
    if match is None:
        return None, rest
    word, title = match.group(1) or match.group(3), (match.group(2) or "").strip()
    known = {service.lower(): service for service in services}
    if word.lower() in known:
        return known[word.lower()], title
    problems.append(f"“{_shown(word)}” is not a service here; choose one from the list.")
    return None, rest


def _unknown(verb: str) -> str:
    nearest = _nearest(verb.lower())
    guess = f"did you mean /incident {nearest}? " if nearest else ""
    return f"“{_shown(verb)}” is not a command; {guess}/incident help shows what there is."


def _nearest(word: str) -> str | None:
    """The verb that was begun, written in full (`acknowledge`) or mistyped."""
    begun = [verb for verb in VERBS if verb.startswith(word) or word.startswith(verb)]
    return next(iter(begun or difflib.get_close_matches(word, VERBS, n=1, cutoff=0.5)), None)


def _shown(word: str) -> str:
    return word if len(word) <= 40 else f"{word[:39]}…"
