"""What people do to an incident. Each refuses what cannot be done, and then nothing has changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain import timeline
from bot.domain.actions import (
    Acknowledge,
    Assign,
    Cancel,
    ChangeSeverity,
    ConfirmStillOnIt,
    EnterTier,
    Follow,
    Hold,
    InformManagers,
    Note,
    PassOn,
    Pin,
    Reopen,
    Resolve,
    Resume,
    TellStakeholders,
    Unfollow,
)
from bot.domain.audiences import MOST_FOLLOWERS, audiences
from bot.domain.clocks import passed_warnings, resolution_due_at, response_due_at
from bot.domain.consequences import page_key
from bot.domain.errors import (
    AlreadyAssigned,
    AlreadyFollowing,
    AlreadyPinned,
    AlreadyThere,
    IncidentAlreadyAcknowledged,
    IncidentAlreadyOver,
    IncidentMovedOn,
    IncidentNotOnHold,
    IncidentNotOver,
    IncidentOnHold,
    InvalidDuplicate,
    InvalidHold,
    NoNextTier,
    NotFollowing,
    NothingAsked,
    NotTheirs,
    SameSeverity,
    TooManyFollowers,
)
from bot.domain.escalation import way_on
from bot.domain.ids import IncidentId, PolicyVersionId, UserId, WorkspaceId
from bot.domain.incident import Incident, IncidentState, Report
from bot.domain.message import OpenedHere, PageTier, StakeholderParent
from bot.domain.origin import Origin
from bot.domain.policy import Mention, MentionKind, Occasion, Policy, Severity, Tier
from bot.domain.progress import Progress, Quotation, StatusReport, noted
from bot.domain.promise import Lane, Promise, parent_key
from bot.domain.timeline import Target, TimelineEvent
from bot.domain.transition import Transition, evaluate, perform

LONGEST_HOLD = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the person who clicked had on the screen."""

    tier: int
    cycle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A tier of the policy of `route`, which is a service."""

    route: str
    tier: int


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
    """A new incident at the first tier that can hold it, with the page and the stakeholders' parent promised."""
    tier = _first_tier(policy, report.service)
    is_private = report.is_private or report.service in policy.private_services
    incident = Incident(
        id=incident_id,
        workspace_id=workspace_id,
        number=number,
        policy_version_id=policy_version_id,
        title=report.title,
        description=report.description,
        severity=report.severity,
        severity_since=now,
        service=report.service,
        opened_at=now,
        opened_by=by,
        routed_to=report.service,
        tier=tier,
        tier_entered_at=now,
        paged_at=now,
        response_started_at=now,
        updated_at=now,
        is_private=is_private,
        updated_seq=1,
        last_seq=1,
    )
    fact = timeline.Opened(
        title=report.title,
        description=report.description,
        severity=report.severity,
        service=report.service,
        tier=tier,
        skipped=tuple(range(1, tier)),
        origin=report.origin,
        is_private=is_private,
    )
    opened = Transition(
        incident=incident,
        events=(TimelineEvent(seq=1, at=now, by=by, fact=fact),),
        promises=_promised_at_opening(incident, policy, report.origin, now),
    )
    return opened.then(perform(incident, policy, _informed(incident, policy), now))


def acknowledge(
    incident: Incident, policy: Policy, *, by: UserId, eta: datetime | None = None, now: datetime
) -> Transition:
    """Raises `IncidentAlreadyOver`, `IncidentOnHold` or `IncidentAlreadyAcknowledged`; each says who was faster."""
    refuse_if_over(incident)
    if incident.held_by is not None and incident.hold_until is not None:
        raise IncidentOnHold(incident.key, by=incident.held_by, until=incident.hold_until)
    if incident.assignee is not None and incident.acknowledged_at is not None:
        raise IncidentAlreadyAcknowledged(incident.key, by=incident.assignee, at=incident.acknowledged_at)
    return perform(incident, policy, (Acknowledge(by=by, eta=eta),), now)


