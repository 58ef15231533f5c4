"""One change of an incident with everything that must be stored with it: the story, the breaches, the promises."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from bot.domain import timeline
from bot.domain.errors import (
    IncidentAlreadyAcknowledged,
    IncidentAlreadyResolved,
    IncidentMovedOn,
    NoNextTier,
)
from bot.domain.escalation import (
    Acknowledge,
    Action,
    BreachResponse,
    EnterTier,
    Exhaust,
    RepeatPage,
    Resolve,
    Step,
    UpdateStakeholders,
    next_steps,
    steps,
)
from bot.domain.ids import THE_BOT, ChannelId, IncidentId, PolicyVersionId, UserId, WorkspaceId
from bot.domain.incident import Incident, Report
from bot.domain.policy import Policy, Tier
from bot.domain.promise import (
    BreachNotice,
    ExhaustedAlarm,
    Lane,
    Message,
    PageAgain,
    PageTier,
    Promise,
    StakeholderParent,
    StakeholderUpdate,
    UpdateReason,
)
from bot.domain.timeline import TimelineEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """An entry of the breach ledger: recorded once, never undone. Its lateness is `breached_at - due_at`."""

    number: int
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the person who clicked had on the screen."""

    tier: int
    cycle: int


def open_incident(
    report: Report,
    policy: Policy,
    *,
    incident_id: IncidentId,
    workspace_id: WorkspaceId,
    number: int,
    policy_version_id: PolicyVersionId,
    by: UserId,
    now: datetime,
) -> Transition:
    """A new incident at the first tier of its service's policy, with the page and the stakeholders' parent promised."""
    incident = Incident(
        id=incident_id,
        workspace_id=workspace_id,
        number=number,
        policy_version_id=policy_version_id,
        title=report.title,
        description=report.description,
        severity=report.severity,
        service=report.service,
        opened_at=now,
        opened_by=by,
        tier_entered_at=now,
        paged_at=now,
        updated_at=now,
        updated_seq=1,
        last_seq=1,
    )
    fact = timeline.Opened(
        title=report.title,
        description=report.description,
        severity=report.severity,
        service=report.service,
        tier=1,
    )
    parent = Promise(
        key=f"{incident.key}/stakeholders",
        lane=Lane.UPDATE,
        channel=policy.stakeholder_channel,
        deliver_at=now,
        message=StakeholderParent(),
    )
    return Transition(
        incident=incident,
        events=(TimelineEvent(seq=1, at=now, by=by, fact=fact),),
        promises=(_page(incident, _tier(incident, policy), now), parent),
    )


def evaluate(incident: Incident, policy: Policy, now: datetime) -> Transition:
    """What the clocks decide at `now`."""
    return _told(incident, policy, next_steps(incident, policy, now), now)


def acknowledge(incident: Incident, policy: Policy, *, by: UserId, now: datetime) -> Transition:
    """Raises `IncidentAlreadyResolved` or `IncidentAlreadyAcknowledged`; both say who was faster."""
    _refuse_if_over(incident)
    if incident.assignee is not None and incident.acknowledged_at is not None:
        raise IncidentAlreadyAcknowledged(incident.key, by=incident.assignee, at=incident.acknowledged_at)
    return perform(incident, policy, (Acknowledge(by=by),), now)


def escalate(
    incident: Incident, policy: Policy, *, by: UserId, reason: str = "", seen: Seen | None = None, now: datetime
) -> Transition:
    """To the next tier, on a person's word. `seen` fences the button of an old page.

    Raises `IncidentAlreadyResolved`, `IncidentMovedOn` or `NoNextTier`.
    """
    _refuse_if_over(incident)
    tier = _tier(incident, policy)
    if seen is not None and (seen.tier, seen.cycle) != (incident.tier, incident.cycle):
        raise IncidentMovedOn(
            incident.key,
            tier=tier.number,
            tier_name=tier.name,
            since=incident.tier_entered_at,
            by=incident.tier_entered_by,
        )
    if policy.escalation(incident.service).is_last(incident.tier):
        raise NoNextTier(incident.key, tier=tier.number, tier_name=tier.name, since=incident.tier_entered_at)
    return perform(incident, policy, (EnterTier(tier=incident.tier + 1, by=by, reason=reason),), now)


def resolve(incident: Incident, policy: Policy, *, by: UserId, summary: str = "", now: datetime) -> Transition:
    """Raises `IncidentAlreadyResolved`, which says who did it."""
    _refuse_if_over(incident)
    return perform(incident, policy, (Resolve(by=by, summary=summary),), now)


def perform(incident: Incident, policy: Policy, actions: Iterable[Action], now: datetime) -> Transition:
    """The actions applied one after the other, each with its entry in the story and its promises."""
    return _told(incident, policy, steps(incident, actions, now), now)


def _told(before: Incident, policy: Policy, steps: Iterable[Step], now: datetime) -> Transition:
    """Together the steps are one version of the incident; each has its own entry in the story."""
    events: list[TimelineEvent] = []
    breaches: list[Breach] = []
    promises: list[Promise] = []
    incident, seq, updated_seq = before, before.last_seq, before.updated_seq
    for action, after in steps:
        seq += 1
        events.append(TimelineEvent(seq=seq, at=now, by=_author(action), fact=_fact(action, after, policy)))
        if isinstance(action, BreachResponse):
            breaches.append(_breach(action, after, policy, now))
        promises.extend(_promises(action, after, policy, now))
        if after.updates_sent > incident.updates_sent:
            promises.append(_update(action, after, policy, now, since_seq=updated_seq, until_seq=seq))
            updated_seq = seq
        incident = after
    if events:
        incident = replace(incident, last_seq=seq, updated_seq=updated_seq, version=before.version + 1)
    return Transition(incident=incident, events=events, breaches=breaches, promises=promises)


