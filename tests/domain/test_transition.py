"""What each change stores and promises, and what is refused, by examples."""

from dataclasses import replace
from typing import Any, Final

import pytest

from bot.domain import timeline
from bot.domain.errors import (
    IncidentAlreadyAcknowledged,
    IncidentAlreadyResolved,
    IncidentMovedOn,
    IncidentNotFound,
    NoNextTier,
)
from bot.domain.escalation import Exhaust, RepeatPage, response_due_at
from bot.domain.ids import THE_BOT, ChannelId, IncidentId, PolicyVersionId, UserId
from bot.domain.incident import Incident, IncidentState, Report
from bot.domain.policy import Severity
from bot.domain.promise import (
    BreachNotice,
    ExhaustedAlarm,
    Lane,
    Message,
    PageAgain,
    PageTier,
    Promise,
    StakeholderParent,
    StakeholderUpdate,
    UpdateReason,
)
from bot.domain.timeline import TimelineEvent
from bot.domain.transition import (
    Breach,
    Seen,
    Transition,
    acknowledge,
    escalate,
    evaluate,
    open_incident,
    perform,
    resolve,
)
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
    an_incident,
    minutes,
)

POLICY: Final = a_policy()
LATER: Final = NOW + minutes(3)


def event(seq: int, by: UserId, fact: timeline.Fact) -> TimelineEvent:
    return TimelineEvent(seq=seq, at=LATER, by=by, fact=fact)


def promise(key: str, channel: ChannelId, message: Message, lane: Lane = Lane.PAGE) -> Promise:
    return Promise(key=key, lane=lane, channel=channel, deliver_at=LATER, message=message)


def update(number: int, reason: UpdateReason, *, since_seq: int = 1, until_seq: int = 2) -> Promise:
    message = StakeholderUpdate(number=number, reason=reason, since_seq=since_seq, until_seq=until_seq)
    return promise(f"INC-7/update/{number}", STAKEHOLDER_CHANNEL, message, Lane.UPDATE)


def acknowledged(**changes: Any) -> Incident:
    return an_incident(
        state=IncidentState.ACKNOWLEDGED, assignee=ANA, acknowledged_at=NOW, first_acknowledged_at=NOW, **changes
    )


def resolved() -> Incident:
    return an_incident(state=IncidentState.RESOLVED, resolved_at=NOW, resolved_by=ANA)


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
        updated_at=LATER,
        updates_sent=1,
        updated_seq=2,
        last_seq=2,
        version=2,
    )
    assert change.events == [event(2, ANA, timeline.Acknowledged(tier=1))]
    assert change.breaches == []
    assert change.promises == [update(1, UpdateReason.ACKNOWLEDGED)]


def test_the_first_acknowledgement_is_kept_when_another_tier_acknowledges() -> None:
    again = escalate(acknowledged(), POLICY, by=BEN, now=LATER).incident

    taken = acknowledge(again, POLICY, by=BEN, now=LATER + minutes(1)).incident

    assert (taken.first_acknowledged_at, taken.acknowledged_at) == (NOW, LATER + minutes(1))


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
        paged_at=LATER,
        updated_at=LATER,
        updates_sent=1,
        updated_seq=2,
        last_seq=2,
        version=2,
    )
    assert change.events == [event(2, BEN, timeline.Escalated(from_tier=1, to_tier=2, reason="it is the database"))]
    assert change.breaches == []
    assert change.promises == [
        promise("INC-7/page/tier:2/cycle:0", TIER_2_CHANNEL, PageTier(tier=2, cycle=0)),
        update(1, UpdateReason.ESCALATED),
    ]


def test_escalating_an_acknowledged_incident_opens_it_again_and_starts_the_response_clock() -> None:
    escalated = escalate(acknowledged(), POLICY, by=ANA, now=LATER).incident

    assert (escalated.state, escalated.assignee, escalated.acknowledged_at) == (IncidentState.OPEN, None, None)
    assert response_due_at(escalated, POLICY) == LATER + minutes(5)


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


def test_an_incident_can_be_resolved_without_an_acknowledgement() -> None:
    assert resolve(an_incident(), POLICY, by=BEN, now=LATER).incident.is_over


