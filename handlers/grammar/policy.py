"""`/incident policy …`: what was agreed, and what would happen under it."""

import difflib
import re

from handlers.grammar.commands import ShowPolicy, SimulatePolicy, Unclear
from handlers.grammar.known import Known
from handlers.grammar.words import service, severity, shown, split

EXAMPLE = "for example /incident policy simulate sev1 {service} at sat 03:00"

_AT = re.compile(r"(?:at|on)\s+", re.IGNORECASE)


def read_policy(rest: str, known: Known) -> ShowPolicy | SimulatePolicy | Unclear:
    verb, words = split(rest)
    match verb.lower():
        case "" | "show":
            return ShowPolicy()
        case "simulate":
            return _simulate(words, known)
        case _:
            return Unclear(f"“{shown(verb)}” is not known here; write /incident policy show, or {_example(known)}.")


def _simulate(words: str, known: Known) -> SimulatePolicy | Unclear:
    """The severity and the service in either order, then when."""
    first, rest = split(words)
    second, rest = split(rest)
    if severity(first) is None and severity(second) is not None:
        first, second = second, first
    of = severity(first)
    if of is None:
        said = f"“{shown(first)}” is not a severity" if first else "It does not say which severity and service"
        return Unclear(f"{said}; write {_example(known)}.")
    named = service(second.rstrip(":"), known.services)
    if named is None:
        return Unclear(f"{_no_service(second, known)}; write {_example(known)}.")
    at = _AT.match(rest)
    return SimulatePolicy(severity=of, service=named, at=rest[at.end() :] if at is not None else rest)


def _no_service(word: str, known: Known) -> str:
    if not word:
        return "It does not say which service"
    near = difflib.get_close_matches(word, known.services, n=1, cutoff=0.5)
    return f"“{shown(word)}” is not a service here" + (f", did you mean {near[0]}?" if near else "")


def _example(known: Known) -> str:
    return EXAMPLE.format(service=next(iter(known.services), "checkout"))
