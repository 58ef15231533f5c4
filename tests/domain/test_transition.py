"""What each change stores and promises, and what is refused, by examples."""

from dataclasses import replace
from typing import Any, Final

import pytest

from bot.domain import timeline
from bot.domain.actions import Exhaust, RepeatPage
from bot.domain.ids import THE_BOT, IncidentId, PolicyVersionId
from bot.domain.incident import Incident, IncidentState, Report
from bot.domain.message import BreachNotice, ExhaustedAlarm, PageAgain, PageTier, StakeholderParent, UpdateReason
from bot.domain.policy import Severity
from bot.domain.promise import Lane, Promise
from bot.domain.timeline import Target, TimelineEvent
from bot.domain.transition import Breach, Transition, evaluate, perform
from bot.domain.verbs import acknowledge, escalate, open_incident, resolve
from tests.builders import (
    ANA,
    BEN,
    FALLBACK_CHANNEL,
    GRACE,
    HUGO,
    IRIS,
    NOW,
    SAM,
    STAKEHOLDER_CHANNEL,
    TIER_1_CHANNEL,
    TIER_2_CHANNEL,
    TIER_4_CHANNEL,
    WORKSPACE,
    a_policy,
    a_user,
    an_escalation,
    an_incident,
    minutes,
)
from tests.domain.expected import LATER, acknowledged, event, promise, update

POLICY: Final = a_policy()


def assert_changed(change: Transition, incident: Incident, **changes: Any) -> None:
    """The incident afterwards is `incident` with these changes and no other."""
    assert change.incident == replace(incident, **changes)


def test_opening_pages_the_first_tier_and_starts_the_stakeholders_thread() -> None:
    opened = open_incident(
        Report(
            title="Checkout is down",
            severity=Severity.SEV1,
            service="checkout",
            description="Customers see a blank page after they pay.",
        ),
        POLICY,
        incident_id=IncidentId(7),
        workspace_id=WORKSPACE,
        number=7,
        policy_version_id=PolicyVersionId(1),
        by=SAM,
        now=NOW,
    )

    fact = timeline.Opened(
        title="Checkout is down",
        description="Customers see a blank page after they pay.",
        severity=Severity.SEV1,
        service="checkout",
        tier=1,
    )
    assert opened == Transition(
        incident=an_incident(),
        events=(TimelineEvent(seq=1, at=NOW, by=SAM, fact=fact),),
        promises=(
            Promise(
                key="INC-7/page/tier:1/cycle:0",
                lane=Lane.PAGE,
                channel=TIER_1_CHANNEL,
                deliver_at=NOW,
                message=PageTier(tier=1, cycle=0),
            ),
            Promise(
                key="INC-7/stakeholders",
                lane=Lane.UPDATE,
                channel=STAKEHOLDER_CHANNEL,
                deliver_at=NOW,
                message=StakeholderParent(),
            ),
        ),
    )


def test_an_acknowledgement_is_a_fact_and_tells_the_stakeholders() -> None:
    change = acknowledge(an_incident(), POLICY, by=ANA, now=LATER)

    assert_changed(
        change,
        an_incident(),
        state=IncidentState.ACKNOWLEDGED,
        assignee=ANA,
        acknowledged_at=LATER,
        first_acknowledged_at=LATER,
        active_at=LATER,
        updated_at=LATER,
        updates_sent=1,
        updated_seq=2,
        last_seq=2,
        version=2,
    )
    assert change.events == [event(2, ANA, timeline.Acknowledged(tier=1))]
    assert change.breaches == []
    assert change.promises == [update(1, UpdateReason.ACKNOWLEDGED)]


def test_an_exhausted_incident_can_still_be_acknowledged() -> None:
    exhausted = an_incident(tier=4, tier_breached_at=NOW, exhausted_at=NOW)

    assert acknowledge(exhausted, POLICY, by=ANA, now=LATER).incident.assignee == ANA


def test_a_person_escalates_with_a_reason() -> None:
    change = escalate(an_incident(), POLICY, by=BEN, reason="it is the database", now=LATER)

    assert_changed(
        change,
        an_incident(),
        tier=2,
        tier_entered_at=LATER,
        tier_entered_by=BEN,
        moved_because="it is the database",
        paged_at=LATER,
        response_started_at=LATER,
        cycle=1,
        card_cycle=1,
        updated_at=LATER,
        updates_sent=1,
        updated_seq=2,
        last_seq=2,
        version=2,
    )
    assert change.events == [event(2, BEN, timeline.Escalated(from_tier=1, to_tier=2, reason="it is the database"))]
    assert change.breaches == []
    assert change.promises == [
        promise("INC-7/page/tier:2/cycle:1", TIER_2_CHANNEL, PageTier(tier=2, cycle=1)),
        update(1, UpdateReason.ESCALATED),
    ]


def test_a_resolution_is_a_fact_and_tells_the_stakeholders() -> None:
    change = resolve(acknowledged(), POLICY, by=BEN, summary="rolled back", now=LATER)

    assert_changed(
        change,
        acknowledged(),
        state=IncidentState.RESOLVED,
        resolved_at=LATER,
        resolved_by=BEN,
        resolution="rolled back",
        updated_at=LATER,
        updates_sent=1,
        updated_seq=2,
        last_seq=2,
        version=2,
    )
    assert change.events == [event(2, BEN, timeline.Resolved(summary="rolled back"))]
    assert change.promises == [update(1, UpdateReason.RESOLVED)]


