"""The incident that an action makes of the one before."""

from datetime import datetime
from typing import Any, assert_never

from bot.domain.actions import (
    Acknowledge,
    Action,
    AskStillOnIt,
    Assign,
    Breach,
    Cancel,
    ChangeSeverity,
    CloseRoom,
    ConfirmStillOnIt,
    EnterTier,
    Exhaust,
    ExpireAcknowledgement,
    Follow,
    Hold,
    InformManagers,
    Note,
    NudgeForUpdate,
    OpenRoom,
    PassOn,
    Pin,
    Reopen,
    RepeatPage,
    ReportOverdue,
    Resolve,
    Resume,
    TellStakeholders,
    Unfollow,
    UpdateStakeholders,
    Warn,
)
from bot.domain.ids import UserId
from bot.domain.incident import Incident, IncidentState, Pause
from bot.domain.policy import Mention
from bot.domain.timeline import Target


def apply(incident: Incident, action: Action, now: datetime) -> Incident:
    """The incident after `action` became a fact at `now`.

    Each change of state, of tier or of severity also tells the stakeholders, which restarts their cadence. Like
    words of a person it settles what was owed to them; an update that only the cadence asked for does not.
    """
    match action:
        case Breach(target=target, told=told):
            return incident.but(**_breached(target, now), breach_count=incident.breach_count + 1,
                           managers_told=_with(incident, told))  # fmt: skip
        case Warn(target=target, told=told):
            return incident.but(**_warned(incident, target), managers_told=_with(incident, told))
        case InformManagers(told=told):
            return incident.but(managers_told=_with(incident, told))
        case EnterTier():
            return _entered(incident, action, now)
        case RepeatPage(number=number):
            return incident.but(paged_at=now, repeats_sent=number, cycle=incident.cycle + 1)
        case Exhaust(told=told):
            return incident.but(exhausted_at=now, managers_told=_with(incident, told))
        case AskStillOnIt():
            return incident.but(still_asked_at=now)
        case ExpireAcknowledgement():
            return incident.but(**_waiting(incident, now), **_updated(incident, now))
        case UpdateStakeholders(owed_by=owed_by):
            return incident.but(**_updated(incident, now) | _owed(incident, owed_by, now))
        case NudgeForUpdate():
            return incident.but(nudged_at=now)
        case ReportOverdue(told=told):
            return incident.but(overdue_told_at=now, managers_told=_with(incident, told))
        case Acknowledge(by=by, eta=eta):
            return incident.but(eta=eta or incident.eta, **_taken(incident, by, now), **_updated(incident, now))
        case ConfirmStillOnIt():
            return incident.but(active_at=now, still_asked_at=None)
        case PassOn():
            return _passed_on(incident, action, now)
        case Assign(to=to, accepted=accepted):
            if not accepted:
                return incident
            return incident.but(assignee=to, acknowledged_at=now, active_at=now, still_asked_at=None, **_SETTLED)
        case Hold():
            return _held(incident, action, now)
        case Resume():
            return incident.but(
                state=IncidentState.ACKNOWLEDGED,
                active_at=now,
                **_off_hold(incident, now),
                **_updated(incident, now),
            )
        case ChangeSeverity():
            return incident.but(
                severity=action.after,
                severity_since=now,
                response_warned=action.response_warned,
                resolution_warned=action.resolution_warned,
                original_breach_at=incident.original_breach_at or action.original_breach_at,
                active_at=now if incident.assignee is not None else None,
                still_asked_at=None,
                **_updated(incident, now),
            )
        case TellStakeholders():
            return _told(incident, action, now)
        case Note(by=by) | Pin(by=by):
            return incident.but(**_sign_of_life(incident, by, now))
        case OpenRoom(channel=channel):
            return incident.but(room=channel)
        case CloseRoom():
            return incident
        case Resolve(by=by):
            return incident.but(
                state=IncidentState.RESOLVED,
                resolved_at=now,
                resolved_by=by,
                resolution=action.summary,
                impact=action.impact or incident.impact,
                data_loss=action.data_loss,
                **_off_hold(incident, now),
                **_updated(incident, now),
            )
        case Cancel(by=by, reason=reason, duplicate_of=duplicate_of):
            return incident.but(
                state=IncidentState.CANCELLED,
                cancelled_at=now,
                cancelled_by=by,
                cancel_reason=reason,
                duplicate_of=duplicate_of,
                **_off_hold(incident, now),
                **_updated(incident, now),
            )
        case Reopen():
            return _reopened(incident, now)
        case Follow(who=who):
            begins = {} if incident.has_readers else {"updated_at": now}
            return incident.but(followers=(*incident.followers, who), **begins)
        case Unfollow(who=who):
            left = incident.but(followers=tuple(each for each in incident.followers if each != who))
            return left if left.has_readers else left.but(**_SETTLED)
        case _:
            assert_never(action)


Changes = dict[str, Any]


