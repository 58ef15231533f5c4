"""Answers to a person who asked or acted."""

from bot.domain.ids import THE_BOT
from bot.domain.incident import IncidentState
from bot.domain.timeline import DeliveryFailed, Fact, NotSent, TimelineEvent, UpdateDue
from bot.slack.blocks import listing
from bot.slack.blocks.help import help_text
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import block_types, problems_of_message
from tests.builders import ANA, FALLBACK_CHANNEL, NOW, TIER_2_CHANNEL, a_policy, an_escalation, an_incident, minutes


def test_a_list_shows_each_incident_in_two_lines(picture: Picture) -> None:
    taken = an_incident(number=8, state=IncidentState.ACKNOWLEDGED, assignee=ANA, tier=2, breach_count=1)
    picture(listing.incident_list([an_incident(), taken], total=2))


def test_a_list_says_how_many_it_does_not_show() -> None:
    shown = listing.incident_list([an_incident(number=number) for number in range(1, 31)], total=134)
    assert block_types(shown.blocks) == ["section"] * 21 + ["context"]
    assert shown.text.startswith("134 incidents\nINC-1: Checkout is down\n")
    assert shown.blocks[-1]["elements"][0]["text"] == "114 more are not shown."
    assert problems_of_message(shown) == []


def test_an_empty_list_says_so(picture: Picture) -> None:
    picture(listing.incident_list([], total=0))


def test_an_open_incident_in_full(picture: Picture) -> None:
    situation = stories.escalated_by_the_clock()
    picture(listing.incident_detail(situation.incident, situation.policy, situation.story, situation.now + minutes(2)))


def test_an_acknowledged_incident_in_full_with_a_long_story(picture: Picture) -> None:
    situation = stories.acknowledged(stories.exhausted())
    picture(listing.incident_detail(situation.incident, situation.policy, situation.story, situation.now))


def test_a_resolved_incident_in_full(picture: Picture) -> None:
    situation = stories.resolved(stories.acknowledged(stories.escalated_by_ben()))
    picture(listing.incident_detail(situation.incident, situation.policy, situation.story, situation.now))


def test_an_incident_on_hold_in_full(picture: Picture) -> None:
    situation = stories.held()
    picture(listing.incident_detail(situation.incident, situation.policy, situation.story, situation.now))


def test_a_cancelled_incident_in_full(picture: Picture) -> None:
    situation = stories.cancelled()
    picture(listing.incident_detail(situation.incident, situation.policy, situation.story, situation.now))


def test_an_incident_whose_story_is_not_known_is_shown_without_it() -> None:
    assert "divider" not in block_types(listing.incident_detail(an_incident(), a_policy(), (), NOW).blocks)


def test_the_story_tells_what_became_of_messages(picture: Picture) -> None:
    facts: list[Fact] = [
        UpdateDue(number=2),
        NotSent(promise="INC-7/page/tier:2/cycle:0", reason="resolved"),
        NotSent(promise="INC-7/something/new", reason=""),
        DeliveryFailed(
            promise="INC-7/breach/tier:1/cycle:0", channel=TIER_2_CHANNEL, error="is_archived", told=FALLBACK_CHANNEL
        ),
        DeliveryFailed(
            promise="INC-7/breach/tier:1/cycle:0/fallback", channel=FALLBACK_CHANNEL, error="is_archived", told=None
        ),
        DeliveryFailed(promise="INC-7/update/3", channel=TIER_2_CHANNEL, error="not_in_channel", told=None),
    ]
    story = [TimelineEvent(seq=seq, at=NOW, by=THE_BOT, fact=fact) for seq, fact in enumerate(facts, start=2)]
    picture(listing.incident_detail(an_incident(), a_policy(), story, NOW))


def test_help_speaks_of_this_policy(picture: Picture) -> None:
    picture(help_text(a_policy()))


def test_help_names_only_some_of_many_services() -> None:
    policy = a_policy(services={f"service-{number}": an_escalation() for number in range(1, 41)})
    assert "service-10 and 30 more." in help_text(policy).text


def test_what_was_not_understood_is_given_back(picture: Picture) -> None:
    picture(listing.not_understood("“opne” is not a command.", "opne <!channel>\nsev1"))


def test_nothing_typed_is_given_back_as_nothing() -> None:
    assert listing.not_understood("Which incident?", " ").text == "Which incident?"


def test_however_much_was_typed_it_is_given_back_within_the_limits() -> None:
    assert problems_of_message(listing.not_understood("What?", "&" * 20_000)) == []