def test_a_breach_is_recorded_told_to_the_managers_and_moves_the_incident() -> None:
    entered_at = LATER - minutes(5)
    incident = an_incident(tier_entered_at=entered_at)

    change = evaluate(incident, POLICY, LATER)

    assert_changed(
        change,
        incident,
        tier=2,
        tier_entered_at=LATER,
        paged_at=LATER,
        breach_count=1,
        updated_at=LATER,
        updates_sent=1,
        updated_seq=3,
        last_seq=3,
        version=2,
    )
    assert change.events == [
        event(2, THE_BOT, timeline.Breached(number=1, tier=1, cycle=0, due_at=LATER, told=(GRACE,))),
        event(3, THE_BOT, timeline.Escalated(from_tier=1, to_tier=2, reason="")),
    ]
    assert change.breaches == [Breach(number=1, tier=1, cycle=0, due_at=LATER, breached_at=LATER, told=(GRACE,))]
    notice = BreachNotice(tier=1, cycle=0, number=1, due_at=LATER, breached_at=LATER)
    assert change.promises == [
        promise("INC-7/breach/tier:1/cycle:0", TIER_1_CHANNEL, notice),
        promise("INC-7/page/tier:2/cycle:0", TIER_2_CHANNEL, PageTier(tier=2, cycle=0)),
        update(1, UpdateReason.ESCALATED, until_seq=3),
    ]


def test_the_ledger_keeps_when_it_was_due_however_late_it_is_found() -> None:
    (breach,) = evaluate(an_incident(), POLICY, NOW + minutes(90)).breaches

    assert (breach.due_at, breach.breached_at) == (NOW + minutes(5), NOW + minutes(90))


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

    change = perform(incident, POLICY, [Exhaust()], LATER)

    assert_changed(change, incident, exhausted_at=LATER, last_seq=2, version=2)
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


@pytest.mark.parametrize(
    "verb",
    [
        lambda incident: acknowledge(incident, POLICY, by=BEN, now=LATER),
        lambda incident: escalate(incident, POLICY, by=BEN, now=LATER),
        lambda incident: escalate(incident, POLICY, by=BEN, seen=Seen(tier=9, cycle=9), now=LATER),
        lambda incident: resolve(incident, POLICY, by=BEN, now=LATER),
    ],
)
def test_a_resolved_incident_stays_resolved_and_says_who_did_it(verb: Any) -> None:
    with pytest.raises(IncidentAlreadyResolved, match=r"INC-7 was resolved by U0ANA00001 at 03:00 UTC") as refused:
        verb(resolved())

    assert (refused.value.key, refused.value.by, refused.value.at) == ("INC-7", ANA, NOW)


def test_of_two_who_acknowledge_the_second_is_told_who_was_faster() -> None:
    with pytest.raises(IncidentAlreadyAcknowledged, match=r"acknowledged by U0ANA00001 at 03:00 UTC") as refused:
        acknowledge(acknowledged(), POLICY, by=BEN, now=LATER)

    assert (refused.value.key, refused.value.by, refused.value.at) == ("INC-7", ANA, NOW)


@pytest.mark.parametrize("seen", [Seen(tier=1, cycle=0), Seen(tier=2, cycle=1), Seen(tier=3, cycle=0)])
@pytest.mark.parametrize("mover", [BEN, None])
def test_a_click_on_an_old_page_is_told_where_the_incident_is_and_who_moved_it(
    seen: Seen, mover: UserId | None
) -> None:
    incident = an_incident(tier=2, tier_entered_by=mover)

    with pytest.raises(IncidentMovedOn, match=r"INC-7 is at tier 2 since 03:00 UTC") as refused:
        escalate(incident, POLICY, by=ANA, seen=seen, now=LATER)

    told = refused.value
    assert (told.key, told.tier, told.tier_name, told.since, told.by) == ("INC-7", 2, "platform", NOW, mover)


def test_a_click_on_the_present_page_counts() -> None:
    incident = an_incident(tier=2, cycle=0)

    assert escalate(incident, POLICY, by=ANA, seen=Seen(tier=2, cycle=0), now=LATER).incident.tier == 3


def test_after_the_last_tier_there_is_no_next() -> None:
    with pytest.raises(NoNextTier, match=r"INC-7 is at the last tier \(management\) since 03:00 UTC") as refused:
        escalate(an_incident(tier=4), POLICY, by=ANA, now=LATER)

    told = refused.value
    assert (told.key, told.tier, told.tier_name, told.since) == ("INC-7", 4, "management", NOW)


def test_an_unknown_incident_is_named() -> None:
    refused = IncidentNotFound("INC-99")

    assert (refused.key, str(refused)) == ("INC-99", "there is no INC-99")


def test_an_unknown_action_is_an_error_and_not_ignored() -> None:
    unknown: Any = object()

    with pytest.raises(AssertionError):
        perform(an_incident(), POLICY, [unknown], NOW)
