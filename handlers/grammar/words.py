"""The single words of a command: incidents, severities, services and durations."""

import re
from collections.abc import Collection
from datetime import timedelta

import durationpy

from bot.domain.policy import Severity

SHOWN = 40

_INCIDENT = re.compile(r"(?:inc-?)?([1-9][0-9]{0,8})", re.IGNORECASE)
_DURATION = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,3})?[wdhms])+")


def split(text: str) -> tuple[str, str]:
    """The first word and the rest."""
    head, *rest = text.split(maxsplit=1) or [""]
    return head, rest[0].strip() if rest else ""


def shown(word: str) -> str:
    """As a sentence about it repeats it."""
    return word if len(word) <= SHOWN else f"{word[: SHOWN - 1]}…"


def incident_number(word: str) -> int | None:
    """`INC-12`, `inc12` and `12` are 12."""
    match = _INCIDENT.fullmatch(word)
    return None if match is None else int(match.group(1))


def severity(word: str) -> Severity | None:
    try:
        return Severity(word.lower())
    except ValueError:
        return None


def service(word: str, services: Collection[str]) -> str | None:
    """As the policy writes it."""
    return {known.lower(): known for known in services}.get(word.lower())


def duration(word: str) -> timedelta | None:
    """`90s`, `20m`, `1h30m`, `2d`, `1w`; what no clock could hold is the longest there is.

    Stricter than durationpy, for which `5mm` is five months.
    """
    if not _DURATION.fullmatch(word.lower()):
        return None
    try:
        read: timedelta = durationpy.from_str(word.lower())
    except (durationpy.DurationError, OverflowError):
        return timedelta.max
    return read
