"""Who is on duty at an instant: by the turns of a rotation, or by the shifts of a calendar kept elsewhere."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from bot.domain.policy import Mention, OnCall, Policy, Rotation, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Somebody is on call from `start` until before `end`.

    `who` is what the calendar says of it: the line that counts most first, further ones in case it names nobody known.
    """

    start: datetime
    end: datetime
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """A calendar in use, as it may be shown: `key` tells two on the same host apart. `error` is of the last reading."""

    host: str
    key: str
    fetched_at: datetime | None
    failed_at: datetime | None
    error: str | None


LOOKED_AT = 50
"""So many ends and beginnings of shifts: who has all of a long calendar is on duty for good."""

ShiftsOf = Callable[[str], Sequence[Shift]]
"""The known shifts of the calendar at an address."""


def on_duty(source: OnCall, at: datetime, shifts: Sequence[Shift]) -> tuple[Mention, ...]:
    """Those of `source` at that instant, each once; `shifts` are those of its calendar, if it is one."""
    if isinstance(source, Rotation):
        person = source.on_duty(at)
        return (person,) if person is not None else ()
    present = (shift.who for shift in shifts if shift.start <= at < shift.end)
    return tuple(dict.fromkeys(person for who in present for person in _named(who, source.people)))


def on_duty_until(source: OnCall, at: datetime, shifts: Sequence[Shift]) -> datetime | None:
    """When others than at that instant are on duty by `source`; None when that is not known, or far away."""
    present = on_duty(source, at, shifts)
    changes = sorted({change for change in _changes(source, at, shifts) if change > at})
    return next((change for change in changes[:LOOKED_AT] if on_duty(source, change, shifts) != present), None)


def _changes(source: OnCall, at: datetime, shifts: Sequence[Shift]) -> Iterator[datetime]:
    """When somebody's time may begin or end."""
    if isinstance(source, Rotation):
        yield from source.changes_after(at)
    else:
        for shift in shifts:
            yield from (shift.start, shift.end)


def roster(policy: Policy, service: str, at: datetime, shifts_of: ShiftsOf) -> Policy:
    """The policy in which each tier of the service pages also those on duty at `at`; itself when nobody is added."""
    escalation = policy.escalation(service)
    tiers = tuple(_staffed(tier, at, shifts_of) if tier.on_call else tier for tier in escalation.tiers)
    if tiers == escalation.tiers:
        return policy
    return replace(policy, services={**policy.services, service: replace(escalation, tiers=tiers)})


def _staffed(tier: Tier, at: datetime, shifts_of: ShiftsOf) -> Tier:
    """With those who are paged always first, and everybody once."""
    people = list(tier.people)
    for source in tier.on_call:
        people.extend(on_duty(source, at, () if isinstance(source, Rotation) else shifts_of(source.url)))
    return replace(tier, people=tuple(dict.fromkeys(people)))


def _named(who: str, people: Mapping[str, Mention]) -> Sequence[Mention]:
    """Whose names stand in the first line that has any, as whole words, however they are capitalised."""
    mentions = {_plain(name): person for name, person in people.items()}
    names = _pattern(frozenset(mentions))
    for line in who.splitlines():
        found = [mentions[match.group()] for match in names.finditer(_plain(line))]
        if found:
            return found
    return ()


@lru_cache(maxsize=256)
def _pattern(names: frozenset[str]) -> re.Pattern[str]:
    """Any of the names, the longest first, so that "Ana Silva" is not also "Ana".

    A word goes on through what holds addresses and double names together: "ana" is not in `ana.costa@example.com`.
    """
    longest_first = sorted((name for name in names if name), key=lambda name: (-len(name), name))
    any_of = "|".join(re.escape(name) for name in longest_first) or "(?!)"
    return re.compile(rf"(?<![\w@+-])(?<!\w\.)(?:{any_of})(?![\w@+-]|\.\w)")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