def _breached(target: Target, now: datetime) -> Changes:
    return {"tier_breached_at": now} if target is Target.RESPONSE else {"resolution_breached_at": now}


def _warned(incident: Incident, target: Target) -> Changes:
    if target is Target.RESPONSE:
        return {"response_warned": incident.response_warned + 1}
    return {"resolution_warned": incident.resolution_warned + 1}


def _with(incident: Incident, told: tuple[Mention, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*incident.managers_told, *(manager.slack_id for manager in told))))


_SETTLED: Changes = {"nudged_at": None, "overdue_since": None, "overdue_told_at": None}
"""Nothing is owed to the stakeholders: they were told, somebody else is to tell them, or nobody is left to read it."""


def _updated(incident: Incident, now: datetime) -> Changes:
    return {"updated_at": now, "updates_sent": incident.updates_sent + 1, **_SETTLED}


def _owed(incident: Incident, by: UserId | None, now: datetime) -> Changes:
    """Since the first update that went out without them, however many follow."""
    if by is None:
        return {}
    return {"overdue_since": incident.overdue_since or now, "overdue_told_at": incident.overdue_told_at}


def _told(incident: Incident, action: TellStakeholders, now: datetime) -> Incident:
    report = action.report
    return incident.but(
        progress=action.progress,
        impact=report.impact or incident.impact,
        eta=report.eta,
        told=report.changed,
        told_at=now,
        told_by=action.by,
        **_sign_of_life(incident, action.by, now),
        **_updated(incident, now),
    )


def _sign_of_life(incident: Incident, by: UserId, now: datetime) -> Changes:
    """Whoever has it and says something is still on it."""
    return {"active_at": now, "still_asked_at": None} if incident.assignee == by and not incident.is_over else {}


def _waiting(incident: Incident, now: datetime) -> Changes:
    """Its tier is paged, and the response clock starts."""
    return {
        "state": IncidentState.OPEN,
        "assignee": None,
        "acknowledged_at": None,
        "active_at": None,
        "still_asked_at": None,
        "cycle": incident.cycle + 1,
        "paged_at": now,
        "response_started_at": now,
        "catching_up": False,
        "response_warned": 0,
        "tier_breached_at": None,
        "repeats_sent": 0,
        "exhausted_at": None,
    }


def _off_hold(incident: Incident, now: datetime) -> Changes:
    if incident.held_at is None:
        return {}
    return {
        "held_at": None,
        "held_by": None,
        "hold_until": None,
        "hold_reason": "",
        "pauses": (*incident.pauses, Pause(incident.held_at, now)),
    }


def _taken(incident: Incident, by: UserId, now: datetime) -> Changes:
    return {
        "state": IncidentState.ACKNOWLEDGED,
        "assignee": by,
        "acknowledged_at": now,
        "first_acknowledged_at": incident.first_acknowledged_at or now,
        "active_at": now,
    }


def _entered(incident: Incident, action: EnterTier, now: datetime) -> Incident:
    changes = _waiting(incident, now) | {
        "routed_to": action.route or incident.routed_to,
        "tier": action.tier,
        "card_cycle": incident.cycle + 1,
        "tier_entered_at": now,
        "tier_entered_by": action.by,
        "moved_because": action.reason,
        "catching_up": action.catching_up,
        "declined_by": (),
    }
    return incident.but(**changes, **_off_hold(incident, now), **_updated(incident, now))


def _passed_on(incident: Incident, action: PassOn, now: datetime) -> Incident:
    """Whoever gives it up after taking it starts the response clock again; otherwise it goes on."""
    if action.moves_on:  # the next tier asks everybody
        return incident
    declined: Changes = {"declined_by": (*incident.declined_by, action.by)}
    if incident.is_open:
        return incident.but(**declined, cycle=incident.cycle + 1, paged_at=now)
    waiting = _waiting(incident, now) | _off_hold(incident, now)
    return incident.but(**declined, **waiting, **_updated(incident, now))


def _held(incident: Incident, action: Hold, now: datetime) -> Incident:
    taken = _taken(incident, action.by, now) if incident.assignee is None else {}
    changes = taken | {
        "state": IncidentState.ON_HOLD,
        "held_at": incident.held_at or now,
        "held_by": action.by,
        "hold_until": action.until,
        "hold_reason": action.reason,
        "still_asked_at": None,
    }
    return incident.but(**changes, **_updated(incident, now))


def _reopened(incident: Incident, now: datetime) -> Incident:
    over_at = incident.over_at
    pauses = incident.pauses if over_at is None else (*incident.pauses, Pause(over_at, now))
    changes = _waiting(incident, now) | {
        "declined_by": (),
        "pauses": pauses,
        "resolved_at": None,
        "resolved_by": None,
        "resolution": "",
        "data_loss": "",
        "progress": None,
        "eta": None,
        "cancelled_at": None,
        "cancelled_by": None,
        "cancel_reason": "",
        "duplicate_of": None,
    }
    return incident.but(**changes, **_updated(incident, now))
