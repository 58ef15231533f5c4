"""What is said in the channel of one incident alone, and where others read of it."""

import pytest

from bot.domain.ids import ChannelId
from bot.domain.message import RoomFarewell, RoomWelcome
from bot.domain.rooms import close_room, open_room
from bot.slack.blocks import story
from bot.slack.blocks.card import tier_card
from bot.slack.blocks.detail import incident_detail
from bot.slack.blocks.message import render
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.rooms import BOOKMARK_LIMIT, TOPIC_LIMIT, bookmark_title, topic
from bot.slack.blocks.stakeholders import stakeholder_parent
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import problems_of_message, texts
from tests.builders import a_policy, a_tier, an_escalation, an_incident

ROOM = ChannelId("C0ROOM0001")
ADDRESS = "https://acme.slack.com/archives/C0FIRSTLN1/p17000001"


def said(situation: stories.Situation) -> Rendered:
    """The last message, as it is rendered in its channel."""
    [message] = situation.messages
    assert isinstance(message, RoomWelcome | RoomFarewell)
    return render(message, situation.incident, situation.policy, rings=False, story=(), now=situation.now)


def with_room(before: stories.Situation | None = None, *, card: str = ADDRESS) -> stories.Situation:
    before = before or stories.opened()
    step = open_room(before.incident, before.policy, before.now, channel=ROOM, card=card)
    return before.after(step, before.now)


def closed() -> stories.Situation:
    before = stories.resolved(stories.acknowledged(with_room()))
    step = close_room(before.incident, before.policy, before.now, channel=ROOM)
    return before.after(step, before.now)


def test_its_first_message_says_what_it_is_and_where_the_card_is(picture: Picture) -> None:
    picture(said(with_room()))


def test_a_card_whose_address_is_not_known_is_found_by_its_channel() -> None:
    assert "How it stands is kept current on its card in <#C0FIRSTLN1>." in said(with_room(card="")).text


def test_its_last_message_says_how_it_ended_and_that_it_is_archived(picture: Picture) -> None:
    picture(said(closed()))


@pytest.mark.parametrize("situation", [with_room(), closed()], ids=["open", "closed"])
def test_the_card_leads_to_it(situation: stories.Situation) -> None:
    card = tier_card(situation.incident, situation.policy, tier=1, card=0, rings=False)
    assert "*Channel*\n<#C0ROOM0001>" in texts(card.blocks)
    assert "Channel: <#C0ROOM0001>." in card.text
    assert problems_of_message(card) == []


def test_stakeholders_are_led_to_it_unless_it_is_private() -> None:
    situation = with_room()
    parent = stakeholder_parent(situation.incident, situation.policy)
    assert "*Channel*\n<#C0ROOM0001>" in texts(parent.blocks)
    assert "Channel: <#C0ROOM0001>." in parent.text
    hidden = stakeholder_parent(situation.incident.but(is_private=True), situation.policy)
    assert ROOM not in hidden.text
    assert ROOM not in str(hidden.blocks)


def test_the_story_tells_of_its_beginning_and_its_end() -> None:
    situation = closed()
    told = story.lines(situation.story, situation.incident, situation.policy, limit=3_000)
    assert "a channel of its own was made: <#C0ROOM0001>" in told
    assert "its own channel <#C0ROOM0001> was closed" in told


def test_stakeholders_do_not_read_of_it_as_news() -> None:
    situation = closed()
    news = story.news(situation.story, situation.incident, situation.policy, since_seq=1, until_seq=99, limit=3_000)
    assert ROOM not in news


@pytest.mark.parametrize(
    ("situation", "holder", "shown"),
    [
        (stories.opened(), None, "sev1 checkout · nobody has it yet · tier 1 (first line)"),
        (stories.acknowledged(), "Ana Ruiz", "sev1 checkout · acknowledged by Ana Ruiz · tier 1 (first line)"),
        (stories.acknowledged(), None, "sev1 checkout · acknowledged · tier 1 (first line)"),
        (stories.expired(), None, "sev1 checkout · nobody has it · tier 1 (first line)"),
        (stories.held(), "Ana Ruiz", "sev1 checkout · on hold, with Ana Ruiz · tier 1 (first line)"),
        (stories.held(), None, "sev1 checkout · on hold · tier 1 (first line)"),
        (stories.resolved(), "Ana Ruiz", "sev1 checkout · resolved by Ana Ruiz"),
        (stories.cancelled(), "Ana Ruiz", "sev1 checkout · cancelled by Ana Ruiz"),
    ],
)
def test_its_topic_says_how_it_stands(situation: stories.Situation, holder: str | None, shown: str) -> None:
    assert topic(situation.incident, situation.policy, holder) == shown


def test_a_topic_of_long_and_hostile_names_is_one_that_slack_takes() -> None:
    policy = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1, name="<!channel> & " * 40),))})
    shown = topic(stories.acknowledged().incident, policy, "<!here> " * 60)
    assert len(shown) <= TOPIC_LIMIT
    assert "<!" not in shown


def test_the_bookmark_is_called_by_the_incident() -> None:
    assert bookmark_title(an_incident()) == "INC-7: how it stands"
    assert len(bookmark_title(an_incident(number=10**9))) <= BOOKMARK_LIMIT


def test_who_asks_for_it_is_told_of_both_its_channels() -> None:
    situation = with_room()
    shown = incident_detail(situation.incident, situation.policy, situation.story, now=situation.now)
    assert {"*Channel*\n<#C0FIRSTLN1>", "*Its own channel*\n<#C0ROOM0001>"} <= set(texts(shown.blocks))
    assert "Its own channel: <#C0ROOM0001>." in shown.text
