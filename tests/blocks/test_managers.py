"""What rings managers, and the warnings before."""

from typing import TypeVar

from bot.domain import verbs
from bot.domain.message import BreachNotice, ManagersNotice, WarningNotice
from bot.slack.blocks.managers import breach_notice, managers_notice, warning_notice
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import button_labels, references
from tests.builders import ANA

T = TypeVar("T")


def test_a_warning_rings_the_tier_and_the_managers_of_the_rule(picture: Picture) -> None:
    situation = stories.warned()
    warning = _only(situation, WarningNotice)
    told = warning_notice(situation.incident, situation.policy, warning)
    assert told.text.startswith("<!subteam^S0FIRSTLN1> <@U0GRACE001> Checkout is down (INC-7, sev2, checkout). ")
    picture(told)


def test_a_warning_of_the_time_to_resolve_rings_who_has_it(picture: Picture) -> None:
    situation = stories.resolution_warned()
    told = warning_notice(situation.incident, situation.policy, _only(situation, WarningNotice))
    assert references(told) == {"<@U0ANA00001", "<@U0GRACE001"}
    assert button_labels(told.blocks) == []
    picture(told)


def test_a_warning_of_the_time_to_resolve_of_what_nobody_has_asks_for_somebody() -> None:
    situation = stories.resolution_warned()
    given_back = stories.done(situation, verbs.pass_on, by=ANA)
    told = warning_notice(given_back.incident, given_back.policy, _only(situation, WarningNotice))
    assert told.text.endswith("Nobody has it.")
    assert button_labels(told.blocks) == ["Acknowledge", "Not mine"]


def test_the_time_to_resolve_that_ran_out_is_told_with_where_it_went(picture: Picture) -> None:
    situation = stories.resolution_breached()
    picture(breach_notice(situation.incident, situation.policy, _only(situation, BreachNotice)))


def test_the_time_to_resolve_that_ran_out_of_what_stays_is_told_with_who_has_it() -> None:
    situation = stories.resolution_breached()
    breach = _only(situation, BreachNotice)
    before = stories.taken_for_long().incident
    told = breach_notice(before, situation.policy, breach)
    assert told.text.endswith("<@U0ANA00001> has it now.")


def test_a_breach_of_a_tier_that_is_not_the_last_and_was_not_left_says_how_it_stands() -> None:
    situation = stories.escalated_by_the_clock()
    breach = _only(situation, BreachNotice)
    told = breach_notice(stories.opened().incident, situation.policy, breach)
    assert "It is open at tier 1 of 4, first line. Please acknowledge by " in told.text


def test_managers_hear_of_what_is_as_severe_as_this(picture: Picture) -> None:
    situation = stories.opened(stories.full_policy())
    picture(managers_notice(situation.incident, situation.policy, _only(situation, ManagersNotice)))


def _only(situation: stories.Situation, kind: type[T]) -> T:
    (message,) = (message for message in situation.messages if isinstance(message, kind))
    return message