def escalate(
    incident: Incident,
    policy: Policy,
    *,
    by: UserId,
    reason: str = "",
    to: Destination | None = None,
    seen: Seen | None = None,
    now: datetime,
) -> Transition:
    """To the next tier or to the one that is named, on a person's word. `seen` fences the button of an old page.

    Raises `IncidentAlreadyOver`, `IncidentMovedOn`, `NoNextTier` or `AlreadyThere`.
    """
    refuse_if_over(incident)
    _refuse_if_moved(incident, policy, seen)
    if to is None:
        onward = way_on(incident, policy)
        if onward is None:
            raise no_next_tier(incident, policy)
        return perform(incident, policy, (replace(onward, by=by, reason=reason),), now)
    if (to.route, to.tier) == (incident.routed_to, incident.tier):
        tier = _tier(incident, policy)
        raise AlreadyThere(incident.key, tier=tier.number, tier_name=tier.name, since=incident.tier_entered_at)
    route = "" if to.route == incident.routed_to else to.route
    return perform(incident, policy, (EnterTier(tier=to.tier, by=by, reason=reason, route=route),), now)


def pass_on(incident: Incident, policy: Policy, *, by: UserId, seen: Seen | None = None, now: datetime) -> Transition:
    """“Not mine”: the next person of the tier is asked, or the next tier at once.

    Who had taken it gives it back. Raises `IncidentAlreadyOver`, `IncidentMovedOn`, `NotTheirs` or `NoNextTier`.
    """
    refuse_if_over(incident)
    _refuse_if_moved(incident, policy, seen)
    if incident.assignee is not None and incident.assignee != by:
        raise NotTheirs(incident.key, assignee=incident.assignee)
    other = _next_person(incident, policy, by)
    if other is not None:
        return perform(incident, policy, (PassOn(by=by, to=other),), now)
    onward = way_on(incident, policy)
    if onward is not None:
        return perform(incident, policy, (PassOn(by=by, to=None, moves_on=True), replace(onward, by=by)), now)
    if incident.is_open:
        raise no_next_tier(incident, policy)
    return perform(incident, policy, (PassOn(by=by, to=None),), now)


def confirm_still_on_it(incident: Incident, policy: Policy, *, by: UserId, now: datetime) -> Transition:
    """Whoever has it is on it, asked or not. Raises `IncidentAlreadyOver`, `NotTheirs`, or `NothingAsked` when nobody
    has it any more."""
    refuse_if_over(incident)
    if incident.assignee is None:
        raise NothingAsked(incident.key)
    if incident.assignee != by:
        raise NotTheirs(incident.key, assignee=incident.assignee)
    return perform(incident, policy, (ConfirmStillOnIt(by=by),), now)


def assign(incident: Incident, policy: Policy, *, by: UserId, to: UserId, now: datetime) -> Transition:
    """Somebody else has it now. While nobody has, the person is asked and the response clock goes on.

    Raises `IncidentAlreadyOver` or `AlreadyAssigned`.
    """
    refuse_if_over(incident)
    if incident.assignee == to:
        raise AlreadyAssigned(incident.key, to=to)
    if incident.is_open and by == to:
        return perform(incident, policy, (Acknowledge(by=by),), now)
    return perform(incident, policy, (Assign(by=by, to=to, accepted=not incident.is_open),), now)


def hold(incident: Incident, policy: Policy, *, by: UserId, until: datetime, reason: str, now: datetime) -> Transition:
    """The resolution clock stands still until the review. Somebody owns a pause: holding an open incident takes it.

    Raises `IncidentAlreadyOver` or `InvalidHold`.
    """
    refuse_if_over(incident)
    if not now < until <= now + LONGEST_HOLD:
        raise InvalidHold(incident.key, longest=LONGEST_HOLD)
    return perform(incident, policy, (Hold(by=by, until=until, reason=reason),), now)


