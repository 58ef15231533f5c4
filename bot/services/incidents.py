"""What people do with incidents, each in one transaction: load, decide, store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from bot.domain import transition as verbs
from bot.domain.errors import IncidentNotFound, InvalidIncident
from bot.domain.escalation import next_evaluation_at
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.incident import Incident, Report
from bot.domain.policy import Policy
from bot.domain.timeline import TimelineEvent
from bot.domain.transition import Seen, Transition
from bot.services.policies import PolicyBook
from bot.services.signal import Signal
from storage import incidents
from storage.database import Database
from storage.errors import Conflict
from storage.incidents import Change

CONFLICT_TRIES = 3
LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An incident with the policy it runs under."""

    incident: Incident
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The first incidents that are not over, when each is looked at next, and how many there are in all."""

    incidents: Sequence[tuple[Incident, datetime | None]]
    total: int


class IncidentDesk:
    """The verbs. Each raises the domain's `Refusal` or storage's `NotStored`, and then nothing was changed."""

    def __init__(
        self, database: Database, workspace_id: WorkspaceId, book: PolicyBook, clock: Clock, changed: Signal
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._clock = clock
        self._changed = changed

    @property
    def policy(self) -> Policy:
        """What new incidents are opened under; in memory, so that a form opens at once."""
        return self._book.current.policy

    async def open(self, report: Report, *, by: UserId) -> Case:
        current = self._book.current
        if report.service not in current.policy.services:
            raise InvalidIncident(f"“{report.service}” is not a service of the policy.")
        async with self._database.write() as tx:
            incident_id, number = await incidents.next_identity(tx, self._workspace_id)
            opened = verbs.open_incident(
                report,
                current.policy,
                incident_id=incident_id,
                workspace_id=self._workspace_id,
                number=number,
                policy_version_id=current.version_id,
                by=by,
                now=self._clock.now(),
            )
            await incidents.store_opened(tx, change_of(opened, current.policy, decided_on=0))
        self._changed()
        return Case(incident=opened.incident, policy=current.policy)

    async def acknowledge(self, number: int, *, by: UserId) -> Case:
        return await self._change(
            number, lambda incident, policy, now: verbs.acknowledge(incident, policy, by=by, now=now)
        )

    async def escalate(self, number: int, *, by: UserId, reason: str = "", seen: Seen | None = None) -> Case:
        return await self._change(
            number,
            lambda incident, policy, now: verbs.escalate(incident, policy, by=by, reason=reason, seen=seen, now=now),
        )

    async def resolve(self, number: int, *, by: UserId, summary: str = "") -> Case:
        return await self._change(
            number, lambda incident, policy, now: verbs.resolve(incident, policy, by=by, summary=summary, now=now)
        )

    async def show(self, number: int) -> tuple[Case, Sequence[TimelineEvent]]:
        async with self._database.read() as tx:
            incident = await incidents.by_number(tx, self._workspace_id, number)
            if incident is None:
                raise IncidentNotFound(f"INC-{number}")
            policy = await self._book.of(tx, incident.policy_version_id)
            return Case(incident=incident, policy=policy), await incidents.story(tx, incident.id)

    async def list_unresolved(self, *, limit: int = LISTED) -> Listing:
        async with self._database.read() as tx:
            found, total = await incidents.unresolved(tx, self._workspace_id, limit=limit)
        return Listing(incidents=found, total=total)

    async def _change(self, number: int, decide: Callable[[Incident, Policy, datetime], Transition]) -> Case:
        for tries_left in reversed(range(CONFLICT_TRIES)):
            try:
                case = await self._try_change(number, decide)
            except Conflict:
                if not tries_left:
                    raise
            else:
                self._changed()
                return case
        raise AssertionError("unreachable")

    async def _try_change(self, number: int, decide: Callable[[Incident, Policy, datetime], Transition]) -> Case:
        async with self._database.write() as tx:
            incident = await incidents.by_number(tx, self._workspace_id, number, lock=True)
            if incident is None:
                raise IncidentNotFound(f"INC-{number}")
            policy = await self._book.of(tx, incident.policy_version_id)
            now = self._clock.now()
            # A clock that ran out a moment before the click counts, also when the tick has not come by yet.
            settled = verbs.evaluate(incident, policy, now)
            decided = settled.then(decide(settled.incident, policy, now))
            await incidents.store(tx, [change_of(decided, policy, decided_on=incident.version)])
        return Case(incident=decided.incident, policy=policy)


def change_of(transition: Transition, policy: Policy, *, decided_on: int) -> Change:
    """What storage needs, with the instant to look again as the domain says it."""
    return Change(
        transition=transition,
        decided_on=decided_on,
        next_evaluation_at=next_evaluation_at(transition.incident, policy),
    )
