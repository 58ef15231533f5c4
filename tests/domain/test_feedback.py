"""Who is asked what they thought of an incident, and what they may say."""

from dataclasses import replace

import pytest

from bot.domain.errors import AlreadyHeard, NotAskedForFeedback
from bot.domain.feedback import Feedback
from bot.domain.message import FeedbackQuestion
from bot.domain.promise import Promise
from bot.domain.ringing import ringing
from bot.domain.transition import Transition
from bot.domain.truth import untrue_because
from bot.domain.verbs import reopen, resolve
from tests.builders import ANA, BEN, CHLOE, NOW, SAM, a_policy, an_incident, minutes

POLICY = replace(a_policy(), asks_for_feedback=True)


def questions(step: Transition) -> list[Promise]:
    return [promise for promise in step.promises if isinstance(promise.message, FeedbackQuestion)]


def test_who_reported_it_and_who_follows_it_are_asked_directly_once_it_is_resolved() -> None:
    incident = an_incident(opened_by=SAM, followers=(BEN, SAM, CHLOE))
    asked = questions(resolve(incident, POLICY, by=ANA, now=NOW + minutes(5)))
    assert [str(promise.channel) for promise in asked] == [SAM, BEN, CHLOE]
    assert len({promise.key for promise in asked}) == 3


def test_who_resolved_it_is_not_asked() -> None:
    incident = an_incident(opened_by=SAM, followers=(BEN,))
    asked = questions(resolve(incident, POLICY, by=SAM, now=NOW + minutes(5)))
    assert [str(promise.channel) for promise in asked] == [BEN]


def test_nobody_is_asked_where_the_policy_does_not_want_it() -> None:
    incident = an_incident(opened_by=SAM)
    assert not questions(resolve(incident, a_policy(), by=ANA, now=NOW + minutes(5)))


def test_resolved_once_more_they_are_asked_once_more() -> None:
    first = resolve(an_incident(opened_by=SAM), POLICY, by=ANA, now=NOW + minutes(5))
    again = reopen(first.incident, POLICY, by=SAM, reason="", now=NOW + minutes(6))
    second = resolve(again.incident, POLICY, by=ANA, now=NOW + minutes(7))
    assert questions(first)[0].key != questions(second)[0].key


def test_an_incident_that_was_reopened_asks_nobody() -> None:
    resolved = resolve(an_incident(opened_by=SAM), POLICY, by=ANA, now=NOW + minutes(5)).incident
    reopened = reopen(resolved, POLICY, by=SAM, reason="", now=NOW + minutes(6)).incident
    question = FeedbackQuestion(to=SAM)
    assert untrue_because(question, resolved) is None
    assert untrue_because(question, reopened) == "reopened"
    assert ringing(question, resolved, POLICY) == {SAM}


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_is_one_of_five(score: int) -> None:
    with pytest.raises(ValueError, match="1 to 5"):
        Feedback(score=score)


def test_a_log_can_tell_why_somebody_is_not_heard() -> None:
    assert str(AlreadyHeard("INC-7")) == "they were heard about INC-7"
    assert str(NotAskedForFeedback("INC-7")) == "they are not asked about INC-7"


def test_words_are_kept_within_bounds() -> None:
    assert Feedback(score=5, comment=f"  {'x' * 4_000} ").comment == "x" * 3_000
