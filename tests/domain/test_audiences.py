"""Who is kept informed: the stakeholders, other channels that the policy names, and who follows the incident."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest

from bot.domain import timeline
from bot.domain.audiences import MOST_FOLLOWERS, audiences, followers
from bot.domain.errors import AlreadyFollowing, NobodyToTakeIt, NotFollowing, TooManyFollowers
from bot.domain.ids import ChannelId, IncidentId, PolicyVersionId, UserId, is_person
from bot.domain.incident import IncidentState, Report
from bot.domain.message import THE_STAKEHOLDERS, FollowNotice, StakeholderParent, StakeholderUpdate, UpdateReason
from bot.domain.policy import DEFAULT_ROLES, Role, Severity, Verb
from bot.domain.progress import StatusReport
from bot.domain.promise import Lane, Promise, instead_of, parent_key, update_key
from bot.domain.retelling import retell
from bot.domain.ringing import ringing
from bot.domain.slot import card_slot, thread_slot
from bot.domain.transition import Transition
from bot.domain.truth import superseded_because, untrue_because
from bot.domain.verbs import acknowledge, follow, open_incident, reopen, tell_stakeholders, unfollow
from tests.builders import ANA, BEN, CHLOE, NOW, SAM, STAKEHOLDER_CHANNEL, WORKSPACE, a_policy, an_incident, minutes
from tests.domain.expected import LATER, acknowledged, event, promise
from tests.domain.history import history

SALES, SUPPORT = ChannelId("C0SALES001"), ChannelId("C0SUPPORT1")
POLICY: Final = a_policy(also_told={"checkout": (SALES, SUPPORT)})
PRIVATE: Final = a_policy(also_told={"checkout": (SALES,)}, private_services=frozenset({"search"}))
FOLLOWED: Final = an_incident(followers=(BEN, CHLOE))


def opened(report: Report, policy: object = POLICY) -> Transition:
    return open_incident(
        report,
        policy,  # type: ignore[arg-type]
        incident_id=IncidentId(7),
        workspace_id=WORKSPACE,
        number=7,
        policy_version_id=PolicyVersionId(1),
        by=SAM,
        now=NOW,
    )


def told(change: Transition) -> Sequence[tuple[str, ChannelId]]:
    """The key and the place of each message to those who are kept informed."""
    return [
        (each.key, each.channel)
        for each in change.promises
        if isinstance(each.message, StakeholderParent | StakeholderUpdate | FollowNotice)
    ]


class TestChannels:
    def test_each_audience_gets_a_message_of_its_own_at_the_opening(self) -> None:
        report = Report(title="Checkout is down", severity=Severity.SEV1, service="checkout")
        assert told(opened(report)) == [
            ("INC-7/stakeholders", STAKEHOLDER_CHANNEL),
            ("INC-7/stakeholders/C0SALES001", SALES),
            ("INC-7/stakeholders/C0SUPPORT1", SUPPORT),
        ]

    def test_each_audience_gets_each_update(self) -> None:
        change = acknowledge(an_incident(), POLICY, by=ANA, now=LATER)
        message = StakeholderUpdate(number=1, reason=UpdateReason.ACKNOWLEDGED, since_seq=1, until_seq=2)
        assert change.promises == [
            promise("INC-7/update/1", STAKEHOLDER_CHANNEL, message, Lane.UPDATE),
            promise("INC-7/update/1/C0SALES001", SALES, replace(message, audience=SALES), Lane.UPDATE),
            promise("INC-7/update/1/C0SUPPORT1", SUPPORT, replace(message, audience=SUPPORT), Lane.UPDATE),
        ]

    def test_each_has_its_own_card_and_thread(self) -> None:
        update = StakeholderUpdate(number=1, reason=UpdateReason.TOLD, since_seq=1, until_seq=2, audience=SALES)
        assert card_slot(StakeholderParent(audience=SALES)) == thread_slot(update) == "stakeholders:C0SALES001"
        assert (
            card_slot(StakeholderParent())
            == thread_slot(replace(update, audience=THE_STAKEHOLDERS))
            == ("stakeholders")
        )

    def test_the_keys_of_the_stakeholders_are_as_they_were_before_there_were_others(self) -> None:
        assert parent_key("INC-7", THE_STAKEHOLDERS) == "INC-7/stakeholders"
        assert update_key("INC-7", 3) == "INC-7/update/3"
        assert (parent_key("INC-7", SALES), update_key("INC-7", 3, SALES)) == (
            "INC-7/stakeholders/C0SALES001",
            "INC-7/update/3/C0SALES001",
        )

    def test_a_service_without_others_has_its_stakeholders(self) -> None:
        assert list(audiences(an_incident(service="search"), POLICY)) == [(THE_STAKEHOLDERS, STAKEHOLDER_CHANNEL)]


class TestFollowing:
    def test_following_is_a_fact_and_nobody_hears_of_it(self) -> None:
        change = follow(an_incident(), POLICY, by=BEN, who=BEN, now=LATER)
        assert change.events == [event(2, BEN, timeline.Followed(who=BEN))]
        assert change.incident == an_incident(followers=(BEN,), last_seq=2, version=2)
        assert not change.promises

    def test_who_is_made_to_follow_is_told_directly(self) -> None:
        change = follow(an_incident(), POLICY, by=ANA, who=BEN, now=LATER)
        assert change.events == [event(2, ANA, timeline.Followed(who=BEN))]
        notice = FollowNotice(who=BEN, by=ANA)
        assert change.promises == [promise("INC-7/follow/2", ChannelId(BEN), notice, Lane.UPDATE)]

    def test_who_follows_gets_each_update_directly_but_for_what_they_did_themselves(self) -> None:
        change = acknowledge(FOLLOWED, a_policy(), by=CHLOE, now=LATER)
        assert told(change) == [
            ("INC-7/update/1", STAKEHOLDER_CHANNEL),
            ("INC-7/update/1/U0BEN00001", ChannelId(BEN)),
        ]
        by_hand = tell_stakeholders(
            FOLLOWED, a_policy(), by=BEN, report=StatusReport(changed="A bad deploy"), now=LATER
        )
        assert [place for _, place in told(by_hand)] == [STAKEHOLDER_CHANNEL, CHLOE]
        ben, chloe = ChannelId(BEN), ChannelId(CHLOE)
        assert list(followers(FOLLOWED, but_for=SAM)) == [(ben, ben), (chloe, chloe)]

    def test_nobody_follows_twice_or_stops_what_they_did_not_begin(self) -> None:
        with pytest.raises(AlreadyFollowing) as following:
            follow(FOLLOWED, POLICY, by=ANA, who=BEN, now=LATER)
        with pytest.raises(NotFollowing) as not_following:
            unfollow(FOLLOWED, POLICY, by=ANA, now=LATER)
        assert (following.value.who, following.value.key, not_following.value.key) == (BEN, "INC-7", "INC-7")

    def test_there_is_an_end_to_how_many_follow(self) -> None:
        many = an_incident(followers=tuple(UserId(f"U{number:09d}") for number in range(MOST_FOLLOWERS)))
        with pytest.raises(TooManyFollowers) as refused:
            follow(many, POLICY, by=BEN, who=BEN, now=LATER)
        assert (refused.value.key, refused.value.limit) == ("INC-7", 200)
        fewer = unfollow(many, POLICY, by=UserId("U000000007"), now=LATER).incident
        assert follow(fewer, POLICY, by=BEN, who=BEN, now=LATER).incident.followers[-1] == BEN

    def test_whoever_stops_hears_no_more_and_the_others_do(self) -> None:
        change = unfollow(FOLLOWED, POLICY, by=BEN, now=LATER)
        assert change.events == [event(2, BEN, timeline.Unfollowed(who=BEN))]
        assert change.incident == replace(FOLLOWED, followers=(CHLOE,), last_seq=2, version=2)
        assert not change.promises

    def test_what_is_over_can_be_followed_since_it_may_be_reopened(self) -> None:
        over = an_incident(state=IncidentState.RESOLVED, resolved_at=NOW, resolved_by=ANA)
        followed = follow(over, a_policy(), by=BEN, who=BEN, now=LATER).incident
        again = reopen(followed, a_policy(), by=ANA, reason="", now=LATER)
        assert ChannelId(BEN) in [place for _, place in told(again)]

    def test_anybody_may_follow_unless_the_policy_says_otherwise(self) -> None:
        assert DEFAULT_ROLES[Verb.FOLLOW] == {Role.ANYONE}


class TestDirectly:
    TO_BEN: Final = StakeholderUpdate(
        number=3, reason=UpdateReason.ESCALATED, since_seq=1, until_seq=2, audience=ChannelId(BEN)
    )
    NOTICE: Final = FollowNotice(who=BEN, by=ANA)

    def test_it_belongs_to_no_thread_and_rings_nobody_else(self) -> None:
        for message in (self.TO_BEN, self.NOTICE):
            assert (card_slot(message), thread_slot(message)) == (None, None)
            assert ringing(message, FOLLOWED, a_policy()) == frozenset()

    def test_it_is_not_sent_to_who_stopped_meanwhile(self) -> None:
        for message in (self.TO_BEN, self.NOTICE):
            assert untrue_because(message, FOLLOWED) is None
            assert untrue_because(message, an_incident(followers=(CHLOE,))) == "they do not follow it any more"

    def test_of_the_cadence_only_the_newest_is_true(self) -> None:
        update = replace(self.TO_BEN, reason=UpdateReason.CADENCE)
        assert untrue_because(update, replace(FOLLOWED, updates_sent=3)) is None
        assert untrue_because(update, replace(FOLLOWED, updates_sent=4)) == "a later update was made"

    def test_what_waited_for_long_is_superseded_by_a_later_one(self) -> None:
        assert superseded_because(self.TO_BEN, replace(FOLLOWED, updates_sent=4)) == "a later update tells it"

    def test_a_refusal_alarms_nobody(self) -> None:
        for message in (self.TO_BEN, self.NOTICE):
            assert instead_of("INC-7/x", message, ChannelId(BEN), "user_disabled", FOLLOWED) is None

    @pytest.mark.parametrize(
        ("place", "directly"), [(BEN, True), ("W0ENTERPRI", True), (SALES, False), ("G0PRIVATE1", False), ("", False)]
    )
    def test_the_id_of_a_person_stands_for_their_direct_messages(self, place: str, directly: bool) -> None:
        assert is_person(ChannelId(place)) is directly


class TestExpectations:
    def test_whoever_takes_it_may_say_when_it_is_solved(self) -> None:
        eta = LATER + minutes(20)
        change = acknowledge(an_incident(), POLICY, by=ANA, eta=eta, now=LATER)
        assert change.incident.eta == eta
        assert change.events == [event(2, ANA, timeline.Acknowledged(tier=1, eta=eta))]

    def test_without_it_what_was_said_before_stays(self) -> None:
        eta = NOW + minutes(40)
        assert acknowledge(an_incident(eta=eta), POLICY, by=ANA, now=LATER).incident.eta == eta
        assert acknowledged().eta is None


def test_a_story_with_followers_and_expectations_is_told_again() -> None:
    life = history(POLICY)
    for verb, said in (
        (follow, {"who": BEN}),
        (follow, {"who": CHLOE}),
        (unfollow, {}),
        (acknowledge, {"eta": LATER + minutes(9)}),
    ):
        life.do(verb, by=BEN, at=LATER, **said)
    again = retell(life.events, POLICY, of=an_incident(title="another"))
    assert replace(again.incident, version=1) == replace(life.incident, version=1)
    assert list(again.promises) == list(life.promises)


def test_a_private_story_is_told_again_as_one() -> None:
    report = Report(title="A leak", severity=Severity.SEV1, service="checkout", is_private=True)
    born = opened(report)
    again = retell(born.events, POLICY, of=an_incident())
    assert again.incident.is_private
    assert list(again.promises) == list(born.promises)


class TestPrivate:
    def test_it_is_told_in_no_channel_of_stakeholders(self) -> None:
        report = Report(title="A leak", severity=Severity.SEV1, service="checkout", is_private=True)
        change = opened(report)
        assert change.incident.is_private
        assert told(change) == []
        fact = change.events[0].fact
        assert isinstance(fact, timeline.Opened)
        assert fact.is_private

    def test_a_service_can_be_private_as_a_whole(self) -> None:
        report = Report(title="A leak", severity=Severity.SEV1, service="search")
        assert opened(report, PRIVATE).incident.is_private
        assert not opened(replace(report, service="checkout"), PRIVATE).incident.is_private

    def test_who_follows_it_is_told_all_the_same(self) -> None:
        change = acknowledge(replace(FOLLOWED, is_private=True), PRIVATE, by=ANA, now=LATER)
        assert told(change) == [
            ("INC-7/update/1/U0BEN00001", ChannelId(BEN)),
            ("INC-7/update/1/U0CHLOE001", ChannelId(CHLOE)),
        ]
        assert all(isinstance(each, Promise) and each.lane is Lane.UPDATE for each in change.promises)


def test_a_log_can_tell_that_it_was_meant_for_nobody() -> None:
    assert str(NobodyToTakeIt("INC-7", who=ANA)) == f"{ANA} is no person for INC-7"
