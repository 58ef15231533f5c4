"""What each further fact leaves behind in the story and promises to be said, by examples."""

from typing import Final

import pytest

from bot.domain import consequences, timeline
from bot.domain.ids import THE_BOT, ChannelId
from bot.domain.message import (
    BreachNotice,
    HoldReview,
    PageAgain,
    StakeholderParent,
    StakeholderUpdate,
    StillOnItQuestion,
    UpdateReason,
    WarningNotice,
)
from bot.domain.timeline import PageReason, Target
from bot.domain.transition import evaluate
from bot.domain.verbs import acknowledge, cancel, hold, reopen, resume
from tests.builders import (
    ANA,
    BEN,
    GRACE,
    NOW,
    TIER_1_CHANNEL,
    TIER_2_CHANNEL,
    a_policy,
    a_user,
    an_incident,
    minutes,
)
from tests.domain.agreed import agreed
from tests.domain.expected import LATER, acknowledged, event, promise, update
from tests.domain.history import history

POLICY: Final = a_policy()
EXPIRING: Final = agreed(ack_expires_after=minutes(3))


def test_a_silence_becomes_a_question() -> None:
    change = evaluate(acknowledged(active_at=NOW, card_cycle=2, cycle=2), EXPIRING, LATER)

    question = StillOnItQuestion(tier=1, card=2, assignee=ANA, asked_at=LATER, answer_by=LATER + minutes(5))
    assert change.events == [event(2, THE_BOT, timeline.StillAsked(assignee=ANA, answer_by=LATER + minutes(5)))]
    assert change.promises == [promise("INC-7/still/2", TIER_1_CHANNEL, question)]


def test_a_question_without_an_answer_pages_the_tier_again_below_its_card() -> None:
    asked = acknowledged(active_at=NOW, still_asked_at=LATER - minutes(5), card_cycle=2, cycle=2)
    change = evaluate(asked, EXPIRING, LATER)

    again = PageAgain(tier=1, cycle=3, number=0, card=2, reason=PageReason.EXPIRED)
    assert change.events == [event(2, THE_BOT, timeline.AcknowledgementExpired(assignee=ANA, tier=1))]
    assert change.promises == [
        promise("INC-7/page/tier:1/cycle:3", TIER_1_CHANNEL, again),
        update(1, UpdateReason.EXPIRED),
    ]


def test_a_hold_and_its_review() -> None:
    held = hold(acknowledged(), POLICY, by=BEN, until=LATER, reason="waits", now=NOW)
    change = evaluate(held.incident, POLICY, LATER)

    assert held.events[0].fact == timeline.Held(until=LATER, reason="waits", assignee=ANA)
    assert [each.message for each in held.promises] == [
        StakeholderUpdate(number=1, reason=UpdateReason.HELD, since_seq=1, until_seq=2)
    ]
    assert change.events == [event(3, THE_BOT, timeline.Resumed())]
    assert change.promises == [
        promise("INC-7/review/3", TIER_1_CHANNEL, HoldReview(tier=1, card=0, assignee=ANA, held_at=NOW)),
        update(2, UpdateReason.RESUMED, since_seq=2, until_seq=3),
    ]


def test_who_resumes_needs_no_message() -> None:
    held = hold(acknowledged(), POLICY, by=ANA, until=NOW + minutes(90), reason="waits", now=NOW).incident
    change = resume(held, POLICY, by=ANA, now=LATER)

    assert change.events == [event(3, ANA, timeline.Resumed())]
    assert change.promises == [update(2, UpdateReason.RESUMED, since_seq=2, until_seq=3)]


def test_a_warning_names_whom_it_is_for_and_when_the_time_is_over() -> None:
    change = evaluate(an_incident(), agreed(ack_within=minutes(4), warn_at=(75,)), LATER)

    notice = WarningNotice(target=Target.RESPONSE, percent=75, tier=1, card=0, breach_at=NOW + minutes(4), told=())
    fact = timeline.Warned(target=Target.RESPONSE, percent=75, tier=1, due_at=LATER, told=())
    assert change.incident == an_incident(response_warned=1, last_seq=2, version=2)
    assert change.events == [event(2, THE_BOT, fact)]
    assert change.promises == [promise("INC-7/warning/2", TIER_1_CHANNEL, notice)]


def test_a_cancellation_says_why_and_a_reopening_pages() -> None:
    over = cancel(an_incident(), POLICY, by=ANA, reason="a false alarm", duplicate_of=5, now=NOW)
    change = reopen(over.incident, POLICY, by=BEN, reason="it is none", now=LATER)

    assert over.events[0].fact == timeline.Cancelled(reason="a false alarm", duplicate_of=5)
    assert [each.message for each in over.promises] == [
        StakeholderUpdate(number=1, reason=UpdateReason.CANCELLED, since_seq=1, until_seq=2)
    ]
    assert change.events == [event(3, BEN, timeline.Reopened(tier=1, reason="it is none"))]
    assert change.promises == [
        promise(
            "INC-7/page/tier:1/cycle:1",
            TIER_1_CHANNEL,
            PageAgain(tier=1, cycle=1, number=0, card=0, reason=PageReason.REOPENED),
        ),
        update(2, UpdateReason.REOPENED, since_seq=2, until_seq=3),
    ]


def test_only_what_is_promised_for_an_action_has_a_key() -> None:
    with pytest.raises(AssertionError, match="not promised for an action"):
        consequences._key(StakeholderParent(), an_incident(), 1)


def test_a_breach_of_the_resolution_counts_from_the_opening() -> None:
    policy = agreed(resolve_within=minutes(3))
    change = evaluate(acknowledged(tier=2, cycle=4, card_cycle=3, response_started_at=NOW + minutes(1)), policy, LATER)

    notice = BreachNotice(
        target=Target.RESOLUTION,
        tier=2,
        cycle=4,
        card=3,
        route="checkout",
        number=1,
        since=NOW,
        due_at=LATER,
        breached_at=LATER,
        told=(a_user(GRACE, "grace"),),
        had_it=change.incident.assignee,
    )
    assert change.promises == [promise("INC-7/breach/resolution/tier:2/cycle:4", TIER_2_CHANNEL, notice)]
    assert change.incident.resolution_breached_at == LATER


def test_the_stakeholders_of_a_service_hear_of_it_in_the_channel_of_their_own() -> None:
    policy = a_policy(stakeholder_channels={"checkout": ChannelId("C0CHECKOUT")})
    life = history(policy)
    life.do(acknowledge, by=ANA, at=LATER)

    updates = [
        each.channel for each in life.promises if isinstance(each.message, StakeholderParent | StakeholderUpdate)
    ]
    assert updates == ["C0CHECKOUT", "C0CHECKOUT"]
