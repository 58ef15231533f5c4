"""The whole line: its first word decides how the rest is read."""

import difflib
from collections.abc import Mapping

from handlers.grammar.commands import Command, Help, ListIncidents, OpenForm, Unclear
from handlers.grammar.known import Known
from handlers.grammar.one_incident import ABOUT_ONE, read_about_one
from handlers.grammar.opening import read_opening
from handlers.grammar.policy import read_policy
from handlers.grammar.words import shown, split

LONGEST_COMMAND = 20_000

VERBS = ("open", "list", *ABOUT_ONE, "policy", "help")

MEANT: Mapping[str, str] = {
    **dict.fromkeys(("new", "create", "report", "raise"), "open"),
    **dict.fromkeys(("take", "mine", "accept", "claim"), "ack"),
    **dict.fromkeys(("not", "not-mine", "notmine", "decline", "next"), "pass"),
    **dict.fromkeys(("pause", "wait", "snooze"), "hold"),
    **dict.fromkeys(("continue", "unhold", "unpause"), "resume"),
    **dict.fromkeys(("sev", "priority", "upgrade", "downgrade"), "severity"),
    **dict.fromkeys(("close", "done", "fixed", "end", "finish"), "resolve"),
    **dict.fromkeys(("duplicate", "false", "abort", "delete"), "cancel"),
    **dict.fromkeys(("explain", "reason", "what"), "why"),
    **dict.fromkeys(("status", "info", "timeline", "story"), "show"),
    **dict.fromkeys(("simulate", "tiers"), "policy"),
    **dict.fromkeys(("give", "handover", "reassign"), "assign"),
}
"""Words for a verb that are not near it as letters go; they are only suggested, as the wrong one may do harm."""


def parse(text: str, known: Known) -> Command:
    """Never raises."""
    verb, rest = split(text.strip()[:LONGEST_COMMAND])
    match verb.lower():
        case "":
            return OpenForm()
        case "open":
            return read_opening(rest, known)
        case "list":
            return ListIncidents()
        case "policy":
            return read_policy(rest, known)
        case "help":
            return Help()
        case word if word in ABOUT_ONE:
            return read_about_one(word, rest, known)
        case _:
            return Unclear(_unknown(verb))


def _unknown(verb: str) -> str:
    nearest = _nearest(verb.lower())
    guess = f"did you mean /incident {nearest}? " if nearest else ""
    return f"“{shown(verb)}” is not a command; {guess}/incident help shows what there is."


def _nearest(word: str) -> str | None:
    """The verb that was begun, written in full (`acknowledge`), meant by another word, or mistyped."""
    if word in MEANT:
        return MEANT[word]
    begun = [verb for verb in VERBS if verb.startswith(word) or word.startswith(verb)]
    return next(iter(begun or difflib.get_close_matches(word, VERBS, n=1, cutoff=0.5)), None)
