"""What is due, the fact it becomes, and when to ask again."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import itemgetter

from bot.domain.actions import (
    Action,
    AskStillOnIt,
    Breach,
    EnterTier,
    Exhaust,
    ExpireAcknowledgement,
    NudgeForUpdate,
    RepeatPage,
    ReportOverdue,
    Resume,
    UpdateStakeholders,
    Warn,
)
from bot.domain.clocks import (
    LATE,
    DueWarning,
    answer_due_at,
    expiry_due_at,
    next_update_at,
    nudge_due_at,
    overdue_due_at,
    repeat_due_at,
    resolution_due_at,
    response_due_at,
    update_due_at,
    warnings_due,
)
from bot.domain.effect import apply
from bot.domain.ids import UserId
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Mention, Occasion, Policy
from bot.domain.timeline import Target

MOST_ROUNDS = 32
"""More than can be due at one instant: a few clocks, and the warnings of two targets that passed meanwhile."""

Step = tuple[Action, Incident]
"""An action and the incident after it."""


def next_actions(incident: Incident, policy: Policy, now: datetime) -> Sequence[Action]:
    """What is due at `now`, in the order in which it must be applied; empty when nothing is."""
    return [action for action, _ in next_steps(incident, policy, now)[0]]


def next_steps(incident: Incident, policy: Policy, now: datetime) -> tuple[Sequence[Step], datetime | None]:
    """Each action that is due at `now`, applied; and when to ask again.

    It is found with the ones before it applied, so that an escalation that also tells the stakeholders is not
    followed by an update that says the same.
    """
    settled: list[Step] = []
    for _ in range(MOST_ROUNDS):
        due, ask_at = _look(incident, policy, now)
        if not due:
            return settled, ask_at
        settled += steps(incident, due, now)
        incident = settled[-1][1]
    raise AssertionError("the rules do not settle")


def steps(incident: Incident, actions: Iterable[Action], now: datetime) -> Sequence[Step]:
    """The actions applied one after the other."""
    applied = []
    for action in actions:
        incident = apply(incident, action, now)
        applied.append((action, incident))
    return applied


def next_evaluation_at(incident: Incident, policy: Policy) -> datetime | None:
    """The earliest instant at which something is due; None when nothing can become due by itself."""
    response, resolution = response_due_at(incident, policy), resolution_due_at(incident, policy)
    others = [clock(incident, policy) for clock, _ in _OTHER_CLOCKS]
    return _earliest(response, resolution, others, warnings_due(incident, policy, response, resolution))


def way_on(incident: Incident, policy: Policy, *, catching_up: bool = False) -> EnterTier | None:
    """To the next tier that can hold the incident; None from the last."""
    tier = policy.escalation(incident.routed_to).next_tier(incident.tier)
    if tier is None:
        return None
    skipped = tuple(range(incident.tier + 1, tier.number))
    return EnterTier(tier=tier.number, skipped=skipped, catching_up=catching_up)


def _look(incident: Incident, policy: Policy, now: datetime) -> tuple[Sequence[Action], datetime | None]:
    """What ran out, or else what the next clock asks for; a warning last, so that none comes after a breach.

    With nothing due, the instant at which something will be: each clock is asked once.
    """
    response, resolution = response_due_at(incident, policy), resolution_due_at(incident, policy)
    breaches = _breaches(incident, policy, now, response, resolution)
    if breaches:
        return breaches, None
    others = []
    for clock, actions in _OTHER_CLOCKS:
        due_at = clock(incident, policy)
        if due_at is not None and due_at <= now:
            return actions(incident, policy, due_at, now), None
        others.append(due_at)
    warnings = list(warnings_due(incident, policy, response, resolution))
    due = [_warning(incident, policy, warning, now) for warning in warnings if warning.due_at <= now]
    return due, None if due else _earliest(response, resolution, others, warnings)


def _earliest(
    response: datetime | None,
    resolution: datetime | None,
    others: Sequence[datetime | None],
    warnings: Iterable[DueWarning],
) -> datetime | None:
    instants = [response, resolution, *others, *[warning.due_at for warning in warnings]]
    return min([instant for instant in instants if instant is not None], default=None)


def _breaches(
    incident: Incident, policy: Policy, now: datetime, response: datetime | None, resolution: datetime | None
) -> Sequence[Action]:
    """All targets that ran out, in their order and at the tier where they did; then one step on at most."""
    due = ((response, Target.RESPONSE), (resolution, Target.RESOLUTION))
    ran_out = [(due_at, target) for due_at, target in due if due_at is not None and due_at <= now]
    if not ran_out:
        return ()
    ran_out.sort(key=itemgetter(0))
    escalation = policy.escalation(incident.routed_to)
    targets = [target for _, target in ran_out]
    moves = Target.RESPONSE in targets or escalation.escalate_on_resolution_breach
    onward = way_on(incident, policy, catching_up=now - ran_out[0][0] >= LATE) if moves else None
    skipped = escalation.behind(incident.tier) if moves and onward is None else ()
    breaches = [
        Breach(
            target=target,
            due_at=due_at,
            told=escalation.told(Occasion.BREACH, incident.breach_count + count, incident.severity, incident.tier),
            skipped=skipped,
        )
        for count, (due_at, target) in enumerate(ran_out, start=1)
    ]
    return breaches if onward is None else (*breaches, onward)


def _repeat(incident: Incident, policy: Policy, _due_at: datetime, _now: datetime) -> Sequence[Action]:
    escalation = policy.escalation(incident.routed_to)
    if escalation.repeat is None or incident.repeats_sent >= escalation.repeat.times:
        return (Exhaust(told=escalation.managers),)
    return (RepeatPage(number=incident.repeats_sent + 1),)


def _review(_incident: Incident, _policy: Policy, _due_at: datetime, _now: datetime) -> Sequence[Action]:
    return (Resume(by=None),)


def _expire(incident: Incident, policy: Policy, _due_at: datetime, now: datetime) -> Sequence[Action]:
    if incident.still_asked_at is not None:
        return (ExpireAcknowledgement(assignee=incident.holder),)
    return (AskStillOnIt(assignee=incident.holder, answer_by=answer_due_at(incident, policy, now)),)


def _update(incident: Incident, policy: Policy, _due_at: datetime, _now: datetime) -> Sequence[Action]:
    """Of an incident that nobody has, or that is on hold, nobody owes one."""
    asked = policy.updates.overdue_after is not None and incident.state is IncidentState.ACKNOWLEDGED
    return (UpdateStakeholders(owed_by=incident.holder if asked else None),)


def _report_overdue(incident: Incident, policy: Policy, _due_at: datetime, _now: datetime) -> Sequence[Action]:
    told = _others_in_charge(incident.holder, incident, policy)
    return (ReportOverdue(assignee=incident.holder, since=incident.owed_since, told=told),)


def _others_in_charge(assignee: UserId, incident: Incident, policy: Policy) -> tuple[Mention, ...]:
    """The managers of the tier but for who has it, or else those of the whole policy; maybe there are none."""
    escalation = policy.escalation(incident.routed_to)
    for managers in (escalation.tier(incident.tier).managers, escalation.managers):
        others = tuple(manager for manager in managers if manager.slack_id != assignee)
        if others:
            return others
    return ()


def _nudge(incident: Incident, policy: Policy, due_at: datetime, now: datetime) -> Sequence[Action]:
    """What a bot that was away did not say in time is not said later, as a warning is not."""
    update_at = next_update_at(incident, policy)
    return (NudgeForUpdate(assignee=incident.holder, due_at=update_at, missed=now - due_at >= LATE),)


def _hold_until(incident: Incident, _policy: Policy) -> datetime | None:
    return incident.hold_until


def _warning(incident: Incident, policy: Policy, warning: DueWarning, now: datetime) -> Warn:
    """What a bot that was away did not say in time is not said later: what is true now decides."""
    missed = now - warning.due_at >= LATE
    escalation = policy.escalation(incident.routed_to)
    told = escalation.told(Occasion.WARNING, warning.percent, incident.severity, incident.tier)
    return Warn(
        target=warning.target,
        percent=warning.percent,
        due_at=warning.due_at,
        breach_at=warning.breach_at,
        told=() if missed else told,
        missed=missed,
    )


Clock = Callable[[Incident, Policy], datetime | None]
Due = Callable[[Incident, Policy, datetime, datetime], Sequence[Action]]
"""When it was due, and now."""

_OTHER_CLOCKS: Sequence[tuple[Clock, Due]] = (
    (repeat_due_at, _repeat),
    (_hold_until, _review),
    (expiry_due_at, _expire),
    (overdue_due_at, _report_overdue),
    (update_due_at, _update),
    (nudge_due_at, _nudge),
)
"""In the order in which they are asked; the stakeholders last, since each of the others may have told them, but for the
reminder: of an update that is due nobody is reminded any more."""
