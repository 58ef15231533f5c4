"""Every text that people read in Slack is in one catalogue, and can be said in another language."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo

from bot import catalogue
from bot.catalogue import UnknownLanguage, mark, n, speak, t
from tests.words import CATALOGUE, ROOT, extracted, said_in, stray


@pytest.fixture
def english() -> Iterator[None]:
    yield
    speak("en")


def translated(folder: Path, language: str, *messages: Message) -> None:
    held = Catalog(locale=language)
    for message in messages:
        held.add(message.id, message.string)
    path = folder / language / "LC_MESSAGES" / f"{catalogue.DOMAIN}.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, held)


@pytest.mark.usefixtures("english")
def test_another_language_is_spoken_and_what_it_lacks_is_said_in_english(tmp_path: Path) -> None:
    translated(
        tmp_path,
        "de",
        Message("{who} has {key}.", "{key} ist bei {who}."),
        Message(("{number} incident", "{number} incidents"), ("{number} Störung", "{number} Störungen")),
    )
    speak("de", folder=tmp_path)
    assert t("{who} has {key}.", who="Ana", key="INC-7") == "INC-7 ist bei Ana."
    assert [n("{number} incident", "{number} incidents", count) for count in (1, 2)] == ["1 Störung", "2 Störungen"]
    assert t("Nobody has it.") == "Nobody has it."


def test_a_language_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    translated(tmp_path, "de", Message("Yes", "Ja"))
    with pytest.raises(UnknownLanguage, match="choose en, de"):
        speak("fr", folder=tmp_path)
    assert t("Yes") == "Yes"


def test_braces_in_what_people_write_are_only_text() -> None:
    assert t("{who} wrote {words}", who="Ana", words="{who} {0} {") == "Ana wrote {who} {0} {"
    assert t("A text with { alone") == mark("A text with { alone")


def test_the_catalogue_is_that_of_the_code() -> None:
    """`make words` writes it."""
    assert CATALOGUE.read_text() == extracted()


def test_every_text_is_in_it() -> None:
    """No words stand in what people read but in a call of `t`, `n` or `mark`."""
    found = [f"{path.relative_to(ROOT)}:{line}: {text}" for path in said_in() for line, text in stray(path)]
    assert found == []


def test_each_text_is_given_the_parts_that_it_names() -> None:
    assert [problem for path in said_in() for call in _calls(path) for problem in _misfits(path, call)] == []


def _misfits(path: Path, call: ast.Call) -> Iterator[str]:
    given = {each.arg for each in call.keywords} | ({"number"} if _name(call) == "n" else set())
    for message in (each.value for each in call.args if isinstance(each, ast.Constant)):
        if isinstance(message, str) and given and (named := _parts(message)) != given:
            yield f"{path.relative_to(ROOT)}:{call.lineno}: {message!r} names {named}, given {given}"


def _calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and _name(node) in ("t", "n"):
            yield node


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _parts(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name}
