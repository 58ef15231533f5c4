"""What people ask about incidents, decided and stored: each request once, several at a time where they would wait."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from bot.clock import Clock
from bot.domain.errors import IncidentNotFound, Refusal
from bot.domain.ids import IncidentId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.services.asked import Asked
from bot.services.commits import Commits
from bot.services.policies import PolicyBook
from bot.services.signal import News, Signal
from bot.services.together import Together
from storage import incidents, requests
from storage.database import Database, Transaction
from storage.incidents import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An incident with the policy it runs under."""

    incident: Incident
    policy: Policy


class _Repeated(Exception):
    """What is asked was done already, when it was asked the first time; nothing of this time is kept."""

    def __init__(self, case: Case) -> None:
        super().__init__(case.incident.key)
        self.case = case


class _SomeRepeated(Exception):
    """Of what was to be done together something was done already; nothing of it is kept."""


class Decisions:
    """`cause` names the request that asks. Stored with what it did, it makes a request that comes again, and one whose
    commit got no answer, done once: the answer is then the incident as it is by now.
    """

    def __init__(
        self,
        database: Database,
        commits: Commits,
        workspace_id: WorkspaceId,
        book: PolicyBook,
        clock: Clock,
        changed: Signal,
    ) -> None:
        self._commits = commits
        self._together = None if database.is_shared else Together(commits, one=self._one, several=self._several)
        self._workspace_id = workspace_id
        self._book = book
        self._clock = clock
        self._changed = changed

    async def finish(self) -> None:
        if self._together is not None:
            await self._together.finish()

    async def make(self, asked: Asked) -> Case:
        """Raises the domain's `Refusal` or storage's `NotStored`, and then nothing was changed."""
        until = self._commits.deadline()
        try:
            case = await self._together(asked) if self._together is not None else None
        except _Repeated as repeated:
            return repeated.case
        if case is None:
            return await self.store(partial(self._one, asked=asked), asked.cause, until=until)
        self._changed(News.INCIDENTS)
        return case

    async def store(
        self, work: Callable[[Transaction], Awaitable[Case]], cause: str | None, *, until: float | None = None
    ) -> Case:
        """`work` begins with `check_new` and notes the cause, or only notes it."""
        look_up = partial(self._done, cause=cause) if cause is not None else None
        try:
            case = await self._commits.store(work, look_up, until=until)
        except _Repeated as repeated:
            return repeated.case
        self._changed(News.INCIDENTS)
        return case

    async def note(self, tx: Transaction, cause: str | None, incident: Incident) -> None:
        """Has `store` give the earlier answer when it was noted before."""
        if cause is None:
            return
        if not await requests.note(tx, self._workspace_id, cause, incident.id, now=self._clock.now()):
            await self.check_new(tx, cause)

    async def check_new(self, tx: Transaction, cause: str | None) -> None:
        """Has `store` give the earlier answer when there is one."""
        done = await self._done(tx, cause=cause) if cause is not None else None
        if done is not None:
            raise _Repeated(done)

    async def _done(self, tx: Transaction, *, cause: str) -> Case | None:
        incident_id = await requests.incident_of(tx, self._workspace_id, cause)
        if incident_id is None:
            return None
        incident = (await incidents.by_ids(tx, [incident_id]))[incident_id]
        return Case(incident=incident, policy=await self._book.of(tx, incident.policy_version_id))

    async def _one(self, tx: Transaction, asked: Asked) -> Case:
        incident = await incidents.by_number(tx, self._workspace_id, asked.number, lock=True)
        if incident is None:
            raise IncidentNotFound(f"INC-{asked.number}")
        await self.note(tx, asked.cause, incident)
        change, case = await self._decided(tx, asked, incident)
        await incidents.store(tx, [change])
        return case

    async def _several(self, tx: Transaction, several: Sequence[Asked]) -> Sequence[Case | None]:
        """Of each incident the first request that is not refused; None for the others, of which nothing is stored."""
        numbers = sorted({asked.number for asked in several})
        found = {one.number: one for one in (await incidents.by_numbers(tx, self._workspace_id, numbers)).values()}
        cases: list[Case | None] = [None] * len(several)
        changes: list[Change] = []
        causes: dict[str, IncidentId] = {}
        for index, asked in enumerate(several):
            incident = found.get(asked.number)
            if incident is None or asked.cause in causes:
                continue
            with suppress(Refusal):  # whoever asks alone is told
                change, cases[index] = await self._decided(tx, asked, incident)
                changes.append(change)
                del found[asked.number]
                if asked.cause is not None:
                    causes[asked.cause] = incident.id
        if not await requests.note_all(tx, self._workspace_id, causes, now=self._clock.now()):
            raise _SomeRepeated
        await incidents.store(tx, changes)
        return cases

    async def _decided(self, tx: Transaction, asked: Asked, incident: Incident) -> tuple[Change, Case]:
        policy = await self._book.of(tx, incident.policy_version_id)
        change = await asked.change(tx, incident, policy, self._clock.now())
        return change, Case(incident=change.transition.incident, policy=policy)
