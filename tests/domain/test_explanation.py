"""Every clock is read to the second, and what comes next is what the rules say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain import verbs
from bot.domain.calendar import Calendar, Hours
from bot.domain.explanation import ClockName, ClockReading, ClockState, Explanation, explain, only_update
from bot.domain.forecast import Moment, PlannedAct, simulate
from bot.domain.ids import IncidentId, PolicyVersionId
from bot.domain.incident import Incident, Pause, Report
from bot.domain.policy import OwedUpdates, Policy, Repeat, Severity, SlowerUpdates, Targets
from bot.domain.transition import Transition
from tests.builders import ANA, NOW, SAM, WORKSPACE, a_policy, a_tier, an_escalation, an_incident, minutes

WEEKDAYS = Calendar(
    name="business", zone="UTC", week={day: (Hours(opens=time(8), closes=time(17)),) for day in range(5)}
)
AROUND_THE_CLOCK = Targets(
    ack_within=minutes(5), update_every=minutes(20), resolve_within=timedelta(hours=4), ack_expires_after=minutes(30)
)
"""Without warnings: they come into none of this."""


def policy_of(targets: Targets = AROUND_THE_CLOCK, *, tiers: int = 2, repeat: Repeat | None = None) -> Policy:
    escalation = an_escalation(tiers=tuple(a_tier(number) for number in range(1, tiers + 1)), repeat=repeat)
    return a_policy(severities={Severity.SEV1: targets}, services={"checkout": escalation})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    policy: Policy
    moments: Sequence[Moment]

    def at(self, now: datetime) -> Explanation:
        events = [event for moment in self.moments for event in moment.transition.events]
        breaches = [breach for moment in self.moments for breach in moment.transition.breaches]
        return explain(self.moments[-1].transition.incident, self.policy, events, breaches, now)


def life(policy: Policy, *acts: PlannedAct, until: datetime, opened_at: datetime = NOW) -> Explanation:
    """Read at `until`, after everything that happened by then."""
    opened = verbs.open_incident(
        Report(title="Checkout is down", severity=Severity.SEV1, service="checkout"),
        policy,
        incident_id=IncidentId(7),
        workspace_id=WORKSPACE,
        number=7,
        policy_version_id=PolicyVersionId(1),
        by=SAM,
        now=opened_at,
    )
    return Told(policy=policy, moments=list(simulate(opened, policy, acts, until=until))).at(until)


def acknowledged(at: datetime) -> PlannedAct:
    return PlannedAct(at=at, act=lambda incident, policy, now: verbs.acknowledge(incident, policy, by=ANA, now=now))


def held(at: datetime, *, until: datetime) -> PlannedAct:
    def hold(incident: Incident, policy: Policy, now: datetime) -> Transition:
        return verbs.hold(incident, policy, by=ANA, until=until, reason="the vendor", now=now)

    return PlannedAct(at=at, act=hold)


def resolved(at: datetime) -> PlannedAct:
    return PlannedAct(at=at, act=lambda incident, policy, now: verbs.resolve(incident, policy, by=ANA, now=now))


def clock(explanation: Explanation, name: ClockName) -> ClockReading:
    return next(reading for reading in explanation.clocks if reading.name is name)


def names(explanation: Explanation) -> list[ClockName]:
    return [reading.name for reading in explanation.clocks]


def test_the_response_clock_counts_from_the_arrival_at_the_tier() -> None:
    explanation = life(policy_of(), until=NOW + minutes(7))
    assert clock(explanation, ClockName.RESPONSE) == ClockReading(
        name=ClockName.RESPONSE,
        state=ClockState.RUNNING,
        started_at=NOW + minutes(5),
        target=minutes(5),
        counted=minutes(2),
        wall=minutes(2),
        paused=minutes(0),
        outside=minutes(0),
        due_at=NOW + minutes(10),
    )


def test_an_acknowledgement_stops_the_response_clock() -> None:
    response = clock(life(policy_of(), acknowledged(NOW + minutes(4)), until=NOW + minutes(9)), ClockName.RESPONSE)
    assert (response.state, response.counted, response.percent) == (ClockState.STOPPED, minutes(4), 80.0)
    assert (response.ended_at, response.due_at) == (NOW + minutes(4), None)


def test_an_answer_at_the_instant_of_the_page_is_one() -> None:
    response = clock(life(policy_of(), acknowledged(NOW), resolved(NOW + minutes(9)), until=NOW + minutes(9)),
                     ClockName.RESPONSE)  # fmt: skip
    assert (response.ended_at, response.counted) == (NOW, minutes(0))


def test_an_end_without_acknowledgement_stops_it_too() -> None:
    response = clock(life(policy_of(), resolved(NOW + minutes(3)), until=NOW + minutes(9)), ClockName.RESPONSE)
    assert (response.state, response.ended_at) == (ClockState.STOPPED, NOW + minutes(3))


def test_after_its_breach_the_last_tier_goes_on_counting() -> None:
    explanation = life(policy_of(tiers=1, repeat=Repeat(every=minutes(5), times=3)), until=NOW + minutes(7))
    response = clock(explanation, ClockName.RESPONSE)
    assert (response.state, response.counted, response.due_at) == (
        ClockState.BREACHED,
        minutes(7),
        NOW + minutes(5),
    )
    repeat = clock(explanation, ClockName.REPEAT)
    assert (repeat.started_at, repeat.counted, repeat.due_at) == (NOW + minutes(5), minutes(2), NOW + minutes(10))
    assert (repeat.state, repeat.target) == (ClockState.RUNNING, minutes(5))


def test_without_repeats_there_is_no_clock_of_them() -> None:
    assert ClockName.REPEAT not in names(life(policy_of(tiers=1), until=NOW + minutes(7)))
    not_yet_exhausted = an_incident(tier_breached_at=NOW + minutes(5))
    assert ClockName.REPEAT not in names(explain(not_yet_exhausted, policy_of(tiers=1), [], [], NOW + minutes(5)))


def test_a_breach_that_the_ledger_does_not_have_was_due_at_no_known_instant() -> None:
    explanation = explain(an_incident(tier_breached_at=NOW), policy_of(), [], [], NOW + minutes(1))
    response = clock(explanation, ClockName.RESPONSE)
    assert (response.state, response.due_at) == (ClockState.BREACHED, None)


def test_a_hold_pauses_the_resolution_clock_and_has_a_clock_of_its_own() -> None:
    until = NOW + timedelta(hours=2)
    explanation = life(policy_of(), held(NOW + minutes(4), until=until), until=NOW + minutes(34))
    resolution = clock(explanation, ClockName.RESOLUTION)
    assert (resolution.state, resolution.counted, resolution.paused, resolution.due_at) == (
        ClockState.PAUSED,
        minutes(4),
        minutes(30),
        None,
    )
    assert resolution.pauses == (Pause(NOW + minutes(4), NOW + minutes(34)),)
    review = clock(explanation, ClockName.HOLD_REVIEW)
    assert (review.target, review.counted, review.due_at) == (minutes(116), minutes(30), until)
    assert ClockName.ACKNOWLEDGEMENT not in names(explanation)


def test_after_the_hold_the_resolution_is_due_so_much_later() -> None:
    acts = (acknowledged(NOW + minutes(1)), held(NOW + minutes(4), until=NOW + minutes(14)))
    resolution = clock(life(policy_of(), *acts, until=NOW + minutes(20)), ClockName.RESOLUTION)
    assert (resolution.state, resolution.counted, resolution.paused) == (ClockState.RUNNING, minutes(10), minutes(10))
    assert resolution.due_at == NOW + timedelta(hours=4, minutes=10)


def test_a_breached_resolution_says_when_it_was_due_and_how_much_too_long_it_took() -> None:
    targets = Targets(ack_within=minutes(5), update_every=timedelta(days=9), resolve_within=minutes(10))
    explanation = life(policy_of(targets), acknowledged(NOW), until=NOW + minutes(25))
    resolution = clock(explanation, ClockName.RESOLUTION)
    assert (resolution.state, resolution.percent, resolution.due_at) == (
        ClockState.BREACHED,
        250.0,
        NOW + minutes(10),
    )


def test_a_severity_without_resolution_target_has_no_such_clock() -> None:
    targets = Targets(ack_within=minutes(5), update_every=minutes(20))
    explanation = life(policy_of(targets), acknowledged(NOW), until=NOW + minutes(1))
    assert names(explanation) == [ClockName.RESPONSE, ClockName.UPDATE]


def test_whoever_has_it_is_asked_and_then_has_to_answer() -> None:
    quiet = life(policy_of(), acknowledged(NOW + minutes(1)), until=NOW + minutes(11))
    reading = clock(quiet, ClockName.ACKNOWLEDGEMENT)
    assert (reading.target, reading.counted, reading.due_at) == (minutes(30), minutes(10), NOW + minutes(31))
    asked = clock(life(policy_of(), acknowledged(NOW + minutes(1)), until=NOW + minutes(33)), ClockName.ACKNOWLEDGEMENT)
    assert (asked.started_at, asked.target, asked.due_at) == (NOW + minutes(31), minutes(5), NOW + minutes(36))


def test_the_stakeholders_clock_starts_at_each_update() -> None:
    update = clock(life(policy_of(), until=NOW + minutes(7)), ClockName.UPDATE)
    assert (update.started_at, update.target, update.due_at) == (NOW + minutes(5), minutes(20), NOW + minutes(25))


def test_the_stakeholders_clock_has_the_slower_cadence_once_it_counts() -> None:
    slower = SlowerUpdates(after=minutes(40), every=minutes(60))
    targets = Targets(ack_within=timedelta(days=9), update_every=minutes(20), slower_updates=slower)
    update = clock(life(policy_of(targets), until=NOW + minutes(41)), ClockName.UPDATE)
    assert (update.target, update.due_at) == (minutes(60), NOW + minutes(100))


def test_every_clock_but_the_review_counts_by_the_calendar() -> None:
    targets = replace(AROUND_THE_CLOCK, calendar=WEEKDAYS)
    monday = datetime(2026, 11, 16, 9, tzinfo=UTC)
    policy = replace(
        policy_of(targets, tiers=1, repeat=Repeat(every=minutes(5), times=3)), updates=OwedUpdates(overdue_after=50)
    )
    breached = life(policy, until=monday + minutes(6), opened_at=monday)
    taken = life(policy, acknowledged(monday), until=monday + minutes(6), opened_at=monday)
    on_hold = life(policy, held(monday, until=monday + minutes(60)), until=monday + minutes(6), opened_at=monday)
    owing = life(policy, acknowledged(monday), until=monday + minutes(21), opened_at=monday)
    lives = (breached, taken, on_hold, owing)
    by_the_calendar = {reading.name: reading.calendar for each in lives for reading in each.clocks}
    assert by_the_calendar == dict.fromkeys(ClockName, "business") | {ClockName.HOLD_REVIEW: None}


def test_an_explanation_keeps_what_it_was_made_of() -> None:
    policy, incident = policy_of(), an_incident()
    explanation = explain(incident, policy, [], [], NOW + minutes(1))
    assert (explanation.incident, explanation.policy, explanation.now) == (incident, policy, NOW + minutes(1))
    told = life(policy_of(), until=NOW + minutes(7))
    assert [event.seq for event in told.story] == [1, 2, 3]
    assert [breach.tier for breach in told.ledger] == [1]


def test_what_is_overdue_comes_next_and_now() -> None:
    explanation = explain(an_incident(), policy_of(), [], [], NOW + minutes(9))
    assert explanation.next[0].at == NOW + minutes(9)


def test_what_is_over_has_only_clocks_that_stopped() -> None:
    explanation = life(policy_of(), acknowledged(NOW), resolved(NOW + minutes(9)), until=NOW + timedelta(days=1))
    assert [(reading.name, reading.state) for reading in explanation.clocks] == [
        (ClockName.RESPONSE, ClockState.STOPPED),
        (ClockName.RESOLUTION, ClockState.STOPPED),
    ]
    assert clock(explanation, ClockName.RESOLUTION).wall == minutes(9)
    assert explanation.next == ()


def test_business_time_and_wall_time_of_the_golden_example() -> None:
    """8 hours, open from 8 to 17 on weekdays, opened on Friday at 21:00, read on Monday at 9:30."""
    targets = Targets(
        ack_within=timedelta(days=9),
        update_every=timedelta(days=9),
        resolve_within=timedelta(hours=8),
        calendar=WEEKDAYS,
    )
    friday, monday = datetime(2026, 11, 13, 21, tzinfo=UTC), datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
    resolution = clock(life(policy_of(targets), until=monday, opened_at=friday), ClockName.RESOLUTION)
    assert (resolution.counted, resolution.wall, resolution.percent) == (
        timedelta(hours=1, minutes=30),
        timedelta(hours=60, minutes=30),
        18.75,
    )
    assert (resolution.outside, resolution.paused) == (timedelta(hours=59), timedelta(0))
    assert resolution.calendar == "business"


@pytest.mark.parametrize("hours", [1, 5, 13, 40, 65, 80])
def test_counted_paused_and_outside_make_the_wall_time(hours: int) -> None:
    targets = replace(AROUND_THE_CLOCK, calendar=WEEKDAYS, ack_within=timedelta(days=9), warn_at=(75,))
    friday = datetime(2026, 11, 13, 14, tzinfo=UTC)
    hold = held(friday + timedelta(hours=2, minutes=7), until=friday + timedelta(hours=67, seconds=1))
    explanation = life(policy_of(targets), hold, until=friday + timedelta(hours=hours), opened_at=friday)
    for reading in explanation.clocks:
        assert reading.counted + reading.paused + reading.outside == reading.wall
        assert min(reading.counted, reading.paused, reading.outside) >= timedelta(0)


def test_a_target_of_no_time_has_no_percent() -> None:
    reading = clock(life(policy_of(), until=NOW), ClockName.RESPONSE)
    assert replace(reading, target=timedelta(0)).percent is None


def test_what_comes_next_are_the_first_steps_with_one_update() -> None:
    targets = Targets(
        ack_within=minutes(5), update_every=minutes(20), resolve_within=timedelta(hours=4), warn_at=(50, 75)
    )
    explanation = life(policy_of(targets), acknowledged(NOW), until=NOW + minutes(1))
    assert [(moment.at - NOW, only_update(moment)) for moment in explanation.next] == [
        (minutes(20), True),
        (timedelta(hours=2), False),
        (timedelta(hours=3), False),
        (timedelta(hours=4), False),
    ]


def test_of_reminders_too_the_first_is_told_and_that_an_update_is_owed() -> None:
    policy = replace(policy_of(), updates=OwedUpdates(nudge_before=minutes(5), overdue_after=50))
    explanation = life(policy, acknowledged(NOW), until=NOW + minutes(1))
    assert [(moment.at - NOW, only_update(moment)) for moment in explanation.next] == [
        (minutes(15), True),
        (minutes(20), True),
        (minutes(30), False),  # managers hear that it is owed, and “still on it?” is asked
        (minutes(35), False),  # without an answer nobody has it
        (minutes(40), False),
        (minutes(45), False),
    ]


def test_until_when_an_owed_update_is_not_told_of_yet_is_a_clock() -> None:
    policy = replace(policy_of(), updates=OwedUpdates(overdue_after=25))
    reading = clock(life(policy, acknowledged(NOW), until=NOW + minutes(22)), ClockName.OVERDUE)
    assert (reading.started_at, reading.target, reading.counted, reading.due_at) == (
        NOW + minutes(20), minutes(5), minutes(2), NOW + minutes(25),
    )  # fmt: skip
    assert ClockName.OVERDUE not in names(life(policy, acknowledged(NOW), until=NOW + minutes(26)))


def test_no_more_steps_are_told_than_a_person_plans_for() -> None:
    explanation = life(policy_of(tiers=4, repeat=Repeat(every=minutes(5), times=3)), until=NOW)
    assert len(explanation.next) == 6
