"""What one person alone reads after an emoji, a mention or a pin."""

from collections.abc import Callable

import pytest

from bot.domain.message import OpenedHere
from bot.slack.blocks import answers, asides
from bot.slack.blocks.message import render
from bot.slack.blocks.mrkdwn import link
from bot.slack.blocks.rendered import Rendered
from bot.slack.ids import ActionId
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import button_labels
from tests.builders import NOW, a_policy, an_incident

TAKEN = stories.taken()
ASIDES: list[tuple[str, Callable[[], Rendered]]] = [
    ("is it over", lambda: asides.resolve_question(an_incident())),
    ("pinned", lambda: asides.pinned(an_incident())),
    ("acknowledged late", lambda: asides.acknowledged_late(TAKEN.incident, TAKEN.policy, NOW)),
    ("said late", lambda: asides.said_late(answers.noted(TAKEN.incident, TAKEN.policy), NOW)),
    ("too late", lambda: asides.too_late("escalate INC-7 it is <!channel> & too much", NOW)),
    ("a form", lambda: asides.form_offered("", "{}")),
    ("a form with a reason", lambda: asides.form_offered("It does not say how bad it is.", "{}")),
    (
        "opened here",
        lambda: render(OpenedHere(ts="1.000001"), an_incident(), a_policy(), rings=False, story=(), now=NOW),
    ),
]


@pytest.mark.parametrize(("_said", "aside"), ASIDES, ids=[said for said, _ in ASIDES])
def test_an_aside_is_short_and_says_what_to_do(_said: str, aside: Callable[[], Rendered], picture: Picture) -> None:
    picture(aside())


def test_the_question_resolves_only_after_one_more_yes() -> None:
    question = asides.resolve_question(an_incident())
    assert button_labels(question.blocks) == ["Resolve", "With a summary"]
    [row] = [block for block in question.blocks if block["type"] == "actions"]
    [now, later] = row["elements"]
    assert (now["action_id"], later["action_id"]) == (ActionId.RESOLVE_NOW, ActionId.RESOLVE)
    assert now["confirm"]["title"]["text"] == "Resolve INC-7?"


def test_what_was_typed_too_late_is_shown_as_far_as_there_is_room() -> None:
    assert len(asides.too_late("word " * 1_000, NOW).text) < 1_000


@pytest.mark.parametrize("address", ["", "javascript:alert(1)", "https://a.example/|x", "https://a.example/<x>", "a b"])
def test_what_is_no_address_is_no_link(address: str) -> None:
    assert link(address, "there") == "there"
