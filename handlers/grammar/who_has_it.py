"""Who takes an incident, gives it to somebody, goes on with it, or reads along. None of these takes a reason."""

import re
from collections.abc import Mapping

from bot.catalogue import t
from bot.domain.policy import Verb
from handlers.grammar.ahead import NotAhead, read_eta
from handlers.grammar.commands import (
    AcknowledgeIncident,
    AssignIncident,
    Command,
    Deed,
    FollowIncident,
    OpenFormAbout,
    PassIncident,
    ResumeIncident,
    StillOnIt,
    Unclear,
    UnfollowIncident,
)
from handlers.grammar.known import Known
from handlers.grammar.leftover import leftover, no_place_for
from handlers.grammar.times import read_until
from handlers.grammar.words import shown, split
from handlers.grammar.written import written

TO = re.compile(r"to(?:\s+|\Z)", re.IGNORECASE)
MYSELF = frozenset(("me", "myself"))

_NAME_ENDS = re.compile(r"[,:;.!]?(?:\s|\Z)")
_ETA = re.compile(r"(?:\A|[\s,])eta(?:\s*[:=]\s*|\s+)(.*)", re.IGNORECASE | re.DOTALL)
SAYING_AS_MUCH = frozenset(
    ("i", "i'm", "im", "am", "on", "my", "the", "way", "it", "at", "still", "working", "looking")
)
"""As that it is taken."""


def named(words: str, names: Mapping[str, object]) -> str | None:
    """The name that the words begin with; the longest, since a name may hold spaces."""
    found = [name for name in names if words.startswith(name) and _NAME_ENDS.match(words, len(name))]
    return max(found, key=len, default=None)


def acknowledge(number: int, words: str, known: Known) -> Command:
    """Whatever else is said, it is taken, and the answer repeats it. A time alone is when it is solved; but one that
    is none may have been meant to be told, so that nothing is done."""
    said = _ETA.search(words)
    beside = words if said is None else words[: said.start()].strip().rstrip(",").rstrip()
    time = said[1] if said is not None else ""
    if _is_time(beside, known):
        if said is not None:
            return Unclear(
                t(
                    "“{beside}” and “{time}” are two times; write /incident ack INC-{number} eta, and one of them.",
                    beside=shown(beside),
                    time=shown(time),
                    number=number,
                )
            )
        time, beside = beside, ""
    eta = read_eta(time, now=known.now, zone=known.zone)
    if isinstance(eta, NotAhead):
        return Unclear(
            t("{problem} For example: /incident ack INC-{number} eta 20m", problem=eta.problem, number=number)
        )
    return AcknowledgeIncident(number, eta, leftover(beside, saying_as_much=SAYING_AS_MUCH))


def _is_time(words: str, known: Known) -> bool:
    until = read_until(words, now=known.now, zone=known.zone)
    return until is not None and not until.rest


def still(number: int, words: str, _: Known) -> Command:
    """Whatever else is said, the answer repeats it."""
    return StillOnIt(number, leftover(words, saying_as_much=SAYING_AS_MUCH))


def resume(number: int, words: str, known: Known) -> Command:
    return _without(leftover(words), ResumeIncident(number), known)


def pass_on(number: int, words: str, known: Known) -> Command:
    to = TO.match(words)
    person = named(words[to.end() :] if to is not None else words, known.mentions.people)
    if person is not None:
        return Unclear(
            t(
                "Nothing was done: /incident pass asks whoever is next, not {person}; write /incident assign "
                "INC-{number} {mention}.",
                person=shown(person),
                number=number,
                mention=person,
            )
        )
    return _without(leftover(words), PassIncident(number), known)


def assign(number: int, words: str, known: Known) -> Command:
    to = TO.match(words)
    name = words[to.end() :] if to is not None else words
    people = known.mentions.people
    person = named(name, people)
    first = split(name)[0].rstrip(",:;.!")
    if person is None and known.me is not None and first.lower() in MYSELF:
        person, user = first, known.me
    elif person is not None:
        user = people[person]
    else:
        problem = _nobody(name, known) if name else None
        return OpenFormAbout(number=number, verb=Verb.ASSIGN, typed=words, problem=problem)
    return _without(leftover(name[len(person) :].lstrip(",:;.! ")), AssignIncident(number, user), known)


def _nobody(name: str, known: Known) -> str:
    group = named(name, dict.fromkeys(known.mentions.groups))
    if group is not None:
        return t("“{group}” is a group, and one person has an incident; choose them.", group=shown(group))
    return t("“{name}” is nobody whom Slack knows here; choose the person.", name=shown(split(name)[0]))


def follow(number: int, words: str, known: Known) -> Command:
    people = known.mentions.people
    person = named(words, people)
    first = split(words)[0].rstrip(",:;.!")
    if person is None and leftover(words) and first.lower() not in MYSELF:
        return Unclear(
            t(
                "“{words}” is nobody whom Slack knows here; write /incident follow INC-{number} alone, or a name "
                "after @.",
                words=shown(words),
                number=number,
            )
        )
    who = person or (first if leftover(words) else "")
    following = FollowIncident(number, None if person is None else people[person])
    return _without(leftover(words[len(who) :].lstrip(",:;.! ")), following, known)


def unfollow(number: int, words: str, known: Known) -> Command:
    return _without(leftover(words, saying_as_much=MYSELF), UnfollowIncident(number), known)


def _without(rest: str, deed: Deed, known: Known) -> Command:
    """What is left over stops it."""
    return no_place_for(rest, written(deed, known), deed.number) if rest else deed
