"""What is open already, for somebody who is about to open another one."""

from bot.domain.incident import IncidentState
from bot.slack.blocks.forms import Draft, open_form
from bot.slack.blocks.rendered import View
from bot.slack.blocks.similar import opened_beside, similar_blocks
from tests.blocks.conftest import Picture
from tests.blocks.limits import problems_of_message, problems_of_view
from tests.builders import ANA, BEN, NOW, a_policy, an_incident, minutes

NOBODY_HAS = an_incident(number=3)
ANA_HAS = an_incident(number=4, title="Checkout fails", state=IncidentState.ACKNOWLEDGED, assignee=ANA)
ON_HOLD = an_incident(
    number=5, title="Checkout <!channel>", state=IncidentState.ON_HOLD, assignee=BEN, hold_until=NOW + minutes(60)
)
SIMILAR = [NOBODY_HAS, ANA_HAS, ON_HOLD]
LATER = NOW + minutes(4)


def form() -> View:
    draft = Draft(title="Checkout is down", service="checkout", description="In Asia")
    return open_form(
        a_policy(), draft=draft, problem=None, private_metadata="{}", similar=similar_blocks(SIMILAR, LATER)
    )


def test_the_form_asks_whether_it_is_one_of_those_that_are_open(picture: Picture) -> None:
    picture(form())


def test_where_nothing_is_similar_nothing_is_asked() -> None:
    assert similar_blocks([], LATER) == []


def test_who_could_not_be_asked_hears_of_them_with_the_answer(picture: Picture) -> None:
    picture(opened_beside(an_incident(), a_policy(), SIMILAR, LATER))


def test_the_longest_titles_stay_within_the_limits() -> None:
    similar = [an_incident(number=number, title="&" * 5_000, assignee=ANA) for number in range(1, 4)]
    blocks = similar_blocks(similar, LATER)
    view = open_form(a_policy(), draft=Draft(), problem="p" * 5_000, private_metadata="", similar=blocks)
    assert problems_of_view(view) == []
    assert problems_of_message(opened_beside(an_incident(), a_policy(), similar, LATER)) == []
