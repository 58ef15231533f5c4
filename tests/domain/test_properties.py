"""What holds for every incident, whatever happens to it and whenever the clocks are asked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import timeline
from bot.domain.escalation import apply, next_actions, next_evaluation_at, response_due_at, update_due_at
from bot.domain.ids import THE_BOT
from bot.domain.incident import IncidentState
from bot.domain.policy import Policy
from bot.domain.promise import BreachNotice, ExhaustedAlarm, PageTier, StakeholderParent, StakeholderUpdate
from bot.domain.transition import Transition, evaluate
from tests.builders import NOW
from tests.domain.lives import MOMENT, Life, lives, opened, policies, run_on_time

few = settings(max_examples=40, deadline=None)

waits: Final = st.integers(0, 6 * 60 * 60).map(lambda seconds: timedelta(seconds=seconds))


@few
@given(lives(), waits)
def test_settling_what_is_due_leaves_nothing_due(life: Life, wait: timedelta) -> None:
    for incident in life.incidents:
        now = life.ends_at + wait
        settled = evaluate(incident, life.policy, now).incident

        assert next_actions(settled, life.policy, now) == []
        assert evaluate(settled, life.policy, now) == Transition(incident=settled, events=[], breaches=[], promises=[])


@few
@given(lives(), waits)
def test_something_is_due_exactly_from_the_next_evaluation_on(life: Life, wait: timedelta) -> None:
    for incident in life.incidents:
        due_at = next_evaluation_at(incident, life.policy)
        instants = {NOW, life.ends_at + wait, NOW + timedelta(days=900)}
        if due_at is not None:
            instants |= {due_at - MOMENT, due_at, due_at + MOMENT}

        for now in instants:
            is_due = due_at is not None and due_at <= now
            assert bool(next_actions(incident, life.policy, now)) is is_due


@few
@given(lives())
def test_an_incident_always_has_a_next_evaluation_until_it_is_resolved(life: Life) -> None:
    for incident in life.incidents:
        assert (next_evaluation_at(incident, life.policy) is None) is (incident.state is IncidentState.RESOLVED)


@few
@given(lives())
def test_after_each_step_the_next_evaluation_lies_ahead(life: Life) -> None:
    for step in life.steps:
        due_at = next_evaluation_at(step.after, life.policy)

        assert due_at is None or due_at > step.at


@few
@given(lives())
def test_the_story_is_numbered_without_a_gap_and_its_times_never_go_back(life: Life) -> None:
    assert [event.seq for event in life.events] == list(range(1, len(life.events) + 1))
    assert life.end.last_seq == len(life.events)
    assert all(earlier.at <= later.at for earlier, later in pairwise(life.events))


@few
@given(lives())
def test_the_version_grows_by_one_exactly_when_something_happened(life: Life) -> None:
    for step in life.steps:
        assert step.after.version == step.before.version + bool(step.transition.events)


@few
@given(lives())
def test_where_nothing_happened_nothing_changed_and_nothing_is_promised(life: Life) -> None:
    for step in life.steps:
        if not step.transition.events:
            assert step.after == step.before
            assert not step.transition.breaches
            assert not step.transition.promises


@few
@given(lives())
def test_each_fact_is_told_at_its_instant_by_who_did_it(life: Life) -> None:
    for step in life.steps:
        for event in step.transition.events:
            assert (event.at, event.by) == (step.at, step.by or THE_BOT)


@few
@given(lives())
def test_no_promise_is_made_twice_in_a_whole_life(life: Life) -> None:
    rest = run_on_time(life.end, life.policy, until=life.ends_at + timedelta(hours=2))
    promises = (*life.promises, *(promise for _, transition in rest for promise in transition.promises))
    keys = [promise.key for promise in promises]

    assert len(keys) == len(set(keys))


@few
@given(lives())
def test_every_promise_is_due_at_once_and_its_key_names_the_incident(life: Life) -> None:
    for transition, at in zip(life.transitions, (NOW, *(step.at for step in life.steps)), strict=True):
        for promise in transition.promises:
            assert promise.deliver_at == at
            assert promise.key.startswith("INC-7/")


def expected_breaches(life: Life) -> Mapping[int, datetime]:
    """The tiers whose time ran out, worked out from the story alone: nobody answered or moved on in time there."""
    entered_at = {1: NOW}
    left_at: dict[int, datetime] = {}
    for event in life.events:
        match event.fact:
            case timeline.Escalated(from_tier=tier, to_tier=next_tier):
                left_at.setdefault(tier, event.at)
                entered_at[next_tier] = event.at
            case timeline.Acknowledged(tier=tier):
                left_at.setdefault(tier, event.at)
            case timeline.Resolved():
                left_at.setdefault(max(entered_at), event.at)
            case _:
                pass
    due = {tier: at + life.targets.ack_within for tier, at in entered_at.items()}
    return {tier: due_at for tier, due_at in due.items() if due_at <= left_at.get(tier, life.ends_at)}


@few
@given(lives())
def test_each_tier_whose_time_ran_out_breaches_once_and_no_other(life: Life) -> None:
    assert [(breach.tier, breach.due_at) for breach in life.breaches] == sorted(expected_breaches(life).items())
    assert [breach.number for breach in life.breaches] == list(range(1, len(life.breaches) + 1))
    assert life.end.breach_count == len(life.breaches)


@few
@given(lives())
def test_no_tier_breaches_before_its_time(life: Life) -> None:
    for breach in life.breaches:
        assert breach.due_at <= breach.breached_at


@few
@given(lives())
def test_a_breach_is_in_the_ledger_in_the_story_and_told_to_the_managers_of_its_tier(life: Life) -> None:
    notices = [promise for promise in life.promises if isinstance(promise.message, BreachNotice)]
    told = [event.fact for event in life.events if isinstance(event.fact, timeline.Breached)]
    tiers = [life.policy.escalation("checkout").tier(breach.tier) for breach in life.breaches]

    assert [notice.channel for notice in notices] == [tier.channel for tier in tiers]
    assert [notice.message for notice in notices] == [
        BreachNotice(
            tier=breach.tier,
            cycle=breach.cycle,
            number=breach.number,
            due_at=breach.due_at,
            breached_at=breach.breached_at,
        )
        for breach in life.breaches
    ]
    assert told == [
        timeline.Breached(
            number=breach.number, tier=breach.tier, cycle=breach.cycle, due_at=breach.due_at, told=breach.told
        )
        for breach in life.breaches
    ]
    assert [breach.told for breach in life.breaches] == [
        tuple(manager.slack_id for manager in tier.managers) for tier in tiers
    ]


@few
@given(lives())
def test_tiers_are_entered_one_after_the_other_and_each_is_paged_in_its_channel(life: Life) -> None:
    moves = [event.fact for event in life.events if isinstance(event.fact, timeline.Escalated)]
    pages = [promise for promise in life.promises if isinstance(promise.message, PageTier)]
    entered = list(range(1, life.end.tier + 1))

    assert [(move.from_tier, move.to_tier) for move in moves] == list(pairwise(entered))
    assert [page.message for page in pages] == [PageTier(tier=tier, cycle=0) for tier in entered]
    assert [page.channel for page in pages] == [
        life.policy.escalation("checkout").tier(tier).channel for tier in entered
    ]


@few
@given(lives())
def test_nothing_follows_a_resolution(life: Life) -> None:
    facts = [event.fact for event in life.events]
    resolutions = [index for index, fact in enumerate(facts) if isinstance(fact, timeline.Resolved)]

    assert resolutions == ([len(facts) - 1] if life.end.is_over else [])


@few
@given(lives(), waits)
def test_however_late_the_clocks_are_asked_an_incident_moves_one_step(life: Life, wait: timedelta) -> None:
    now = life.ends_at + wait
    late = evaluate(life.end, life.policy, now)

    assert len(late.breaches) <= 1
    assert late.incident.tier <= life.end.tier + 1
    assert late.incident.cycle <= life.end.cycle + 1
    assert sum(isinstance(promise.message, StakeholderUpdate) for promise in late.promises) <= 1
    if late.incident.tier > life.end.tier:
        assert response_due_at(late.incident, life.policy) == now + life.targets.ack_within


@few
@given(lives())
def test_the_cadence_counts_from_the_newest_update(life: Life) -> None:
    told_at = NOW
    for transition in life.transitions:
        for promise in transition.promises:
            if isinstance(promise.message, StakeholderParent | StakeholderUpdate):
                told_at = promise.deliver_at
        due_at = update_due_at(transition.incident, life.policy)

        assert due_at == (None if transition.incident.is_over else told_at + life.targets.update_every)


@few
@given(lives())
def test_the_updates_together_tell_the_whole_story_each_entry_once(life: Life) -> None:
    updates = [promise.message for promise in life.promises if isinstance(promise.message, StakeholderUpdate)]

    assert [update.number for update in updates] == list(range(1, life.end.updates_sent + 1))
    assert [update.since_seq for update in updates] == [1, *(update.until_seq for update in updates)][: len(updates)]
    assert all(update.since_seq < update.until_seq for update in updates)


@few
@given(lives())
def test_an_exhausted_incident_alarms_once_at_the_last_tier(life: Life) -> None:
    alarms = [promise for promise in life.promises if isinstance(promise.message, ExhaustedAlarm)]
    last_tier = len(life.policy.escalation("checkout").tiers)

    assert [(alarm.channel, alarm.message) for alarm in alarms] == [
        (life.policy.fallback_channel, ExhaustedAlarm(tier=last_tier)) for _ in range(life.end.exhausted_at is not None)
    ]


@few
@given(lives(), waits)
def test_the_actions_that_are_due_are_the_change_that_is_stored(life: Life, wait: timedelta) -> None:
    now = life.ends_at + wait
    applied = life.end
    for action in next_actions(life.end, life.policy, now):
        applied = apply(applied, action, now)

    stored = evaluate(life.end, life.policy, now).incident

    assert replace(stored, last_seq=0, updated_seq=0, version=0) == replace(
        applied, last_seq=0, updated_seq=0, version=0
    )


@few
@given(policies())
def test_asked_on_time_tiers_repeats_and_exhaustion_come_at_their_instants(policy: Policy) -> None:
    escalation, ack_within = policy.escalation("checkout"), policy.targets(opened(policy).incident.severity).ack_within
    last_breach_at = NOW + ack_within * len(escalation.tiers)
    every, times = (escalation.repeat.every, escalation.repeat.times) if escalation.repeat else (timedelta(0), 0)
    exhausted_at = last_breach_at + every * (times + 1)

    happened: dict[type[timeline.Fact], list[datetime]] = {}
    for at, transition in run_on_time(opened(policy).incident, policy, until=exhausted_at + timedelta(hours=1)):
        for event in transition.events:
            happened.setdefault(type(event.fact), []).append(at)

    assert happened[timeline.Breached] == [NOW + ack_within * number for number in range(1, len(escalation.tiers) + 1)]
    assert happened.get(timeline.Escalated, []) == happened[timeline.Breached][:-1]
    assert happened.get(timeline.PagedAgain, []) == [last_breach_at + every * number for number in range(1, times + 1)]
    assert happened[timeline.Exhausted] == [exhausted_at]