def resume(incident: Incident, policy: Policy, *, by: UserId, now: datetime) -> Transition:
    """Raises `IncidentAlreadyOver` or `IncidentNotOnHold`."""
    refuse_if_over(incident)
    if not incident.is_on_hold:
        raise IncidentNotOnHold(incident.key)
    return perform(incident, policy, (Resume(by=by),), now)


def change_severity(
    incident: Incident, policy: Policy, *, by: UserId, severity: Severity, reason: str, now: datetime
) -> Transition:
    """The same clocks go on with new targets. On an upgrade what is past its new target breaches now.

    Raises `IncidentAlreadyOver` or `SameSeverity`.
    """
    refuse_if_over(incident)
    if incident.severity is severity:
        raise SameSeverity(incident.key, severity=severity)
    renamed = incident.but(severity=severity)
    change = ChangeSeverity(
        by=by,
        before=incident.severity,
        after=severity,
        reason=reason,
        response_warned=passed_warnings(renamed, policy, Target.RESPONSE, now),
        resolution_warned=passed_warnings(renamed, policy, Target.RESOLUTION, now),
        original_breach_at=response_due_at(incident, policy) or resolution_due_at(incident, policy),
    )
    upgraded = list(Severity).index(severity) < list(Severity).index(incident.severity)
    informed = _informed(renamed, policy) if upgraded else ()
    changed = perform(incident, policy, (change, *informed), now)
    return changed.then(evaluate(changed.incident, policy, now))


def tell_stakeholders(
    incident: Incident, policy: Policy, *, by: UserId, report: StatusReport, now: datetime
) -> Transition:
    """They hear it at once, and their cadence starts again. Raises `IncidentAlreadyOver`."""
    refuse_if_over(incident)
    progress = report.progress or incident.progress or Progress.INVESTIGATING
    return perform(incident, policy, (TellStakeholders(by=by, progress=progress, report=report),), now)


def note(incident: Incident, policy: Policy, *, by: UserId, text: str, now: datetime) -> Transition:
    """Also when it is over. Raises `InvalidIncident` without words."""
    return perform(incident, policy, (Note(by=by, text=noted(text)),), now)


def pin(
    incident: Incident,
    policy: Policy,
    *,
    by: UserId,
    message: Quotation,
    pinned: Sequence[timeline.Pinned] = (),
    now: datetime,
) -> Transition:
    """Also when it is over. Raises `AlreadyPinned` for what is among those `pinned`: nobody says two things at once."""
    if any((fact.author, fact.said_at) == (message.author, message.said_at) for fact in pinned):
        raise AlreadyPinned(incident.key)
    return perform(incident, policy, (Pin(by=by, message=message),), now)


def resolve(
    incident: Incident,
    policy: Policy,
    *,
    by: UserId,
    summary: str = "",
    impact: str = "",
    data_loss: str = "",
    now: datetime,
) -> Transition:
    """Raises `IncidentAlreadyOver`, which says who did it."""
    refuse_if_over(incident)
    return perform(incident, policy, (Resolve(by=by, summary=summary, impact=impact, data_loss=data_loss),), now)


def cancel(
    incident: Incident, policy: Policy, *, by: UserId, reason: str = "", duplicate_of: int | None = None, now: datetime
) -> Transition:
    """A false alarm, or a duplicate of another incident. Raises `IncidentAlreadyOver` or `InvalidDuplicate`."""
    refuse_if_over(incident)
    if duplicate_of == incident.number:
        raise InvalidDuplicate(incident.key, of=incident.number)
    return perform(incident, policy, (Cancel(by=by, reason=reason, duplicate_of=duplicate_of),), now)


def reopen(incident: Incident, policy: Policy, *, by: UserId, reason: str, now: datetime) -> Transition:
    """It goes on at the tier where it ended; that tier is paged. Raises `IncidentNotOver`."""
    if not incident.is_over:
        raise IncidentNotOver(incident.key)
    return perform(incident, policy, (Reopen(by=by, reason=reason),), now)


