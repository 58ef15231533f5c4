"""Rows that a test starts from, stored through the same functions as in real life."""

from datetime import datetime, timedelta
from typing import Any

from bot.domain.escalation import next_evaluation_at
from bot.domain.ids import THE_BOT, ChannelId, IncidentId, PolicyVersionId, UserId, WorkspaceId
from bot.domain.incident import Incident, Report
from bot.domain.message import PageTier, StakeholderUpdate, UpdateReason
from bot.domain.policy import Severity
from bot.domain.promise import Lane, Promise
from bot.domain.transition import Transition
from bot.domain.verbs import acknowledge, open_incident
from storage import incidents, outbox, policies
from storage.database import Database, Transaction
from storage.incidents import Change
from tests.builders import ANA, NOW, SAM, TIER_1_CHANNEL, WORKSPACE, a_policy, an_incident

FIRST_VERSION = PolicyVersionId(1)


async def a_workspace(database: Database, workspace_id: WorkspaceId = WORKSPACE) -> PolicyVersionId:
    async with database.write() as tx:
        await incidents.make_workspace(tx, workspace_id)
        version = await policies.add(tx, workspace_id, document="{}", directory="{}", by=THE_BOT, now=NOW)
    return version.id


async def an_incident_in(
    database: Database, number: int = 1, *, next_at: datetime | None = None, **changes: Any
) -> Incident:
    """An incident with nothing promised about it; its id is its number."""
    incident = an_incident(**{"id": IncidentId(number), "number": number, "policy_version_id": FIRST_VERSION} | changes)
    await store_incidents(database, [(incident, next_at)])
    return incident


async def store_incidents(database: Database, rows: list[tuple[Incident, datetime | None]]) -> None:
    async with database.write() as tx:
        for incident, next_at in rows:
            change = Change(transition=Transition(incident=incident), decided_on=0, next_evaluation_at=next_at)
            await incidents.store_opened(tx, change)


async def open_one(tx: Transaction, *, by: UserId = SAM, now: datetime = NOW) -> Incident:
    """An incident as the desk opens it, with its number, its story and its promises."""
    incident_id, number = await incidents.next_identity(tx, WORKSPACE)
    opened = open_incident(
        Report(title="Checkout is down", severity=Severity.SEV1, service="checkout"),
        a_policy(),
        incident_id=incident_id,
        workspace_id=WORKSPACE,
        number=number,
        policy_version_id=FIRST_VERSION,
        by=by,
        now=now,
    )
    await incidents.store_opened(tx, change_of(opened, decided_on=0))
    return opened.incident


def change_of(transition: Transition, *, decided_on: int) -> Change:
    return Change(
        transition=transition,
        decided_on=decided_on,
        next_evaluation_at=next_evaluation_at(transition.incident, a_policy()),
    )


def acknowledged(incident: Incident, *, by: UserId = ANA, now: datetime = NOW) -> Change:
    """The change of somebody who takes the incident."""
    return change_of(acknowledge(incident, a_policy(), by=by, now=now), decided_on=incident.version)


def a_page(key: str, *, channel: ChannelId = TIER_1_CHANNEL, deliver_at: datetime = NOW) -> Promise:
    return Promise(key=key, lane=Lane.PAGE, channel=channel, deliver_at=deliver_at, message=PageTier(tier=1, cycle=0))


def an_update(key: str, *, channel: ChannelId = TIER_1_CHANNEL, deliver_at: datetime = NOW) -> Promise:
    message = StakeholderUpdate(number=1, reason=UpdateReason.CADENCE, since_seq=1, until_seq=2)
    return Promise(key=key, lane=Lane.UPDATE, channel=channel, deliver_at=deliver_at, message=message)


async def promised(database: Database, incident: Incident, *promises: Promise) -> None:
    async with database.write() as tx:
        for promise in promises:
            await outbox.promise(tx, incident.workspace_id, incident.id, promise)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)
