"""When each clock of an incident runs out. All derive from its own instants and the time that its calendar counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.calendar import due_at, elapsed
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Policy, Targets
from bot.domain.timeline import Target

CATCH_UP_WITHIN = timedelta(minutes=5)
"""After an outage a tier has no more time than this, so that the ladder catches up without paging all at once."""

LATE = timedelta(minutes=1)
"""A decision later than this means that the bot was away: a busy tick is late by seconds at most."""


@dataclass(frozen=True, slots=True)
class DueWarning:
    """The next warning of a target: `percent` of its time are over at `due_at`, all of it at `breach_at`."""

    target: Target
    percent: int
    due_at: datetime
    breach_at: datetime


def response_target(incident: Incident, policy: Policy) -> timedelta:
    """How long the present tier has to acknowledge."""
    target = full_response_target(incident, policy)
    return min(target, CATCH_UP_WITHIN) if incident.catching_up else target


def full_response_target(incident: Incident, policy: Policy) -> timedelta:
    """The same as agreed, without regard to an outage."""
    tier = policy.escalation(incident.routed_to).tier(incident.tier)
    return tier.ack_within.get(incident.severity) or policy.targets(incident.severity).ack_within


def response_due_at(incident: Incident, policy: Policy) -> datetime | None:
    """When the present tier breaches: its target counts from the arrival at the tier, not from the opening."""
    if not incident.is_open or incident.tier_breached_at is not None:
        return None
    at = _counted(incident, policy, incident.response_started_at, response_target(incident, policy))
    return max(at, incident.severity_since)


def repeat_due_at(incident: Incident, policy: Policy) -> datetime | None:
    """When the last tier is paged again or, after the last repeat, counts as exhausted."""
    if not incident.is_open or incident.tier_breached_at is None or incident.exhausted_at is not None:
        return None
    repeat = policy.escalation(incident.routed_to).repeat
    if repeat is None:
        return incident.tier_breached_at
    return _counted(incident, policy, max(incident.paged_at, incident.tier_breached_at), repeat.every)


def resolution_due_at(incident: Incident, policy: Policy) -> datetime | None:
    """When all of the time to resolve is over: it counts from the opening and stands still on hold.

    A change of severity can make of a time that stands still one that has run out before it did.
    """
    target = policy.targets(incident.severity).resolve_within
    if target is None or incident.is_over or incident.resolution_breached_at is not None:
        return None
    at = _resolution_at(incident, policy, target)
    if incident.held_at is not None and at > incident.held_at:
        return None
    return max(at, incident.severity_since)


def expiry_due_at(incident: Incident, policy: Policy) -> datetime | None:
    """When who has it is asked for a sign of life or, once asked, loses it without an answer."""
    if incident.state is not IncidentState.ACKNOWLEDGED or incident.active_at is None:
        return None
    expires_after = policy.targets(incident.severity).ack_expires_after
    if expires_after is None:
        return None
    if incident.still_asked_at is not None:
        return answer_due_at(incident, policy, incident.still_asked_at)
    return _counted(incident, policy, incident.active_at, expires_after)


def answer_due_at(incident: Incident, policy: Policy, asked_at: datetime) -> datetime:
    """Until when who has it can say that they are still on it."""
    return _counted(incident, policy, asked_at, full_response_target(incident, policy))


def update_due_at(incident: Incident, policy: Policy) -> datetime | None:
    """When the stakeholders hear the next time, whatever happens; None while nobody reads it."""
    return None if incident.is_over or not incident.has_readers else next_update_at(incident, policy)


def next_update_at(incident: Incident, policy: Policy) -> datetime:
    """The same of an incident that is not over and has readers."""
    return _counted(incident, policy, incident.updated_at, cadence(incident, policy.targets(incident.severity)))


def nudge_due_at(incident: Incident, policy: Policy) -> datetime | None:
    """When who has it is reminded of the next update, once for each.

    It is counted back as the cadence is, and never into the first half of it: a short one is reminded of at its
    middle. Whoever was given the incident later than that is reminded then.
    """
    before = policy.updates.nudge_before
    if before is None or incident.state is not IncidentState.ACKNOWLEDGED or incident.nudged_at is not None:
        return None
    if not incident.has_readers:
        return None
    every = cadence(incident, policy.targets(incident.severity))
    at = _counted(incident, policy, incident.updated_at, every - min(before, every / 2))
    return at if incident.acknowledged_at is None else max(at, incident.acknowledged_at)


def overdue_due_at(incident: Incident, policy: Policy) -> datetime | None:
    """When managers hear that an update is owed since `overdue_since`, once."""
    since = incident.overdue_since
    if since is None or incident.overdue_told_at is not None:
        return None
    after = overdue_after(incident, policy)
    return None if after is None else _counted(incident, policy, since, after)


def overdue_after(incident: Incident, policy: Policy) -> timedelta | None:
    """How long an update can be owed before managers hear of it: a part of the present cadence."""
    percent = policy.updates.overdue_after
    return None if percent is None else cadence(incident, policy.targets(incident.severity)) * percent // 100


def warnings_due(
    incident: Incident, policy: Policy, response: datetime | None, resolution: datetime | None
) -> Iterator[DueWarning]:
    """The next warning of each clock that runs, if it has one left; the clocks run out at the instants given."""
    if response is not None:
        yield from _next_warning(incident, policy, Target.RESPONSE, incident.response_warned, response)
    if resolution is not None:
        yield from _next_warning(incident, policy, Target.RESOLUTION, incident.resolution_warned, resolution)


def passed_warnings(incident: Incident, policy: Policy, target: Target, now: datetime) -> int:
    """How many warnings of a target have passed by `now`, said or not. On hold no clock shows more."""
    whole = _whole(incident, policy, target)
    shown_at = incident.held_at or now
    return sum(
        _warning_at(incident, policy, target, whole, percent) <= shown_at
        for percent in _percents(incident, policy, whole)
    )


def _next_warning(
    incident: Incident, policy: Policy, target: Target, passed: int, breach_at: datetime
) -> Iterator[DueWarning]:
    whole = _whole(incident, policy, target)
    percents = _percents(incident, policy, whole)
    if passed < len(percents):
        percent = percents[passed]
        yield DueWarning(target, percent, _warning_at(incident, policy, target, whole, percent), breach_at)


def _percents(incident: Incident, policy: Policy, whole: timedelta) -> tuple[int, ...]:
    return policy.targets(incident.severity).warnings(whole) if whole else ()


def _warning_at(incident: Incident, policy: Policy, target: Target, whole: timedelta, percent: int) -> datetime:
    """To the microsecond: of a rounded part the warning would say what is not so yet, or no longer."""
    part = whole * percent // 100
    if target is Target.RESPONSE:
        return _counted(incident, policy, incident.response_started_at, part)
    return _resolution_at(incident, policy, part)


def _resolution_at(incident: Incident, policy: Policy, part: timedelta) -> datetime:
    """When `part` of the time to resolve is over. Only the pauses before that instant move it."""
    calendar = policy.targets(incident.severity).calendar
    at = _counted(incident, policy, incident.opened_at, part)
    for pause in incident.pauses:
        if pause.start >= at:
            break
        part += elapsed(calendar, pause.start, pause.end)
        at = _counted(incident, policy, incident.opened_at, part)
    return at


def _whole(incident: Incident, policy: Policy, target: Target) -> timedelta:
    """All the time of a target; nothing when the severity does not have it."""
    if target is Target.RESPONSE:
        return response_target(incident, policy)
    return policy.targets(incident.severity).resolve_within or timedelta(0)


def cadence(incident: Incident, targets: Targets) -> timedelta:
    """How long after the last update the stakeholders hear the next time."""
    slower = targets.slower_updates
    if slower is not None and elapsed(targets.calendar, incident.opened_at, incident.updated_at) >= slower.after:
        return slower.every
    return targets.update_every


def _counted(incident: Incident, policy: Policy, start: datetime, target: timedelta) -> datetime:
    return due_at(policy.targets(incident.severity).calendar, start, target)
