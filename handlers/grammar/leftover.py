"""Words that a command has no place for: it says so and does nothing, so that none of them is lost."""

from collections.abc import Collection

from bot.catalogue import t
from handlers.grammar.commands import Unclear
from handlers.grammar.words import incident_number, key_number, shown, split

_POLITE = frozenset(("please", "thanks", "now"))
_LINKS = frozenset(("and", "&", "+", ","))
_AROUND = ",:;.!?-\u2013\u2014"


def leftover(words: str, *, saying_as_much: Collection[str] = ()) -> str:
    """What they say beside the command; nothing when they are polite, or say in other words what it says."""
    known = {"", *_POLITE, *saying_as_much}
    return "" if all(word.lower().strip(_AROUND) in known for word in words.split()) else words


def further_incident(key: str, words: str) -> str | None:
    """A second incident among words that are not free text."""
    others = [word for word in words.split() if word.lower() not in _LINKS]
    named = next((word for word in others if key_number(word) is not None), None)
    numbers = [word for word in others if incident_number(word) is not None]
    if named is None and numbers and (numbers == others or (key.endswith(",") and others[0] == numbers[0])):
        named = numbers[0]
    return None if named is None else named.rstrip(_AROUND)


def listed_incident(key: str, words: str) -> str | None:
    """A second incident before free text, in a list with the first: `INC-7, INC-8` and `INC-7 and INC-8`."""
    first, rest = split(words)
    also = first.lower() == "and"
    word = split(rest)[0] if also else first
    return word.rstrip(_AROUND) if (also or key.endswith(",")) and key_number(word) is not None else None


def one_at_a_time(further: str, command: str) -> Unclear:
    return Unclear(
        t(
            "“{further}” is one incident too many, so nothing was done; write a command for each, for example "
            "/incident {command}.",
            further=shown(further),
            command=command,
        )
    )


def no_place_for(words: str, command: str, number: int) -> Unclear:
    """`command` is what is left when they are left out."""
    return Unclear(
        t(
            "“{words}” has no place here, so nothing was done; write /incident {command} alone, and "
            "/incident note INC-{number} for what belongs in its story.",
            words=shown(words),
            command=command,
            number=number,
        )
    )
