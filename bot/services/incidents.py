"""What people do with incidents, each in one transaction: load, decide, store."""

from collections.abc import Awaitable, Callable, Collection, Sequence
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
from bot.services.commits import Commits
from bot.services.explaining import explanation_of
from bot.services.policies import PolicyBook
from bot.services.signal import Signal
from storage import incidents, requests
from storage.database import Database, Transaction
from storage.incidents import Change

LISTED = 20

Acting = Callable[[Transaction], Awaitable[Act]]


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


class _Repeated(Exception):
    """What is asked was done already, when it was asked the first time; nothing of this time is kept."""

    def __init__(self, case: Case) -> None:
        super().__init__(case.incident.key)
        self.case = case


class IncidentDesk:
    """The verbs. Each raises the domain's `Refusal` or storage's `NotStored`, and then nothing was changed.

    `cause` names the request that asks. Stored with what it did, it makes a request that comes again, and one whose
    commit got no answer, done once: the answer is then the incident as it is by now.
    """

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        book: PolicyBook,
        memberships: Memberships,
        clock: Clock,
        changed: Signal,
    ) -> None:
        self._commits = Commits(database)
        self._workspace_id = workspace_id
        self._book = book
        self._memberships = memberships
        self._clock = clock
        self._changed = changed

    @property
    def policy(self) -> Policy:
        """What new incidents are opened under; in memory, so that a form opens at once."""
        return self._book.current.policy

    async def finish(self) -> None:
        """To be called before the database is closed."""
        await self._commits.finish()

    async def open(self, report: Report, *, by: UserId, cause: str | None = None) -> Case:
        current = self._book.current
        if report.service not in current.policy.services:
            raise InvalidIncident(f"“{report.service}” is not a service of the policy.")

        async def work(tx: Transaction) -> Case:
            # First, since it has others wait who open an incident, be it for the same cause.
            incident_id, number = await incidents.next_identity(tx, self._workspace_id)
            await self._check_new(tx, cause)
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
            await incidents.store_opened(tx, change_of(opened, current.policy))
            await self._note(tx, cause, opened.incident)
            return Case(incident=opened.incident, policy=current.policy)

        return await self._store(work, cause)

    async def acknowledge(self, number: int, *, by: UserId, cause: str | None = None) -> Case:
        return await self._change(number, Verb.ACKNOWLEDGE, by, partial(verbs.acknowledge, by=by), cause)

    async def escalate(
        self, number: int, *, by: UserId, reason: str = "", seen: Seen | None = None, cause: str | None = None
    ) -> Case:
        """To the next tier."""
        return await self._change(
            number, Verb.ESCALATE, by, partial(verbs.escalate, by=by, reason=reason, seen=seen), cause
        )

    async def escalate_to(self, number: int, *, by: UserId, words: str, cause: str | None = None) -> Case:
        """To the tier or the service that `words` begin with; the rest of them is the reason."""

        def act(incident: Incident, policy: Policy, now: datetime) -> Transition:
            to, reason = read_destination(words, incident, policy)
            return verbs.escalate(incident, policy, by=by, reason=reason, to=to, now=now)

        return await self._decide(number, Verb.ESCALATE, by, _simply(act), cause)

    async def pass_on(self, number: int, *, by: UserId, seen: Seen | None = None, cause: str | None = None) -> Case:
        return await self._change(number, Verb.ACKNOWLEDGE, by, partial(verbs.pass_on, by=by, seen=seen), cause)

    async def confirm_still_on_it(self, number: int, *, by: UserId, cause: str | None = None) -> Case:
        return await self._change(number, Verb.ACKNOWLEDGE, by, partial(verbs.confirm_still_on_it, by=by), cause)

    async def assign(self, number: int, *, by: UserId, to: UserId, cause: str | None = None) -> Case:
        return await self._change(number, Verb.ASSIGN, by, partial(verbs.assign, by=by, to=to), cause)

    async def hold(self, number: int, *, by: UserId, until: datetime, reason: str, cause: str | None = None) -> Case:
        return await self._change(number, Verb.HOLD, by, partial(verbs.hold, by=by, until=until, reason=reason), cause)

    async def resume(self, number: int, *, by: UserId, cause: str | None = None) -> Case:
        return await self._change(number, Verb.RESUME, by, partial(verbs.resume, by=by), cause)

    async def change_severity(
        self, number: int, *, by: UserId, severity: Severity, reason: str, cause: str | None = None
    ) -> Case:
        act = partial(verbs.change_severity, by=by, severity=severity, reason=reason)
        return await self._change(number, Verb.SEVERITY, by, act, cause)

    async def resolve(self, number: int, *, by: UserId, summary: str = "", cause: str | None = None) -> Case:
        return await self._change(number, Verb.RESOLVE, by, partial(verbs.resolve, by=by, summary=summary), cause)

    async def cancel(
        self, number: int, *, by: UserId, reason: str = "", duplicate_of: int | None = None, cause: str | None = None
    ) -> Case:
        """Raises `InvalidDuplicate` also when there is no such incident."""

        async def acting(tx: Transaction) -> Act:
            other = duplicate_of is not None and await incidents.by_number(tx, self._workspace_id, duplicate_of)

            def act(incident: Incident, policy: Policy, now: datetime) -> Transition:
                if duplicate_of is not None and not other:
                    raise InvalidDuplicate(incident.key, of=duplicate_of)
                return verbs.cancel(incident, policy, by=by, reason=reason, duplicate_of=duplicate_of, now=now)

            return act

        return await self._decide(number, Verb.CANCEL, by, acting, cause)

    async def reopen(self, number: int, *, by: UserId, reason: str, cause: str | None = None) -> Case:
        return await self._change(number, Verb.REOPEN, by, partial(verbs.reopen, by=by, reason=reason), cause)

    async def show(self, number: int) -> tuple[Case, Sequence[TimelineEvent]]:
        async def work(tx: Transaction) -> tuple[Case, Sequence[TimelineEvent]]:
            incident = await incidents.by_number(tx, self._workspace_id, number)
            if incident is None:
                raise IncidentNotFound(f"INC-{number}")
            policy = await self._book.of(tx, incident.policy_version_id)
            return Case(incident=incident, policy=policy), await incidents.story(tx, incident.id)

        return await self._commits.read(work)

    async def explain(self, number: int) -> Explanation:
        """Why it is where it is, and what happens next if nobody acts."""
        return await self._commits.read(
            lambda tx: explanation_of(tx, self._workspace_id, number, self._book, now=self._clock.now())
        )

    async def list_unresolved(self, *, limit: int = LISTED) -> Listing:
        found, total = await self._commits.read(lambda tx: incidents.unresolved(tx, self._workspace_id, limit=limit))
        return Listing(incidents=found, total=total)

    async def _change(
        self, number: int, verb: Verb, by: UserId, act: Callable[..., Transition], cause: str | None
    ) -> Case:
        """`act` is one of the `verbs` that takes the instant by its name."""
        acting = _simply(lambda incident, policy, now: act(incident, policy, now=now))
        return await self._decide(number, verb, by, acting, cause)

    async def _decide(self, number: int, verb: Verb, by: UserId, acting: Acting, cause: str | None) -> Case:
        groups = self._memberships.groups_of(by)

        async def work(tx: Transaction) -> Case:
            incident = await incidents.by_number(tx, self._workspace_id, number, lock=True)
            if incident is None:
                raise IncidentNotFound(f"INC-{number}")
            await self._note(tx, cause, incident)
            policy = await self._book.of(tx, incident.policy_version_id)
            act = await acting(tx)

            def permitted(incident: Incident, policy: Policy, now: datetime) -> Transition:
                permit(verb, incident, policy, by=by, groups=groups)
                return act(incident, policy, now)

            decided = decide(incident, policy, self._clock.now(), permitted)
            await incidents.store(tx, [change_of(decided, policy, before=incident)])
            return Case(incident=decided.incident, policy=policy)

        return await self._store(work, cause)

    async def _store(self, work: Callable[[Transaction], Awaitable[Case]], cause: str | None) -> Case:
        look_up = partial(self._done, cause=cause) if cause is not None else None
        try:
            case = await self._commits.store(work, look_up)
        except _Repeated as repeated:
            return repeated.case
        self._changed()
        return case

    async def _note(self, tx: Transaction, cause: str | None, incident: Incident) -> None:
        """Raises `_Repeated` when it was noted before."""
        if cause is None:
            return
        if not await requests.note(tx, self._workspace_id, cause, incident.id, now=self._clock.now()):
            await self._check_new(tx, cause)

    async def _check_new(self, tx: Transaction, cause: str | None) -> None:
        """Raises `_Repeated` with the incident that it was about."""
        done = await self._done(tx, cause=cause) if cause is not None else None
        if done is not None:
            raise _Repeated(done)

    async def _done(self, tx: Transaction, *, cause: str) -> Case | None:
        incident_id = await requests.incident_of(tx, self._workspace_id, cause)
        if incident_id is None:
            return None
        incident = (await incidents.by_ids(tx, [incident_id]))[incident_id]
        return Case(incident=incident, policy=await self._book.of(tx, incident.policy_version_id))


def _simply(act: Act) -> Acting:
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
