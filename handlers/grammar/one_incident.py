"""The commands about one incident: a verb, its number, and what the verb needs."""

import re
from collections.abc import Callable, Mapping

from bot.catalogue import mark, t
from bot.domain.ids import UserId
from bot.domain.policy import Verb
from bot.domain.progress import Progress
from bot.slack.blocks.fields_about_one import RESOLVED
from bot.slack.ids import FormField
from handlers.grammar.ahead import NotAhead, read_eta, read_hold
from handlers.grammar.commands import (
    AcknowledgeIncident,
    AssignIncident,
    CancelIncident,
    ChangeSeverity,
    Command,
    EscalateIncident,
    EscalateTo,
    ExplainIncident,
    FollowIncident,
    HoldIncident,
    NoteDown,
    OpenFormAbout,
    PassIncident,
    ReopenIncident,
    ResolveIncident,
    ResumeIncident,
    ShowIncident,
    StillOnIt,
    TellStakeholders,
    TellStory,
    Unclear,
    UnfollowIncident,
)
from handlers.grammar.known import Known
from handlers.grammar.labels import labelled
from handlers.grammar.quotes import head_unquoted, unquoted
from handlers.grammar.times import almost_until, read_until
from handlers.grammar.words import incident_number, key_number, like_an_incident, severity, shown, split

