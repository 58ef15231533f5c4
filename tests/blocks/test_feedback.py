"""The question how well it was handled, its form, and thanks."""

from bot.domain.feedback import Feedback
from bot.slack.blocks.feedback import feedback_form, feedback_question, thanks
from tests.blocks.conftest import Picture
from tests.blocks.stories import resolved
from tests.builders import ANA


def test_the_question_is_one_click(picture: Picture) -> None:
    situation = resolved()
    picture(feedback_question(situation.incident, situation.policy))


def test_the_form_holds_the_score_that_was_clicked(picture: Picture) -> None:
    picture(feedback_form(resolved().incident, 2, private_metadata="7|2"))


def test_thanks_with_the_name(picture: Picture) -> None:
    picture(thanks(resolved().incident, Feedback(score=5, given_by=ANA)))


def test_thanks_without_it(picture: Picture) -> None:
    picture(thanks(resolved().incident, Feedback(score=1)))
