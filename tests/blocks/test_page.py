"""The urgent messages beside the card."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest

from bot.domain.message import BreachNotice, ExhaustedAlarm, PageAgain, Undeliverable
from bot.domain.timeline import PageReason
from bot.slack.blocks.managers import breach_notice
from bot.slack.blocks.page import exhausted_alarm, page_again, undeliverable
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import button_labels, references
from tests.builders import STAKEHOLDER_CHANNEL, TIER_1_CHANNEL, a_policy, a_tier, an_escalation, an_incident

T = TypeVar("T")

FAILED_PAGE = Undeliverable(
    promise="INC-7/page/tier:1/cycle:0", channel=TIER_1_CHANNEL, error="is_archived", tier=1, route="checkout"
)


def test_the_last_tier_is_paged_again(picture: Picture) -> None:
    situation = stories.paged_again()
    picture(page_again(situation.incident, situation.policy, _only(situation, PageAgain)))


def test_the_last_repeat_announces_the_alarm(picture: Picture) -> None:
    situation = stories.paged_again()
    while situation.incident.repeats_sent < 3:
        situation = stories.next_deadline(situation)
    page = PageAgain(tier=4, cycle=3, number=3)
    picture(page_again(situation.incident, situation.policy, page))


AGAIN_BECAUSE: list[tuple[str, Callable[[], stories.Situation]]] = [
    ("no sign of life", stories.expired),
    ("passed on to a person", stories.passed_on_to_a_person),
    ("given back to the tier", stories.given_back_to_the_tier),
    ("reopened", stories.reopened),
]


@pytest.mark.parametrize(("_why", "story"), AGAIN_BECAUSE, ids=[why for why, _ in AGAIN_BECAUSE])
def test_a_tier_is_paged_again_with_the_reason(
    _why: str, story: Callable[[], stories.Situation], picture: Picture
) -> None:
    situation = story()
    page = page_again(situation.incident, situation.policy, _only(situation, PageAgain))
    assert button_labels(page.blocks) == ["Acknowledge", "Not mine"]
    picture(page)


def test_only_who_is_asked_is_rung() -> None:
    situation = stories.passed_on_to_a_person()
    page = page_again(situation.incident, situation.policy, _only(situation, PageAgain))
    assert page.text.startswith("<@U0CHLOE001> ")
    assert page.blocks[0]["text"]["text"].startswith("<@U0CHLOE001> INC-7 was passed on by <@U0BEN00001>, ")


def test_what_was_passed_on_and_moved_meanwhile_names_nobody() -> None:
    page = page_again(an_incident(), a_policy(), PageAgain(tier=1, cycle=0, number=0, reason=PageReason.PASSED_ON))
    assert "INC-7 was passed on, so tier 1 (first line) is asked now." in page.text


def test_a_breach_tells_the_managers_since_when_and_where_it_went(picture: Picture) -> None:
    situation = stories.escalated_by_the_clock()
    picture(breach_notice(situation.incident, situation.policy, _only(situation, BreachNotice)))


def test_a_breach_noticed_late_says_how_late(picture: Picture) -> None:
    situation = stories.escalated_by_the_clock(late=timedelta(minutes=12, seconds=7))
    picture(breach_notice(situation.incident, situation.policy, _only(situation, BreachNotice)))


def test_a_breach_of_the_last_tier_stays_there(picture: Picture) -> None:
    situation = stories.breached_at_the_last_tier()
    picture(breach_notice(situation.incident, situation.policy, _only(situation, BreachNotice)))


def test_a_breach_told_after_somebody_took_it_says_who(picture: Picture) -> None:
    breached = stories.escalated_by_the_clock()
    notice = _only(breached, BreachNotice)
    situation = stories.acknowledged(breached)
    picture(breach_notice(situation.incident, situation.policy, notice))


def test_a_breach_of_the_last_tier_told_after_somebody_took_it_says_who() -> None:
    breached = stories.breached_at_the_last_tier()
    notice = _only(breached, BreachNotice)
    situation = stories.acknowledged(breached)
    told = breach_notice(situation.incident, situation.policy, notice)
    assert told.text.endswith(". <@U0GRACE001> has it now.")
    assert button_labels(told.blocks) == []


def test_the_breach_of_a_tier_without_managers_mentions_nobody() -> None:
    tiers = (a_tier(1, managers=()), a_tier(2))
    policy = a_policy(services={"checkout": an_escalation(tiers=tiers)})
    breached = stories.next_deadline(stories.opened(policy))
    told = breach_notice(breached.incident, policy, _only(breached, BreachNotice))
    assert references(told) == {"<#C0PLATFRM1"}


def test_the_alarm_rings_every_manager(picture: Picture) -> None:
    situation = stories.exhausted()
    picture(exhausted_alarm(situation.incident, situation.policy, _only(situation, ExhaustedAlarm)))


def test_the_alarm_of_a_policy_without_repeats_speaks_of_one_page() -> None:
    policy = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1),), repeat=None)})
    situation = stories.exhausted(policy)
    told = exhausted_alarm(situation.incident, policy, _only(situation, ExhaustedAlarm))
    assert "nobody answered its page. " in told.text


def test_a_page_that_cannot_be_posted_rings_in_the_fallback_channel(picture: Picture) -> None:
    picture(undeliverable(an_incident(), a_policy(), FAILED_PAGE))


def test_a_breach_notice_that_cannot_be_posted_rings_the_managers_only() -> None:
    failure = Undeliverable(
        promise="INC-7/breach/tier:1/cycle:0", channel=TIER_1_CHANNEL, error="something_new", tier=1, route="checkout"
    )
    told = undeliverable(an_incident(), a_policy(), failure)
    assert told.text.startswith("<@U0GRACE001> Checkout is down (INC-7, sev1, checkout). A breach notice of INC-7 ")
    assert references(told) == {"<@U0GRACE001", "<#C0FIRSTLN1"}


def test_a_stakeholder_channel_that_is_gone_is_told_to_the_managers_without_a_button() -> None:
    failure = Undeliverable(
        promise="INC-7/stakeholders", channel=STAKEHOLDER_CHANNEL, error="is_archived", tier=1, route="checkout"
    )
    told = undeliverable(an_incident(), a_policy(), failure)
    assert told.text.endswith("The channel is archived. Please tell the stakeholders another way.")
    assert references(told) == {"<@U0GRACE001", "<#C0STATUS01"}
    assert button_labels(told.blocks) == []


def test_a_page_that_cannot_be_posted_asks_nothing_of_anybody_once_it_is_acknowledged() -> None:
    situation = stories.acknowledged()
    told = undeliverable(situation.incident, situation.policy, FAILED_PAGE)
    assert told.text.endswith("<@U0ANA00001> has it now.")
    assert button_labels(told.blocks) == []


@pytest.mark.parametrize("error", ["channel_not_found", "is_archived", "not_in_channel", "restricted_action"])
def test_a_known_refusal_comes_with_its_reason(error: str) -> None:
    failure = Undeliverable(promise=FAILED_PAGE.promise, channel=TIER_1_CHANNEL, error=error, tier=1, route="checkout")
    unknown = Undeliverable(
        promise=FAILED_PAGE.promise, channel=TIER_1_CHANNEL, error="x" * len(error), tier=1, route="checkout"
    )
    told, bare = (undeliverable(an_incident(), a_policy(), each).text for each in (failure, unknown))
    assert f"`{error}`" in told
    assert len(told) > len(bare)


def _only(situation: stories.Situation, kind: type[T]) -> T:
    (message,) = (message for message in situation.messages if isinstance(message, kind))
    return message