_TO = re.compile(r"to(?:\s+|\Z)", re.IGNORECASE)
_NAME_ENDS = re.compile(r"[,:;.!]?(?:\s|\Z)")
_DUPLICATE = re.compile(r"duplicate(?:\s+of)?\s+(\S+)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_WITH_KEY = re.compile(r"(?:inc-?|#)[0-9]", re.IGNORECASE)
_TIER = re.compile(r"tier[ -]?[1-9][0-9]?(?![^\W_])", re.IGNORECASE)
_NO_TIME = re.compile(r"(?:for|until|till)\s+(?=\S)", re.IGNORECASE)
_ETA = re.compile(r"(?:\A|[\s,])eta(?:\s*[:=]\s*|\s+)(.*)", re.IGNORECASE | re.DOTALL)
_MYSELF = frozenset(("me", "myself"))


def read_about_one(verb: str, rest: str, known: Known) -> Command:
    """`verb` is one of `ABOUT_ONE`."""
    number, words = _incident_and_words(verb, rest, known)
    if number is not None:
        return _READERS[verb](number, words, known)
    key, _ = split(rest)
    said = t("“{key}” is not an incident", key=shown(key)) if key else t("It does not say which incident")
    return Unclear(
        t(
            "{said}; write for example /incident {verb} INC-12{example}.",
            said=said,
            verb=verb,
            example=t(EXAMPLES.get(verb, "")),
        ),
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


def _acknowledge(number: int, words: str, known: Known) -> Command:
    """Whatever else is said, it is taken; but for a time that is none, which may have been meant to be told."""
    said = _ETA.search(words)
    eta = None if said is None else read_eta(said[1], now=known.now, zone=known.zone)
    if isinstance(eta, NotAhead):
        return Unclear(
            t("{problem} For example: /incident ack INC-{number} eta 20m", problem=eta.problem, number=number)
        )
    return AcknowledgeIncident(number, eta)


def _follow(number: int, words: str, known: Known) -> Command:
    people = known.mentions.people
    named = _named(words, people)
    if named is not None:
        return FollowIncident(number, people[named])
    if not words or split(words)[0].lower() in _MYSELF:
        return FollowIncident(number)
    return Unclear(
        t(
            "“{words}” is nobody whom Slack knows here; write /incident follow INC-{number} alone, or a name after @.",
            words=shown(words),
            number=number,
        )
    )


def _escalate(number: int, words: str, known: Known) -> Command:
    to = _TO.match(words)
    where = words[to.end() :] if to is not None else words
    named = _named(where, known.mentions.channels)
    if named is not None:
        return EscalateTo(number, where, known.mentions.channels[named])
    if to is None and _TIER.match(words) is None:
        return EscalateIncident(number, unquoted(words))
    if not where:
        return OpenFormAbout(number=number, verb=Verb.ESCALATE, typed=words)
    person = _named(where, known.mentions.people)
    if person is not None:
        return OpenFormAbout(
            number=number,
            verb=Verb.ESCALATE,
            typed=words,
            entries={FormField.TO: where, FormField.REASON: where},
            problem=t(
                "“{person}” is a person, and it goes to a tier or a service; choose one, or write /incident "
                "assign INC-{number} {mention}.",
                person=shown(person),
                number=number,
                mention=person,
            ),
        )
    return EscalateTo(number, head_unquoted(where))


def _assign(number: int, words: str, known: Known) -> Command:
    to = _TO.match(words)
    name = words[to.end() :] if to is not None else words
    people = known.mentions.people
    user = _named(name, people)
    if user is not None:
        return AssignIncident(number, people[user])
    if name and known.me is not None and split(name)[0].lower() in _MYSELF:
        return AssignIncident(number, known.me)
    return OpenFormAbout(number=number, verb=Verb.ASSIGN, typed=words, problem=_nobody(name, known) if name else None)


def _nobody(name: str, known: Known) -> str:
    group = _named(name, dict.fromkeys(known.mentions.groups))
    if group is not None:
        return t("“{group}” is a group, and one person has an incident; choose them.", group=shown(group))
    return t("“{name}” is nobody whom Slack knows here; choose the person.", name=shown(split(name)[0]))


def _named(words: str, names: Mapping[str, object]) -> str | None:
    """The name that the words begin with; the longest, since a name may hold spaces."""
    named = [name for name in names if words.startswith(name) and _NAME_ENDS.match(words, len(name))]
    return max(named, key=len, default=None)


def _hold(number: int, words: str, known: Known) -> Command:
    until = read_hold(words, now=known.now, zone=known.zone)
    if not isinstance(until, NotAhead):
        return HoldIncident(number, until.at, unquoted(until.rest))
    entries = _not_a_hold(words, known)
    problem = until.problem if words else None
    return OpenFormAbout(number=number, verb=Verb.HOLD, typed=words, entries=entries, problem=problem)


def _not_a_hold(words: str, known: Known) -> Mapping[FormField, str]:
    """What looks as if it were the time, and the rest of it as the reason."""
    until = read_until(words, now=known.now, zone=known.zone)
    almost = almost_until(words)
    if until is not None:
        rest = until.rest
    elif almost:
        rest = words.removeprefix(almost).lstrip(" ,:;.")
    else:
        rest = _after_a_time(_NO_TIME.sub("", words, count=1))
    return {FormField.UNTIL: words.removesuffix(rest).strip(), FormField.REASON: rest}


def _after_a_time(words: str) -> str:
    """A number alone is not all of it: `2 months the supplier`."""
    word, rest = split(words)
    return split(rest)[1] if word.isdecimal() else rest


def _severity(number: int, words: str, _: Known) -> Command:
    to = _TO.match(words)
    word, reason = split(words[to.end() :] if to is not None else words)
    after = severity(word.strip("!,:;."))
    if after is not None:
        return ChangeSeverity(number, after, unquoted(reason))
    return OpenFormAbout(
        number=number,
        verb=Verb.SEVERITY,
        typed=words,
        entries={FormField.REASON: f"{word} {reason}".strip()},
        problem=t("“{word}” is not a severity; choose one.", word=shown(word)) if word else None,
    )


def _note(number: int, words: str, _: Known) -> Command:
    if not words:
        return OpenFormAbout(number=number, verb=Verb.NOTE)
    return NoteDown(number, unquoted(words))


def _update(number: int, words: str, known: Known) -> Command:
    """How far they are may stand first, and parts with a name last: `identified a bad deploy impact: … eta: 20m`.

    `resolved the first of two` does not end it: the form asks, in which that would.
    """
    told, parts = labelled(words, ("impact", "action", "owner", "eta"))
    head, rest = split(told)
    far = head.lower().rstrip(",:;.")
    progress = {each.value: each for each in Progress}.get(far)
    changed = unquoted(rest if progress is not None or far == RESOLVED else told)
    eta = read_eta(parts.get("eta", ""), now=known.now, zone=known.zone)
    owner = _owner(parts.get("owner", ""), known)
    unknown_owner = parts.get("owner", "") if owner is None else ""
    if isinstance(eta, NotAhead) or unknown_owner or not changed or far == RESOLVED:
        problem = eta.problem if isinstance(eta, NotAhead) else _no_owner(unknown_owner) if unknown_owner else None
        entries = {
            FormField.PROGRESS: progress or (RESOLVED if far == RESOLVED else ""),
            FormField.CHANGED: changed,
            FormField.IMPACT: parts.get("impact", ""),
            FormField.ACTION: f"{parts.get('action', '')} {unknown_owner}".strip(),
            FormField.OWNER: owner or "",
            FormField.ETA: parts.get("eta", ""),
        }
        return OpenFormAbout(number=number, verb=Verb.UPDATE, typed=words, entries=entries, problem=problem)
    return TellStakeholders(
        number=number,
        changed=changed,
        progress=progress,
        impact=parts.get("impact", ""),
        action=parts.get("action", ""),
        owner=owner,
        eta=eta,
    )


def _no_owner(words: str) -> str:
    return t("“{words}” is nobody whom Slack knows here; choose who does it.", words=shown(words))


def _owner(words: str, known: Known) -> UserId | None:
    if known.me is not None and words.lower() in _MYSELF:
        return known.me
    return known.mentions.people.get(words.rstrip(",:;."))


def _resolve(number: int, words: str, _: Known) -> Command:
    """What remains of it may follow: `rolled back impact: nobody could pay data loss: none`."""
    summary, parts = labelled(words, ("impact", t("data loss")))
    return ResolveIncident(number, unquoted(summary), parts.get("impact", ""), parts.get(t("data loss"), ""))


def _cancel(number: int, words: str, _: Known) -> Command:
    """`duplicate of 12 alerts` is a reason; `duplicate of 12` and `duplicate of INC-12 alerts` name an incident."""
    match = _DUPLICATE.fullmatch(words)
    of = None if match is None else incident_number(match.group(1))
    if match is None or of is None or (match.group(2) and not _WITH_KEY.match(match.group(1))):
        return CancelIncident(number=number, reason=unquoted(words))
    return CancelIncident(number=number, reason=unquoted(match.group(2) or ""), duplicate_of=of)


EXAMPLES: Mapping[str, str] = {
    "assign": " @ana",
    "hold": mark(" 2h waiting for the supplier"),
    "severity": mark(" sev2 a workaround is known"),
    "note": mark(" the log shows a timeout"),
    "update": mark(" identified a bad deploy, being rolled back"),
}
"""What follows the incident in an example of the verbs that need more than its number."""

_READERS: Mapping[str, Callable[[int, str, Known], Command]] = {
    "show": lambda number, _, __: ShowIncident(number),
    "why": lambda number, _, __: ExplainIncident(number),
    "timeline": lambda number, _, __: TellStory(number),
    "ack": _acknowledge,
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
    "follow": _follow,
    "unfollow": lambda number, _, __: UnfollowIncident(number),
}

ABOUT_ONE = tuple(_READERS)
