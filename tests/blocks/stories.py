"""Incidents in each state, made by the rules themselves, with the story that led there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain import transition
from bot.domain.escalation import next_evaluation_at
from bot.domain.ids import IncidentId, PolicyVersionId
from bot.domain.incident import Incident, Report
from bot.domain.policy import Policy, Severity
from bot.domain.promise import Message
from bot.domain.timeline import TimelineEvent
from bot.domain.transition import Transition
from tests.builders import ANA, BEN, GRACE, NOW, SAM, WORKSPACE, a_policy

SUMMARY = "A bad deploy; rolled back. No data was lost."


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """An incident, all that happened to it, and the messages of the last thing that did."""

    incident: Incident
    policy: Policy
    story: Sequence[TimelineEvent]
    messages: Sequence[Message]
    now: datetime

    def after(self, step: Transition, now: datetime) -> "Situation":
        return Situation(
            incident=step.incident,
            policy=self.policy,
            story=(*self.story, *step.events),
            messages=[promise.message for promise in step.promises],
            now=now,
        )


def opened(policy: Policy | None = None, **said: str) -> Situation:
    report = {"title": "Checkout is down", "description": "Customers see a blank page after they pay."} | said
    policy = policy or a_policy()
    step = transition.open_incident(
        Report(severity=Severity.SEV1, service="checkout", **report),
        policy,
        incident_id=IncidentId(7),
        workspace_id=WORKSPACE,
        number=7,
        policy_version_id=PolicyVersionId(1),
        by=SAM,
        now=NOW,
    )
    nothing = Situation(incident=step.incident, policy=policy, story=(), messages=(), now=NOW)
    return nothing.after(step, NOW)


def next_deadline(before: Situation, *, late: timedelta = timedelta(0)) -> Situation:
    """Nobody acts until the clocks do."""
    due = next_evaluation_at(before.incident, before.policy)
    assert due is not None
    now = due + late
    return before.after(transition.evaluate(before.incident, before.policy, now), now)


def escalated_by_the_clock(*, late: timedelta = timedelta(0)) -> Situation:
    return next_deadline(opened(), late=late)


def escalated_by_ben(reason: str = "it is the database") -> Situation:
    before, now = opened(), NOW + timedelta(minutes=2)
    step = transition.escalate(before.incident, before.policy, by=BEN, reason=reason, now=now)
    return before.after(step, now)


def breached_at_the_last_tier(policy: Policy | None = None) -> Situation:
    situation = opened(policy)
    while situation.incident.tier_breached_at is None:
        situation = next_deadline(situation)
    return situation


def paged_again() -> Situation:
    return next_deadline(breached_at_the_last_tier())


def exhausted(policy: Policy | None = None) -> Situation:
    situation = breached_at_the_last_tier(policy)
    while situation.incident.exhausted_at is None:
        situation = next_deadline(situation)
    return situation


def acknowledged(before: Situation | None = None) -> Situation:
    before = before or opened()
    by, now = (ANA if before.incident.tier == 1 else GRACE), before.now + timedelta(minutes=3)
    return before.after(transition.acknowledge(before.incident, before.policy, by=by, now=now), now)


def resolved(
    before: Situation | None = None, summary: str = "A bad deploy; rolled back. No data was lost."
) -> Situation:
    before = before or acknowledged()
    by, now = before.incident.assignee or ANA, before.now + timedelta(minutes=67)
    step = transition.resolve(before.incident, before.policy, by=by, summary=summary, now=now)
    return before.after(step, now)