def follow(incident: Incident, policy: Policy, *, by: UserId, who: UserId, now: datetime) -> Transition:
    """Also when it is over: it may be reopened. Raises `AlreadyFollowing` or `TooManyFollowers`."""
    if who in incident.followers:
        raise AlreadyFollowing(incident.key, who=who)
    if len(incident.followers) >= MOST_FOLLOWERS:
        raise TooManyFollowers(incident.key, limit=MOST_FOLLOWERS)
    return perform(incident, policy, (Follow(by=by, who=who),), now)


def unfollow(incident: Incident, policy: Policy, *, by: UserId, now: datetime) -> Transition:
    """Everybody for themselves. Raises `NotFollowing`."""
    if by not in incident.followers:
        raise NotFollowing(incident.key)
    return perform(incident, policy, (Unfollow(by=by, who=by),), now)


def _first_tier(policy: Policy, service: str) -> int:
    tier = policy.escalation(service).next_tier(0)
    if tier is None:
        raise AssertionError(f"no tier of {service} has a channel, although a policy needs one that has")
    return tier.number


def _promised_at_opening(incident: Incident, policy: Policy, origin: Origin | None, now: datetime) -> Sequence[Promise]:
    page = Promise(
        key=page_key(incident),
        lane=Lane.PAGE,
        channel=policy.escalation(incident.service).channel(incident.tier),
        deliver_at=now,
        message=PageTier(tier=incident.tier, cycle=incident.cycle),
    )
    parents = [
        Promise(
            key=parent_key(incident.key, audience),
            lane=Lane.UPDATE,
            channel=channel,
            deliver_at=now,
            message=StakeholderParent(audience=audience),
        )
        for audience, channel in audiences(incident, policy)
    ]
    return (page, *parents, *_told_at_origin(incident, origin, now))


def _told_at_origin(incident: Incident, origin: Origin | None, now: datetime) -> Sequence[Promise]:
    """Of a private incident nobody is told there."""
    if origin is None or incident.is_private:
        return ()
    return (
        Promise(
            key=f"{incident.key}/origin",
            lane=Lane.ANSWER,
            channel=origin.channel,
            deliver_at=now,
            message=OpenedHere(ts=origin.ts),
        ),
    )


def _informed(incident: Incident, policy: Policy) -> Sequence[InformManagers]:
    """Managers who are told of an incident as severe as this at its opening and do not know of it yet."""
    escalation = policy.escalation(incident.routed_to)
    told = escalation.told(Occasion.OPENING, 0, incident.severity, incident.tier)
    news = tuple(manager for manager in told if manager.slack_id not in incident.managers_told)
    return (InformManagers(told=news),) if news else ()


def _next_person(incident: Incident, policy: Policy, by: UserId) -> Mention | None:
    """Somebody of the tier who was not asked alone yet; whether a user group still has somebody cannot be known."""
    asked = {by, *incident.declined_by}
    people = _tier(incident, policy).everyone
    return next((who for who in people if who.kind is MentionKind.USER and who.slack_id not in asked), None)


def _tier(incident: Incident, policy: Policy) -> Tier:
    return policy.escalation(incident.routed_to).tier(incident.tier)


def no_next_tier(incident: Incident, policy: Policy) -> NoNextTier:
    tier = _tier(incident, policy)
    return NoNextTier(incident.key, tier=tier.number, tier_name=tier.name, since=incident.tier_entered_at)


def refuse_if_over(incident: Incident) -> None:
    if incident.over_by is not None and incident.over_at is not None:
        ending = "cancelled" if incident.state is IncidentState.CANCELLED else "resolved"
        raise IncidentAlreadyOver(incident.key, ending=ending, by=incident.over_by, at=incident.over_at)


def _refuse_if_moved(incident: Incident, policy: Policy, seen: Seen | None) -> None:
    if seen is None or (seen.tier, seen.cycle) == (incident.tier, incident.cycle):
        return
    tier = _tier(incident, policy)
    raise IncidentMovedOn(
        incident.key,
        tier=tier.number,
        tier_name=tier.name,
        since=incident.tier_entered_at,
        by=incident.tier_entered_by,
    )
