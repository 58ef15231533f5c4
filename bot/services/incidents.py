"""What people do with incidents, each in one transaction: load, decide, store."""

from collections.abc import Callable, Collection, Sequence
from copy import copy
from datetime import datetime
from functools import partial
from typing import Protocol, Self

from bot.catalogue import t
from bot.clock import Clock
from bot.domain import verbs
from bot.domain.destination import read_destination, refuse_if_unknown
from bot.domain.errors import IncidentNotFound, InvalidDuplicate, InvalidIncident, NobodyToTakeIt, NotAllowed
from bot.domain.explanation import Explanation
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.incident import Incident, Report
from bot.domain.intent import Glance, admit
from bot.domain.permission import permit
from bot.domain.policy import Policy, Severity, Verb
from bot.domain.progress import Quotation, StatusReport
from bot.domain.timeline import TimelineEvent
from bot.domain.transition import Act, Transition
from bot.domain.verbs import Destination, Seen
from bot.domain.wanted import Listed, Wanted
from bot.services.asked import Acting, Asked, change_of, simply
from bot.services.commits import Commits
from bot.services.decisions import Case, Decisions
from bot.services.explaining import explanation_of
from bot.services.lists import Similar, page_of, similar_to
from bot.services.policies import PolicyBook
from bot.services.sight import Sight, found
from bot.services.signal import Signal
from storage import incidents
from storage.database import Database, Transaction

__all__ = ["Case", "IncidentDesk", "Memberships"]


class Memberships(Protocol):
    """Who is in which user group, as far as Slack said."""

    def groups_of(self, user: UserId) -> Collection[str]: ...