def _author(action: Action) -> UserId:
    match action:
        case Acknowledge(by=by) | Resolve(by=by):
            return by
        case EnterTier(by=by):
            return by or THE_BOT
        case BreachResponse() | RepeatPage() | Exhaust() | UpdateStakeholders():
            return THE_BOT
        case _:
            assert_never(action)


def _fact(action: Action, after: Incident, policy: Policy) -> timeline.Fact:
    match action:
        case BreachResponse(tier=tier, due_at=due_at):
            return timeline.Breached(
                number=after.breach_count, tier=tier, cycle=after.cycle, due_at=due_at, told=_managers(after, policy)
            )
        case EnterTier(tier=tier, reason=reason):
            return timeline.Escalated(from_tier=tier - 1, to_tier=tier, reason=reason)
        case RepeatPage(number=number):
            return timeline.PagedAgain(tier=after.tier, cycle=after.cycle, number=number)
        case Exhaust():
            managers = policy.escalation(after.service).managers
            return timeline.Exhausted(tier=after.tier, told=tuple(manager.slack_id for manager in managers))
        case Acknowledge():
            return timeline.Acknowledged(tier=after.tier)
        case UpdateStakeholders():
            return timeline.UpdateDue(number=after.updates_sent)
        case Resolve(summary=summary):
            return timeline.Resolved(summary=summary)
        case _:
            assert_never(action)


def _breach(action: BreachResponse, after: Incident, policy: Policy, now: datetime) -> Breach:
    return Breach(
        number=after.breach_count,
        tier=action.tier,
        cycle=after.cycle,
        due_at=action.due_at,
        breached_at=now,
        told=_managers(after, policy),
    )


def _promises(action: Action, after: Incident, policy: Policy, now: datetime) -> Sequence[Promise]:
    match action:
        case BreachResponse(due_at=due_at):
            return (_breach_notice(after, _tier(after, policy), due_at, now),)
        case EnterTier():
            return (_page(after, _tier(after, policy), now),)
        case RepeatPage(number=number):
            message = PageAgain(tier=after.tier, cycle=after.cycle, number=number)
            return (_urgent(f"{_at_tier(after, 'page')}", _tier(after, policy).channel, message, now),)
        case Exhaust():
            alarm = ExhaustedAlarm(tier=after.tier)
            return (_urgent(_at_tier(after, "exhausted"), policy.fallback_channel, alarm, now),)
        case Acknowledge() | UpdateStakeholders() | Resolve():
            return ()
        case _:
            assert_never(action)


def _page(incident: Incident, tier: Tier, now: datetime) -> Promise:
    message = PageTier(tier=incident.tier, cycle=incident.cycle)
    return _urgent(_at_tier(incident, "page"), tier.channel, message, now)


def _breach_notice(incident: Incident, tier: Tier, due_at: datetime, now: datetime) -> Promise:
    message = BreachNotice(
        tier=incident.tier, cycle=incident.cycle, number=incident.breach_count, due_at=due_at, breached_at=now
    )
    return _urgent(_at_tier(incident, "breach"), tier.channel, message, now)


def _urgent(key: str, channel: ChannelId, message: Message, now: datetime) -> Promise:
    return Promise(key=key, lane=Lane.PAGE, channel=channel, deliver_at=now, message=message)


def _update(
    action: Action, after: Incident, policy: Policy, now: datetime, *, since_seq: int, until_seq: int
) -> Promise:
    message = StakeholderUpdate(
        number=after.updates_sent, reason=_reason(action), since_seq=since_seq, until_seq=until_seq
    )
    return Promise(
        key=f"{after.key}/update/{after.updates_sent}",
        lane=Lane.UPDATE,
        channel=policy.stakeholder_channel,
        deliver_at=now,
        message=message,
    )


def _reason(action: Action) -> UpdateReason:
    match action:
        case Acknowledge():
            return UpdateReason.ACKNOWLEDGED
        case EnterTier():
            return UpdateReason.ESCALATED
        case Resolve():
            return UpdateReason.RESOLVED
        case UpdateStakeholders() | BreachResponse() | RepeatPage() | Exhaust():
            return UpdateReason.CADENCE
        case _:
            assert_never(action)


def _at_tier(incident: Incident, what: str) -> str:
    return f"{incident.key}/{what}/tier:{incident.tier}/cycle:{incident.cycle}"


def _tier(incident: Incident, policy: Policy) -> Tier:
    return policy.escalation(incident.service).tier(incident.tier)


def _managers(incident: Incident, policy: Policy) -> tuple[str, ...]:
    return tuple(manager.slack_id for manager in _tier(incident, policy).managers)


def _refuse_if_over(incident: Incident) -> None:
    if incident.resolved_by is not None and incident.resolved_at is not None:
        raise IncidentAlreadyResolved(incident.key, by=incident.resolved_by, at=incident.resolved_at)