def test_a_breach_is_recorded_told_to_the_managers_and_moves_the_incident() -> None:
    entered_at = LATER - minutes(5)
    incident = an_incident(tier_entered_at=entered_at, response_started_at=entered_at)

    change = evaluate(incident, POLICY, LATER)

    assert_changed(
        change,
        incident,
        tier=2,
        tier_entered_at=LATER,
        paged_at=LATER,
        response_started_at=LATER,
        cycle=1,
        card_cycle=1,
        breach_count=1,
        managers_told=(GRACE,),
        updated_at=LATER,
        updates_sent=1,
        updated_seq=3,
        last_seq=3,
        version=2,
    )
    fact = timeline.Breached(number=1, tier=1, cycle=0, due_at=LATER, told=(GRACE,), route="checkout")
    assert change.events == [
        event(2, THE_BOT, fact),
        event(3, THE_BOT, timeline.Escalated(from_tier=1, to_tier=2, reason="")),
    ]
    assert change.breaches == [
        Breach(
            number=1,
            target=Target.RESPONSE,
            route="checkout",
            tier=1,
            cycle=0,
            due_at=LATER,
            breached_at=LATER,
            told=(GRACE,),
        )
    ]
    notice = BreachNotice(
        tier=1,
        cycle=0,
        route="checkout",
        number=1,
        since=entered_at,
        due_at=LATER,
        breached_at=LATER,
        told=(a_user(GRACE, "grace"),),
    )
    assert change.promises == [
        promise("INC-7/breach/tier:1/cycle:0", TIER_1_CHANNEL, notice),
        promise("INC-7/page/tier:2/cycle:1", TIER_2_CHANNEL, PageTier(tier=2, cycle=1)),
        update(1, UpdateReason.ESCALATED, until_seq=3),
    ]


def test_a_repeat_pages_the_last_tier_again_without_an_update() -> None:
    incident = an_incident(tier=4, tier_breached_at=NOW, breach_count=4)

    change = perform(incident, POLICY, [RepeatPage(number=1)], LATER)

    assert_changed(change, incident, paged_at=LATER, repeats_sent=1, cycle=1, last_seq=2, version=2)
    assert change.events == [event(2, THE_BOT, timeline.PagedAgain(tier=4, cycle=1, number=1))]
    assert change.promises == [
        promise("INC-7/page/tier:4/cycle:1", TIER_4_CHANNEL, PageAgain(tier=4, cycle=1, number=1))
    ]


def test_exhaustion_alarms_the_fallback_channel_and_every_manager_of_the_policy_once() -> None:
    incident = an_incident(tier=4, tier_breached_at=NOW, cycle=3, repeats_sent=3, paged_at=NOW)

    change = perform(incident, POLICY, [Exhaust(told=an_escalation().managers)], LATER)

    assert_changed(change, incident, exhausted_at=LATER, managers_told=(GRACE, HUGO, IRIS), last_seq=2, version=2)
    assert change.events == [event(2, THE_BOT, timeline.Exhausted(tier=4, told=(GRACE, HUGO, IRIS)))]
    assert change.promises == [promise("INC-7/exhausted/tier:4/cycle:3", FALLBACK_CHANNEL, ExhaustedAlarm(tier=4))]


def test_the_cadence_promises_an_update_of_what_happened_since_the_last() -> None:
    incident = acknowledged(updated_at=LATER - minutes(20), updates_sent=3, updated_seq=5, last_seq=9)

    change = evaluate(incident, POLICY, LATER)

    assert_changed(change, incident, updated_at=LATER, updates_sent=4, updated_seq=10, last_seq=10, version=2)
    assert change.events == [event(10, THE_BOT, timeline.UpdateDue(number=4))]
    assert change.promises == [update(4, UpdateReason.CADENCE, since_seq=5, until_seq=10)]


def test_when_nothing_is_due_nothing_is_stored() -> None:
    assert evaluate(an_incident(), POLICY, LATER) == Transition(
        incident=an_incident(), events=[], breaches=[], promises=[]
    )


def test_two_changes_become_one_in_their_order() -> None:
    first = evaluate(an_incident(), POLICY, NOW + minutes(5))
    second = acknowledge(first.incident, POLICY, by=ANA, now=NOW + minutes(5))

    both = first.then(second)

    assert both == Transition(
        incident=second.incident,
        events=(*first.events, *second.events),
        breaches=tuple(first.breaches),
        promises=(*first.promises, *second.promises),
    )
    assert [event.seq for event in both.events] == [2, 3, 4]
    assert second.then(Transition(incident=second.incident, breaches=first.breaches)).breaches == tuple(first.breaches)


def test_an_unknown_action_is_an_error_and_not_ignored() -> None:
    unknown: Any = object()

    with pytest.raises(AssertionError):
        perform(an_incident(), POLICY, [unknown], NOW)
