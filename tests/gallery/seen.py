"""What a whole gallery has to show: every state of a card, every form, and the Home tab."""

from collections.abc import Iterable, Mapping

from bot.slack.ids import CallbackId

CARDS: Mapping[str, str] = {
    "open": "please acknowledge INC-1",
    "warned": "of the time to acknowledge is over",
    "breached": "Breached: not acknowledged in time",
    "not resolved in time": "not resolved in time",
    "acknowledged": "It is acknowledged at",
    "asked for a sign of life": "Say “still on it” by",
    "expired": "Open again since",
    "on hold": "put it on hold until",
    "exhausted": "Exhausted",
    "resolved": "Resolved by",
    "cancelled": "Cancelled by",
    "reopened": "Reopened",
    "escalated away": "It is not worked here any more",
    "passed on": "Says that it is not theirs",
    "catching up": "Tierline was away when this should have come",
    "private": "🔒 private",
    "with a channel of its own": "Channel:",
}
"""By words of its text."""

SHORTCUTS = (CallbackId.SHORTCUT_OPEN, CallbackId.SHORTCUT_FROM_MESSAGE)
"""They open the form that the command opens."""

HOME_EMPTY, HOME_FULL = "All is quiet", "Everything open"
FORMS = frozenset(each.value for each in CallbackId if each not in SHORTCUTS)


def missing(cards: Iterable[str], forms: Iterable[str], homes: Iterable[str]) -> list[str]:
    """What no picture was taken of: by the texts of cards, the names of forms, and what Home tabs say."""
    texts, tabs = list(cards), list(homes)
    return [
        *(f"a card that is {name}" for name, words in CARDS.items() if not any(words in text for text in texts)),
        *(f"the form {name}" for name in sorted(FORMS.difference(forms))),
        *(f"Home with “{words}”" for words in (HOME_EMPTY, HOME_FULL) if not any(words in tab for tab in tabs)),
    ]
