"""Where a message belongs, whom it rings, and until when it is true."""

from typing import Any, Final

import pytest

from bot.domain.ids import ChannelId
from bot.domain.incident import Incident, IncidentState
from bot.domain.message import (
    AssignmentNotice,
    BreachNotice,
    ExhaustedAlarm,
    HoldReview,
    ManagersNotice,
    Message,
    OverdueNotice,
    PageAgain,
    PageTier,
    StakeholderParent,
    StakeholderUpdate,
    StillOnItQuestion,
    Undeliverable,
    UpdateNudge,
    UpdateReason,
    WarningNotice,
)
from bot.domain.policy import Mention
from bot.domain.promise import Lane, instead_of, is_broadcast
from bot.domain.ringing import ringing, rings
from bot.domain.slot import card_slot, thread_slot
from bot.domain.timeline import PageReason, Target
from bot.domain.truth import superseded_because, untrue_because
from tests.builders import ANA, BEN, CHLOE, GRACE, HUGO, IRIS, NOW, a_policy, a_user, an_incident

HUGO_TOLD: Final = a_user(HUGO, "hugo")
GONE: Final = ChannelId("C0GONE0001")


def a_breach(*told: Mention, route: str = "checkout", tier: int = 2) -> BreachNotice:
    return BreachNotice(
        tier=tier, cycle=1, card=1, route=route, number=1, since=NOW, due_at=NOW, breached_at=NOW, told=told
    )


def a_warning(target: Target) -> WarningNotice:
    return WarningNotice(target=target, percent=75, tier=2, card=1, breach_at=NOW, told=(HUGO_TOLD,))


PAGE: Final = PageTier(tier=2, cycle=1)
AGAIN: Final = PageAgain(tier=2, cycle=2, number=1, card=1)
ONLY_BEN: Final = PageAgain(
    tier=2, cycle=2, number=0, card=1, reason=PageReason.PASSED_ON, people=(a_user(BEN, "ben"),)
)
RESPONSE: Final = a_warning(Target.RESPONSE)
RESOLUTION: Final = a_warning(Target.RESOLUTION)
BREACH: Final = a_breach(a_user(GRACE, "grace"), HUGO_TOLD)
MANAGERS: Final = ManagersNotice(tier=2, card=1, told=(HUGO_TOLD,))
QUESTION: Final = StillOnItQuestion(tier=2, card=1, assignee=ANA, asked_at=NOW, answer_by=NOW)
REVIEW: Final = HoldReview(tier=2, card=1, assignee=ANA, held_at=NOW)
GIVEN: Final = AssignmentNotice(tier=2, card=1, to=ANA, by=BEN, accepted=True)
OFFERED: Final = AssignmentNotice(tier=2, card=1, to=CHLOE, by=BEN, accepted=False)
NUDGE: Final = UpdateNudge(tier=2, card=1, assignee=ANA, number=4, due_at=NOW)
OVERDUE: Final = OverdueNotice(tier=2, card=1, assignee=ANA, since=NOW, told=(HUGO_TOLD,))
ALARM: Final = ExhaustedAlarm(tier=2, card=1)
PARENT: Final = StakeholderParent()
CADENCE: Final = StakeholderUpdate(number=3, reason=UpdateReason.CADENCE, since_seq=1, until_seq=2)
TOLD: Final = StakeholderUpdate(number=3, reason=UpdateReason.ESCALATED, since_seq=1, until_seq=2)
LOST: Final = Undeliverable(promise="INC-7/page", channel=GONE, error="is_archived", tier=2, route="checkout")


def at_tier_2(**changes: Any) -> Incident:
    """Paged for the second time there."""
    return an_incident(**({"tier": 2, "cycle": 2, "card_cycle": 1, "updates_sent": 3} | changes))


HAS_IT: Final = {"assignee": ANA, "acknowledged_at": NOW, "active_at": NOW}

