"""The table of tests/README.md: each command, button, form, shortcut and event is driven by a test that exists."""

import ast
import re
from functools import cache

import pytest

from bot.slack.ids import FEEDBACK, ActionId, CallbackId, MoreChoice
from tests.scenarios.world import MANIFEST, ROOT

README = (ROOT / "tests" / "README.md").read_text()
ROW = re.compile(r"\| `([^`]+)` \| `([^`]+)::([^`]+)` \|$", re.MULTILINE)
FEATURES = MANIFEST["features"]


def section(name: str) -> dict[str, tuple[str, str]]:
    """Of each id in it the file and the test."""
    _, _, rest = README.partition(f"### {name}\n")
    return {held: (file, test) for held, file, test in ROW.findall(rest.partition("\n#")[0])}


def commands() -> set[str]:
    (command,) = FEATURES["slash_commands"]
    return {choice.split()[0] for choice in command["usage_hint"].strip("[]").split(" | ")}


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("Commands", commands()),
        ("Buttons and menus", {*ActionId, FEEDBACK}),
        ("The menu More… of an incident", set(MoreChoice)),
        ("Forms", {each for each in CallbackId if not each.startswith("shortcut")}),
        ("Shortcuts", {each["callback_id"] for each in FEATURES["shortcuts"]}),
        ("Events", set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])),
    ],
)
def test_every_way_in_is_in_the_table(name: str, there: set[str]) -> None:
    assert section(name).keys() == there


def test_each_test_that_the_table_names_is_there() -> None:
    named = {(file, test) for _, file, test in ROW.findall(README)}
    assert [(file, test) for file, test in sorted(named) if test not in _tests_of(file)] == []
    assert all(file.startswith("scenarios/") for file, _ in named), "over the real protocol"


@cache
def _tests_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)}
