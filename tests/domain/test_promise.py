"""Where a message belongs, whom it rings, and until when it is true."""

from typing import Any, Final

import pytest

from bot.domain.ids import ChannelId
from bot.domain.incident import Incident, IncidentState
from bot.domain.promise import (
    BreachNotice,
    ExhaustedAlarm,
    Lane,
    Message,
    PageAgain,
    PageTier,
    StakeholderParent,
    StakeholderUpdate,
    Undeliverable,
    UpdateReason,
    card_slot,
    instead_of,
    is_broadcast,
    ringing,
    rings,
    thread_slot,
    untrue_because,
)
from tests.builders import ANA, GRACE, HUGO, IRIS, NOW, a_policy, an_incident

PAGE: Final = PageTier(tier=2, cycle=0)
AGAIN: Final = PageAgain(tier=2, cycle=1, number=1)
BREACH: Final = BreachNotice(tier=2, cycle=0, number=1, due_at=NOW, breached_at=NOW)
ALARM: Final = ExhaustedAlarm(tier=2)
PARENT: Final = StakeholderParent()
CADENCE: Final = StakeholderUpdate(number=3, reason=UpdateReason.CADENCE, since_seq=1, until_seq=2)
TOLD: Final = StakeholderUpdate(number=3, reason=UpdateReason.ESCALATED, since_seq=1, until_seq=2)
LOST: Final = Undeliverable(promise="INC-7/page", channel=ChannelId("C0GONE0001"), error="is_archived", tier=2)

OPEN: Final = an_incident(tier=2, cycle=1, updates_sent=3)
ACKNOWLEDGED: Final = an_incident(
    tier=2, cycle=1, updates_sent=3, state=IncidentState.ACKNOWLEDGED, assignee=ANA, acknowledged_at=NOW
)
MOVED: Final = an_incident(tier=3, updates_sent=4)
PAGED_AGAIN: Final = an_incident(tier=2, cycle=2, updates_sent=3)
RESOLVED: Final = an_incident(tier=2, cycle=1, updates_sent=4, state=IncidentState.RESOLVED)

BY_ANA: Final = "acknowledged by U0ANA00001"
AT_3: Final = "already at tier 3"


@pytest.mark.parametrize(
    ("message", "card", "thread", "broadcast"),
    [
        (PAGE, "tier:2", None, False),
        (AGAIN, None, "tier:2", True),
        (BREACH, None, "tier:2", True),
        (ALARM, None, None, False),
        (PARENT, "stakeholders", None, False),
        (CADENCE, None, "stakeholders", False),
        (LOST, None, None, False),
    ],
)
def test_where_a_message_belongs(message: Message, card: str | None, thread: str | None, broadcast: bool) -> None:
    assert (card_slot(message), thread_slot(message), is_broadcast(message)) == (card, thread, broadcast)


@pytest.mark.parametrize(
    ("message", "when_open", "acknowledged", "moved", "paged_again", "resolved"),
    [
        (PAGE, None, None, AT_3, None, "resolved"),
        (AGAIN, None, BY_ANA, AT_3, "paged again", "resolved"),
        (BREACH, None, None, None, None, "resolved"),
        (ALARM, None, BY_ANA, AT_3, None, "resolved"),
        (PARENT, None, None, None, None, None),
        (CADENCE, None, None, "a later update was made", None, "a later update was made"),
        (TOLD, None, None, None, None, None),
        (LOST, None, None, None, None, "resolved"),
    ],
)
def test_why_a_message_is_not_sent_any_more(
    message: Message,
    when_open: str | None,
    acknowledged: str | None,
    moved: str | None,
    paged_again: str | None,
    resolved: str | None,
) -> None:
    assert untrue_because(message, OPEN) == when_open
    assert untrue_because(message, ACKNOWLEDGED) == acknowledged
    assert untrue_because(message, MOVED) == moved
    assert untrue_because(message, PAGED_AGAIN) == paged_again
    assert untrue_because(message, RESOLVED) == resolved


@pytest.mark.parametrize(
    ("message", "incident", "does"),
    [
        (PAGE, OPEN, True),
        (PAGE, ACKNOWLEDGED, False),
        (PAGE, RESOLVED, False),
        (AGAIN, OPEN, True),
        (BREACH, ACKNOWLEDGED, True),
        (ALARM, OPEN, True),
    ],
)
def test_a_page_rings_only_as_long_as_nobody_answered(message: Message, incident: Incident, does: bool) -> None:
    assert rings(message, incident) is does


@pytest.mark.parametrize(
    ("message", "incident", "people"),
    [
        (PAGE, OPEN, {"S0PLATFRM1"}),
        (PAGE, ACKNOWLEDGED, set()),
        (PageTier(tier=1, cycle=0), OPEN, {"S0FIRSTLN1"}),
        (AGAIN, OPEN, {"S0PLATFRM1"}),
        (BreachNotice(tier=3, cycle=0, number=1, due_at=NOW, breached_at=NOW), ACKNOWLEDGED, {GRACE, HUGO}),
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
    ("message", "tier"),
    [
        (PAGE, 2),
        (AGAIN, 2),
        (BREACH, 2),
        (ALARM, 2),
        (PARENT, 1),
        (CADENCE, None),
        (LOST, None),
    ],
)
def test_what_should_have_rung_is_told_to_the_fallback_channel(message: Message, tier: int | None) -> None:
    channel = ChannelId("C0GONE0001")
    told = None if tier is None else Undeliverable(promise="INC-7/x", channel=channel, error="is_archived", tier=tier)

    assert instead_of("INC-7/x", message, channel, "is_archived") == told


def test_a_page_goes_before_everything_and_a_report_last() -> None:
    assert sorted(Lane) == [Lane.PAGE, Lane.ANSWER, Lane.CARD, Lane.UPDATE, Lane.REPORT]


@pytest.mark.parametrize(
    "ask",
    [
        card_slot,
        thread_slot,
        lambda message: untrue_because(message, OPEN),
        lambda message: ringing(message, OPEN, a_policy()),
        lambda message: instead_of("INC-7/x", message, ChannelId("C0GONE0001"), "is_archived"),
    ],
)
def test_an_unknown_message_is_an_error(ask: Any) -> None:
    with pytest.raises(AssertionError):
        ask(object())
