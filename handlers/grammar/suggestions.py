"""A first word that is no command: what was plainly meant is suggested, and nothing is done that was only guessed."""

import difflib
from collections.abc import Mapping, Sequence

MEANT: Mapping[str, str] = {
    **dict.fromkeys(("new", "create", "report", "raise"), "open"),
    **dict.fromkeys(("take", "mine", "accept", "claim", "acknowledged"), "ack"),
    **dict.fromkeys(("not", "not-mine", "notmine", "decline", "next"), "pass"),
    **dict.fromkeys(("pause", "wait", "snooze"), "hold"),
    **dict.fromkeys(("continue", "unhold", "unpause"), "resume"),
    **dict.fromkeys(("sev", "priority", "upgrade", "downgrade"), "severity"),
    **dict.fromkeys(("close", "done", "fixed", "end", "finish"), "resolve"),
    **dict.fromkeys(("duplicate", "false", "abort", "delete"), "cancel"),
    **dict.fromkeys(("explain", "reason", "what"), "why"),
    **dict.fromkeys(("status", "info"), "show"),
    **dict.fromkeys(("story", "history", "log"), "timeline"),
    **dict.fromkeys(("duty", "who", "rota"), "oncall"),
    **dict.fromkeys(("simulate", "tiers"), "policy"),
    **dict.fromkeys(("watch", "subscribe"), "follow"),
    **dict.fromkeys(("unwatch", "unsubscribe", "mute"), "unfollow"),
    **dict.fromkeys(("give", "handover", "reassign"), "assign"),
}
"""Words for a verb that are not near it as letters go; they are only suggested, as the wrong one may do harm."""

LONG: Mapping[str, str] = {"acknowledge": "ack", "on-call": "oncall", "?": "help"}
"""Other spellings of a verb, which mean nothing else: these are understood."""

NEAR = 0.72
ROUGHLY = 0.6
LONGEST = 40


def meant_by(word: str, verbs: Sequence[str], *, cutoff: float) -> str | None:
    """The verb that was begun, written on, meant by another word, or mistyped."""
    word = word.lower()
    if word in MEANT:
        return MEANT[word]
    begun = [verb for verb in verbs if len(word) > 1 and (verb.startswith(word) or word.startswith(verb))]
    near = difflib.get_close_matches(word[:LONGEST], (*verbs, *LONG), n=1, cutoff=cutoff)
    verb = next(iter(begun or near), None)
    return verb if verb is None else LONG.get(verb, verb)
