"""Feedback on how an incident was handled: from those who were asked, and from each once."""

from bot.clock import Clock
from bot.domain.errors import AlreadyHeard, IncidentNotFound, NotAskedForFeedback
from bot.domain.feedback import Feedback, asked
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.incident import Incident
from bot.services.commits import Commits
from storage import feedback as kept
from storage import incidents
from storage.database import Database, Transaction


class FeedbackBox:
    """Each raises `NotAskedForFeedback`, `AlreadyHeard` or `IncidentNotFound`, or storage's `NotStored`."""

    def __init__(self, database: Database, workspace_id: WorkspaceId, clock: Clock) -> None:
        self._commits = Commits(database)
        self._workspace_id = workspace_id
        self._clock = clock

    async def finish(self) -> None:
        """To be called before the database is closed."""
        await self._commits.finish()

    async def open_for(self, number: int, user: UserId) -> Incident:
        """The incident about which `user` may say something now."""

        async def work(tx: Transaction) -> Incident:
            incident = await self._asked_about(tx, number, user)
            if await kept.was_heard(tx, incident.id, user):
                raise AlreadyHeard(incident.key)
            return incident

        return await self._commits.read(work)

    async def give(self, number: int, feedback: Feedback, *, by: UserId) -> Incident:
        async def work(tx: Transaction) -> Incident:
            incident = await self._asked_about(tx, number, by)
            if not await kept.keep(tx, self._workspace_id, incident.id, feedback, by=by, at=self._clock.now()):
                raise AlreadyHeard(incident.key)
            return incident

        async def look_up(tx: Transaction) -> Incident | None:
            incident = await self._asked_about(tx, number, by)
            return incident if await kept.was_heard(tx, incident.id, by) else None

        return await self._commits.store(work, look_up)

    async def _asked_about(self, tx: Transaction, number: int, user: UserId) -> Incident:
        incident = await incidents.by_number(tx, self._workspace_id, number)
        if incident is None:
            raise IncidentNotFound(f"INC-{number}")
        if user not in asked(incident):
            raise NotAskedForFeedback(incident.key)
        return incident
