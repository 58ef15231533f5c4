"""`/incident list …`: which of the incidents that are not over, or of those that are."""

import re

from bot.catalogue import t
from bot.domain.ids import UserId
from bot.domain.policy import Severity
from bot.domain.wanted import Wanted
from handlers.grammar.commands import ListIncidents, Unclear
from handlers.grammar.known import Known
from handlers.grammar.words import service, severity, shown

_MINE = frozenset(("mine", "me", "my"))
_ALL = frozenset(("all", "open", "unresolved", "incidents", "everything"))
_BREACHED = frozenset(("breached", "breach", "late", "overdue"))
_OVER = frozenset(("closed", "resolved", "cancelled", "canceled", "over", "ended", "done", "past"))
_FILLING = frozenset(("and", "or", "of", "in", "the", "with", "please", "only"))

WORDS = _MINE | _ALL | _BREACHED | _OVER
"""What cannot be the name of a service, since a list would be of that one."""


def read_list(rest: str, known: Known) -> ListIncidents | Unclear:
    severities: list[Severity] = []
    services: list[str] = []
    people: list[UserId] = []
    breached = over = False
    words = _without_people(rest, known, people)
    for word in (each.strip(",;.!") for each in words.split()):
        of_severity, of_service = severity(word), service(word.removeprefix("service:"), known.services)
        if of_severity is not None:
            severities.append(of_severity)
        elif of_service is not None:
            services.append(of_service)
        elif word.lower() in _MINE and known.me is not None:
            people.append(known.me)
        elif word.lower() in _BREACHED:
            breached = True
        elif word.lower() in _OVER:
            over = True
        elif word and word.lower() not in _ALL | _FILLING:
            return Unclear(_unknown(word, known))
    return ListIncidents(
        Wanted(
            severities=tuple(sorted(set(severities))),
            services=tuple(dict.fromkeys(services)),
            people=tuple(dict.fromkeys(people)),
            breached=breached,
            over=over,
        )
    )


def _without_people(rest: str, known: Known, people: list[UserId]) -> str:
    """Names first, the longest before the others: they may hold spaces."""
    for name in sorted(known.mentions.people, key=len, reverse=True):
        rest, found = re.subn(rf"(?<!\S){re.escape(name)}(?=[,:;.!]?(?:\s|\Z))", " ", rest)
        if found:
            people.append(known.mentions.people[name])
    return rest


def _unknown(word: str, known: Known) -> str:
    example = next(iter(known.services), "checkout")
    return t(
        "“{word}” is not known here; write for example /incident list mine, or /incident list sev1 {example}.",
        word=shown(word),
        example=example,
    )
