"""Naming people without ringing them."""

from datetime import timedelta

from bot.domain.ids import UserId
from bot.domain.message import StakeholderUpdate, UpdateReason
from bot.domain.timeline import TimelineEvent
from bot.slack.blocks.card import tier_card
from bot.slack.blocks.layout import sentence
from bot.slack.blocks.quiet import people_named, quietly
from bot.slack.blocks.stakeholders import stakeholder_update
from tests.blocks import stories
from tests.blocks.limits import problems_of_message, references
from tests.builders import ANA, BEN, GRACE, a_policy, an_incident

NAMES = {ANA: "Ana Ruiz", BEN: "Ben <!channel>"}


def test_everybody_who_would_ring_is_found() -> None:
    assert people_named(sentence(f"<@{GRACE}> tells <@{ANA}> about <@{ANA}>")) == [ANA, GRACE]


def test_only_those_who_are_meant_are_mentioned() -> None:
    said = quietly(sentence(f"<@{GRACE}>: <@{ANA}> has it"), NAMES, ringing={GRACE})
    assert said == sentence(f"<@{GRACE}>: Ana Ruiz has it")


def test_a_name_mentions_nobody_either() -> None:
    assert quietly(sentence(f"<@{BEN}> has it"), NAMES, ringing=()).text == "Ben &lt;!channel&gt; has it"


def test_who_has_no_known_name_is_mentioned() -> None:
    unknown = sentence(f"<@{GRACE}> has it")
    assert quietly(unknown, NAMES, ringing=()) == unknown


def test_the_whole_channel_is_mentioned_only_when_it_is_meant() -> None:
    page = sentence("<!channel> please take it")
    assert quietly(page, {}, ringing={"!channel"}) == page
    assert quietly(page, {}, ringing={GRACE}) == sentence("everybody please take it")


def test_groups_and_the_rest_of_a_card_stay_as_they_are() -> None:
    card = tier_card(an_incident(opened_by=ANA), a_policy(), tier=1, card=0, rings=True)
    quiet = quietly(card, NAMES, ringing={"S0FIRSTLN1"})
    assert references(card) - references(quiet) == {f"<@{ANA}"}
    assert [block["type"] for block in quiet.blocks] == [block["type"] for block in card.blocks]


def test_long_names_fit_where_mentions_were() -> None:
    situation = stories.acknowledged()
    event = situation.story[-1]
    story = [
        TimelineEvent(seq=seq, at=event.at + timedelta(minutes=seq), by=event.by, fact=event.fact)
        for seq in range(2, 200)
    ]
    update = StakeholderUpdate(number=1, reason=UpdateReason.CADENCE, since_seq=1, until_seq=999)
    message = stakeholder_update(situation.incident, situation.policy, update, story, situation.now)
    for name in ("n" * 500, "&" * 500, "🔥" * 500):
        names = dict.fromkeys((*people_named(message), UserId("U0NOBODY01")), name)
        quiet = quietly(message, names, ringing=())
        assert problems_of_message(quiet) == []
        assert people_named(quiet) == []
