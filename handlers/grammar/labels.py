"""Parts of what is told that have a name: `rolled back impact: nobody can pay eta: 20m`."""

import re
from collections.abc import Mapping, Sequence


def labelled(words: str, names: Sequence[str]) -> tuple[str, Mapping[str, str]]:
    """What stands before the first of the names, and what follows each; of a name that comes twice, both parts."""
    marks = list(re.finditer(rf"(?:\A|(?<=\s))({'|'.join(map(re.escape, names))})\s*[:=]\s*", words, re.IGNORECASE))
    if not marks:
        return words, {}
    ends = [mark.start() for mark in marks[1:]] + [len(words)]
    parts: dict[str, str] = {}
    for mark, end in zip(marks, ends, strict=True):
        name, said = mark[1].lower(), words[mark.end() : end].strip()
        parts[name] = f"{parts[name]} {said}".strip() if name in parts else said
    return words[: marks[0].start()].strip(), parts
