"""What one person is asked by name."""

from typing import TypeVar

from bot.domain.message import AssignmentNotice, HoldReview, StillOnItQuestion
from bot.slack.blocks.personal import assignment, hold_review, still_on_it
from bot.slack.ids import ActionId
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import button_labels

T = TypeVar("T")


def test_who_has_it_is_asked_for_a_sign_of_life(picture: Picture) -> None:
    situation = stories.asked_still_on_it()
    asked = still_on_it(situation.incident, situation.policy, _only(situation, StillOnItQuestion))
    picture(asked)
    assert button_labels(asked.blocks) == ["Still on it", "Hand it over"]
    assert [element["action_id"] for element in asked.blocks[-1]["elements"]] == [
        ActionId.STILL_ON_IT,
        ActionId.NOT_MINE,
    ]


def test_who_has_it_hears_that_the_hold_is_over(picture: Picture) -> None:
    situation = stories.reviewed()
    picture(hold_review(situation.incident, situation.policy, _only(situation, HoldReview)))


def test_who_is_asked_to_take_it_can_say_no(picture: Picture) -> None:
    situation = stories.asked_to_take_it()
    asked = assignment(situation.incident, situation.policy, _only(situation, AssignmentNotice))
    picture(asked)
    assert button_labels(asked.blocks) == ["Acknowledge", "Not mine"]


def test_who_was_given_it_can_hand_it_on(picture: Picture) -> None:
    situation = stories.given()
    told = assignment(situation.incident, situation.policy, _only(situation, AssignmentNotice))
    picture(told)
    assert button_labels(told.blocks) == ["Not mine"]


def _only(situation: stories.Situation, kind: type[T]) -> T:
    (message,) = (message for message in situation.messages if isinstance(message, kind))
    return message
