"""The commands about one incident: a verb, its number, and what the verb needs."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.domain.ids import UserId
from bot.domain.policy import MINIMUM_TARGET, Severity
from bot.domain.progress import Progress
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
    NoteDown,
    PassIncident,
    ReopenIncident,
    ResolveIncident,
    ResumeIncident,
    ShowIncident,
    StillOnIt,
    TellStakeholders,
    TellStory,
    Unclear,
)
from handlers.grammar.known import Known
from handlers.grammar.labels import labelled
from handlers.grammar.quotes import head_unquoted, unquoted
from handlers.grammar.times import Until, read_until
from handlers.grammar.words import incident_number, key_number, like_an_incident, severity, shown, split

_TO = re.compile(r"to(?:\s+|\Z)", re.IGNORECASE)
_NAME_ENDS = re.compile(r"[,:;.!]?(?:\s|\Z)")
_DUPLICATE = re.compile(r"duplicate(?:\s+of)?\s+(\S+)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_WITH_KEY = re.compile(r"(?:inc-?|#)[0-9]", re.IGNORECASE)
_MYSELF = frozenset(("me", "myself"))


def read_about_one(verb: str, rest: str, known: Known) -> Command:
    """`verb` is one of `ABOUT_ONE`."""
    number, words = _incident_and_words(verb, rest, known)
    if number is not None:
        return _READERS[verb](number, words, known)
    key, _ = split(rest)
    said = f"“{shown(key)}” is not an incident" if key else "It does not say which incident"
    return Unclear(
        f"{said}; write for example /incident {verb} INC-12{EXAMPLES.get(verb, '')}.",
        lacks_incident=_may_be_here(verb, rest, known),
    )


def _incident_and_words(verb: str, rest: str, known: Known) -> tuple[int | None, str]:
    """The incident stands first; or second, after what the verb needs; or it is the one where this was typed."""
    key, words = split(rest)
    if not _may_be_here(verb, rest, known):
        return incident_number(key), words
    second, others = split(words)
    number = key_number(second) if verb in EXAMPLES else None
    if number is not None:
        return number, f"{key} {others}".strip()
    return known.here, rest


def _may_be_here(verb: str, rest: str, known: Known) -> bool:
    """Whether the first word is meant for something else than the incident: `hold 2 hours` is no hold of INC-2."""
    if not like_an_incident(split(rest)[0]):
        return True
    return verb == "hold" and read_until(rest, now=known.now, zone=known.zone) is not None


def _escalate(number: int, words: str, known: Known) -> Command:
    to = _TO.match(words)
    where = words[to.end() :] if to is not None else words
    named = _named(where, known.mentions.channels)
    if named is not None:
        return EscalateTo(number, where, known.mentions.channels[named])
    if to is None:
        return EscalateIncident(number, unquoted(words))
    if not where:
        example = f"/incident escalate INC-{number} to tier 2 the database is full"
        return Unclear(f"It does not say where to; write for example {example}.")
    person = _named(where, known.mentions.people)
    if person is not None:
        return Unclear(
            f"“{shown(person)}” is a person, and it goes to a tier or a service; "
            f"for a person write /incident assign INC-{number} {person}."
        )
    return EscalateTo(number, head_unquoted(where))


def _assign(number: int, words: str, known: Known) -> Command:
    to = _TO.match(words)
    name = words[to.end() :] if to is not None else words
    people = known.mentions.people
    user = _named(name, people)
    if user is not None:
        return AssignIncident(number, people[user])
    if not name:
        return Unclear(f"It does not say to whom; {_write('assign', number)}.")
    if known.me is not None and split(name)[0].lower() in _MYSELF:
        return AssignIncident(number, known.me)
    group = _named(name, dict.fromkeys(known.mentions.groups))
    if group is not None:
        return Unclear(f"“{shown(group)}” is a group, and one person has an incident; {_write('assign', number)}.")
    return Unclear(
        f"“{shown(split(name)[0])}” is nobody whom Slack knows here; {_write('assign', number)}, "
        "and choose the person from the list that Slack shows after the @."
    )


def _named(words: str, names: Mapping[str, object]) -> str | None:
    """The name that the words begin with; the longest, since a name may hold spaces."""
    named = [name for name in names if words.startswith(name) and _NAME_ENDS.match(words, len(name))]
    return max(named, key=len, default=None)


def _hold(number: int, words: str, known: Known) -> Command:
    if not words:
        return Unclear(f"It does not say for how long; {_write('hold', number)}.")
    until = read_until(words, now=known.now, zone=known.zone)
    if until is None:
        word = _first_of_a_time(words)
        return Unclear(
            f"“{shown(word)}” is not a time such as 20m, 2h, until 14:00 or monday 9:00; {_write('hold', number)}."
        )
    return _held(number, until, until.at - known.now)


def _first_of_a_time(words: str) -> str:
    """The word that is not understood, without `for` or `until` before it."""
    word, rest = split(words)
    return split(rest)[0] if rest and word.lower() in ("for", "until", "till") else word


def _held(number: int, until: Until, span: timedelta) -> Command:
    if span < timedelta(0):
        return Unclear(f"“{shown(until.said)}” has passed; {_write('hold', number)}.")
    if span < MINIMUM_TARGET:
        return Unclear(f"“{shown(until.said)}” is too short for a pause; write 1m or more.")
    if span > LONGEST_HOLD:
        return Unclear(f"“{shown(until.said)}” is too long for a pause; write {LONGEST_HOLD.days}d or less.")
    return HoldIncident(number, until.at, unquoted(until.rest))


def _severity(number: int, words: str, _: Known) -> Command:
    to = _TO.match(words)
    word, reason = split(words[to.end() :] if to is not None else words)
    if not word:
        return Unclear(f"It does not say which severity; {_write('severity', number)}.")
    after = severity(word.strip("!,:;."))
    if after is None:
        one_of = ", ".join(Severity)
        return Unclear(f"“{shown(word)}” is not a severity; choose one of {one_of}: {_write('severity', number)}.")
    return ChangeSeverity(number, after, unquoted(reason))


def _note(number: int, words: str, _: Known) -> Command:
    if not words:
        return Unclear(f"It does not say what to note; {_write('note', number)}.")
    return NoteDown(number, unquoted(words))


def _update(number: int, words: str, known: Known) -> Command:
    """How far they are may stand first, and parts with a name last: `identified a bad deploy impact: … eta: 20m`."""
    told, parts = labelled(words, ("impact", "action", "owner", "eta"))
    head, rest = split(told)
    progress = {each.value: each for each in Progress}.get(head.lower().rstrip(",:;."))
    changed = unquoted(rest if progress is not None else told)
    if not changed:
        return Unclear(f"It does not say what is new; {_write('update', number)}.")
    eta = read_until(parts["eta"], now=known.now, zone=known.zone) if "eta" in parts else None
    if parts.get("eta", "").lower() not in ("", "unknown") and (eta is None or eta.rest or eta.at <= known.now):
        return Unclear(
            f"“{shown(parts['eta'])}” is not a time to come, such as eta: 20m or eta: 14:00; "
            "leave it out while it is not known."
        )
    owner = _owner(parts.get("owner", ""), known)
    if parts.get("owner") and owner is None:
        return Unclear(f"“{shown(parts['owner'])}” is nobody whom Slack knows here; write owner: and a name after @.")
    return TellStakeholders(
        number=number,
        changed=changed,
        progress=progress,
        impact=parts.get("impact", ""),
        action=parts.get("action", ""),
        owner=owner,
        eta=None if eta is None else eta.at,
    )


def _owner(words: str, known: Known) -> UserId | None:
    if known.me is not None and words.lower() in _MYSELF:
        return known.me
    named = _named(words, known.mentions.people)
    return None if named is None else known.mentions.people[named]


def _resolve(number: int, words: str, _: Known) -> Command:
    """What remains of it may follow: `rolled back impact: nobody could pay data loss: none`."""
    summary, parts = labelled(words, ("impact", "data loss"))
    return ResolveIncident(number, unquoted(summary), parts.get("impact", ""), parts.get("data loss", ""))


def _cancel(number: int, words: str, _: Known) -> Command:
    """`duplicate of 12 alerts` is a reason; `duplicate of 12` and `duplicate of INC-12 alerts` name an incident."""
    match = _DUPLICATE.fullmatch(words)
    of = None if match is None else incident_number(match.group(1))
    if match is None or of is None or (match.group(2) and not _WITH_KEY.match(match.group(1))):
        return CancelIncident(number=number, reason=unquoted(words))
    return CancelIncident(number=number, reason=unquoted(match.group(2) or ""), duplicate_of=of)


def _write(verb: str, number: int) -> str:
    return f"write for example /incident {verb} INC-{number}{EXAMPLES[verb]}"


EXAMPLES: Mapping[str, str] = {
    "assign": " @ana",
    "hold": " 2h waiting for the supplier",
    "severity": " sev2 a workaround is known",
    "note": " the log shows a timeout",
    "update": " identified a bad deploy, being rolled back",
}
"""What follows the incident in an example of the verbs that need more than its number."""

_READERS: Mapping[str, Callable[[int, str, Known], Command]] = {
    "show": lambda number, _, __: ShowIncident(number),
    "why": lambda number, _, __: ExplainIncident(number),
    "timeline": lambda number, _, __: TellStory(number),
    "ack": lambda number, _, __: AcknowledgeIncident(number),
    "escalate": _escalate,
    "pass": lambda number, _, __: PassIncident(number),
    "assign": _assign,
    "hold": _hold,
    "resume": lambda number, _, __: ResumeIncident(number),
    "severity": _severity,
    "still": lambda number, _, __: StillOnIt(number),
    "note": _note,
    "update": _update,
    "resolve": _resolve,
    "reopen": lambda number, words, _: ReopenIncident(number, unquoted(words)),
    "cancel": _cancel,
}

ABOUT_ONE = tuple(_READERS)
