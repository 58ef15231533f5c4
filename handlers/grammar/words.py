"""The single words of a command: incidents, severities and services."""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from bot.domain.policy import Severity

SHOWN = 40

_FORMAT = "*_~`"

_INCIDENT = re.compile(r"(?:inc-?|#)?([1-9][0-9]{0,8})[*_~`]*[,:;.!?]?", re.IGNORECASE)
_KEY = re.compile(r"(?:inc-?|#)[0-9]", re.IGNORECASE)
_LIKE_AN_INCIDENT = re.compile(r"(?:inc|#)?-*\d\S*", re.IGNORECASE)
_SEVERITY = re.compile(r"sev[-_]?([1-4])", re.IGNORECASE)


def split(text: str) -> tuple[str, str]:
    """The first word and the rest."""
    head, *rest = text.split(maxsplit=1) or [""]
    return head, rest[0].strip() if rest else ""


def shown(word: str) -> str:
    """As a sentence about it repeats it."""
    return word if len(word) <= SHOWN else f"{word[: SHOWN - 1]}…"


def incident_number(word: str) -> int | None:
    """`INC-12`, `inc12`, `#12` and `12` are 12, also as Slack writes them bold or as code."""
    match = _INCIDENT.fullmatch(word.strip(_FORMAT))
    return None if match is None else int(match.group(1))


def key_number(word: str) -> int | None:
    """Of a word that can mean nothing else: not of `12`, of which there may be so many."""
    return incident_number(word) if _KEY.match(word.lstrip(_FORMAT)) else None


def like_an_incident(word: str) -> bool:
    """Whether it was meant as one, right or wrong."""
    return _LIKE_AN_INCIDENT.fullmatch(word.strip(_FORMAT)) is not None


def severity(word: str) -> Severity | None:
    """`sev1`, `SEV-1`."""
    match = _SEVERITY.fullmatch(word)
    return None if match is None or not match.group(1).isascii() else Severity(f"sev{match.group(1)}")


def service(word: str, services: Collection[str]) -> str | None:
    """As the policy writes it."""
    return _by_folded_name(tuple(services)).get(word.casefold())


@lru_cache(maxsize=8)
def _by_folded_name(services: tuple[str, ...]) -> Mapping[str, str]:
    """A long line asks for every one of its words."""
    return {service.casefold(): service for service in services}
