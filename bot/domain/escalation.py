"""What is due, the fact it becomes, and when to ask again. Every clock derives from the incident's own instants."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from bot.domain.ids import UserId
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachResponse:
    """Nobody acknowledged at `tier` by `due_at`."""

    tier: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterTier:
    """The incident moves to the channel of `tier` and waits for an acknowledgement there."""

    tier: int
    by: UserId | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatPage:
    """The last tier is paged for the `number`th time again."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhaust:
    """The last tier and its repeats ran out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateStakeholders:
    """The cadence is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    by: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    by: UserId
    summary: str = ""


Action = BreachResponse | EnterTier | RepeatPage | Exhaust | UpdateStakeholders | Acknowledge | Resolve

MOST_ROUNDS = 8
"""Three are the most that can be due at one instant: a breach, a repeat or exhaustion, an update."""

Step = tuple[Action, Incident]
"""An action and the incident after it."""


def next_actions(incident: Incident, policy: Policy, now: datetime) -> Sequence[Action]:
    """What is due at `now`, in the order in which it must be applied; empty when nothing is."""
    return [action for action, _ in next_steps(incident, policy, now)]


def next_steps(incident: Incident, policy: Policy, now: datetime) -> Iterator[Step]:
    """Each action that is due at `now`, applied.

    It is found with the ones before it applied, so that an escalation that also tells the stakeholders is not
    followed by an update that says the same.
    """
    for _ in range(MOST_ROUNDS):
        due = _due(incident, policy, now)
        if not due:
            return
        for step in steps(incident, due, now):
            incident = step[1]
            yield step
    raise AssertionError("the rules do not settle")


def steps(incident: Incident, actions: Iterable[Action], now: datetime) -> Iterator[Step]:
    """The actions applied one after the other."""
    for action in actions:
        incident = apply(incident, action, now)
        yield action, incident


def apply(incident: Incident, action: Action, now: datetime) -> Incident:
    """The incident after `action` became a fact at `now`.

    Each change of state or of tier also tells the stakeholders, which restarts their cadence.
    """
    match action:
        case BreachResponse():
            return replace(incident, tier_breached_at=now, breach_count=incident.breach_count + 1)
        case EnterTier(tier=tier, by=by):
            return replace(
                incident,
                state=IncidentState.OPEN,
                assignee=None,
                acknowledged_at=None,
                tier=tier,
                cycle=0,
                tier_entered_at=now,
                tier_entered_by=by,
                paged_at=now,
                tier_breached_at=None,
                repeats_sent=0,
                exhausted_at=None,
                updated_at=now,
                updates_sent=incident.updates_sent + 1,
            )
        case RepeatPage(number=number):
            return replace(incident, paged_at=now, repeats_sent=number, cycle=incident.cycle + 1)
        case Exhaust():
            return replace(incident, exhausted_at=now)
        case UpdateStakeholders():
            return replace(incident, updated_at=now, updates_sent=incident.updates_sent + 1)
        case Acknowledge(by=by):
            return replace(
                incident,
                state=IncidentState.ACKNOWLEDGED,
                assignee=by,
                acknowledged_at=now,
                first_acknowledged_at=incident.first_acknowledged_at or now,
                updated_at=now,
                updates_sent=incident.updates_sent + 1,
            )
        case Resolve(by=by, summary=summary):
            return replace(
                incident,
                state=IncidentState.RESOLVED,
                resolved_at=now,
                resolved_by=by,
                resolution=summary,
                updated_at=now,
                updates_sent=incident.updates_sent + 1,
            )
        case _:
            assert_never(action)


def next_evaluation_at(incident: Incident, policy: Policy) -> datetime | None:
    """The earliest instant at which something is due; None when nothing can become due by itself."""
    instants = (
        response_due_at(incident, policy),
        repeat_due_at(incident, policy),
        update_due_at(incident, policy),
    )
    return min((instant for instant in instants if instant is not None), default=None)


def response_due_at(incident: Incident, policy: Policy) -> datetime | None:
    """When the present tier breaches: its target counts from the arrival at the tier, not from the opening."""
    if not incident.is_open or incident.tier_breached_at is not None:
        return None
    return incident.tier_entered_at + policy.targets(incident.severity).ack_within


def repeat_due_at(incident: Incident, policy: Policy) -> datetime | None:
    """When the last tier is paged again or, after the last repeat, counts as exhausted."""
    if not incident.is_open or incident.tier_breached_at is None or incident.exhausted_at is not None:
        return None
    repeat = policy.escalation(incident.service).repeat
    if repeat is None:
        return incident.tier_breached_at
    return max(incident.paged_at, incident.tier_breached_at) + repeat.every


def update_due_at(incident: Incident, policy: Policy) -> datetime | None:
    """When the stakeholders hear the next time, whatever happens."""
    if incident.is_over:
        return None
    return incident.updated_at + policy.targets(incident.severity).update_every


def _due(incident: Incident, policy: Policy, now: datetime) -> Sequence[Action]:
    response_due = response_due_at(incident, policy)
    if response_due is not None and response_due <= now:
        return _breach(incident, policy, response_due)
    repeat_due = repeat_due_at(incident, policy)
    if repeat_due is not None and repeat_due <= now:
        return (_repeat(incident, policy),)
    update_due = update_due_at(incident, policy)
    if update_due is not None and update_due <= now:
        return (UpdateStakeholders(),)
    return ()


def _breach(incident: Incident, policy: Policy, due_at: datetime) -> Sequence[Action]:
    breach = BreachResponse(tier=incident.tier, due_at=due_at)
    if policy.escalation(incident.service).is_last(incident.tier):
        return (breach,)
    return (breach, EnterTier(tier=incident.tier + 1))


def _repeat(incident: Incident, policy: Policy) -> RepeatPage | Exhaust:
    repeat = policy.escalation(incident.service).repeat
    if repeat is None or incident.repeats_sent >= repeat.times:
        return Exhaust()
    return RepeatPage(number=incident.repeats_sent + 1)
