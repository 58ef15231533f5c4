"""What a person hears who did something."""

from collections.abc import Callable

import pytest

from bot.domain import verbs
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.slack.blocks import answers
from bot.slack.blocks.rendered import Rendered
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.builders import ANA, NOW, a_policy, an_incident

Answer = Callable[[Incident, Policy], Rendered]
Story = Callable[[], stories.Situation]


def resumed() -> stories.Situation:
    return stories.done(stories.held(), verbs.resume, by=ANA)


def still_on_it() -> stories.Situation:
    return stories.done(stories.asked_still_on_it(), verbs.confirm_still_on_it, by=ANA)


ANSWERS: list[tuple[str, Answer, Story]] = [
    ("opened", answers.opened, stories.opened),
    ("acknowledged", answers.acknowledged, stories.taken),
    ("escalated", answers.escalated, stories.escalated_by_ben),
    ("routed", answers.escalated, stories.routed),
    ("held", answers.held, stories.held),
    ("resumed", answers.resumed, resumed),
    ("severity changed", answers.severity_changed, stories.upgraded),
    ("severity changed of what somebody has", answers.severity_changed, stories.downgraded),
    ("told", answers.told, stories.told_by_hand),
    ("noted", answers.noted, stories.noted),
    ("assigned", answers.assigned, stories.given),
    ("asked to take it", answers.assigned, stories.asked_to_take_it),
    ("passed on", answers.passed_on, stories.passed_on_to_a_person),
    ("still on it", answers.still_on_it, still_on_it),
    ("resolved", answers.resolved, stories.resolved),
    ("cancelled", answers.cancelled, stories.cancelled),
    ("duplicate", answers.cancelled, stories.duplicate),
    ("reopened", answers.reopened, stories.reopened),
]


@pytest.mark.parametrize(("_said", "answer", "story"), ANSWERS, ids=[said for said, _, _ in ANSWERS])
def test_who_did_something_hears_what_is_so_now(_said: str, answer: Answer, story: Story, picture: Picture) -> None:
    situation = story()
    picture(answer(situation.incident, situation.policy))


def test_who_opened_it_after_somebody_took_it_hears_no_deadline() -> None:
    situation = stories.acknowledged()
    assert answers.opened(situation.incident, situation.policy).text == (
        "INC-7 is open: Checkout is down\nTier 1 (first line) in <#C0FIRSTLN1> is paged."
    )


def test_who_escalated_what_was_taken_at_once_hears_no_deadline() -> None:
    situation = stories.acknowledged(stories.escalated_by_ben())
    assert answers.escalated(situation.incident, situation.policy).text == (
        "INC-7 is now at tier 2 (platform) in <#C0PLATFRM1>."
    )


def test_what_a_slow_answer_says_is_still_true_when_the_incident_has_moved_on() -> None:
    over = stories.resolved().incident
    for _, answer, _ in ANSWERS:
        assert answer(over, a_policy()).text.endswith((".", "`", "why", "was`")), answer


def test_an_answer_of_a_policy_without_deadlines_promises_none() -> None:
    said = [answer(an_incident(tier_breached_at=NOW), a_policy()).text for _, answer, _ in ANSWERS]
    assert not [text for text in said if "None" in text]


def test_what_is_said_beside_a_command_is_repeated() -> None:
    situation = stories.taken()
    told = answers.acknowledged(situation.incident, situation.policy)
    assert answers.not_kept(told, situation.incident, "<!here> the disk").text == (
        f"{told.text}\n“&lt;!here&gt; the disk” is kept nowhere; for its story: `/incident note INC-7 …`"
    )
