"""Whose eyes look: what is private is there only for those who may see it."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.domain.errors import IncidentNotFound
from bot.domain.ids import ChannelId, IncidentId, UserId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.privacy import may_see
from bot.domain.wanted import Wanted
from bot.services.policies import PolicyBook
from storage import incidents, lists
from storage.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Of `user`, who is in the user `groups` and asks from `channel`. Without a `user` the operator's, who sees all."""

    user: UserId | None = None
    groups: Collection[str] = ()
    channel: ChannelId | None = None

    def sees(self, incident: Incident, policy: Policy) -> bool:
        if self.user is None:
            return True
        return may_see(incident, policy, by=self.user, groups=self.groups, channel=self.channel)


async def found(
    tx: Transaction, workspace_id: WorkspaceId, number: int, book: PolicyBook, sight: Sight
) -> tuple[Incident, Policy]:
    """With its policy. Raises `IncidentNotFound`, also for what is not to be seen."""
    incident = await incidents.by_number(tx, workspace_id, number)
    if incident is not None:
        policy = await book.of(tx, incident.policy_version_id)
        if sight.sees(incident, policy):
            return incident, policy
    raise IncidentNotFound(f"INC-{number}")


async def private_seen(
    tx: Transaction, workspace_id: WorkspaceId, wanted: Wanted, book: PolicyBook, sight: Sight
) -> Collection[IncidentId] | None:
    """Which of the private ones wanted are to be seen; None when all are."""
    if sight.user is None:
        return None
    return [
        incident.id
        for incident in await lists.private_ones(tx, workspace_id, wanted)
        if sight.sees(incident, await book.of(tx, incident.policy_version_id))
    ]
