"""What the Home tabs of several people tell, from one reading of everything that is going on."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.concern import Concern, concern, urgency
from bot.domain.ids import IncidentId, PolicyVersionId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.privacy import may_see
from bot.services.incidents import Memberships
from bot.services.on_call import OnCallBook
from bot.services.policies import PolicyBook
from bot.slack.blocks.home import HomePage
from bot.slack.blocks.home_row import GoingOn
from storage import homes
from storage.database import Database, Transaction
from storage.homes import Home

READ_AT_ONCE = 200
"""Incidents: whoever clicks meanwhile does not wait for all of them."""


class HomePages:
    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        book: PolicyBook,
        on_call: OnCallBook,
        memberships: Memberships,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._on_call = on_call
        self._memberships = memberships

    async def going_on(self, now: datetime) -> Sequence[GoingOn]:
        """Everything, the most urgent first."""
        return sorted([each async for each in self._going_on(now)], key=lambda one: urgency(one.incident))

    def page(self, home: Home, going_on: Sequence[GoingOn], now: datetime) -> HomePage:
        groups = frozenset(self._memberships.groups_of(home.user))
        mine: Mapping[Concern, list[GoingOn]] = {each: [] for each in Concern}
        for one in going_on:
            whose = concern(one.incident, one.policy, user=home.user, groups=groups)
            if may_see(one.incident, one.policy, by=home.user, groups=groups):
                mine[whose].append(one)
        return HomePage(
            own=mine[Concern.OWN],
            near=mine[Concern.NEAR],
            others=mine[Concern.OTHER],
            is_wide=home.is_wide,
            policy=self._book.current.policy,
            shifts_of=self._on_call.shifts_of,
            feeds=self._on_call.status(),
            now=now,
        )

    async def _going_on(self, now: datetime) -> AsyncIterator[GoingOn]:
        """All that is not over, each with its own policy as it is staffed now."""
        staffed = _Staffed(self._book, self._on_call, now)
        after = 0
        while True:
            async with self._database.read() as tx:
                found = await homes.going_on(tx, self._workspace_id, after=after, limit=READ_AT_ONCE)
                breached = await _breached(tx, found)
                for incident in found:
                    policy = await staffed.policy_of(tx, incident)
                    yield GoingOn(incident=incident, policy=policy, breached_at=breached.get(incident.id))
            if len(found) < READ_AT_ONCE:
                return
            after = found[-1].number


@dataclass(slots=True)
class _Staffed:
    """Policies with those on duty, each service of each version looked at once."""

    book: PolicyBook
    on_call: OnCallBook
    now: datetime
    known: dict[tuple[PolicyVersionId, str], Policy] = field(default_factory=dict)

    async def policy_of(self, tx: Transaction, incident: Incident) -> Policy:
        key = incident.policy_version_id, incident.routed_to
        if key not in self.known:
            policy = await self.book.of(tx, incident.policy_version_id)
            self.known[key] = self.on_call.roster(policy, incident.routed_to, self.now)
        return self.known[key]


async def _breached(tx: Transaction, found: Collection[Incident]) -> Mapping[IncidentId, datetime]:
    ids = [incident.id for incident in found if incident.breach_count]
    return await homes.last_breaches(tx, ids) if ids else {}
