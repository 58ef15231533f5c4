"""What Slack posts when the bot is gone."""

import re

from bot.domain.policy import THE_CHANNEL
from bot.slack.blocks.parachute import parachute
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import block_types, references
from tests.builders import NOW, a_policy, a_tier, an_escalation, an_incident, minutes

DUE = NOW + minutes(5)


def test_nobody_has_it_and_the_next_tier_is_to_be_paged_by_hand(picture: Picture) -> None:
    picture(parachute(an_incident(), a_policy(), due_at=DUE))


def test_behind_the_last_tier_every_manager_is_asked(picture: Picture) -> None:
    situation = stories.breached_at_the_last_tier()
    picture(parachute(situation.incident, situation.policy, due_at=DUE))


def test_who_has_it_is_asked(picture: Picture) -> None:
    situation = stories.acknowledged(stories.opened())
    picture(parachute(situation.incident, situation.policy, due_at=DUE))


def test_a_tier_without_a_channel_is_passed_over() -> None:
    tiers = (a_tier(1), a_tier(2, channel=None), a_tier(3))
    policy = a_policy(services={"checkout": an_escalation(tiers=tiers)})
    assert "or page tier 3 (experts) in <#C0EXPERTS1> by hand." in parachute(an_incident(), policy, due_at=DUE).text


def test_everybody_in_another_channel_is_not_everybody_here() -> None:
    tiers = (a_tier(1), a_tier(2, people=(THE_CHANNEL,)))
    policy = a_policy(services={"checkout": an_escalation(tiers=tiers)})
    assert "<!channel" not in references(parachute(an_incident(), policy, due_at=DUE))


def test_there_is_nothing_to_click() -> None:
    assert "actions" not in block_types(parachute(an_incident(), a_policy(), due_at=DUE).blocks)


def test_a_title_rings_nobody() -> None:
    shouting = an_incident(title="<!channel> <@U0SAM00001> down")
    assert references(parachute(shouting, a_policy(), due_at=DUE)) == references(
        parachute(an_incident(), a_policy(), due_at=DUE)
    )
    assert not re.search("<!channel>", parachute(shouting, a_policy(), due_at=DUE).text)
