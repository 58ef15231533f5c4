"""Quotation marks, straight and typographic: what is within them is one thing, whatever its words would mean."""

import re

_PAIRS = (
    ('"', '"'),
    ("“", "”"),
    ("„", "“"),
    ("„", "”"),
    ("«", "»"),
    ("\u2039", "\u203a"),
    ("'", "'"),
    ("\u2018", "\u2019"),
)
_QUOTED_HEAD = re.compile("|".join(rf"{re.escape(start)}([^{start}{end}]+){re.escape(end)}" for start, end in _PAIRS))


def unquoted(text: str) -> str:
    """Without the marks around all of it, if it has them there and nowhere within."""
    for start, end in _PAIRS:
        within = text[1:-1]
        if len(text) > 2 and text.startswith(start) and text.endswith(end) and within.strip():
            return within.strip() if start not in within and end not in within else text
    return text


def quoted(text: str) -> str:
    """As `unquoted` gives it back; None of the marks fit a text that has them all, which stays as it is."""
    fit = next((pair for pair in _PAIRS if not any(mark in text for mark in pair)), None)
    return text if fit is None or not text else f"{fit[0]}{text}{fit[1]}"


def one_quoted(text: str) -> tuple[str, str, str] | None:
    """What is before, within and after the first quotation in it, which ends as far on as it can."""
    found = [span for start, end in _PAIRS if (span := _span(text, start, end)) is not None]
    if not found:
        return None
    opening, closing = min(found)
    return text[:opening], text[opening + 1 : closing].strip(), text[closing + 1 :]


def _span(text: str, start: str, end: str) -> tuple[int, int] | None:
    """Where the marks are: the one at the beginning of a word, the other at the end of one."""
    opening = re.search(rf"(?:\A|(?<=\s)){start}(?=\S)", text)
    closings = [match.start() for match in re.finditer(rf"(?<=\S){end}(?=\s|\Z)", text)]
    if opening is None or not closings or closings[-1] <= opening.start() + 1:
        return None
    return opening.start(), closings[-1]


def head_unquoted(text: str) -> str:
    """Without the marks around its first words: `"First line" they know it` begins with First line."""
    match = _QUOTED_HEAD.match(text)
    if match is None:
        return text
    within = next(group for group in match.groups() if group is not None)
    return within.strip() + text[match.end() :] if within.strip() else text
