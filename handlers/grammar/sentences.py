"""The whole line: its first word decides how the rest is read."""

from dataclasses import replace

from bot.catalogue import mark, t
from handlers.grammar.commands import (
    Command,
    Help,
    ListIncidents,
    OpenForm,
    OpenFormAbout,
    OpenIncident,
    ShowIncident,
    ShowOnCall,
    Unclear,
)
from handlers.grammar.known import Known
from handlers.grammar.listing import read_list
from handlers.grammar.one_incident import ABOUT_ONE, read_about_one
from handlers.grammar.opening import is_marked, read_opening
from handlers.grammar.policy import read_policy
from handlers.grammar.suggestions import LONG, NEAR, ROUGHLY, meant_by
from handlers.grammar.words import incident_number, key_number, like_an_incident, service, shown, split
from handlers.grammar.written import written

LONGEST_COMMAND = 20_000

COMMAND = "/incident"
"""Copied with the rest, from the help or a suggestion."""

VERBS = ("open", "list", *ABOUT_ONE, "policy", "oncall", "help")

ALL = mark("/incident help shows what there is.")
THIS_OPENS = mark("This form opens an incident.")


def parse(text: str, known: Known) -> Command:
    """Never raises."""
    text = text.strip()[:LONGEST_COMMAND].strip()
    first, rest = split(text)
    if first.lower() == COMMAND:
        text, (first, rest) = rest, split(rest)
    verb = _verb(first)
    if verb is not None:
        return _read(verb, rest, known)
    if not first:
        return OpenForm()
    if key_number(first) is not None:
        return _incident_first(first, rest, known)
    number = incident_number(text)
    if number is not None:
        return ShowIncident(number)
    return _without_a_verb(text, first, rest, known)


def _verb(word: str) -> str | None:
    word = word.lower().rstrip(":,?") or word
    word = LONG.get(word, word)
    return word if word in VERBS else None


def _read(verb: str, rest: str, known: Known) -> Command:
    match verb:
        case "open":
            return read_opening(rest, known)
        case "list":
            return read_list(rest, known)
        case "policy":
            return read_policy(rest, known)
        case "oncall":
            return _on_call(rest, known)
        case "help":
            return Help()
        case _:
            return read_about_one(verb, rest, known)


def _on_call(rest: str, known: Known) -> ShowOnCall | Unclear:
    word = rest.removeprefix("for ").strip()
    named = service(word, known.services)
    if word and named is None:
        return Unclear(
            t("“{word}” is not a service here; write /incident oncall alone to see all of them.", word=shown(word))
        )
    return ShowOnCall(named)


def _incident_first(key: str, rest: str, known: Known) -> Command:
    """`INC-12` shows it, and `INC-12 ack` is `ack INC-12`."""
    first, others = split(rest)
    verb = _verb(first)
    if not first:
        return ShowIncident(key_number(key) or 0)
    if verb in ABOUT_ONE:
        return read_about_one(verb, f"{key} {others}", known)
    return _unclear(first, meant_by(first, ABOUT_ONE, cutoff=ROUGHLY), f"{key} {others}".strip(), known)


def _without_a_verb(text: str, first: str, rest: str, known: Known) -> Command:
    """A verb that was mistyped is suggested. What opens an incident is the form's, unless it says so beyond doubt."""
    marked = is_marked(text, known)
    opening = read_opening(text, known)
    if service(first.strip(",;"), known.services) is not None:
        return opening if marked else _as_form(opening)
    about_one = _about_one(first, rest) if not marked else None
    if about_one is not None:
        return _unclear(first, *about_one, known)
    near = meant_by(first, VERBS, cutoff=NEAR)
    if near is None and marked:
        return opening
    if near == "open":
        return _as_form(read_opening(rest, known), _no_command(first, near))
    if near is not None and not marked:
        return _unclear(first, near, rest, known)
    return _as_form(opening, f"{_no_command(first, near)} {t(THIS_OPENS)}")


def _about_one(first: str, rest: str) -> tuple[str | None, str] | None:
    """The verb that was meant, if any, and what it was meant for: `frobnicate INC-1`, `please ack INC-1`."""
    words = rest.split()
    meant = meant_by(first, VERBS, cutoff=ROUGHLY)
    if words and (key_number(words[0]) is not None or (meant is not None and like_an_incident(words[0]))):
        return meant, rest
    for at, word in enumerate(words[:-1]):
        verb = _verb(word)
        if verb in ABOUT_ONE and key_number(words[at + 1]) is not None:
            return verb, " ".join(words[at + 1 :])
    return None


def _as_form(opening: OpenIncident | OpenForm, problem: str = "") -> OpenForm:
    if isinstance(opening, OpenIncident):
        opening = OpenForm(
            severity=opening.severity, service=opening.service, title=opening.title, is_private=opening.is_private
        )
    return replace(opening, problem=" ".join(filter(None, (problem, opening.problem))) or None)


def _unclear(word: str, meant: str | None, rest: str, known: Known) -> Unclear:
    """Says the whole command that may have been meant, if it is one."""
    if meant is None:
        return Unclear(t("“{word}” is not a command; {all}", word=shown(word), all=t(ALL)))
    return Unclear(f"{_no_command(word, _suggested(meant, rest, known))} {t(ALL)}")


def _no_command(word: str, meant: str | None) -> str:
    if meant is None:
        return t("“{word}” is not a command.", word=shown(word))
    return t("“{word}” is not a command; did you mean /incident {meant}?", word=shown(word), meant=meant)


def _suggested(verb: str, rest: str, known: Known) -> str:
    meant = _read(verb, rest, known) if rest else None
    if meant is None or isinstance(meant, OpenForm | OpenFormAbout | OpenIncident | Unclear | Help | ListIncidents):
        return verb
    return shown(written(meant, known))
