"""Who may see a private incident, and what of it may be said where others read too."""

from collections.abc import Collection, Iterator

from bot.domain.ids import ChannelId, UserId
from bot.domain.incident import Incident
from bot.domain.policy import EscalationPolicy, Mention, Policy

VEIL = "A private incident"
"""Its title, where others read too."""


def may_see(
    incident: Incident,
    policy: Policy,
    *,
    by: UserId,
    groups: Collection[str] = (),
    channel: ChannelId | None = None,
) -> bool:
    """Of what is private: who opened it, has it or follows it, the people and managers of its tiers, and admins.

    `groups` are the ids of the user groups in which `by` is. Whoever asks from the `channel` of one of its tiers, or
    from its own, has it before them.
    """
    if not incident.is_private or by in (incident.opened_by, incident.assignee) or by in incident.followers:
        return True
    escalations = _escalations(incident, policy)
    if channel is not None and channel in (incident.room, *_channels(escalations)):
        return True
    ids = {by, *groups}
    return any(person.slack_id in ids for person in (*policy.admins, *_concerned(escalations)))


def veiled(incident: Incident) -> Incident:
    """What may be said of it where others read too: of a private one no words that a person wrote."""
    if not incident.is_private:
        return incident
    return incident.but(
        is_private=False,
        title=VEIL,
        description="",
        hold_reason="",
        resolution="",
        data_loss="",
        cancel_reason="",
        impact="",
        told="",
    )


def _escalations(incident: Incident, policy: Policy) -> tuple[EscalationPolicy, ...]:
    """That of its service, and that by which it goes now."""
    return (policy.escalation(incident.service), policy.escalation(incident.routed_to))


def _channels(escalations: Collection[EscalationPolicy]) -> Iterator[ChannelId | None]:
    return (tier.channel for escalation in escalations for tier in escalation.tiers)


def _concerned(escalations: Collection[EscalationPolicy]) -> Iterator[Mention]:
    for escalation in escalations:
        for tier in escalation.tiers:
            yield from tier.everyone
        yield from escalation.managers