OPEN: Final = at_tier_2(exhausted_at=NOW)
TAKEN: Final = at_tier_2(
    state=IncidentState.ACKNOWLEDGED, still_asked_at=NOW, exhausted_at=NOW, overdue_since=NOW, **HAS_IT
)
HELD: Final = at_tier_2(state=IncidentState.ON_HOLD, held_at=NOW, held_by=ANA, hold_until=NOW, **HAS_IT)
MOVED: Final = at_tier_2(tier=3, cycle=3, card_cycle=3, updates_sent=4)
AGAIN_PAGED: Final = at_tier_2(cycle=3, tier_breached_at=NOW, resolution_breached_at=NOW)
RESOLVED: Final = at_tier_2(updates_sent=4, state=IncidentState.RESOLVED, **HAS_IT)

BY_ANA: Final = f"acknowledged by {ANA}"
AT_3: Final = "already at tier 3"


@pytest.mark.parametrize(
    ("message", "card", "thread", "broadcast"),
    [
        (PAGE, "tier:2:1", None, False),
        (AGAIN, None, "tier:2:1", True),
        (RESPONSE, None, "tier:2:1", False),
        (BREACH, None, "tier:2:1", True),
        (MANAGERS, None, "tier:2:1", False),
        (QUESTION, None, "tier:2:1", False),
        (REVIEW, None, "tier:2:1", False),
        (GIVEN, None, "tier:2:1", False),
        (NUDGE, None, "tier:2:1", False),
        (OVERDUE, None, "tier:2:1", False),
        (ALARM, None, None, False),
        (PARENT, "stakeholders", None, False),
        (CADENCE, None, "stakeholders", False),
        (LOST, None, None, False),
    ],
)
def test_where_a_message_belongs(message: Message, card: str | None, thread: str | None, broadcast: bool) -> None:
    assert (card_slot(message), thread_slot(message), is_broadcast(message)) == (card, thread, broadcast)


@pytest.mark.parametrize(
    ("message", "when_open", "taken", "held", "moved", "paged_again", "resolved"),
    [
        (PAGE, None, None, None, AT_3, None, "resolved"),
        (AGAIN, None, BY_ANA, BY_ANA, AT_3, "paged again", "resolved"),
        (RESPONSE, None, BY_ANA, BY_ANA, AT_3, "breached", "resolved"),
        (RESOLUTION, None, None, "on hold", None, "breached", "resolved"),
        (BREACH, None, None, None, None, None, "resolved"),
        (MANAGERS, None, None, None, None, None, "resolved"),
        (QUESTION, "answered", None, "answered", "answered", "answered", "resolved"),
        (REVIEW, None, None, None, None, None, "resolved"),
        (GIVEN, "acknowledged by None", None, None, "acknowledged by None", "acknowledged by None", "resolved"),
        (OFFERED, None, BY_ANA, BY_ANA, None, None, "resolved"),
        (NUDGE, "nobody has it", None, "on hold", "nobody has it", "nobody has it", "resolved"),
        (OVERDUE, "nobody has it", None, "on hold", "nobody has it", "nobody has it", "resolved"),
        (ALARM, None, BY_ANA, BY_ANA, AT_3, "paged again", "resolved"),
        (PARENT, None, None, None, None, None, None),
        (CADENCE, None, None, None, "a later update was made", None, "a later update was made"),
        (TOLD, None, None, None, None, None, None),
        (LOST, None, None, None, None, None, "resolved"),
    ],
)
def test_why_a_message_is_not_sent_any_more(
    message: Message,
    when_open: str | None,
    taken: str | None,
    held: str | None,
    moved: str | None,
    paged_again: str | None,
    resolved: str | None,
) -> None:
    assert [untrue_because(message, each) for each in (OPEN, TAKEN, HELD, MOVED, AGAIN_PAGED, RESOLVED)] == [
        when_open,
        taken,
        held,
        moved,
        paged_again,
        resolved,
    ]


