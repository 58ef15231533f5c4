"""Where people send an incident, by examples: onwards, elsewhere, back, to somebody, away from themselves."""

from typing import Any, Final

import pytest

from bot.domain import timeline
from bot.domain.errors import AlreadyAssigned, AlreadyThere, IncidentMovedOn, NoNextTier, NotTheirs
from bot.domain.ids import UserId
from bot.domain.incident import IncidentState, Pause
from bot.domain.message import AssignmentNotice, PageAgain, PageTier, StakeholderUpdate, UpdateReason
from bot.domain.policy import Severity
from bot.domain.timeline import PageReason
from bot.domain.verbs import Destination, Seen, acknowledge, assign, escalate, hold, pass_on
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    DEV,
    FIRST_LINE,
    NOW,
    TIER_1_CHANNEL,
    TIER_2_CHANNEL,
    a_policy,
    a_tier,
    a_user,
    an_escalation,
    minutes,
)
from tests.domain.agreed import agreed
from tests.domain.history import History, history

BEN_THERE: Final = a_user(BEN, "ben")
CHLOE_THERE: Final = a_user(CHLOE, "chloe")

PEOPLE: Final = an_escalation(
    tiers=(a_tier(1, people=(FIRST_LINE, a_user(ANA, "ana"), BEN_THERE, CHLOE_THERE)), a_tier(2)), repeat=None
)
LATER: Final = NOW + minutes(2)


def started(ladder: Any = PEOPLE) -> History:
    return history(agreed(ladder))


def last_page(life: History) -> Any:
    """The newest page of any kind, with its key and channel."""
    return next(promise for promise in reversed(life.promises) if isinstance(promise.message, PageTier | PageAgain))


def test_a_person_escalates_to_the_next_tier_with_a_reason() -> None:
    life = started()
    life.do(escalate, by=BEN, at=LATER, reason="it is the database")

    assert life.events[-1].fact == timeline.Escalated(from_tier=1, to_tier=2, reason="it is the database")
    assert (life.incident.tier, life.incident.tier_entered_by, life.due_at) == (2, BEN, LATER + minutes(5))
    assert last_page(life).channel == TIER_2_CHANNEL


def test_to_a_tier_that_is_named_and_back_to_an_earlier_one() -> None:
    life = started(an_escalation())
    life.do(escalate, by=BEN, at=LATER, to=Destination(route="checkout", tier=3))
    life.do(escalate, by=BEN, at=LATER, to=Destination(route="checkout", tier=1), reason="not ours")

    facts = [event.fact for event in life.events[1:]]
    assert facts == [
        timeline.Escalated(from_tier=1, to_tier=3, reason=""),
        timeline.Escalated(from_tier=3, to_tier=1, reason="not ours"),
    ]
    assert [event.by for event in life.events[1:]] == [BEN, BEN]
    assert (last_page(life).key, last_page(life).channel) == ("INC-7/page/tier:1/cycle:2", TIER_1_CHANNEL)
    life.wait(LATER + minutes(5))
    assert life.incident.tier == 2


def test_to_another_services_policy_it_follows_that_one_from_then_on() -> None:
    search = an_escalation(tiers=(a_tier(1, channel="C0SEARCH01", name="search"),), repeat=None)
    life = history(a_policy(services={"checkout": an_escalation(), "search": search}))
    life.do(escalate, by=BEN, at=LATER, to=Destination(route="search", tier=1), reason="theirs")
    life.wait(LATER + minutes(5))

    assert (life.incident.service, life.incident.routed_to) == ("checkout", "search")
    assert life.events[1].fact == timeline.Escalated(from_tier=1, to_tier=1, reason="theirs", route="search")
    assert last_page(life).channel == "C0SEARCH01"
    assert [(breach.route, breach.tier) for breach in life.breaches] == [("search", 1)]
    assert life.incident.exhausted_at == LATER + minutes(5)


def test_it_is_there_already() -> None:
    life = started()
    with pytest.raises(AlreadyThere, match="INC-7 is at tier 1 since 03:00 UTC") as refused:
        life.do(escalate, by=BEN, at=LATER, to=Destination(route="checkout", tier=1))

    told = refused.value
    assert (told.key, told.tier, told.tier_name, told.since) == ("INC-7", 1, "first line", NOW)


