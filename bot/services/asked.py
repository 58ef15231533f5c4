"""What one person asks about one incident, and the change that it makes."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import IncidentNotFound
from bot.domain.escalation import next_evaluation_at
from bot.domain.ids import ChannelId, UserId
from bot.domain.incident import Incident
from bot.domain.intent import Glance, refuse_if_overtaken
from bot.domain.permission import permit
from bot.domain.policy import Policy, Verb
from bot.domain.privacy import may_see
from bot.domain.transition import Act, Transition, decide
from storage.database import Transaction
from storage.incidents import Change

Acting = Callable[[Transaction], Awaitable[Act]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """From `channel`, if it was in one. Without a `verb` it is nothing that the policy keeps to some. `saw` is what the
    person had before them who wrote for a while before."""

    number: int
    verb: Verb | None
    by: UserId
    groups: Collection[str]
    acting: Acting
    cause: str | None
    saw: Glance | None = None
    channel: ChannelId | None = None

    async def change(self, tx: Transaction, incident: Incident, policy: Policy, now: datetime) -> Change:
        """Raises the domain's `Refusal`."""
        if not may_see(incident, policy, by=self.by, groups=self.groups, channel=self.channel):
            raise IncidentNotFound(incident.key)
        act = await self.acting(tx)

        def permitted(incident: Incident, policy: Policy, now: datetime) -> Transition:
            if self.verb is not None:
                permit(self.verb, incident, policy, by=self.by, groups=self.groups)
                refuse_if_overtaken(self.verb, incident, policy, self.saw)
            return act(incident, policy, now)

        return change_of(decide(incident, policy, now, permitted), policy, before=incident)


def simply(act: Act) -> Acting:
    """For what is decided without another look at the database."""

    async def acting(_tx: Transaction) -> Act:
        return act

    return acting


def change_of(transition: Transition, policy: Policy, *, before: Incident | None = None) -> Change:
    """What storage needs, with the instant to look again as the domain says it. Without `before` it is a new one."""
    return Change(
        transition=transition,
        decided_on=before.version if before is not None else 0,
        next_evaluation_at=next_evaluation_at(transition.incident, policy),
        before=before,
    )
