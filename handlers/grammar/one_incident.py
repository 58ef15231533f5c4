"""The commands about one incident: a verb, its number, and what the verb needs."""

import re
from collections.abc import Callable, Mapping

from bot.catalogue import mark, t
from bot.domain.ids import UserId
from bot.domain.policy import Verb
from bot.domain.progress import Progress
from bot.slack.blocks.fields_about_one import RESOLVED
from bot.slack.ids import FormField
from handlers.grammar import who_has_it
from handlers.grammar.ahead import NotAhead, read_eta, read_hold
from handlers.grammar.commands import (
    CancelIncident,
    ChangeSeverity,
    Command,
    EscalateIncident,
    EscalateTo,
    ExplainIncident,
    HoldIncident,
    NoteDown,
    OpenFormAbout,
    ReopenIncident,
    ResolveIncident,
    ShowIncident,
    TellStakeholders,
    TellStory,
    Unclear,
)
from handlers.grammar.known import Known
from handlers.grammar.labels import labelled
from handlers.grammar.leftover import further_incident, listed_incident, one_at_a_time
from handlers.grammar.quotes import head_unquoted, unquoted
from handlers.grammar.times import almost_until, read_until
from handlers.grammar.who_has_it import MYSELF, TO, named
from handlers.grammar.words import incident_number, key_number, like_an_incident, severity, shown, split

_DUPLICATE = re.compile(r"duplicate(?:\s+of)?\s+(\S+)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_WITH_KEY = re.compile(r"(?:inc-?|#)[0-9]", re.IGNORECASE)
_TIER = re.compile(r"tier[ -]?[1-9][0-9]?(?![^\W_])", re.IGNORECASE)
_NO_TIME = re.compile(r"(?:for|until|till)\s+(?=\S)", re.IGNORECASE)


_WITH_TEXT = frozenset(("why", "escalate", "hold", "severity", "note", "update", "resolve", "reopen", "cancel"))
"""Those whose words may name other incidents."""


def read_about_one(verb: str, rest: str, known: Known) -> Command:
    """`verb` is one of `ABOUT_ONE`."""
    number, words = _incident_and_words(verb, rest, known)
    key, _ = split(rest)
    if number is not None:
        another = (listed_incident if verb in _WITH_TEXT else further_incident)(
            key if incident_number(key) == number else "", words
        )
        if another is not None:
            return one_at_a_time(another, f"{verb} INC-{number}{t(EXAMPLES.get(verb, ''))}")
        return _READERS[verb](number, words, known)
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
    return verb in ("ack", "hold") and read_until(rest, now=known.now, zone=known.zone) is not None


def _escalate(number: int, words: str, known: Known) -> Command:
    to = TO.match(words)
    where = words[to.end() :] if to is not None else words
    channel = named(where, known.mentions.channels)
    if channel is not None:
        return EscalateTo(number, where, known.mentions.channels[channel])
    if to is None and _TIER.match(words) is None:
        return EscalateIncident(number, unquoted(words))
    if not where:
        return OpenFormAbout(number=number, verb=Verb.ESCALATE, typed=words)
    person = named(where, known.mentions.people)
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
    to = TO.match(words)
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
    if known.me is not None and words.lower() in MYSELF:
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
    "ack": who_has_it.acknowledge,
    "escalate": _escalate,
    "pass": who_has_it.pass_on,
    "assign": who_has_it.assign,
    "hold": _hold,
    "resume": who_has_it.resume,
    "severity": _severity,
    "still": who_has_it.still,
    "note": _note,
    "update": _update,
    "resolve": _resolve,
    "reopen": lambda number, words, _: ReopenIncident(number, unquoted(words)),
    "cancel": _cancel,
    "follow": who_has_it.follow,
    "unfollow": who_has_it.unfollow,
}

ABOUT_ONE = tuple(_READERS)
