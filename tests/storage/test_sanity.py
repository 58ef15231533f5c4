from datetime import timedelta
from sqlalchemy import text
from storage import incidents, policies, outbox, cards
from storage.incidents import Change
from bot.domain.transition import open_incident
from bot.domain.incident import Report
from bot.domain.escalation import next_evaluation_at
from bot.domain.policy import Severity
from bot.domain.ids import THE_BOT
from bot.domain.delivery import *
from tests.builders import *

async def test_x(database):
    async with database.write() as tx:
        await incidents.make_workspace(tx, WORKSPACE)
        v = await policies.add(tx, WORKSPACE, document="{}", directory="{}", by=THE_BOT, now=NOW)
        i, n = await incidents.next_identity(tx, WORKSPACE)
        t = open_incident(Report(title="x", severity=Severity.SEV1, service="checkout"), a_policy(), incident_id=i, workspace_id=WORKSPACE, number=n, policy_version_id=v.id, by=ANA, now=NOW)
        await incidents.store_opened(tx, Change(transition=t, decided_on=0, next_evaluation_at=next_evaluation_at(t.incident, a_policy())))
    async with database.write() as tx:
        claims = await outbox.claim(tx, WORKSPACE, now=NOW, resting=(), limit=50)
        print(claims)
        assert await outbox.record(tx, claims[0], after(InDoubt("x"), attempts=1, now=NOW), said=None, now=NOW)
    async with database.write() as tx:
        claims = await outbox.claim(tx, WORKSPACE, now=NOW+timedelta(seconds=20), resting=(), limit=50)
        print(claims)
        assert claims[0].first_attempt_at == NOW