def test_after_the_last_tier_there_is_no_next() -> None:
    life = started(an_escalation(tiers=(a_tier(1), a_tier(2, channel=None))))
    with pytest.raises(NoNextTier, match=r"INC-7 is at the last tier \(first line\) since 03:00 UTC") as refused:
        life.do(escalate, by=ANA, at=LATER)

    told = refused.value
    assert (told.key, told.tier, told.tier_name, told.since) == ("INC-7", 1, "first line", NOW)


def test_escalating_what_somebody_has_opens_it_again() -> None:
    life = started()
    life.do(acknowledge, by=ANA, at=LATER)
    life.do(escalate, by=ANA, at=LATER)

    assert (life.incident.state, life.incident.assignee) == (IncidentState.OPEN, None)


def test_escalating_from_hold_ends_the_pause() -> None:
    life = started()
    life.do(hold, by=ANA, at=LATER, until=NOW + minutes(90), reason="waits")
    life.do(escalate, by=ANA, at=NOW + minutes(9))

    assert (life.incident.held_at, life.incident.hold_until) == (None, None)
    assert [(pause.start, pause.end) for pause in life.incident.pauses] == [(LATER, NOW + minutes(9))]


def test_not_mine_asks_the_next_person_and_the_clock_goes_on() -> None:
    life = started()
    life.do(pass_on, by=ANA, at=LATER)

    page = last_page(life)
    assert (page.key, page.channel) == ("INC-7/page/tier:1/cycle:1", TIER_1_CHANNEL)
    assert page.message == PageAgain(tier=1, cycle=1, number=0, reason=PageReason.PASSED_ON, people=(BEN_THERE,))
    assert life.events[-1].fact == timeline.PassedOn(tier=1, to=BEN)
    assert (life.due_at, life.incident.paged_at) == (NOW + minutes(5), LATER)


def test_nobody_is_asked_who_said_so_before_and_then_the_next_tier_is() -> None:
    life = started()
    for who in (ANA, BEN, CHLOE):
        life.do(pass_on, by=who, at=LATER)

    assert life.story == [
        (2, f"passed on to {BEN}"),
        (2, f"passed on to {CHLOE}"),
        (2, "passed on to None"),
        (2, "escalated 2"),
    ]
    assert [event.by for event in life.events[-2:]] == [CHLOE, CHLOE]
    assert life.events[-2].fact == timeline.PassedOn(tier=1, to=None, moved_on=True)
    assert life.incident.declined_by == ()
    pages = [each.message for each in life.promises if isinstance(each.message, PageTier | PageAgain)]
    assert [page.tier for page in pages] == [1, 1, 1, 2], "nobody is paged at the tier that it leaves"


def test_at_the_last_tier_nobody_is_left() -> None:
    life = started(an_escalation(tiers=(a_tier(1),)))
    with pytest.raises(NoNextTier):
        life.do(pass_on, by=ANA, at=LATER)


@pytest.mark.parametrize(
    ("ladder", "people"),
    [(an_escalation(tiers=(a_tier(1),)), ()), (PEOPLE, (BEN_THERE,))],
)
@pytest.mark.parametrize("held", [True, False])
def test_who_had_taken_it_gives_it_back_and_the_clock_starts_again(ladder: Any, people: Any, held: bool) -> None:
    life = started(ladder)
    life.do(acknowledge, by=ANA, at=NOW + minutes(1))
    if held:
        life.do(hold, by=ANA, at=NOW + minutes(1), until=NOW + minutes(90), reason="waits")
    life.do(pass_on, by=ANA, at=LATER)

    assert (life.incident.state, life.incident.assignee) == (IncidentState.OPEN, None)
    assert (life.due_at, life.incident.held_at) == (LATER + minutes(5), None)
    assert last_page(life).message.people == people
    assert (life.events[-1].by, life.incident.declined_by) == (ANA, (ANA,))
    assert life.incident.pauses == ((Pause(NOW + minutes(1), LATER),) if held else ())
    (update,) = (each.message for each in life.promises[-2:] if isinstance(each.message, StakeholderUpdate))
    assert (update.reason, life.incident.updated_at) == (UpdateReason.EXPIRED, LATER)


