"""An instant as people say it: `sat 03:00`, `2026-11-14 03:00`, `03:00`, `now`. Always the next one that is meant."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil import parser

from bot.catalogue import t
from bot.domain.calendar import instant_of

EARLIEST_YEAR, LATEST_YEAR = 1970, 2200
"""Beyond them time zones and calendars end."""

SHOWN = 40

_WEEKDAY = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b", re.IGNORECASE)
_TOMORROW = re.compile(r"\btomorrow\b", re.IGNORECASE)
_TODAY = re.compile(r"\btoday\b", re.IGNORECASE)
_TIME = re.compile(r"\d{1,2}:\d{2}|\d\s*[ap]m\b", re.IGNORECASE)


class NotAnInstant(Exception):
    """The text says no instant; the message says how to write one."""

    def __init__(self, text: str) -> None:
        super().__init__(
            t("“{said}” is not a day and a time; write it like sat 03:00 or 2026-11-14 03:00.", said=text[:SHOWN])
        )


def read_instant(text: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """In UTC; the wall time is that of `zone` unless the text names another. Raises `NotAnInstant`."""
    if text.strip().lower() in ("", "now"):
        return now
    local_now = now.astimezone(zone)
    midnight = local_now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if _TOMORROW.search(text):
        midnight += timedelta(days=1)
    words = _TODAY.sub("", _TOMORROW.sub("", text)).strip()
    if not _TIME.search(words):
        raise NotAnInstant(text)
    read = _parsed(words, midnight, text)
    if not EARLIEST_YEAR <= read.year <= LATEST_YEAR:
        raise NotAnInstant(text)
    if read.tzinfo is not None:
        return read.astimezone(UTC)
    at = instant_of(read.date(), read.time(), zone)
    if at < now and not _names_a_date(words, midnight, text) and midnight.date() == local_now.date():
        later = read + timedelta(days=7 if _WEEKDAY.search(words) else 1)
        at = instant_of(later.date(), later.time(), zone)
    return at


def _parsed(words: str, default: datetime, text: str) -> datetime:
    try:
        read = parser.parse(words, default=default)
    except (ValueError, OverflowError) as error:
        raise NotAnInstant(text) from error
    if not isinstance(read, datetime):
        raise NotAnInstant(text)
    return read


def _names_a_date(words: str, midnight: datetime, text: str) -> bool:
    """A date stays the same whatever the day is on which it is read; a weekday does not."""
    return _parsed(words, midnight, text).date() == _parsed(words, midnight + timedelta(days=8), text).date()
