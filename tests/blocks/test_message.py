"""From a promise to its message."""

import pytest

from bot.domain.ids import UserId
from bot.domain.message import (
    AssignmentNotice,
    BreachNotice,
    ExhaustedAlarm,
    FollowNotice,
    HoldReview,
    ManagersNotice,
    Message,
    OpenedHere,
    OverdueNotice,
    PageAgain,
    PageTier,
    RoomFarewell,
    RoomWelcome,
    StakeholderParent,
    StakeholderUpdate,
    StillOnItQuestion,
    Undeliverable,
    UpdateNudge,
    UpdateReason,
    WarningNotice,
)
from bot.domain.timeline import Target
from bot.slack.blocks.card import tier_card
from bot.slack.blocks.following import follow_notice
from bot.slack.blocks.managers import breach_notice, managers_notice, warning_notice
from bot.slack.blocks.message import render, render_card, render_plain
from bot.slack.blocks.origin import opened_here
from bot.slack.blocks.owed import overdue_notice, update_nudge
from bot.slack.blocks.page import exhausted_alarm, page_again, undeliverable
from bot.slack.blocks.personal import assignment, hold_review, still_on_it
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.rooms import room_farewell, room_welcome
from bot.slack.blocks.stakeholders import stakeholder_parent, stakeholder_update
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import problems_of_message, references
from tests.builders import (
    ANA,
    BEN,
    NOW,
    SAM,
    TIER_1_CHANNEL,
    a_policy,
    a_tier,
    a_user,
    an_escalation,
    an_incident,
    minutes,
)

POLICY = a_policy()
INCIDENT = an_incident()
PAGE = PageTier(tier=1, cycle=0)
AGAIN = PageAgain(tier=1, cycle=1, number=1)
WARNING = WarningNotice(target=Target.RESPONSE, percent=75, tier=1, card=0, breach_at=NOW + minutes(5), told=())
BREACH = BreachNotice(
    tier=1,
    cycle=0,
    route="checkout",
    number=1,
    since=NOW,
    due_at=NOW + minutes(5),
    breached_at=NOW + minutes(5),
    told=a_tier(1).managers,
)
MANAGERS = ManagersNotice(tier=1, card=0, told=a_tier(1).managers)
QUESTION = StillOnItQuestion(tier=1, card=0, assignee=ANA, asked_at=NOW, answer_by=NOW + minutes(5))
REVIEW = HoldReview(tier=1, card=0, assignee=ANA, held_at=NOW)
ASSIGNMENT = AssignmentNotice(tier=1, card=0, to=ANA, by=SAM, accepted=False)
NUDGE = UpdateNudge(tier=1, card=0, assignee=ANA, number=1, due_at=NOW + minutes(20))
OVERDUE = OverdueNotice(tier=1, card=0, assignee=ANA, since=NOW, told=a_tier(1).managers)
HERE = OpenedHere(ts="1794625200.000001")
ALARM = ExhaustedAlarm(tier=1)
WELCOME, FAREWELL = RoomWelcome(card="https://acme.slack.com/archives/C0FIRSTLN1/p17000001"), RoomFarewell()
PARENT = StakeholderParent()
FOLLOW = FollowNotice(who=BEN, by=ANA)
UPDATE = StakeholderUpdate(number=1, reason=UpdateReason.CADENCE, since_seq=0, until_seq=9)
FAILURE = Undeliverable(
    promise="INC-7/page/tier:1/cycle:0", channel=TIER_1_CHANNEL, error="is_archived", tier=1, route="checkout"
)

EVERY_MESSAGE: list[Message] = [
    PAGE, AGAIN, WARNING, BREACH, MANAGERS, QUESTION, REVIEW, ASSIGNMENT, NUDGE, OVERDUE, WELCOME, FAREWELL, ALARM,
    PARENT, UPDATE, HERE, FOLLOW, FAILURE,
]  # fmt: skip