class IncidentDesk:
    """The verbs. Each raises the domain's `Refusal` or storage's `NotStored`, and then nothing was changed.

    `cause` names the request that asks: one that comes again is done once. `saw` is what somebody had before them who
    filled in a form: what others changed meanwhile is not overruled, `Overtaken` says what it is. `us` is the bot.
    """

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        book: PolicyBook,
        memberships: Memberships,
        clock: Clock,
        changed: Signal,
        *,
        us: UserId | None = None,
    ) -> None:
        self._commits = Commits(database)
        self._decisions = Decisions(database, self._commits, workspace_id, book, clock, changed)
        self._workspace_id = workspace_id
        self._book = book
        self._memberships = memberships
        self._clock = clock
        self._us = us
        self.sight = Sight()

    def seen_by(self, user: UserId, channel: ChannelId | None) -> Self:
        """For what `user` asks from `channel`: what they may not see is not there. Without this all of it is."""
        desk = copy(self)
        desk.sight = Sight(user=user, groups=self._memberships.groups_of(user), channel=channel)
        return desk

    @property
    def policy(self) -> Policy:
        """What new incidents are opened under; in memory, so that a form opens at once."""
        return self._book.current.policy

    async def finish(self) -> None:
        """To be called before the database is closed."""
        await self._decisions.finish()
        await self._commits.finish()

    def deadline(self) -> float:
        """For whoever asks now and first has something else to wait for."""
        return self._commits.deadline()

    async def open(self, report: Report, *, by: UserId, cause: str | None = None, until: float | None = None) -> Case:
        current = self._book.current
        if report.service not in current.policy.services:
            raise InvalidIncident(t("“{service}” is not a service of the policy.", service=report.service))

        async def work(tx: Transaction) -> Case:
            # First, since it has others wait who open an incident, be it for the same cause.
            incident_id, number = await incidents.next_identity(tx, self._workspace_id)
            await self._decisions.check_new(tx, cause)
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
            await self._decisions.note(tx, cause, opened.incident)
            return Case(incident=opened.incident, policy=current.policy)

        return await self._decisions.store(work, cause, until=until)

    async def acknowledge(
        self, number: int, *, by: UserId, eta: datetime | None = None, cause: str | None = None
    ) -> Case:
        return await self._change(number, Verb.ACKNOWLEDGE, by, partial(verbs.acknowledge, by=by, eta=eta), cause)

    async def escalate(
        self, number: int, *, by: UserId, reason: str = "", seen: Seen | None = None, cause: str | None = None
    ) -> Case:
        """To the next tier."""
        return await self._change(
            number, Verb.ESCALATE, by, partial(verbs.escalate, by=by, reason=reason, seen=seen), cause
        )

    async def escalate_to(
        self, number: int, *, by: UserId, words: str, channel: ChannelId | None = None, cause: str | None = None
    ) -> Case:
        """To the tier, the `channel` or the service that `words` begin with; the rest of them is the reason."""

        def act(incident: Incident, policy: Policy, now: datetime) -> Transition:
            to, reason = read_destination(words, incident, policy, channel=channel)
            return verbs.escalate(incident, policy, by=by, reason=reason, to=to, now=now)

        return await self._decide(number, Verb.ESCALATE, by, simply(act), cause)

    async def send_to(
        self, number: int, *, by: UserId, to: Destination, reason: str, saw: Glance | None, cause: str | None = None
    ) -> Case:
        """To a place that was chosen. Raises `UnknownTier` for one that is not there."""

        def act(incident: Incident, policy: Policy, now: datetime) -> Transition:
            refuse_if_unknown(to, incident, policy)
            return verbs.escalate(incident, policy, by=by, reason=reason, to=to, now=now)

        return await self._decide(number, Verb.ESCALATE, by, simply(act), cause, saw)

    async def pass_on(self, number: int, *, by: UserId, seen: Seen | None = None, cause: str | None = None) -> Case:
        return await self._change(number, Verb.ACKNOWLEDGE, by, partial(verbs.pass_on, by=by, seen=seen), cause)

    async def confirm_still_on_it(self, number: int, *, by: UserId, cause: str | None = None) -> Case:
        return await self._change(number, Verb.ACKNOWLEDGE, by, partial(verbs.confirm_still_on_it, by=by), cause)

    async def assign(
        self, number: int, *, by: UserId, to: UserId, saw: Glance | None = None, cause: str | None = None
    ) -> Case:
        act = partial(verbs.assign, by=by, to=self._a_person(number, to))
        return await self._change(number, Verb.ASSIGN, by, act, cause, saw)

    async def hold(
        self,
        number: int,
        *,
        by: UserId,
        until: datetime,
        reason: str,
        saw: Glance | None = None,
        cause: str | None = None,
    ) -> Case:
        act = partial(verbs.hold, by=by, until=until, reason=reason)
        return await self._change(number, Verb.HOLD, by, act, cause, saw)

    async def resume(self, number: int, *, by: UserId, cause: str | None = None) -> Case:
        return await self._change(number, Verb.RESUME, by, partial(verbs.resume, by=by), cause)

    async def change_severity(
        self,
        number: int,
        *,
        by: UserId,
        severity: Severity,
        reason: str,
        saw: Glance | None = None,
        cause: str | None = None,
    ) -> Case:
        act = partial(verbs.change_severity, by=by, severity=severity, reason=reason)
        return await self._change(number, Verb.SEVERITY, by, act, cause, saw)

    async def tell_stakeholders(
        self, number: int, *, by: UserId, report: StatusReport, saw: Glance | None = None, cause: str | None = None
    ) -> Case:
        act = partial(verbs.tell_stakeholders, by=by, report=report)
        return await self._change(number, Verb.UPDATE, by, act, cause, saw)

    async def note(self, number: int, *, by: UserId, text: str, cause: str | None = None) -> Case:
        return await self._change(number, Verb.NOTE, by, partial(verbs.note, by=by, text=text), cause)

    async def pin(self, number: int, *, by: UserId, message: Quotation, cause: str | None = None) -> Case:
        """`cause` names the message, so that it is kept once."""

        async def acting(tx: Transaction) -> Act:
            incident = await incidents.by_number(tx, self._workspace_id, number)
            pinned = await incidents.pinned(tx, incident.id) if incident is not None else ()
            return lambda incident, policy, now: verbs.pin(
                incident, policy, by=by, message=message, pinned=pinned, now=now
            )

        return await self._decide(number, Verb.NOTE, by, acting, cause)

    async def resolve(
        self,
        number: int,
        *,
        by: UserId,
        summary: str = "",
        impact: str = "",
        data_loss: str = "",
        saw: Glance | None = None,
        cause: str | None = None,
    ) -> Case:
        act = partial(verbs.resolve, by=by, summary=summary, impact=impact, data_loss=data_loss)
        return await self._change(number, Verb.RESOLVE, by, act, cause, saw)

    async def cancel(
        self,
        number: int,
        *,
        by: UserId,
        reason: str = "",
        duplicate_of: int | None = None,
        saw: Glance | None = None,
        cause: str | None = None,
    ) -> Case:
        """Raises `InvalidDuplicate` also when there is no such incident."""

        async def acting(tx: Transaction) -> Act:
            other = duplicate_of is not None and await self._is_there(tx, duplicate_of, by)

            def act(incident: Incident, policy: Policy, now: datetime) -> Transition:
                if duplicate_of is not None and not other:
                    raise InvalidDuplicate(incident.key, of=duplicate_of)
                return verbs.cancel(incident, policy, by=by, reason=reason, duplicate_of=duplicate_of, now=now)

            return act

        return await self._decide(number, Verb.CANCEL, by, acting, cause, saw)

    async def reopen(self, number: int, *, by: UserId, reason: str, cause: str | None = None) -> Case:
        return await self._change(number, Verb.REOPEN, by, partial(verbs.reopen, by=by, reason=reason), cause)

    async def follow(self, number: int, *, by: UserId, who: UserId, cause: str | None = None) -> Case:
        act = partial(verbs.follow, by=by, who=self._a_person(number, who))
        return await self._change(number, Verb.FOLLOW, by, act, cause)

    async def unfollow(self, number: int, *, by: UserId, cause: str | None = None) -> Case:
        """Whoever follows, be it on another's word, can stop."""
        return await self._change(number, None, by, partial(verbs.unfollow, by=by), cause)

    async def look(self, number: int) -> Case:
        """How it stands, for a form about it. Raises `IncidentNotFound`."""

        async def work(tx: Transaction) -> Case:
            incident, policy = await found(tx, self._workspace_id, number, self._book, self.sight)
            return Case(incident=incident, policy=policy)

        return await self._commits.read(work)

    def admit(self, verb: Verb, case: Case, *, by: UserId) -> None:
        """To a form. Raises what sending it in would be refused for, by what is known now."""
        admit(verb, case.incident, case.policy, by=by, groups=self._memberships.groups_of(by))

    def may(self, verb: Verb, case: Case, *, by: UserId) -> bool:
        try:
            permit(verb, case.incident, case.policy, by=by, groups=self._memberships.groups_of(by))
        except NotAllowed:
            return False
        return True

    async def show(self, number: int) -> tuple[Case, Sequence[TimelineEvent]]:
        async def work(tx: Transaction) -> tuple[Case, Sequence[TimelineEvent]]:
            incident, policy = await found(tx, self._workspace_id, number, self._book, self.sight)
            return Case(incident=incident, policy=policy), await incidents.story(tx, incident.id)

        return await self._commits.read(work)

    async def explain(self, number: int) -> Explanation:
        """Why it is where it is, and what happens next if nobody acts."""
        return await self._commits.read(
            lambda tx: explanation_of(tx, self._workspace_id, number, self._book, self.sight, now=self._clock.now())
        )

    async def list_page(self, wanted: Wanted, *, page: int) -> Listed:
        return await self._commits.read(
            lambda tx: page_of(tx, self._workspace_id, wanted, page, self._book, self.sight)
        )

    async def similar(self, report: Report, *, cause: str | None = None) -> Similar:
        """What is open already and may be the same."""
        return await self._commits.read(
            lambda tx: similar_to(tx, self._workspace_id, report, cause, self._book, self.sight)
        )

    async def only_one_in(self, channel: ChannelId) -> int | None:
        """The number of the incident that the channel was made for, or is worked in it, unless there are several."""

        async def work(tx: Transaction) -> Sequence[int]:
            own = await incidents.of_room(tx, self._workspace_id, channel)
            return [own] if own is not None else await incidents.worked_in(tx, self._workspace_id, channel, limit=2)

        numbers = await self._commits.read(work)
        return numbers[0] if len(numbers) == 1 else None

    def _a_person(self, number: int, who: UserId) -> UserId:
        """Raises `NobodyToTakeIt` for the bot itself."""
        if who == self._us:
            raise NobodyToTakeIt(f"INC-{number}", who=who)
        return who

    async def _is_there(self, tx: Transaction, number: int, by: UserId) -> bool:
        """For the eyes of `by`."""
        sight = Sight(user=by, groups=self._memberships.groups_of(by), channel=self.sight.channel)
        try:
            await found(tx, self._workspace_id, number, self._book, sight)
        except IncidentNotFound:
            return False
        return True

    async def _change(
        self,
        number: int,
        verb: Verb | None,
        by: UserId,
        act: Callable[..., Transition],
        cause: str | None,
        saw: Glance | None = None,
    ) -> Case:
        """`act` is one of the `verbs` that takes the instant by its name."""
        acting = simply(lambda incident, policy, now: act(incident, policy, now=now))
        return await self._decide(number, verb, by, acting, cause, saw)

    async def _decide(
        self,
        number: int,
        verb: Verb | None,
        by: UserId,
        acting: Acting,
        cause: str | None,
        saw: Glance | None = None,
    ) -> Case:
        groups = self._memberships.groups_of(by)
        asked = Asked(
            number=number,
            verb=verb,
            by=by,
            groups=groups,
            acting=acting,
            cause=cause,
            saw=saw,
            channel=self.sight.channel,
        )
        return await self._decisions.make(asked)
