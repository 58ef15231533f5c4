"""How long, and until when: `20m`, `1h30`, `2 hours`, `until 14:00`, `tomorrow 9:00`, `friday`. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import durationpy

from bot.services.spoken_time import NotAnInstant, read_instant

MORNING = "09:00"
"""Of a day that is named without a time."""

_UNITS = r"(w|d|h|m|s|weeks?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?)"
_END = r"[,:;.]?(?=\s|\Z)"
_BEFORE = re.compile(r"(?:until|till?|for|in|at|on|by|to)\s+", re.IGNORECASE)
_PART = re.compile(rf"([0-9]{{1,9}}(?:\.[0-9]{{1,3}})?)\s*{_UNITS}(?![^\W\d_])", re.IGNORECASE)
_MINUTES = re.compile(r"[0-5][0-9](?![^\W_])", re.ASCII)
"""After hours: `1h30`."""

_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_AFTER = re.compile(_END)
_LARGER_FIRST = "wdhms"

_DAY = r"today|tomorrow|(?:next\s+)?(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?|\d{4}-\d\d-\d\d"
_ZONE = r"\s*(?:z|utc|gmt|[+-]\d\d:?\d\d)"
_TIME = rf"(?:\d{{1,2}}:\d\d(?::\d\d(?:\.\d+)?)?(?:\s*[ap]m)?|\d{{1,2}}\s*[ap]m|noon|midnight|morning)(?:{_ZONE})?"
_HOUR = r"\d\dh(?:[0-5]\d)?|\dh[0-5]\d"
"""Of the day, where it cannot be a duration."""

_INSTANT = re.compile(
    rf"(?:(?P<day>{_DAY})(?:t|,?\s+(?:at\s+)?)(?P<time>{_TIME}|{_HOUR}|(?<=\bat\s)\d{{1,2}}|\d{{1,2}}(?=[,:;.]?\s*\Z))"
    rf"|(?P<time2>{_TIME})\s+(?:on\s+)?(?P<day2>{_DAY})"
    rf"|(?P<day3>{_DAY})|(?P<time3>{_TIME})){_END}",
    re.IGNORECASE | re.ASCII,
)
_NAMED_TIMES = {"noon": "12:00", "midnight": "00:00", "morning": MORNING}
_WRITTEN_HOUR = re.compile(r"(\d{1,2})(?:h(\d\d)?)?", re.ASCII)
_AT_AN_HOUR = re.compile(rf"(?:until|till?|at|by)\s+(?P<hour>{_HOUR}){_END}", re.IGNORECASE | re.ASCII)
_ALMOST = re.compile(
    rf"(?:{_DAY}),?\s+(?:(?:at\s+)?\d\S*|(?:in\s+the\s+)?(?:afternoon|evening|night)\b)", re.IGNORECASE | re.ASCII
)
"""A day, and a time of it that is none: who writes `tomorrow 14.30` does not mean nine in the morning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """An instant that words begin with: as they say it, and what follows them."""

    at: datetime
    said: str
    rest: str


def read_until(words: str, *, now: datetime, zone: ZoneInfo) -> Until | None:
    """None when the words do not begin with a time; what no clock could hold is the latest there is."""
    before = _BEFORE.match(words)
    start = before.end() if before is not None else 0
    hour = _AT_AN_HOUR.match(words)
    length = _duration_at(words, start) if hour is None else None
    if length is not None:
        span, end = length
        return _until(_later(now, span), words, start, end)
    match = hour or _INSTANT.match(words, start)
    if match is None or (hour is None and match["day3"] and _ALMOST.match(words, start)):
        return None
    at = _instant("", hour["hour"], now, zone) if hour is not None else _instant(_day(match), _time(match), now, zone)
    return None if at is None else _until(at, words, start, match.end())


def almost_until(words: str) -> str:
    """What words begin with that looks like a day and its time and is none; empty for all others."""
    before = _BEFORE.match(words)
    match = _ALMOST.match(words, before.end() if before is not None else 0)
    return "" if match is None else words[: match.end()].rstrip(",:;.")


def _until(at: datetime, words: str, start: int, end: int) -> Until:
    return Until(at=at, said=words[start:end].rstrip(",:;."), rest=words[end:].strip())


def duration(word: str) -> timedelta | None:
    """Of a text that is one and nothing else."""
    read = _duration_at(word, 0)
    return read[0] if read is not None and read[1] == len(word) else None


def _duration_at(words: str, start: int) -> tuple[timedelta, int] | None:
    """The duration at `start` and where it ends: parts, the larger first, so that `2h 3d printers` is two hours."""
    written, end, smallest = "", start, -1
    for part in _parts(words, start):
        unit = part.group(2)[0].lower()
        if _LARGER_FIRST.index(unit) <= smallest:
            break
        smallest = _LARGER_FIRST.index(unit)
        written, end = f"{written}{part.group(1)}{unit}", part.end()
        minutes = _MINUTES.match(words, end) if part.group(2).lower() == "h" else None
        if minutes is not None:
            written, end = f"{written}{minutes.group()}m", minutes.end()
            break
    after = _AFTER.match(words, end)
    if not written or after is None:
        return None
    return _span(written), after.end()


def _parts(words: str, start: int) -> list[re.Match[str]]:
    """As they follow one another, with or without a space between them."""
    found: list[re.Match[str]] = []
    match = _PART.match(words, start)
    while match is not None:
        found.append(match)
        at = match.end()
        link = _AND.match(words, at)
        at = at if link is None else link.end()
        while words[at : at + 1].isspace():
            at += 1
        match = _PART.match(words, at)
    return found


def _span(written: str) -> timedelta:
    try:
        read: timedelta = durationpy.from_str(written)
    except (durationpy.DurationError, OverflowError):
        return timedelta.max
    return read


def _later(now: datetime, span: timedelta) -> datetime:
    try:
        return now + span
    except OverflowError:
        return datetime.max.replace(tzinfo=now.tzinfo)


def _day(match: re.Match[str]) -> str:
    return (match["day"] or match["day2"] or match["day3"] or "").lower()


def _time(match: re.Match[str]) -> str:
    return (match["time"] or match["time2"] or match["time3"] or MORNING).lower()


def _instant(day: str, time: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The next one that is meant; of today also one that has passed, which is for the reader to refuse."""
    time = re.sub("|".join(_NAMED_TIMES), lambda named: _NAMED_TIMES[named.group()], time)
    hour = _WRITTEN_HOUR.fullmatch(time)
    if hour is not None:
        time = f"{hour[1]}:{hour[2] or '00'}"
    if day == "today":
        day = f"{now.astimezone(zone):%Y-%m-%d}"
    elif not day.startswith("tomorrow") and not day[:1].isdigit():
        day = day.removeprefix("next").strip()[:3]
    try:
        return read_instant(f"{day} {time.upper()}".strip(), now=now, zone=zone)
    except NotAnInstant:
        return None
