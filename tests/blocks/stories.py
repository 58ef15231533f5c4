"""Incidents in each state, made by the rules themselves, with the story that led there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain import transition, verbs
from bot.domain.escalation import next_evaluation_at
from bot.domain.ids import ChannelId, IncidentId, PolicyVersionId
from bot.domain.incident import Incident, Report
from bot.domain.message import Message
from bot.domain.notice import Notice, PagesElsewhere
from bot.domain.policy import ManagerRule, Occasion, OwedUpdates, Policy, Severity, Tier
from bot.domain.progress import Progress, StatusReport
from bot.domain.timeline import TimelineEvent
from bot.domain.transition import Transition
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    DEV,
    GRACE,
    HUGO,
    NOW,
    SAM,
    WORKSPACE,
    a_policy,
    a_tier,
    a_user,
    an_escalation,
)

SUMMARY = "A bad deploy; rolled back. No data was lost."


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """An incident, all that happened to it, and the messages of the last thing that did."""

    incident: Incident
    policy: Policy
    story: Sequence[TimelineEvent]
    messages: Sequence[Message | Notice]
    now: datetime

    def after(self, step: Transition, now: datetime) -> "Situation":
        return Situation(
            incident=step.incident,
            policy=self.policy,
            story=(*self.story, *step.events),
            messages=[promise.message for promise in step.promises if not isinstance(promise.message, PagesElsewhere)],
            now=now,
        )


SEARCH_CHANNEL = ChannelId("C0SEARCH01")


def full_policy() -> Policy:
    """With every clock and rule: the search team has a policy of its own, and its people are single persons."""
    plain = a_policy()
    severities = {
        severity: replace(
            targets,
            resolve_within=timedelta(hours=4),
            warn_at=(50, 75),
            ack_expires_after=timedelta(minutes=30),
        )
        for severity, targets in plain.severities.items()
    }
    rules = (
        ManagerRule(occasion=Occasion.OPENING, severities=frozenset({Severity.SEV1}), tell=(a_user(HUGO, "hugo"),)),
        ManagerRule(occasion=Occasion.WARNING, number=75, severities=frozenset(Severity), tell=(), tier_managers=True),
    )
    checkout = an_escalation(manager_rules=rules, escalate_on_resolution_breach=True)
    team = (a_user(BEN, "ben"), a_user(CHLOE, "chloe"))
    search = an_escalation(
        tiers=(
            Tier(number=1, name="search team", channel=SEARCH_CHANNEL, people=team, managers=(a_user(GRACE, "grace"),)),
            Tier(number=2, name="search lead", channel=None, people=(a_user(DEV, "dev"),), managers=()),
            a_tier(3),
        )
    )
    return replace(plain, severities=severities, services={"checkout": checkout, "search": search})


def opened(policy: Policy | None = None, **said: Any) -> Situation:
    report: dict[str, Any] = {
        "title": "Checkout is down",
        "description": "Customers see a blank page after they pay.",
        "severity": Severity.SEV1,
        "service": "checkout",
    }
    policy = policy or a_policy()
    step = verbs.open_incident(
        Report(**(report | said)),
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
    step = verbs.escalate(before.incident, before.policy, by=BEN, reason=reason, now=now)
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
    return before.after(verbs.acknowledge(before.incident, before.policy, by=by, now=now), now)


def resolved(
    before: Situation | None = None, summary: str = "A bad deploy; rolled back. No data was lost."
) -> Situation:
    before = before or acknowledged()
    by, now = before.incident.assignee or ANA, before.now + timedelta(minutes=67)
    step = verbs.resolve(before.incident, before.policy, by=by, summary=summary, now=now)
    return before.after(step, now)


def done(before: Situation, verb: Callable[..., Transition], *, after: float = 2, **said: Any) -> Situation:
    """Somebody acts, `after` so many minutes."""
    now = before.now + timedelta(minutes=after)
    return before.after(verb(before.incident, before.policy, now=now, **said), now)


def until(before: Situation, reached: Callable[[Incident], bool]) -> Situation:
    """Nobody acts until that is so."""
    situation = before
    while not reached(situation.incident):
        situation = next_deadline(situation)
    return situation


def warned() -> Situation:
    return until(opened(full_policy(), severity=Severity.SEV2), lambda incident: incident.response_warned == 2)


def taken() -> Situation:
    return acknowledged(opened(full_policy()))


def asked_still_on_it() -> Situation:
    return until(taken(), lambda incident: incident.still_asked_at is not None)


def expired() -> Situation:
    return until(asked_still_on_it(), lambda incident: incident.is_open)


def held() -> Situation:
    before = taken()
    end = before.now + timedelta(hours=2)
    return done(before, verbs.hold, by=ANA, until=end, reason="The payment provider mends it; <!channel> waits")


def reviewed() -> Situation:
    return until(held(), lambda incident: not incident.is_on_hold)


def taken_for_long() -> Situation:
    """Its acknowledgement does not expire."""
    policy = full_policy()
    patient = {severity: replace(targets, ack_expires_after=None) for severity, targets in policy.severities.items()}
    return acknowledged(opened(replace(policy, severities=patient)))


def owing() -> Situation:
    """Taken, under a policy that reminds of updates and has managers hear when nobody writes them."""
    before = taken_for_long()
    asks = replace(before.policy, updates=OwedUpdates(nudge_before=timedelta(minutes=5), overdue_after=50))
    return replace(before, policy=asks)


def nudged() -> Situation:
    return until(owing(), lambda incident: incident.nudged_at is not None)


def overdue() -> Situation:
    return until(owing(), lambda incident: incident.overdue_told_at is not None)


def overdue_again() -> Situation:
    """Ben had told something before."""
    report = StatusReport(progress=Progress.IDENTIFIED, changed="It is the cache.", eta=NOW + timedelta(minutes=40))
    told = done(owing(), verbs.tell_stakeholders, by=BEN, report=report)
    return until(told, lambda incident: incident.overdue_told_at is not None)


def resolution_warned() -> Situation:
    return until(taken_for_long(), lambda incident: incident.resolution_warned == 2)


def resolution_breached() -> Situation:
    return until(taken_for_long(), lambda incident: incident.resolution_breached_at is not None)


def catching_up() -> Situation:
    return next_deadline(opened(severity=Severity.SEV3), late=timedelta(minutes=40))


def routed() -> Situation:
    there = verbs.Destination(route="search", tier=1)
    return done(opened(full_policy()), verbs.escalate, by=BEN, reason="the index is gone", to=there)


def passed_on_to_a_person() -> Situation:
    return done(routed(), verbs.pass_on, by=BEN)


def given_back_to_the_tier() -> Situation:
    """By who had it at the last tier."""
    return done(acknowledged(breached_at_the_last_tier(_grouped())), verbs.pass_on, by=GRACE)


def _grouped() -> Policy:
    return a_policy(services={"checkout": an_escalation(tiers=(a_tier(1), replace(a_tier(3), number=2)))})


def asked_to_take_it() -> Situation:
    return done(opened(full_policy()), verbs.assign, by=SAM, to=BEN)


def given() -> Situation:
    return done(taken(), verbs.assign, by=ANA, to=BEN)


def upgraded() -> Situation:
    before = opened(full_policy(), severity=Severity.SEV3)
    return done(before, verbs.change_severity, by=SAM, severity=Severity.SEV1, reason="every country is affected")


def downgraded() -> Situation:
    return done(taken(), verbs.change_severity, by=ANA, severity=Severity.SEV3, reason="only the old app")


def told_by_hand() -> Situation:
    """With everything that an update can say."""
    before = taken()
    report = StatusReport(
        progress=Progress.IDENTIFIED,
        changed="The payment provider rejects our key & <!channel> nobody else's.\nA new one is on its way.",
        impact="Nobody can pay by card",
        action="The key is rotated",
        owner=BEN,
        eta=before.now + timedelta(minutes=40),
    )
    return done(before, verbs.tell_stakeholders, by=ANA, report=report)


def told_in_short() -> Situation:
    report = StatusReport(progress=Progress.INVESTIGATING, changed="We see it too.")
    return done(taken(), verbs.tell_stakeholders, by=ANA, report=report)


def noted() -> Situation:
    return done(taken(), verbs.note, by=BEN, text="The error is in <https://logs.example/1|the log>\nof the gateway")


def resolved_with_losses() -> Situation:
    before = told_by_hand()
    return done(before, verbs.resolve, by=ANA, summary="The key was rotated.", data_loss="12 orders were lost")


def cancelled() -> Situation:
    return done(taken(), verbs.cancel, by=ANA, reason="a false alarm of the probe")


def duplicate() -> Situation:
    return done(taken(), verbs.cancel, by=ANA, reason="", duplicate_of=2)


def reopened() -> Situation:
    return done(resolved(taken()), verbs.reopen, by=SAM, reason="it is back")
