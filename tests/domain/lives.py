"""Random lives of incidents: opened, then evaluated, acknowledged, escalated and resolved at random instants."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from bot.domain.errors import Refusal
from bot.domain.escalation import next_evaluation_at
from bot.domain.ids import IncidentId, PolicyVersionId, UserId
from bot.domain.incident import Incident, Report
from bot.domain.policy import Policy, Repeat, Severity, Targets
from bot.domain.promise import Promise
from bot.domain.timeline import TimelineEvent
from bot.domain.transition import Breach, Seen, Transition, acknowledge, escalate, evaluate, open_incident, resolve
from tests.builders import ANA, BEN, CHLOE, NOW, SAM, WORKSPACE, a_policy, a_tier, a_user, an_escalation

MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was asked at `at`. A refusal changed nothing."""

    verb: str
    by: UserId | None
    at: datetime
    before: Incident
    transition: Transition
    refusal: Refusal | None = None

    @property
    def after(self) -> Incident:
        return self.transition.incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One incident from its opening on; before a person's act the clocks are always asked, as the services do."""

    policy: Policy
    opened: Transition
    steps: tuple[Step, ...]

    @property
    def transitions(self) -> tuple[Transition, ...]:
        return (self.opened, *(step.transition for step in self.steps))

    @property
    def incidents(self) -> tuple[Incident, ...]:
        return tuple(transition.incident for transition in self.transitions)

    @property
    def end(self) -> Incident:
        return self.incidents[-1]

    @property
    def ends_at(self) -> datetime:
        return self.steps[-1].at if self.steps else self.end.opened_at

    @property
    def events(self) -> tuple[TimelineEvent, ...]:
        return tuple(event for transition in self.transitions for event in transition.events)

    @property
    def breaches(self) -> tuple[Breach, ...]:
        return tuple(breach for transition in self.transitions for breach in transition.breaches)

    @property
    def promises(self) -> tuple[Promise, ...]:
        return tuple(promise for transition in self.transitions for promise in transition.promises)

    @property
    def targets(self) -> Targets:
        return self.policy.targets(self.end.severity)


def durations(longest: int) -> st.SearchStrategy[timedelta]:
    return st.integers(1, longest).map(lambda count: timedelta(minutes=count))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """One to four tiers with managers of their own, any targets, with repeats or without."""
    targets = Targets(ack_within=draw(durations(60)), update_every=draw(durations(90)))
    repeats = st.builds(Repeat, every=durations(20), times=st.integers(1, 3))
    escalation = an_escalation(
        tiers=tuple(
            a_tier(number, managers=(a_user(UserId(f"U0MANAGER{number}"), f"manager-{number}"),))
            for number in range(1, draw(st.integers(1, 4)) + 1)
        ),
        repeat=draw(st.none() | repeats),
    )
    return a_policy(severities={Severity.SEV1: targets}, services={"checkout": escalation})


def opened(policy: Policy) -> Transition:
    return open_incident(
        Report(title="Checkout is down", severity=Severity.SEV1, service="checkout"),
        policy,
        incident_id=IncidentId(7),
        workspace_id=WORKSPACE,
        number=7,
        policy_version_id=PolicyVersionId(1),
        by=SAM,
        now=NOW,
    )


VERBS: Final = (*["evaluate"] * 5, "acknowledge", "escalate", "escalate from an old page", "resolve")


@st.composite
def lives(draw: st.DrawFn) -> Life:
    policy = draw(policies())
    birth = opened(policy)
    incident, at = birth.incident, NOW
    steps: list[Step] = []
    for verb in draw(st.lists(st.sampled_from(VERBS), max_size=12)):
        at = draw(_instants(incident, policy, at))
        for step in _asked(verb, draw(st.sampled_from((ANA, BEN, CHLOE))), incident, policy, at):
            steps.append(step)
            incident = step.after
    return Life(policy=policy, opened=birth, steps=tuple(steps))


def run_on_time(incident: Incident, policy: Policy, *, until: datetime) -> Iterator[tuple[datetime, Transition]]:
    """What the clocks do when each is asked exactly when it wanted to be."""
    while (at := next_evaluation_at(incident, policy)) is not None and at <= until:
        transition = evaluate(incident, policy, at)
        assert transition.events, f"something was to be due at {at}"
        yield at, transition
        incident = transition.incident


def _instants(incident: Incident, policy: Policy, at: datetime) -> st.SearchStrategy[datetime]:
    """Later than `at`, and often just when something is due: there the rules change their mind."""
    later = st.integers(0, 3 * 60 * 60).map(lambda seconds: at + timedelta(seconds=seconds))
    due = next_evaluation_at(incident, policy)
    if due is None:
        return later
    return later | st.sampled_from([max(at, due + shift) for shift in (timedelta(0), -MOMENT, MOMENT)])


def _asked(verb: str, by: UserId, incident: Incident, policy: Policy, at: datetime) -> Iterator[Step]:
    settled = evaluate(incident, policy, at)
    yield Step(verb="evaluate", by=None, at=at, before=incident, transition=settled)
    if verb == "evaluate":
        return
    before = settled.incident
    try:
        transition, refusal = _decided(verb, by, before, policy, at), None
    except Refusal as error:
        transition, refusal = Transition(incident=before), error
    yield Step(verb=verb, by=by, at=at, before=before, transition=transition, refusal=refusal)


def _decided(verb: str, by: UserId, incident: Incident, policy: Policy, at: datetime) -> Transition:
    if verb == "acknowledge":
        return acknowledge(incident, policy, by=by, now=at)
    if verb == "escalate":
        return escalate(incident, policy, by=by, reason="it needs others", now=at)
    if verb == "escalate from an old page":
        seen = Seen(tier=incident.tier - 1, cycle=incident.cycle)
        return escalate(incident, policy, by=by, seen=seen, now=at)
    return resolve(incident, policy, by=by, summary="rolled back", now=at)
