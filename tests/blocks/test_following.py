"""What those read who follow an incident, and how a private one is told of."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain import verbs
from bot.domain.ids import THE_BOT, ChannelId
from bot.domain.incident import Incident, IncidentState
from bot.domain.message import ExhaustedAlarm, FollowNotice, StakeholderUpdate, Undeliverable, UpdateReason
from bot.domain.policy import Verb
from bot.domain.privacy import veiled
from bot.domain.timeline import Acknowledged, DeliveryFailed, Followed, Opened, TimelineEvent, Unfollowed
from bot.slack.blocks import answers, reasons, story
from bot.slack.blocks.audiences import where_told
from bot.slack.blocks.card import tier_card
from bot.slack.blocks.fields_about_one import Subject
from bot.slack.blocks.following import follow_notice, followed, has_follow, unfollowed
from bot.slack.blocks.forms_about_one import form_about
from bot.slack.blocks.listing import row
from bot.slack.blocks.message import render
from bot.slack.blocks.parachute import parachute
from bot.slack.blocks.stakeholders import stakeholder_parent, stakeholder_update
from bot.slack.blocks.standing import Standing
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import references
from tests.builders import ANA, BEN, CHLOE, NOW, SAM, TIER_1_CHANNEL, a_policy, an_incident, minutes

DIRECTLY = StakeholderUpdate(number=1, reason=UpdateReason.CADENCE, since_seq=0, until_seq=99, audience=ChannelId(BEN))
SALES, SUPPORT = ChannelId("C0SALES001"), ChannelId("C0SUPPORT1")
POLICY = a_policy(also_told={"checkout": (SALES, SUPPORT)})
SECRET = "The payroll leaked"


def secret(**changes: object) -> stories.Situation:
    """A private incident, and what people wrote of it."""
    before = stories.exhausted()
    words = {"title": SECRET, "description": f"{SECRET}, all of it.", "is_private": True}
    return replace(before, incident=replace(before.incident, **{**words, **changes}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "situation",
    [stories.acknowledged, stories.told_by_hand, stories.resolved],
    ids=["by the bot", "by hand", "the last"],
)
def test_an_update_that_somebody_reads_directly_says_of_what_it_is(
    situation: Callable[[], stories.Situation], picture: Picture
) -> None:
    now = situation()
    update = replace(DIRECTLY, until_seq=now.story[-1].seq)
    picture(stakeholder_update(now.incident, now.policy, update, now.story, now.now))


def test_it_reads_as_the_one_in_the_thread_does() -> None:
    now = stories.acknowledged()
    said = [
        stakeholder_update(now.incident, now.policy, replace(DIRECTLY, audience=audience), now.story, now.now).text
        for audience in (ChannelId(""), SALES, ChannelId(BEN))
    ]
    assert len(set(said)) == 1


def test_who_is_made_to_follow_hears_who_wanted_it_and_how_it_stands(picture: Picture) -> None:
    picture(follow_notice(an_incident(), a_policy(), FollowNotice(who=BEN, by=ANA)))


def test_who_follows_hears_how_it_stands(picture: Picture) -> None:
    picture(followed(an_incident(), a_policy()))


def test_what_is_over_has_no_next_update_and_nothing_to_follow() -> None:
    over = stories.resolved()
    assert "next update" not in followed(over.incident, over.policy).text
    assert "follow" not in str(stakeholder_parent(over.incident, over.policy).blocks)


def test_who_has_others_follow_or_stops_is_told_in_a_sentence() -> None:
    assert has_follow(an_incident(), a_policy()).text == ("They follow INC-7 now, and are told directly how it stands.")
    assert unfollowed(an_incident(), a_policy()).text == (
        "You do not follow INC-7 any more. `/incident show INC-7` tells how it stands."
    )


def test_where_stakeholders_are_told_is_said_of_each_audience() -> None:
    assert where_told("checkout", POLICY, is_private=False) == "in <#C0STATUS01>, <#C0SALES001>, <#C0SUPPORT1>"
    assert where_told("search", POLICY, is_private=False) == "in <#C0STATUS01>"
    assert where_told("checkout", POLICY, is_private=True) == "in direct messages"
    followed = an_incident(is_private=True, followers=(BEN,))
    assert "are told in direct messages." in answers.told(followed, POLICY).text
    assert "Stakeholders read it at once in direct messages." in update_form(followed)
    assert "at once in <#C0STATUS01>, <#C0SALES001>, <#C0SUPPORT1>." in update_form(an_incident())


def test_where_nobody_reads_an_update_that_is_said_and_nothing_is_announced() -> None:
    unread = an_incident(is_private=True, state=IncidentState.ACKNOWLEDGED, assignee=ANA)
    assert answers.told(unread, POLICY).text == (
        "It is in the story of INC-7, and nowhere else: it is private, and nobody follows it.\n"
        "To let somebody read along: `/incident follow INC-7 @name`"
    )
    assert "It goes to the story alone: the incident is private, and nobody follows it." in update_form(unread)
    card = tier_card(unread, POLICY, tier=1, card=0, rings=False)
    assert "ext stakeholder update" not in f"{card.text} {card.blocks}"
    card = tier_card(unread.but(followers=(BEN,)), POLICY, tier=1, card=0, rings=False)
    assert "ext stakeholder update" in f"{card.text} {card.blocks}"


def update_form(incident: Incident) -> str:
    of = Subject(incident=incident, policy=POLICY, zone=ZoneInfo("UTC"), may_resolve=False)
    return str(form_about(Verb.UPDATE, of, entries={}, private_metadata=""))


def test_when_it_is_expected_to_be_solved_is_told_with_the_acknowledgement(picture: Picture) -> None:
    now = stories.done(stories.opened(), verbs.acknowledge, by=ANA, eta=NOW + timedelta(minutes=40))
    picture(stakeholder_parent(now.incident, now.policy))
    update = StakeholderUpdate(number=1, reason=UpdateReason.ACKNOWLEDGED, since_seq=1, until_seq=now.story[-1].seq)
    text = stakeholder_update(now.incident, now.policy, update, now.story, now.now).text
    assert "It is expected to be solved by <!date^" in text
    released = replace(now.incident, assignee=None)
    assert "is expected" not in stakeholder_update(released, now.policy, update, now.story, now.now).text


def test_the_card_of_a_private_incident_says_so(picture: Picture) -> None:
    situation = secret()
    incident = situation.incident
    card = tier_card(incident, situation.policy, tier=incident.tier, card=incident.card_cycle, rings=True)
    assert SECRET in card.text
    picture(card)


def test_in_a_list_it_has_a_lock() -> None:
    assert row(an_incident(is_private=True), when="opened").startswith("🔴 *INC-7* 🔒 Checkout is down\n")


@pytest.mark.parametrize(
    "message",
    [
        ExhaustedAlarm(tier=1),
        Undeliverable(
            promise="INC-7/page/tier:1/cycle:0", channel=TIER_1_CHANNEL, error="is_archived", tier=1, route="checkout"
        ),
    ],
    ids=["nobody answered", "not posted"],
)
def test_where_others_read_no_word_of_it_is_said(message: ExhaustedAlarm | Undeliverable, picture: Picture) -> None:
    situation = secret(hold_reason=SECRET, told=SECRET, impact=SECRET)
    shown = veiled(situation.incident)
    said = render(message, shown, situation.policy, rings=True, story=(), now=situation.now)
    assert "payroll" not in f"{said.text} {said.blocks} {parachute(shown, situation.policy, due_at=NOW)}"
    assert "A private incident (INC-7, sev1, checkout)." in said.text
    picture(said)


STANDING = Standing(
    policy=a_policy(), reporter=SAM, service="checkout", severity=an_incident().severity, route="checkout", tier=1,
    since=NOW,
)  # fmt: skip


@pytest.mark.parametrize(
    ("by", "fact", "told", "why"),
    [
        (BEN, Followed(who=BEN), "<@U0BEN00001> follows it", "<@U0BEN00001> follows it: updates reach them directly."),
        (
            ANA,
            Followed(who=BEN),
            "<@U0BEN00001> follows it on the word of <@U0ANA00001>",
            "<@U0BEN00001> follows it, since <@U0ANA00001> wanted it: updates reach them directly.",
        ),
        (
            BEN,
            Unfollowed(who=BEN),
            "<@U0BEN00001> does not follow it any more",
            "<@U0BEN00001> does not follow it any more.",
        ),
        (
            THE_BOT,
            DeliveryFailed(
                promise="INC-7/update/3/U0CHLOE001", channel=ChannelId(CHLOE), error="user_disabled", told=None
            ),
            "a stakeholder update could not be posted to <@U0CHLOE001>: user_disabled",
            "A stakeholder update could not be posted to <@U0CHLOE001>: user_disabled.",
        ),
    ],
)
def test_the_story_tells_who_follows(
    by: str, fact: Followed | Unfollowed | DeliveryFailed, told: str, why: str
) -> None:
    event = TimelineEvent(seq=2, at=NOW, by=by, fact=fact)  # type: ignore[arg-type]
    assert story.lines([event], an_incident(), a_policy(), limit=500).endswith(f": {told}")
    assert reasons.reason(event, STANDING) == why
    news = story.news([event], an_incident(), a_policy(), since_seq=1, until_seq=2, limit=500)
    assert news == "", "stakeholders need not know"


def test_the_story_tells_what_was_expected_and_that_it_is_private() -> None:
    taken = TimelineEvent(seq=2, at=NOW, by=ANA, fact=Acknowledged(tier=1, eta=NOW + minutes(20)))
    fact = Opened(
        title="t", description="", severity=an_incident().severity, service="checkout", tier=1, is_private=True
    )
    opened = TimelineEvent(seq=1, at=NOW, by=SAM, fact=fact)
    told = story.lines([opened, taken], an_incident(), a_policy(), limit=900)
    assert "opened it as sev1, private" in told
    assert "acknowledged at tier 1 (first line), expecting to have it solved by <!date^" in told
    assert "It is private: only its tiers and those who follow it are told." in reasons.reason(opened, STANDING)
    assert reasons.reason(taken, STANDING).endswith("UTC>.")


def test_no_mention_in_a_direct_message_is_a_channel() -> None:
    rendered = follow_notice(an_incident(), a_policy(), FollowNotice(who=BEN, by=ANA))
    assert references(rendered) == {f"<@{ANA}"}