@pytest.mark.parametrize(
    ("message", "incident", "does"),
    [
        (PAGE, OPEN, True),
        (PageTier(tier=2, cycle=1, silent=True), OPEN, False),
        (PAGE, TAKEN, False),
        (PAGE, RESOLVED, False),
        (AGAIN, OPEN, True),
        (BREACH, TAKEN, True),
        (ALARM, OPEN, True),
    ],
)
def test_a_page_rings_only_as_long_as_nobody_answered(message: Message, incident: Incident, does: bool) -> None:
    assert rings(message, incident) is does


@pytest.mark.parametrize(
    ("message", "incident", "people"),
    [
        (PAGE, OPEN, {"S0PLATFRM1"}),
        (PAGE, TAKEN, set()),
        (PageTier(tier=1, cycle=0), OPEN, {"S0FIRSTLN1"}),
        (AGAIN, OPEN, {"S0PLATFRM1"}),
        (ONLY_BEN, OPEN, {BEN}),
        (RESPONSE, OPEN, {"S0PLATFRM1", HUGO}),
        (RESOLUTION, TAKEN, {ANA, HUGO}),
        (BREACH, TAKEN, {GRACE, HUGO}),
        (MANAGERS, OPEN, {HUGO}),
        (QUESTION, TAKEN, {ANA}),
        (REVIEW, TAKEN, {ANA}),
        (OFFERED, OPEN, {CHLOE}),
        (NUDGE, TAKEN, {ANA}),
        (OVERDUE, TAKEN, {HUGO}),
        (ALARM, OPEN, {GRACE, HUGO, IRIS}),
        (LOST, OPEN, {"S0PLATFRM1", GRACE}),
        (PARENT, OPEN, set()),
        (CADENCE, OPEN, set()),
        (TOLD, OPEN, set()),
    ],
)
def test_a_message_mentions_those_it_is_for_and_nobody_else(
    message: Message, incident: Incident, people: set[str]
) -> None:
    assert ringing(message, incident, a_policy()) == people


@pytest.mark.parametrize(
    ("message", "tier", "route"),
    [
        (PAGE, 2, "checkout"),
        (AGAIN, 2, "checkout"),
        (QUESTION, 2, "checkout"),
        (BREACH, 2, "checkout"),
        (a_breach(route="search", tier=4), 4, "search"),
        (OVERDUE, 2, "checkout"),
        (NUDGE, None, ""),
        (ALARM, 2, "checkout"),
        (PARENT, 2, "checkout"),
        (CADENCE, None, ""),
        (LOST, None, ""),
    ],
)
def test_what_should_have_rung_is_told_to_the_fallback_channel(message: Message, tier: int | None, route: str) -> None:
    told = None
    if tier is not None:
        told = Undeliverable(promise="INC-7/x", channel=GONE, error="is_archived", tier=tier, route=route)

    assert instead_of("INC-7/x", message, GONE, "is_archived", OPEN) == told


def test_what_cannot_be_said_to_a_person_directly_alarms_nobody_else() -> None:
    assert instead_of("INC-7/x", AGAIN, ChannelId(BEN), "user_disabled", OPEN) is None


def test_a_page_goes_before_everything_and_a_report_last() -> None:
    assert sorted(Lane) == [Lane.PAGE, Lane.ANSWER, Lane.CARD, Lane.UPDATE, Lane.REPORT]


@pytest.mark.parametrize(
    "ask",
    [
        thread_slot,
        lambda message: untrue_because(message, OPEN),
        lambda message: ringing(message, OPEN, a_policy()),
    ],
)
def test_an_unknown_message_is_an_error(ask: Any) -> None:
    with pytest.raises(AssertionError):
        ask(object())


def test_an_update_is_superseded_by_a_later_one_and_nothing_else_is() -> None:
    incident = an_incident(updates_sent=2)
    first, second = (
        StakeholderUpdate(number=number, reason=UpdateReason.ESCALATED, since_seq=1, until_seq=2) for number in (1, 2)
    )
    assert superseded_because(first, incident) == "a later update tells it"
    assert superseded_because(second, incident) is None
    assert superseded_because(PageTier(tier=1, cycle=0), incident) is None
