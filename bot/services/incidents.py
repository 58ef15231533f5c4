"""What people do with incidents, each in one transaction: load, decide, store."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from bot.clock import Clock
from bot.domain import verbs
from bot.domain.destination import read_destination
from bot.domain.errors import IncidentNotFound, InvalidDuplicate, InvalidIncident
from bot.domain.escalation import next_evaluation_at
from bot.domain.explanation import Explanation
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.incident import Incident, Report
from bot.domain.permission import permit
from bot.domain.policy import Policy, Severity, Verb
from bot.domain.timeline import TimelineEvent
from bot.domain.transition import Act, Transition, decide
from bot.domain.verbs import Seen
from bot.services.explaining import explanation_of
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


class Memberships(Protocol):
    """Who is in which user group, as far as Slack said."""

    def groups_of(self, user: UserId) -> Collection[str]: ...


class IncidentDesk:
    """The verbs. Each raises the domain's `Refusal` or storage's `NotStored`, and then nothing was changed."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        book: PolicyBook,
        memberships: Memberships,
        clock: Clock,
        changed: Signal,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._memberships = memberships
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
            groups = self._memberships.groups_of(by)
            permit(Verb.OPEN, opened.incident, current.policy, by=by, groups=groups)
            await incidents.store_opened(tx, change_of(opened, current.policy, decided_on=0))
        self._changed()
        return Case(incident=opened.incident, policy=current.policy)

    async def acknowledge(self, number: int, *, by: UserId) -> Case:
        return await self._change(number, Verb.ACKNOWLEDGE, by, partial(verbs.acknowledge, by=by))

    async def escalate(self, number: int, *, by: UserId, reason: str = "", seen: Seen | None = None) -> Case:
        """To the next tier."""
        return await self._change(number, Verb.ESCALATE, by, partial(verbs.escalate, by=by, reason=reason, seen=seen))

    async def escalate_to(self, number: int, *, by: UserId, words: str) -> Case:
        """To the tier or the service that `words` begin with; the rest of them is the reason."""

        def act(incident: Incident, policy: Policy, now: datetime) -> Transition:
            to, reason = read_destination(words, incident, policy)
            return verbs.escalate(incident, policy, by=by, reason=reason, to=to, now=now)

        return await self._decide(number, Verb.ESCALATE, by, act)

    async def pass_on(self, number: int, *, by: UserId, seen: Seen | None = None) -> Case:
        return await self._change(number, Verb.ACKNOWLEDGE, by, partial(verbs.pass_on, by=by, seen=seen))

    async def confirm_still_on_it(self, number: int, *, by: UserId) -> Case:
        return await self._change(number, Verb.ACKNOWLEDGE, by, partial(verbs.confirm_still_on_it, by=by))

    async def assign(self, number: int, *, by: UserId, to: UserId) -> Case:
        return await self._change(number, Verb.ASSIGN, by, partial(verbs.assign, by=by, to=to))

    async def hold(self, number: int, *, by: UserId, until: datetime, reason: str) -> Case:
        return await self._change(number, Verb.HOLD, by, partial(verbs.hold, by=by, until=until, reason=reason))

    async def resume(self, number: int, *, by: UserId) -> Case:
        return await self._change(number, Verb.RESUME, by, partial(verbs.resume, by=by))

    async def change_severity(self, number: int, *, by: UserId, severity: Severity, reason: str) -> Case:
        act = partial(verbs.change_severity, by=by, severity=severity, reason=reason)
        return await self._change(number, Verb.SEVERITY, by, act)

    async def resolve(self, number: int, *, by: UserId, summary: str = "") -> Case:
        return await self._change(number, Verb.RESOLVE, by, partial(verbs.resolve, by=by, summary=summary))

    async def cancel(self, number: int, *, by: UserId, reason: str = "", duplicate_of: int | None = None) -> Case:
        """Raises `InvalidDuplicate` also when there is no such incident."""
        other_exists = duplicate_of is None or await self._exists(duplicate_of)

        def act(incident: Incident, policy: Policy, now: datetime) -> Transition:
            if duplicate_of is not None and not other_exists:
                raise InvalidDuplicate(incident.key, of=duplicate_of)
            return verbs.cancel(incident, policy, by=by, reason=reason, duplicate_of=duplicate_of, now=now)

        return await self._decide(number, Verb.CANCEL, by, act)

    async def _exists(self, number: int) -> bool:
        async with self._database.read() as tx:
            return await incidents.by_number(tx, self._workspace_id, number) is not None

    async def reopen(self, number: int, *, by: UserId, reason: str) -> Case:
        return await self._change(number, Verb.REOPEN, by, partial(verbs.reopen, by=by, reason=reason))

    async def show(self, number: int) -> tuple[Case, Sequence[TimelineEvent]]:
        async with self._database.read() as tx:
            incident = await incidents.by_number(tx, self._workspace_id, number)
            if incident is None:
                raise IncidentNotFound(f"INC-{number}")
            policy = await self._book.of(tx, incident.policy_version_id)
            return Case(incident=incident, policy=policy), await incidents.story(tx, incident.id)

    async def explain(self, number: int) -> Explanation:
        """Why it is where it is, and what happens next if nobody acts."""
        async with self._database.read() as tx:
            return await explanation_of(tx, self._workspace_id, number, self._book, now=self._clock.now())

    async def list_unresolved(self, *, limit: int = LISTED) -> Listing:
        async with self._database.read() as tx:
            found, total = await incidents.unresolved(tx, self._workspace_id, limit=limit)
        return Listing(incidents=found, total=total)

    async def _change(self, number: int, verb: Verb, by: UserId, act: Callable[..., Transition]) -> Case:
        """`act` is one of the `verbs` that takes the instant by its name."""
        return await self._decide(number, verb, by, lambda incident, policy, now: act(incident, policy, now=now))

    async def _decide(self, number: int, verb: Verb, by: UserId, act: Act) -> Case:
        for tries_left in reversed(range(CONFLICT_TRIES)):
            try:
                case = await self._try_to_decide(number, verb, by, act)
            except Conflict:
                if not tries_left:
                    raise
            else:
                self._changed()
                return case
        raise AssertionError("unreachable")

    async def _try_to_decide(self, number: int, verb: Verb, by: UserId, act: Act) -> Case:
        groups = self._memberships.groups_of(by)

        def permitted(incident: Incident, policy: Policy, now: datetime) -> Transition:
            permit(verb, incident, policy, by=by, groups=groups)
            return act(incident, policy, now)

        async with self._database.write() as tx:
            incident = await incidents.by_number(tx, self._workspace_id, number, lock=True)
            if incident is None:
                raise IncidentNotFound(f"INC-{number}")
            policy = await self._book.of(tx, incident.policy_version_id)
            decided = decide(incident, policy, self._clock.now(), permitted)
            await incidents.store(tx, [change_of(decided, policy, decided_on=incident.version)])
        return Case(incident=decided.incident, policy=policy)


def change_of(transition: Transition, policy: Policy, *, decided_on: int) -> Change:
    """What storage needs, with the instant to look again as the domain says it."""
    return Change(
        transition=transition,
        decided_on=decided_on,
        next_evaluation_at=next_evaluation_at(transition.incident, policy),
    )
