"""The catalogue of texts: found in the code, written by `make words`, and words that are not in it."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from babel.messages.extract import extract

ROOT: Final = Path(__file__).resolve().parents[1]
CATALOGUE: Final = ROOT / "bot" / "locale" / "tierline.pot"
PLACES: Final = ("bot/slack", "handlers", "bot/services", "bot/domain")
SAID_IN: Final = ("bot/slack/blocks", "handlers")
"""Where words are for people, every one of them; what a terminal or a log says is an operator's, in English."""
COMMANDS: Final = "written.py"
"""But for the commands themselves, which are the same in every language."""

KEYWORDS: Final = {"t": None, "n": (1, 2), "mark": None}
HEADER: Final = (
    "# Every text that people read in Slack, for translators. `make words` writes it; docs/translating.md.\n"
)

_HARMLESS_CALLS: Final = frozenset((*KEYWORDS, "compile", "fullmatch", "sub", "split", "TypeVar", "partial"))
_A_WORD: Final = re.compile(r"[A-Za-z]{2,}")
_A_LABEL: Final = re.compile(r"[A-Z][a-z]+[.!?:…]?")


def said_in() -> Sequence[Path]:
    """The modules whose words are people's."""
    return [path for path in _modules(SAID_IN) if path.name != COMMANDS]


def _modules(places: Sequence[str]) -> Sequence[Path]:
    return sorted(path for place in places for path in (ROOT / place).rglob("*.py"))


def extracted() -> str:
    """The catalogue as the code has it: each text once, with where it is said."""
    places: dict[str | tuple[str, ...], dict[str, None]] = {}
    for path in _modules(PLACES):
        with path.open("rb") as file:
            for _, message, _, _ in extract("python", file, keywords=KEYWORDS):
                places.setdefault(message, {})[str(path.relative_to(ROOT))] = None
    entries = [_entry(message, where) for message, where in places.items()]
    return "\n".join([HEADER, 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n', *entries])


def _entry(message: str | Sequence[str], places: dict[str, None]) -> str:
    where = "".join(f"#: {place}\n" for place in places)
    if isinstance(message, str):
        return f'{where}msgid {_quoted(message)}\nmsgstr ""\n'
    one, many = message
    return f'{where}msgid {_quoted(one)}\nmsgid_plural {_quoted(many)}\nmsgstr[0] ""\nmsgstr[1] ""\n'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def stray(path: Path) -> Iterator[tuple[int, str]]:
    """Words for people that no catalogue knows of: the line, and the text."""
    yield from _stray(ast.parse(path.read_text()))


def _stray(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node.returns = None  # the name of a type is no word
    if isinstance(node, ast.JoinedStr | ast.Constant):
        text = _text(node)
        if text is not None:
            yield node.lineno, text
    for child in ast.iter_child_nodes(node):
        of_a_text = isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)
        if not of_a_text and not _is_harmless(child):
            yield from _stray(child)


def _is_harmless(node: ast.AST) -> bool:
    """Docstrings, names, what only a developer or a log reads, and what is in the catalogue."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Raise() | ast.Assert() | ast.ImportFrom() | ast.arg():
            return True
        case ast.MatchValue() | ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            of_a_log = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "log"
            return name in _HARMLESS_CALLS or of_a_log
        case ast.ClassDef(bases=[ast.Name(id="StrEnum")]):
            return True
        case _:
            return False


def _text(node: ast.JoinedStr | ast.Constant) -> str | None:
    if isinstance(node, ast.Constant):
        said = node.value if isinstance(node.value, str) else ""
    else:
        said = "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)
    words = " " in said.strip(" \0") and _A_WORD.search(said)
    return said.replace("\0", "{}") if words or _A_LABEL.fullmatch(said.strip()) else None


def main() -> None:
    CATALOGUE.write_text(extracted())


if __name__ == "__main__":
    main()
