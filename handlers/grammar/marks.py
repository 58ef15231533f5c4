"""Words that are not the title of an incident but say how bad it is, or what is affected."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from bot.catalogue import t
from bot.domain.policy import Impact, Severity, Urgency
from handlers.grammar.words import service, severity, shown

Level = TypeVar("Level", Impact, Urgency)

_LEVEL = re.compile(r"(impact|urgency)[:=](\S+)", re.IGNORECASE)
_SEVERITY_KEY = re.compile(r"sev(?:erity)?[:=](?:sev[-_]?)?(\S+)", re.IGNORECASE)
_SERVICE_KEY = re.compile(r"service[:=](\S+)", re.IGNORECASE)
_SEVERITY_LIKE = re.compile(r"sev[-_]?[0-9]\S*", re.IGNORECASE)
_SERVICE_COLON = re.compile(r"([\w.-]{1,80}):")
_AROUND = "()[]{},:;.!?"
_DASHES = frozenset("-\u2013\u2014")


class Kind(StrEnum):
    SEVERITY = "severity"
    IMPACT = "impact"
    URGENCY = "urgency"
    SERVICE = "service"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a word says, or why it does not: then `value` is None.

    A `plain` one may as well be a word of the title, a `heading` one stands before it: `checkout: it is down`.
    """

    kind: Kind
    value: Severity | Impact | Urgency | str | bool | None
    problem: str | None = None
    plain: bool = False
    heading: bool = False


def is_dash(word: str) -> bool:
    """What may stand between the marks and the title."""
    return word in _DASHES


def mark_of(word: str, services: Collection[str]) -> Mark | None:
    """None for a word that can only be of the title."""
    bare = word.strip(_AROUND)
    level = _LEVEL.fullmatch(bare)
    if level is not None:
        return _level(level.group(1).lower(), level.group(2).lower(), word)
    key = _SEVERITY_KEY.fullmatch(bare)
    if key is not None:
        return _severity(f"sev{key.group(1)}", word, plain=False)
    if _SEVERITY_LIKE.fullmatch(bare):
        return _severity(bare, word, plain=word[0] not in "!([{")
    key = _SERVICE_KEY.fullmatch(bare)
    if key is not None:
        return _service(key.group(1), word, services)
    if bare.lower() == Kind.PRIVATE and service(bare, services) is None:
        return Mark(kind=Kind.PRIVATE, value=True, plain=word[0] not in "!([{" and not word.endswith(":"))
    return _named(word, bare, services)


def _level(kind: str, value: str, word: str) -> Mark:
    if kind == Kind.IMPACT:
        return _one_of(Impact, Kind.IMPACT, value, word)
    return _one_of(Urgency, Kind.URGENCY, value, word)


def _one_of(values: type[Level], kind: Kind, value: str, word: str) -> Mark:
    try:
        return Mark(kind=kind, value=values(value))
    except ValueError:
        problem = t("“{word}” is not understood; choose one of {listed}.", word=shown(word), listed=", ".join(values))
        return Mark(kind=kind, value=None, problem=problem)


def _severity(value: str, word: str, *, plain: bool) -> Mark:
    """`sev1` may be a word of the title; `!sev1`, `(sev1)` and `severity:1` may not."""
    read = severity(value)
    problem = (
        t("“{word}” is not a severity; choose one of {listed}.", word=shown(word), listed=", ".join(Severity))
        if read is None
        else None
    )
    return Mark(kind=Kind.SEVERITY, value=read, problem=problem, plain=plain)


def _service(value: str, word: str, services: Collection[str], *, heading: bool = False) -> Mark:
    read = service(value, services)
    problem = (
        None if read is not None else t("“{word}” is not a service here; choose one from the list.", word=shown(word))
    )
    return Mark(kind=Kind.SERVICE, value=read, problem=problem, heading=heading)


def _named(word: str, bare: str, services: Collection[str]) -> Mark | None:
    """`checkout:` and `(checkout)` name a service; `checkout` may be a word of the title."""
    colon = _SERVICE_COLON.fullmatch(word)
    if colon is not None:
        return _service(colon.group(1), colon.group(1), services, heading=True)
    read = service(bare, services)
    if read is None:
        return None
    return Mark(kind=Kind.SERVICE, value=read, plain=word[0] not in "([")
