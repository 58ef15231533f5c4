"""A database in which a bot has worked for hours: three incidents, each with a story, breaches and promises."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from bot.domain.escalation import next_evaluation_at
from bot.domain.ids import THE_BOT, ChannelId, PolicyVersionId, UserId
from bot.domain.incident import Report
from bot.domain.policy import Policy, Severity
from bot.domain.timeline import NotSent
from bot.domain.transition import Transition, decide, evaluate
from bot.domain.verbs import acknowledge, change_severity, hold, open_incident, pass_on, reopen, resolve, resume
from bot.policy_file import Directory, read
from bot.services.policies import policy_of
from storage import incidents, outbox, policies, tables
from storage.database import Database
from storage.incidents import Change
from tests.builders import ANA, BEN, NOW, SAM, WORKSPACE, a_user, minutes

SHIPPED: Final = Path(__file__).resolve().parents[2] / "policy.yml"


async def live(database: Database) -> None:
    """INC-1 is answered by nobody, INC-2 goes through everything, INC-3 is just open."""
    life = await Life.begun(database)
    for severity in (Severity.SEV1, Severity.SEV2, Severity.SEV3):
        await life.opens(severity)
    await life.waits(minutes(4))
    await life.does(2, acknowledge, by=ANA)
    await life.waits(minutes(7))
    await life.does(2, hold, by=ANA, until=life.now + minutes(30), reason="the vendor")
    await life.waits(minutes(5))
    await life.does(2, resume, by=ANA)
    await life.does(2, change_severity, by=BEN, severity=Severity.SEV1, reason="all customers")
    await life.does(2, pass_on, by=ANA)
    await life.waits(minutes(20))
    await life.notes(2, NotSent(promise="INC-2/page", reason="acknowledged by U0ANA00001"))
    await life.does(2, resolve, by=BEN, summary="a bad deploy")
    await life.does(2, reopen, by=SAM, reason="back again")
    await life.waits(minutes(45))
    await life.does(2, acknowledge, by=ANA)


class Life:
    """People and clocks at one database; `now` only goes forward."""

    def __init__(self, database: Database, policy: Policy, version: PolicyVersionId, now: datetime) -> None:
        self.database = database
        self.now = now
        self._policy = policy
        self._version = version

    @classmethod
    async def begun(cls, database: Database, now: datetime = NOW) -> "Life":
        document = read(SHIPPED)
        names = document.names()
        people = {name: a_user(UserId(name), name) for name in names.people}
        directory = Directory(channels={name: ChannelId(name) for name in names.channels}, people=people)
        async with database.write() as tx:
            await incidents.make_workspace(tx, WORKSPACE)
            version = await policies.add(
                tx, WORKSPACE, document=document.canonical_json(), directory=directory.to_json(), by=THE_BOT, now=now
            )
        return cls(database, policy_of(version), version.id, now)

    @classmethod
    async def resumed(cls, database: Database) -> "Life":
        """It goes on where `live` ended."""
        async with database.read() as tx:
            last = await tx.scalar(select(func.max(tables.timeline.c.at)))
        return await cls.begun(database, last or NOW)

    async def opens(self, severity: Severity = Severity.SEV1) -> None:
        async with self.database.write() as tx:
            incident_id, number = await incidents.next_identity(tx, WORKSPACE)
            opened = open_incident(
                Report(title="Checkout is down", severity=severity, service="checkout"),
                self._policy,
                incident_id=incident_id,
                workspace_id=WORKSPACE,
                number=number,
                policy_version_id=self._version,
                by=SAM,
                now=self.now,
            )
            await incidents.store_opened(tx, self._change(opened, 0))

    async def does(self, number: int, verb: Callable[..., Transition], *, by: UserId, **said: Any) -> None:
        async with self.database.write() as tx:
            incident = await incidents.by_number(tx, WORKSPACE, number)
            assert incident is not None
            done = decide(
                incident, self._policy, self.now, lambda i, policy, now: verb(i, policy, by=by, now=now, **said)
            )
            await incidents.store(tx, [self._change(done, incident.version)])

    async def notes(self, number: int, fact: NotSent) -> None:
        async with self.database.write() as tx:
            incident = await incidents.by_number(tx, WORKSPACE, number)
            assert incident is not None
            await outbox.note(tx, WORKSPACE, incident.id, fact, now=self.now)

    async def waits(self, duration: timedelta) -> None:
        """Each clock is asked at the instant at which it asked to be."""
        until = self.now + duration
        async with self.database.write() as tx:
            while (earliest := await incidents.earliest_evaluation(tx, WORKSPACE)) is not None and earliest <= until:
                self.now = earliest
                due = await incidents.due(tx, WORKSPACE, now=self.now, limit=10)
                changes = [self._change(evaluate(each, self._policy, self.now), each.version) for each in due]
                await incidents.store(tx, changes)
        self.now = until

    def _change(self, transition: Transition, decided_on: int) -> Change:
        due_at = next_evaluation_at(transition.incident, self._policy)
        return Change(transition=transition, decided_on=decided_on, next_evaluation_at=due_at)
