"""One change of an incident with everything that must be stored with it: the story, the breaches, the promises."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain import actions
from bot.domain.consequences import event_of, promises_of, updates_of
from bot.domain.escalation import Step, next_steps, steps
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.promise import Promise
from bot.domain.timeline import Target, TimelineEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """An entry of the breach ledger: recorded once, never undone. Its lateness is `breached_at - due_at`.

    `route` is the service whose policy has the tier.
    """

    number: int
    target: Target
    route: str
    tier: int
    cycle: int
    due_at: datetime
    breached_at: datetime
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """What one transaction stores. An empty `events` means that nothing was due."""

    incident: Incident
    events: Sequence[TimelineEvent] = ()
    breaches: Sequence[Breach] = ()
    promises: Sequence[Promise] = ()

    def then(self, later: "Transition") -> "Transition":
        """Both as one; `later` must have been decided on the incident of this one."""
        return Transition(
            incident=later.incident,
            events=(*self.events, *later.events),
            breaches=(*self.breaches, *later.breaches),
            promises=(*self.promises, *later.promises),
        )


Act = Callable[[Incident, Policy, datetime], Transition]
"""One of the `verbs`, with who does it and what is said bound to it."""


def evaluate(incident: Incident, policy: Policy, now: datetime) -> Transition:
    """What the clocks decide at `now`."""
    return settle(incident, policy, now)[0]


def settle(incident: Incident, policy: Policy, now: datetime) -> tuple[Transition, datetime | None]:
    """What the clocks decide at `now`, and when to ask them again; None when nothing can become due by itself."""
    settled, ask_at = next_steps(incident, policy, now)
    return _told(incident, policy, settled, now), ask_at


def decide(incident: Incident, policy: Policy, now: datetime, act: Act) -> Transition:
    """What a person's act makes of it. A clock that ran out a moment before counts, whether or not it was seen to."""
    settled = evaluate(incident, policy, now)
    return settled.then(act(settled.incident, policy, now))


def perform(incident: Incident, policy: Policy, due: Iterable[actions.Action], now: datetime) -> Transition:
    """The actions applied one after the other, each with its entry in the story and its promises."""
    return _told(incident, policy, steps(incident, due, now), now)


def _told(before: Incident, policy: Policy, steps: Iterable[Step], now: datetime) -> Transition:
    """Together the steps are one version of the incident; each has its own entry in the story."""
    events: list[TimelineEvent] = []
    breaches: list[Breach] = []
    promises: list[Promise] = []
    incident, seq, updated_seq = before, before.last_seq, before.updated_seq
    for action, after in steps:
        seq += 1
        events.append(event_of(action, incident, after, seq=seq, now=now))
        if isinstance(action, actions.Breach):
            breaches.append(_breach(action, after, now))
        promises.extend(promises_of(action, incident, after, policy, seq=seq, now=now))
        if after.updates_sent > incident.updates_sent:
            promises.extend(updates_of(action, after, policy, since_seq=updated_seq, seq=seq, now=now))
            updated_seq = seq
        incident = after
    if events:
        incident = incident.but(last_seq=seq, updated_seq=updated_seq, version=before.version + 1)
    return Transition(incident=incident, events=events, breaches=breaches, promises=promises)


def _breach(action: actions.Breach, after: Incident, now: datetime) -> Breach:
    return Breach(
        number=after.breach_count,
        target=action.target,
        route=after.routed_to,
        tier=after.tier,
        cycle=after.cycle,
        due_at=action.due_at,
        breached_at=now,
        told=tuple(manager.slack_id for manager in action.told),
    )