RENDERED: list[tuple[Message, Rendered]] = [
    (PAGE, tier_card(INCIDENT, POLICY, tier=1, card=0, rings=True)),
    (AGAIN, page_again(INCIDENT, POLICY, AGAIN)),
    (WARNING, warning_notice(INCIDENT, POLICY, WARNING)),
    (BREACH, breach_notice(INCIDENT, POLICY, BREACH)),
    (MANAGERS, managers_notice(INCIDENT, POLICY, MANAGERS)),
    (QUESTION, still_on_it(INCIDENT, POLICY, QUESTION)),
    (REVIEW, hold_review(INCIDENT, POLICY, REVIEW)),
    (ASSIGNMENT, assignment(INCIDENT, POLICY, ASSIGNMENT)),
    (NUDGE, update_nudge(INCIDENT, NUDGE)),
    (OVERDUE, overdue_notice(INCIDENT, OVERDUE)),
    (WELCOME, room_welcome(INCIDENT, POLICY, WELCOME)),
    (FAREWELL, room_farewell(INCIDENT)),
    (ALARM, exhausted_alarm(INCIDENT, POLICY, ALARM)),
    (PARENT, stakeholder_parent(INCIDENT, POLICY)),
    (UPDATE, stakeholder_update(INCIDENT, POLICY, UPDATE, (), NOW)),
    (HERE, opened_here(INCIDENT, POLICY)),
    (FOLLOW, follow_notice(INCIDENT, POLICY, FOLLOW)),
    (FAILURE, undeliverable(INCIDENT, POLICY, FAILURE)),
]


@pytest.mark.parametrize(("message", "rendered"), RENDERED, ids=lambda value: getattr(value, "kind", ""))
def test_every_message_has_its_renderer(message: Message, rendered: Rendered) -> None:
    assert render(message, INCIDENT, POLICY, rings=True, story=(), now=NOW) == rendered


def test_a_page_that_does_not_ring_mentions_nobody_of_the_tier() -> None:
    quiet = render(PAGE, INCIDENT, POLICY, rings=False, story=(), now=NOW)
    assert quiet == tier_card(INCIDENT, POLICY, tier=1, card=0, rings=False)


def test_a_card_is_drawn_anew_by_its_slot() -> None:
    assert render_card("tier:1:0", INCIDENT, POLICY) == tier_card(INCIDENT, POLICY, tier=1, card=0, rings=False)
    assert render_card("tier:2:1", INCIDENT, POLICY) == tier_card(INCIDENT, POLICY, tier=2, card=1, rings=False)
    for slot in ("stakeholders", "stakeholders:C0SALES001"):
        assert render_card(slot, INCIDENT, POLICY) == stakeholder_parent(INCIDENT, POLICY)


@pytest.mark.parametrize("slot", ["", "tier", "tier:", "tier:1", "tier:x:0", "tier:1:x", "tier:1:0:0", "somewhere:1:0"])
def test_an_unknown_slot_holds_no_card(slot: str) -> None:
    with pytest.raises(ValueError, match=r"no card|invalid literal"):
        render_card(slot, INCIDENT, POLICY)


@pytest.mark.parametrize("message", EVERY_MESSAGE, ids=lambda message: message.kind)
def test_a_plain_message_is_one_short_paragraph_that_says_the_same(message: Message, picture: Picture) -> None:
    plain = render_plain(message, INCIDENT, POLICY)
    whole = render(message, INCIDENT, POLICY, rings=True, story=(), now=NOW)
    assert [block["type"] for block in plain.blocks] == ["section"]
    assert len(plain.text) < 1_000
    assert whole.text.startswith(plain.text) or isinstance(message, StakeholderUpdate)
    picture(plain)


def test_a_plain_page_rings_whom_the_page_would_ring() -> None:
    assert "<!subteam^S0FIRSTLN1" in references(render_plain(PAGE, INCIDENT, POLICY))
    taken = stories.acknowledged()
    assert references(render_plain(PAGE, taken.incident, taken.policy)) == {"<@U0ANA00001"}


@pytest.mark.parametrize("message", EVERY_MESSAGE, ids=lambda message: message.kind)
def test_a_plain_message_of_a_crowded_tier_still_says_what_it_is_about(message: Message) -> None:
    crowd = tuple(a_user(UserId(f"U{number:010}"), "somebody") for number in range(500))
    policy = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1, people=crowd, managers=crowd),))})
    plain = render_plain(message, an_incident(title="x" * 10_000), policy)
    assert len(plain.text) < 1_000
    assert "INC-7" in plain.text
    assert problems_of_message(plain) == []
