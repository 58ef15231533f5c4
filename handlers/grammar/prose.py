"""What a title says in passing: `Payments fail in checkout` is about checkout."""

import re
from collections.abc import Collection, Sequence

from bot.domain.policy import Severity
from handlers.grammar.marks import Kind, mark_of
from handlers.grammar.words import service

_AROUND = "()[]{},:;.!?\"'“”„«»\u2018\u2019*_`~"
_POSSESSIVE = re.compile(r"['\u2019]s\Z", re.IGNORECASE)
_AFTER = frozenset(("in", "on", "at", "for", "of", "from", "with", "to"))
_ARTICLES = frozenset(("the", "our", "your", "their"))


def services_in(title: str, services: Collection[str]) -> Sequence[str]:
    """Those that the title names; of several only those that it says something to be in, if there are any."""
    words = title.split()
    named = [(at, found) for at, word in enumerate(words) if (found := service(_bare(word), services)) is not None]
    placed = [found for at, found in named if _is_placed(words[max(0, at - 2) : at])]
    return list(dict.fromkeys(placed or [found for _, found in named]))


def severities_in(title: str, services: Collection[str]) -> Sequence[Severity]:
    marks = [mark_of(word, services) for word in title.split()]
    found = [mark.value for mark in marks if mark is not None and mark.kind is Kind.SEVERITY]
    return list(dict.fromkeys(value for value in found if isinstance(value, Severity)))


def _bare(word: str) -> str:
    return _POSSESSIVE.sub("", word.strip(_AROUND))


def _is_placed(before: Sequence[str]) -> bool:
    words = [word.lower() for word in before]
    if words and words[-1] in _ARTICLES:
        words.pop()
    return bool(words) and words[-1] in _AFTER
