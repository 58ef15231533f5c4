"""Instants to come, typed or in the field of a form: the end of a hold, and when it is expected to be solved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.catalogue import t
from bot.domain.policy import MINIMUM_TARGET
from bot.domain.verbs import LONGEST_HOLD
from handlers.grammar.times import Until, almost_until, read_until
from handlers.grammar.words import shown, split

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class NotAhead:
    """`problem` is a sentence in plain text."""

    problem: str


def read_hold(words: str, *, now: datetime, zone: ZoneInfo) -> Until | NotAhead:
    """The end of a hold that the words begin with."""
    until = read_until(words, now=now, zone=zone)
    if until is None:
        return NotAhead(
            t(
                "“{first_of_a_time}” is not a time such as 20m, 2h, until 14:00 or monday 9:00.",
                first_of_a_time=shown(_first_of_a_time(words)),
            )
        )
    span = until.at - now
    if span < timedelta(0):
        return NotAhead(t("“{said}” has passed.", said=shown(until.said)))
    if span < MINIMUM_TARGET:
        return NotAhead(t("“{said}” is too short for a pause; write 1m or more.", said=shown(until.said)))
    if span > LONGEST_HOLD:
        return NotAhead(
            t(
                "“{said}” is too long for a pause; write {days}d or less.",
                said=shown(until.said),
                days=LONGEST_HOLD.days,
            )
        )
    return until


def read_whole_hold(words: str, *, now: datetime, zone: ZoneInfo) -> datetime | NotAhead:
    """The end of a hold that the words are, all of them."""
    until = read_hold(words, now=now, zone=zone)
    if isinstance(until, Until) and until.rest:
        return _no_time(words)
    return until.at if isinstance(until, Until) else until


def read_eta(words: str, *, now: datetime, zone: ZoneInfo) -> datetime | NotAhead | None:
    """None when it is not known."""
    if words.lower() in ("", UNKNOWN):
        return None
    eta = read_until(words, now=now, zone=zone)
    if eta is None or eta.rest or eta.at <= now:
        return NotAhead(
            t(
                "“{words}” is not a time to come, such as 20m or 14:00; write {unknown} while it is not known.",
                words=shown(words),
                unknown=UNKNOWN,
            )
        )
    return eta.at


def _no_time(words: str) -> NotAhead:
    return NotAhead(t("“{words}” is not a time such as 20m, 2h, until 14:00 or monday 9:00.", words=shown(words)))


def _first_of_a_time(words: str) -> str:
    """What is not understood, without `for` or `until` before it."""
    word, rest = split(words)
    almost = almost_until(words)
    if almost:
        return almost
    return split(rest)[0] if rest and word.lower() in ("for", "until", "till") else word
