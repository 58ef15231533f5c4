"""The history of one incident: what was asked of it when, and what became of that. Time is only ever an argument."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain import timeline
from bot.domain.errors import Refusal
from bot.domain.escalation import next_evaluation_at
from bot.domain.ids import IncidentId, PolicyVersionId, UserId
from bot.domain.incident import Incident, Report
from bot.domain.policy import Policy, Severity
from bot.domain.promise import Promise
from bot.domain.timeline import TimelineEvent
from bot.domain.transition import Breach, Transition, evaluate
from bot.domain.verbs import open_incident
from tests.builders import NOW, SAM, WORKSPACE, minutes

MOMENT: Final = timedelta(microseconds=1)

LAST_TOLD: Final = 60
READABLE: Final = 20_000

Verb = Callable[..., Transition]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was asked at `at`, by a person or, without one, of the clocks. A refusal changed nothing."""

    asked: str
    by: UserId | None
    at: datetime
    before: Incident
    transition: Transition
    refusal: Refusal | None = None

    @property
    def after(self) -> Incident:
        return self.transition.incident

    def __str__(self) -> str:
        became = ", ".join(line(event.fact) for event in self.transition.events)
        return f"{self.at:%a %H:%M:%S.%f} {self.asked} → {self.refusal or became or 'nothing'}"


@dataclass(slots=True, kw_only=True, repr=False)
class History:
    """One incident from its opening on; before a person's act the clocks are always asked, as the services do."""

    policy: Policy
    opened: Transition
    steps: list[Step] = field(default_factory=list)

    def __repr__(self) -> str:
        """What is needed to see what happened, for a failure; the incidents themselves would fill pages."""
        told = [str(step) for step in self.steps if step.by is not None or step.transition.events]
        return "\n".join((f"{self.opened.incident.severity}:", *told[-LAST_TOLD:], str(self.policy)))[:READABLE]

    @property
    def incident(self) -> Incident:
        return self.steps[-1].after if self.steps else self.opened.incident

    @property
    def now(self) -> datetime:
        return self.steps[-1].at if self.steps else self.incident.opened_at

    @property
    def due_at(self) -> datetime | None:
        return next_evaluation_at(self.incident, self.policy)

    @property
    def transitions(self) -> Sequence[Transition]:
        return [self.opened, *(step.transition for step in self.steps)]

    @property
    def incidents(self) -> Sequence[Incident]:
        return [transition.incident for transition in self.transitions]

    @property
    def events(self) -> Sequence[TimelineEvent]:
        return [event for transition in self.transitions for event in transition.events]

    @property
    def breaches(self) -> Sequence[Breach]:
        return [breach for transition in self.transitions for breach in transition.breaches]

    @property
    def promises(self) -> Sequence[Promise]:
        return [promise for transition in self.transitions for promise in transition.promises]

    @property
    def story(self) -> Sequence[tuple[float, str]]:
        """What happened, without the updates: minutes since the opening, and the fact in a few words."""
        return [
            ((event.at - self.opened.incident.opened_at) / minutes(1), line(event.fact))
            for event in self.events
            if not isinstance(event.fact, timeline.Opened | timeline.UpdateDue)
        ]

    def ask(self, at: datetime) -> Transition:
        """The clocks are asked once, however late that is."""
        return self._record("the clocks", None, at, evaluate(self.incident, self.policy, at))

    def wait(self, until: datetime) -> None:
        """The clocks are asked exactly when each wants to be."""
        while (at := self.due_at) is not None and at <= until:
            transition = self.ask(max(at, self.now))
            assert transition.events, f"something was to be due at {at}"
        self.ask(until)

    def do(self, verb: Verb, *, by: UserId, at: datetime, **said: Any) -> Transition:
        """Raises the refusal, which is recorded too."""
        self.ask(at)
        asked = f"{by}: {verb.__name__} {said or ''}"
        try:
            decided = verb(self.incident, self.policy, by=by, now=at, **said)
        except Refusal as refusal:
            self._record(asked, by, at, Transition(incident=self.incident), refusal)
            raise
        return self._record(asked, by, at, decided)

    def _record(
        self, asked: str, by: UserId | None, at: datetime, transition: Transition, refusal: Refusal | None = None
    ) -> Transition:
        step = Step(asked=asked, by=by, at=at, before=self.incident, transition=transition, refusal=refusal)
        self.steps.append(step)
        return transition


def history(
    policy: Policy, *, severity: Severity = Severity.SEV1, service: str = "checkout", at: datetime = NOW
) -> History:
    opened = open_incident(
        Report(title="Checkout is down", severity=severity, service=service),
        policy,
        incident_id=IncidentId(7),
        workspace_id=WORKSPACE,
        number=7,
        policy_version_id=PolicyVersionId(1),
        by=SAM,
        now=at,
    )
    return History(policy=policy, opened=opened)


def line(fact: timeline.Fact) -> str:
    """A fact with what tells it from others of its kind."""
    match fact:
        case timeline.Warned(target=target, percent=percent):
            return f"warned {target} {percent}"
        case timeline.Breached(target=timeline.Target.RESPONSE, tier=tier):
            return f"breached tier {tier}"
        case timeline.Breached(target=target):
            return f"breached {target}"
        case timeline.Escalated(to_tier=tier, route=route):
            return f"escalated {route} {tier}".replace("  ", " ")
        case timeline.PagedAgain(number=number):
            return f"paged again {number}"
        case timeline.SeverityChanged(after=severity):
            return f"severity {severity}"
        case timeline.PassedOn(to=to):
            return f"passed on to {to}"
        case timeline.Assigned(to=to, accepted=accepted):
            return f"{'assigned' if accepted else 'offered'} to {to}"
        case _:
            return fact.kind.replace("_", " ")
