"""What holds for every incident, whatever happens to it and whenever the clocks are asked."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import timeline
from bot.domain.effect import apply
from bot.domain.escalation import next_actions
from bot.domain.incident import Incident
from bot.domain.message import PageTier, StakeholderUpdate
from bot.domain.policy import Policy
from bot.domain.transition import Transition, decide, evaluate
from tests.builders import NOW
from tests.domain.agreements import SERVICES, SEVERITIES, policies
from tests.domain.history import MOMENT, History, history
from tests.domain.invariants import INVARIANTS
from tests.domain.lives import lives, waits
from tests.examples import up_to

many = settings(max_examples=up_to(60))
few = settings(max_examples=up_to(25))

LONG: Final = timedelta(days=900)


@many
@given(lives())
def test_every_invariant_holds_at_the_end_of_every_life(life: History) -> None:
    for invariant in INVARIANTS:
        invariant(life)


@few
@given(lives(), waits)
def test_settling_what_is_due_leaves_nothing_due(life: History, wait: timedelta) -> None:
    now = life.now + wait
    for incident in life.incidents:
        settled = evaluate(incident, life.policy, now).incident

        assert next_actions(settled, life.policy, now) == []
        assert evaluate(settled, life.policy, now) == Transition(incident=settled, events=[], breaches=[], promises=[])


@few
@given(lives(longest=6), waits)
def test_something_is_due_exactly_from_the_next_evaluation_on(life: History, wait: timedelta) -> None:
    due_at = life.due_at
    instants = {NOW, life.now + wait, NOW + LONG}
    if due_at is not None:
        instants |= {due_at - MOMENT, due_at, due_at + MOMENT}

    for now in instants:
        is_due = due_at is not None and due_at <= now
        assert bool(next_actions(life.incident, life.policy, now)) is is_due


@few
@given(lives(), waits)
def test_however_late_the_clocks_are_asked_an_incident_moves_one_step(life: History, wait: timedelta) -> None:
    before, now = life.incident, life.now + wait
    late = evaluate(before, life.policy, now)
    facts = [type(event.fact) for event in late.events]

    assert sum(fact is timeline.Escalated for fact in facts) <= 1
    targets = [breach.target for breach in late.breaches]
    assert len(targets) == len(set(targets)), "each target breaches once, in the order in which they ran out"
    assert [breach.due_at for breach in late.breaches] == sorted(breach.due_at for breach in late.breaches)
    assert sum(isinstance(promise.message, PageTier) for promise in late.promises) <= 1
    assert facts.count(timeline.UpdateDue) <= 1
    updates = {each.message.number for each in late.promises if isinstance(each.message, StakeholderUpdate)}
    assert len(updates) <= 2  # back from hold, and at once late and moved on


@few
@given(lives(), waits)
def test_the_actions_that_are_due_are_the_change_that_is_stored(life: History, wait: timedelta) -> None:
    now = life.now + wait
    applied = life.incident
    for action in next_actions(life.incident, life.policy, now):
        applied = apply(applied, action, now)

    stored = evaluate(life.incident, life.policy, now).incident

    assert _facts(stored) == _facts(applied)


@few
@given(policies(), st.sampled_from(SEVERITIES), st.sampled_from(SERVICES), waits)
def test_asked_on_time_nothing_is_late(policy: Policy, severity: str, service: str, wait: timedelta) -> None:
    life = history(policy, severity=next(each for each in SEVERITIES if each == severity), service=service)

    life.wait(NOW + wait)

    assert all(breach.due_at == breach.breached_at for breach in life.breaches)
    warned = [event for event in life.events if isinstance(event.fact, timeline.Warned)]
    assert all(event.at == event.fact.due_at for event in warned if isinstance(event.fact, timeline.Warned))
    for event in life.events:
        assert not isinstance(event.fact, timeline.Escalated) or not event.fact.catching_up


@few
@given(lives(), waits)
def test_a_clock_that_ran_out_counts_before_what_a_person_does(life: History, wait: timedelta) -> None:
    now = life.now + wait
    settled = evaluate(life.incident, life.policy, now)

    def nothing(incident: Incident, _policy: Policy, _now: object) -> Transition:
        return Transition(incident=incident)

    assert decide(life.incident, life.policy, now, nothing) == settled.then(Transition(incident=settled.incident))


def _facts(incident: Incident) -> Incident:
    """Without the numbers that only storing gives."""
    return replace(incident, last_seq=0, updated_seq=0, version=0)
