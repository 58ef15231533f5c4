"""The commands about one incident: a verb, its number, and what the verb needs."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.domain.ids import UserId
from bot.domain.policy import MINIMUM_TARGET, Severity
from bot.domain.verbs import LONGEST_HOLD
from handlers.grammar.commands import (
    AcknowledgeIncident,
    AssignIncident,
    CancelIncident,
    ChangeSeverity,
    Command,
    EscalateIncident,
    EscalateTo,
    ExplainIncident,
    HoldIncident,
    PassIncident,
    ReopenIncident,
    ResolveIncident,
    ResumeIncident,
    ShowIncident,
    StillOnIt,
    Unclear,
)
from handlers.grammar.known import Known
from handlers.grammar.words import duration, incident_number, severity, shown, split

_TO = re.compile(r"to(?:\s+|\Z)", re.IGNORECASE)
_NAME_ENDS = re.compile(r"[,:;.!]?(?:\s|\Z)")
_FOR = re.compile(r"for\s+", re.IGNORECASE)
_DUPLICATE = re.compile(r"duplicate(?:\s+of)?\s+(\S+)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_WITH_KEY = re.compile(r"inc-?[0-9]", re.IGNORECASE)


def read_about_one(verb: str, rest: str, known: Known) -> Command:
    """`verb` is one of `ABOUT_ONE`."""
    key, words = split(rest)
    number = incident_number(key)
    if number is None:
        said = f"“{shown(key)}” is not an incident" if key else "It does not say which incident"
        return Unclear(f"{said}; write for example /incident {verb} INC-12{EXAMPLES.get(verb, '')}.")
    return _READERS[verb](number, words, known)


def _escalate(number: int, words: str, _: Known) -> Command:
    to = _TO.match(words)
    if to is None:
        return EscalateIncident(number, words)
    where = words[to.end() :]
    if not where:
        example = f"/incident escalate INC-{number} to tier 2 the database is full"
        return Unclear(f"It does not say where to; write for example {example}.")
    return EscalateTo(number, where)


def _assign(number: int, words: str, known: Known) -> Command:
    to = _TO.match(words)
    name = words[to.end() :] if to is not None else words
    user = _person(name, known.people)
    if user is not None:
        return AssignIncident(number, user)
    if not name:
        return Unclear(f"It does not say to whom; {_write('assign', number)}.")
    return Unclear(
        f"“{shown(split(name)[0])}” is nobody whom Slack knows here; {_write('assign', number)}, "
        "and choose the person from the list that Slack shows after the @."
    )


def _person(words: str, people: Mapping[str, UserId]) -> UserId | None:
    """Whose name the words begin with; the longest, since a name may hold spaces."""
    named = [name for name in people if words.startswith(name) and _NAME_ENDS.match(words, len(name))]
    return people[max(named, key=len)] if named else None


def _hold(number: int, words: str, _: Known) -> Command:
    preposition = _FOR.match(words)
    word, reason = split(words[preposition.end() :] if preposition is not None else words)
    if not word:
        return Unclear(f"It does not say for how long; {_write('hold', number)}.")
    until_review = duration(word)
    if until_review is None:
        return Unclear(f"“{shown(word)}” is not a duration such as 20m, 2h or 1d; {_write('hold', number)}.")
    return _held(number, word, until_review, reason)


def _held(number: int, word: str, until_review: timedelta, reason: str) -> Command:
    if until_review < MINIMUM_TARGET:
        return Unclear(f"“{shown(word)}” is too short for a pause; write 1m or more.")
    if until_review > LONGEST_HOLD:
        return Unclear(f"“{shown(word)}” is too long for a pause; write {LONGEST_HOLD.days}d or less.")
    return HoldIncident(number, until_review, reason)


def _severity(number: int, words: str, _: Known) -> Command:
    to = _TO.match(words)
    word, reason = split(words[to.end() :] if to is not None else words)
    if not word:
        return Unclear(f"It does not say which severity; {_write('severity', number)}.")
    after = severity(word)
    if after is None:
        one_of = ", ".join(Severity)
        return Unclear(f"“{shown(word)}” is not a severity; choose one of {one_of}: {_write('severity', number)}.")
    return ChangeSeverity(number, after, reason)


def _cancel(number: int, words: str, _: Known) -> Command:
    """`duplicate of 12 alerts` is a reason; `duplicate of 12` and `duplicate of INC-12 alerts` name an incident."""
    match = _DUPLICATE.fullmatch(words)
    of = None if match is None else incident_number(match.group(1).rstrip(".,:;"))
    if match is None or of is None or (match.group(2) and not _WITH_KEY.match(match.group(1))):
        return CancelIncident(number=number, reason=words)
    return CancelIncident(number=number, reason=match.group(2) or "", duplicate_of=of)


def _write(verb: str, number: int) -> str:
    return f"write for example /incident {verb} INC-{number}{EXAMPLES[verb]}"


EXAMPLES: Mapping[str, str] = {
    "assign": " @ana",
    "hold": " 2h waiting for the supplier",
    "severity": " sev2 a workaround is known",
}
"""What follows the incident in an example of the verbs that need more than its number."""

_READERS: Mapping[str, Callable[[int, str, Known], Command]] = {
    "show": lambda number, _, __: ShowIncident(number),
    "why": lambda number, _, __: ExplainIncident(number),
    "ack": lambda number, _, __: AcknowledgeIncident(number),
    "escalate": _escalate,
    "pass": lambda number, _, __: PassIncident(number),
    "assign": _assign,
    "hold": _hold,
    "resume": lambda number, _, __: ResumeIncident(number),
    "severity": _severity,
    "still": lambda number, _, __: StillOnIt(number),
    "resolve": lambda number, words, _: ResolveIncident(number, words),
    "reopen": lambda number, words, _: ReopenIncident(number, words),
    "cancel": _cancel,
}

ABOUT_ONE = tuple(_READERS)
