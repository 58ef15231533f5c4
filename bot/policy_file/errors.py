"""What is wrong with the file: at which line, and how a person is told."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Loc = tuple[str | int, ...]
"""Where a value stands in the file: the keys and positions that lead to it."""

Problem = tuple[int, str]
"""A line, 0 when there is none, and a sentence."""


class PolicyFileError(Exception):
    """The file cannot be used. `problems` are sentences, one for each thing to fix; the first is the message."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems[0])
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Marks:
    """The file that a document was read from and the line of each value; no part of what was agreed."""

    source: str | None = field(default=None, compare=False)
    lines: Mapping[Loc, int] = field(default_factory=dict, compare=False)

    def line(self, loc: Loc) -> int:
        """The line of the value, or of the nearest one around it; 0 when there is none."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc, 0)


def placed(problems: Iterable[Problem], source: str | None) -> Sequence[str]:
    """`policy.yml line 12: what is wrong`, in the order of the lines, as far as these are known."""
    ordered = sorted(problems, key=lambda problem: problem[0])
    return [f"{place(source, line)}{sentence}" for line, sentence in ordered]


def place(source: str | None, line: int) -> str:
    if source is None:
        return ""
    return f"{source} line {line}: " if line else f"{source}: "


def nearest(name: str, known: Iterable[str]) -> str:
    close = likely(name, known)
    return f'did you mean "{close}"?' if close else f"known here: {', '.join(known)}."


LONGEST_SHOWN = 60
_ADDRESS = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://)(?:[^/\s@]*@)?([^/\s?#@]*)\S*")


def shown(value: object) -> str:
    """On one line and not too long. Of an address only the host: the rest may be what opens it."""
    text = _ADDRESS.sub(r"\1\2/…", " ".join(str(value).split()))
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def likely(name: str, known: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, tuple(known), n=1)), None)
