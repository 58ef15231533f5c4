"""What an emoji on a card does: as it is written, what is wrong with it, and where it leads."""

import pytest

from bot.domain.policy import Reactions
from bot.policy_file import PolicyDocument, lint, read, to_policy
from tests.policy_file.files import DIRECTORY, FULL, SHIPPED, problems, read_text
from tests.policy_file.test_schema import complaints

NAME_IT = "is not the name of an emoji; write it like eyes, as Slack shows it between colons."


def meant(text: str) -> Reactions:
    return to_policy(read_text(FULL + text), DIRECTORY).reactions


@pytest.mark.parametrize(
    ("written", "reactions"),
    [
        ("", Reactions()),
        ("reactions: {}\n", Reactions()),
        ("reactions: {acknowledge: raised_hand}\n", Reactions(acknowledge="raised_hand")),
        ('reactions: {acknowledge: ":hand:", resolve: "+1"}\n', Reactions(acknowledge="hand", resolve="+1")),
        ("reactions: {acknowledge: none}\n", Reactions(acknowledge=None)),
        ("reactions: {acknowledge: , resolve: null}\n", Reactions(acknowledge=None, resolve=None)),
        ('reactions: {resolve: ""}\n', Reactions(resolve=None)),
        (
            "reactions: {acknowledge: white_check_mark, resolve: none}\n",
            Reactions(acknowledge="white_check_mark", resolve=None),
        ),
    ],
)
def test_each_is_an_emoji_or_none(written: str, reactions: Reactions) -> None:
    assert meant(written) == reactions
    assert complaints(FULL + written) == []


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("reactions: {acknowledge: 👀}\n", f'"👀" {NAME_IT}'),
        ("reactions: {acknowledge: Eyes}\n", f'"Eyes" {NAME_IT}'),
        (
            "reactions: {acknowledge: [eyes]}\n",
            '"acknowledge" must be a single value; write it like acknowledge: eyes.',
        ),
        (
            "reactions: {ack: eyes}\n",
            '"ack" is not a known key here; known here: acknowledge, resolve.',
        ),
        (
            "reactions: {acknowledge: white_check_mark}\n",
            '"white_check_mark" cannot both acknowledge and resolve; choose another emoji for one of them.',
        ),
        (
            "reactions:\n",
            '"reactions" is empty; write it like reactions: {acknowledge: eyes, resolve: white_check_mark}.',
        ),
    ],
)
def test_what_is_wrong_is_said(written: str, problem: str) -> None:
    [found] = problems(FULL + written)
    assert found.endswith(problem)


def test_what_is_stored_comes_back() -> None:
    document = read_text(FULL + "reactions: {acknowledge: none, resolve: tada}\n")
    assert PolicyDocument.from_json(document.canonical_json()) == document
    assert "reactions" not in read_text(FULL + "reactions: {acknowledge: eyes}\n").canonical_json()


def test_the_pushpin_has_something_to_do_already() -> None:
    [(_, sentence)] = [
        found for found in lint(read_text(FULL + "reactions: {resolve: pushpin}\n")) if found[1].startswith("pushpin")
    ]
    assert sentence == "pushpin keeps a message in the story of an incident; choose another emoji."


def test_the_shipped_file_names_those_that_are_meant_without_it() -> None:
    assert to_policy(read(SHIPPED), DIRECTORY).reactions == Reactions()