def test_only_who_has_it_can_pass_it_on() -> None:
    life = started()
    life.do(acknowledge, by=ANA, at=LATER)
    with pytest.raises(NotTheirs, match=f"{ANA} has INC-7") as refused:
        life.do(pass_on, by=BEN, at=LATER)

    assert (refused.value.key, refused.value.assignee) == ("INC-7", ANA)


def test_assigning_what_somebody_has_hands_it_over_at_once() -> None:
    life = started()
    life.do(acknowledge, by=ANA, at=NOW + minutes(1))
    life.do(assign, by=ANA, at=LATER, to=DEV)

    assert (life.incident.assignee, life.incident.acknowledged_at) == (DEV, LATER)
    assert life.incident.first_acknowledged_at == NOW + minutes(1)
    assert life.promises[-1].message == AssignmentNotice(tier=1, card=0, to=DEV, by=ANA, accepted=True)
    assert life.events[-1].fact == timeline.Assigned(to=DEV, accepted=True)


def test_assigning_what_nobody_has_only_asks() -> None:
    life = started()
    life.do(assign, by=ANA, at=LATER, to=DEV)

    assert life.incident.is_open
    assert life.promises[-1].message == AssignmentNotice(tier=1, card=0, to=DEV, by=ANA, accepted=False)
    assert life.events[-1].fact == timeline.Assigned(to=DEV, accepted=False)


def test_assigning_it_to_oneself_is_taking_it() -> None:
    life = started()
    life.do(assign, by=DEV, at=LATER, to=DEV)

    assert life.events[-1].fact == timeline.Acknowledged(tier=1)
    assert (life.events[-1].by, life.events[-1].at) == (DEV, LATER)
    assert (life.incident.assignee, life.incident.acknowledged_at) == (DEV, LATER)


def test_it_is_theirs_already() -> None:
    life = started()
    life.do(acknowledge, by=ANA, at=LATER)
    with pytest.raises(AlreadyAssigned, match=f"{ANA} has INC-7 already") as refused:
        life.do(assign, by=BEN, at=LATER, to=ANA)

    assert (refused.value.key, refused.value.to) == ("INC-7", ANA)


@pytest.mark.parametrize("verb", [escalate, pass_on])
@pytest.mark.parametrize("mover", [BEN, None])
@pytest.mark.parametrize("seen", [Seen(tier=1, cycle=0), Seen(tier=2, cycle=0), Seen(tier=1, cycle=1)])
def test_a_click_on_an_old_page_is_told_where_it_is_and_who_moved_it(
    verb: Any, mover: UserId | None, seen: Seen
) -> None:
    life = started(an_escalation())
    if mover:
        life.do(escalate, by=mover, at=NOW + minutes(5) - minutes(1))
    else:
        life.wait(NOW + minutes(5))
    moved_at = life.incident.tier_entered_at

    with pytest.raises(IncidentMovedOn, match=f"INC-7 is at tier 2 since {moved_at:%H:%M} UTC") as refused:
        life.do(verb, by=ANA, at=life.now, seen=seen)

    told = refused.value
    assert (told.key, told.tier, told.tier_name, told.since, told.by) == ("INC-7", 2, "platform", moved_at, mover)


@pytest.mark.parametrize("verb", [escalate, pass_on])
def test_a_click_on_the_present_page_counts(verb: Any) -> None:
    life = started(an_escalation())
    life.wait(NOW + minutes(5))
    life.do(verb, by=ANA, at=life.now, seen=Seen(tier=2, cycle=1))

    assert life.incident.tier == 3


def test_what_a_tier_says_of_its_own_time_goes_with_the_route() -> None:
    slow = an_escalation(tiers=(a_tier(1, ack_within={Severity.SEV1: minutes(50)}),))
    life = history(a_policy(services={"checkout": an_escalation(), "search": slow}))
    life.do(escalate, by=BEN, at=LATER, to=Destination(route="search", tier=1))
    life.wait(NOW + minutes(40))

    assert life.breaches == []
