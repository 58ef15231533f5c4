"""`/incident policy …`: what was agreed, and what would happen under it."""

import difflib
import re

from bot.catalogue import mark, t
from handlers.grammar.commands import ShowPolicy, SimulatePolicy, Unclear
from handlers.grammar.known import Known
from handlers.grammar.words import service, severity, shown, split

EXAMPLE = mark("for example /incident policy simulate sev1 {service} at sat 03:00")

_AT = re.compile(r"(?:at|on)\s+", re.IGNORECASE)


def read_policy(rest: str, known: Known) -> ShowPolicy | SimulatePolicy | Unclear:
    verb, words = split(rest)
    match verb.lower():
        case "" | "show":
            return ShowPolicy()
        case "simulate":
            return _simulate(words, known)
        case _:
            return Unclear(
                t(
                    "“{verb}” is not known here; write /incident policy show, or {example}.",
                    verb=shown(verb),
                    example=_example(known),
                )
            )


def _simulate(words: str, known: Known) -> SimulatePolicy | Unclear:
    """The severity and the service in either order, then when."""
    first, rest = split(words)
    second, rest = split(rest)
    if severity(first) is None and severity(second) is not None:
        first, second = second, first
    of = severity(first)
    if of is None:
        said = (
            t("“{first}” is not a severity", first=shown(first))
            if first
            else t("It does not say which severity and service")
        )
        return Unclear(t("{said}; write {example}.", said=said, example=_example(known)))
    named = service(second.rstrip(":"), known.services)
    if named is None:
        return Unclear(
            t("{no_service}; write {example}.", no_service=_no_service(second, known), example=_example(known))
        )
    at = _AT.match(rest)
    return SimulatePolicy(severity=of, service=named, at=rest[at.end() :] if at is not None else rest)


def _no_service(word: str, known: Known) -> str:
    if not word:
        return t("It does not say which service")
    near = difflib.get_close_matches(word, known.services, n=1, cutoff=0.5)
    return t("“{word}” is not a service here", word=shown(word)) + (
        t(", did you mean {near}?", near=near[0]) if near else ""
    )


def _example(known: Known) -> str:
    return t(EXAMPLE, service=next(iter(known.services), "checkout"))
