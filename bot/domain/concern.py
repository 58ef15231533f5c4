"""Whose concern an incident is, and which of several comes first."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from bot.domain.clocks import expiry_due_at, repeat_due_at, resolution_due_at, response_due_at, update_due_at
from bot.domain.ids import UserId
from bot.domain.incident import Incident
from bot.domain.policy import Policy


class Concern(StrEnum):
    """What an incident is to somebody."""

    OWN = "own"
    NEAR = "near"
    """At a tier of theirs, reported by them or followed."""

    OTHER = "other"


def concern(incident: Incident, policy: Policy, *, user: UserId, groups: Collection[str] = ()) -> Concern:
    """`policy` names with each tier also who is on duty there; `groups` are the user groups in which `user` is."""
    if incident.assignee == user:
        return Concern.OWN
    if user == incident.opened_by or user in incident.followers:
        return Concern.NEAR
    tier = policy.escalation(incident.routed_to).tier(incident.tier)
    if any(person.slack_id == user or person.slack_id in groups for person in tier.people):
        return Concern.NEAR
    return Concern.OTHER


def urgency(incident: Incident) -> tuple[bool, bool, str, datetime]:
    """To sort by: breached first, then what nobody has, then the worst, then the oldest."""
    return incident.breach_count == 0, not incident.is_open, incident.severity.value, incident.opened_at


def deadlines(incident: Incident, policy: Policy) -> tuple[datetime, ...]:
    """When each of its clocks does something if nobody acts."""
    instants = (
        response_due_at(incident, policy),
        repeat_due_at(incident, policy),
        expiry_due_at(incident, policy),
        resolution_due_at(incident, policy),
        update_due_at(incident, policy),
        incident.hold_until,
    )
    return tuple(instant for instant in instants if instant is not None)
