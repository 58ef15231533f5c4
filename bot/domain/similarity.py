"""Which incidents that are not over may be the very one that somebody is about to open a second time.

By the words of their titles alone. It errs towards silence: who is shown three strangers stops reading.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

SHOWN = 3
ALIKE = 0.7
"""Of 1, which is the same words."""

LONG_ENOUGH_FOR_A_SLIP = 5
LONGEST_KEPT_AS_IT_IS = 3

_WORD = re.compile(r"[^\W_]+")
_PASSED_OVER = frozenset(
    _WORD.findall(
        """a again all an and any are at be been by can cannot could did do does doesn don for from had has have help i
        in is isn it its just my no not of on or our please seem seems since so some still t that the their them there
        they this to very was we were when while with you your"""
    )
)
_BROKEN = _WORD.findall(
    """broke broken crash crashe crashed crashing dead down error fail failed failing failure offline outage unavailable
    unreachable work working"""
)
"""Of a title they all say that it does not: so does `working`, since nobody reports what works."""

_SLOW = _WORD.findall("degraded lag lagging laggy latency slow slower slowly slowness sluggish")
_MEANING = dict.fromkeys(_BROKEN, "down") | dict.fromkeys(_SLOW, "slow")

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class _Title:
    """What counts of a title: its words without those that every title has; `numbers` are those with a digit."""

    text: str
    words: frozenset[str]
    numbers: frozenset[str]


def similar(title: str, candidates: Iterable[tuple[Key, str]], *, limit: int = SHOWN) -> list[Key]:
    """Of the candidates with their titles those that sound the same, the likest first; alike ones as they came."""
    wanted = _read(title)
    scored = [(_likeness(wanted, _read(other)), key) for key, other in candidates]
    alike = sorted((one for one in scored if one[0] >= ALIKE), key=lambda one: -one[0])
    return [key for _, key in alike[:limit]]


def _read(title: str) -> _Title:
    said = _WORD.findall(title.casefold())
    words = frozenset(_meant(word) for word in said if word not in _PASSED_OVER)
    return _Title(" ".join(said) or title.strip(), words, frozenset(word for word in words if not word.isalpha()))


def _meant(word: str) -> str:
    singular = word[:-1] if len(word) > LONGEST_KEPT_AS_IT_IS and word[-1] == "s" and word[-2] != "s" else word
    return _MEANING.get(singular, singular)


def _likeness(one: _Title, other: _Title) -> float:
    """Half of how much of the shorter is in the longer, and half of how much of both is shared.

    One word in common is a coincidence unless there is no other. Where both name numbers, those of one must be among
    the other's: node 12 is not node 13.
    """
    if one.text == other.text:
        return 1.0
    shorter, longer = sorted((one, other), key=lambda title: len(title.words))
    if not (one.numbers <= other.numbers or other.numbers <= one.numbers):
        return 0.0
    shared = _shared(shorter.words, longer.words)
    if shared == 0 or (shared == 1 and len(longer.words) > 1):
        return 0.0
    return (shared / len(shorter.words) + 2 * shared / (len(shorter.words) + len(longer.words))) / 2


def _shared(shorter: frozenset[str], longer: frozenset[str]) -> int:
    """How many words of the shorter title the longer one has, be it with a slip of the finger."""
    same = shorter & longer
    others = [word for word in longer - same if _may_be_mistyped(word)]
    mistyped = (any(_a_slip_apart(word, other) for other in others) for word in shorter - same)
    return len(same) + sum(mistyped)


def _may_be_mistyped(word: str) -> bool:
    """A short word is soon another one, and so is a number."""
    return len(word) >= LONG_ENOUGH_FOR_A_SLIP and word.isalpha()


def _a_slip_apart(word: str, other: str) -> bool:
    """Whether a letter is missing, wrong, or changed places with the next."""
    one_end_is_the_same = word[0] == other[0] or word[-1] == other[-1]
    if not one_end_is_the_same or abs(len(word) - len(other)) > 1 or not _may_be_mistyped(word):
        return False
    short, long = sorted((word, other), key=len)
    at = next((at for at, letter in enumerate(short) if letter != long[at]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or swapped
