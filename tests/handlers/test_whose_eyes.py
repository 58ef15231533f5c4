"""What is private is not there for others: whatever a listener reads of incidents, it reads with somebody's eyes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HANDLERS = Path(__file__).parents[2] / "handlers"
READING = {"show", "look", "explain", "list_page", "similar"}
"""Questions that the desk answers for anybody, unless it is told for whom."""

GIVEN_A_DESK = {"questions.py": "answer", "opening.py": "similar_open"}
"""Functions whose callers say for whom: their desk is somebody's already."""


def readings(source: str) -> Iterator[tuple[int, str]]:
    """Each question to the desk, with what it is asked of."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READING:
            yield node.lineno, ast.unparse(node.func.value)


@pytest.mark.parametrize("path", sorted(HANDLERS.glob("*.py")), ids=lambda path: path.name)
def test_every_question_is_somebodys(path: Path) -> None:
    for line, desk in readings(path.read_text()):
        if (
            desk.endswith("desk")
            and not desk.startswith("self.")
            and path.name in (*GIVEN_A_DESK, "forms_about_one.py")
        ):
            continue
        is_somebodys = "seen_by(" in desk or "_for(" in desk
        assert is_somebodys or "desk" not in desk, f"{path.name}:{line} asks {desk} without saying for whom"


@pytest.mark.parametrize("name", GIVEN_A_DESK)
def test_who_hands_a_desk_on_says_for_whom(name: str) -> None:
    for path in HANDLERS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(GIVEN_A_DESK[name]) and node.args:
                desk = ast.unparse(node.args[0])
                assert desk != "self._desk", f"{path.name}:{node.lineno} hands on a desk that is nobody's"
