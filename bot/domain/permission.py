"""Who may do what: the policy keeps some verbs to those who are responsible for an incident."""

from collections.abc import Collection, Iterable
from typing import assert_never

from bot.domain.errors import NotAllowed
from bot.domain.ids import UserId
from bot.domain.incident import Incident
from bot.domain.policy import Mention, Policy, Role, Verb


def permit(verb: Verb, incident: Incident, policy: Policy, *, by: UserId, groups: Collection[str] = ()) -> None:
    """`groups` are the ids of the user groups in which `by` is. Raises `NotAllowed`, which says who may."""
    allowed = policy.roles[verb]
    if any(_is(role, incident, policy, {by, *groups}) for role in allowed):
        return
    raise NotAllowed(incident.key, verb=verb, roles=[role for role in Role if role in allowed])


def _is(role: Role, incident: Incident, policy: Policy, ids: Collection[str]) -> bool:
    """Whether somebody of these ids has the role. The people of each tier it can come to count as the tier's."""
    escalation = policy.escalation(incident.routed_to)
    match role:
        case Role.REPORTER:
            return incident.opened_by in ids
        case Role.ASSIGNEE:
            return incident.assignee in ids
        case Role.TIER:
            return _among(ids, (person for tier in escalation.tiers for person in tier.everyone))
        case Role.MANAGERS:
            return _among(ids, escalation.managers)
        case Role.ADMINS:
            return _among(ids, policy.admins)
        case Role.ANYONE:
            return True
        case _:
            assert_never(role)


def _among(ids: Collection[str], people: Iterable[Mention]) -> bool:
    return any(person.slack_id in ids for person in people)
