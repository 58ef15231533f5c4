"""Why an incident is where it is, and what a policy would do: the rules asked, nothing changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.domain import verbs
from bot.domain.explanation import Explanation, explain
from bot.domain.forecast import Moment, PlannedAct, simulate
from bot.domain.ids import SOMEBODY, IncidentId, PolicyVersionId, WorkspaceId
from bot.domain.incident import Report
from bot.domain.policy import Policy, Severity
from bot.domain.transition import Act, Transition
from bot.services.policies import PolicyBook
from bot.services.sight import Sight, found
from storage import incidents
from storage.database import Transaction

USUAL_SPAN = timedelta(hours=24)


async def explanation_of(
    tx: Transaction, workspace_id: WorkspaceId, number: int, book: PolicyBook, sight: Sight, *, now: datetime
) -> Explanation:
    """Raises `IncidentNotFound`."""
    incident, policy = await found(tx, workspace_id, number, book, sight)
    story = await incidents.story(tx, incident.id)
    return explain(incident, policy, story, await incidents.ledger(tx, incident.id), now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An incident that is not there, and what people do to it: each so long after its opening, or not at all.

    A hold lasts `hold_for`.
    """

    severity: Severity
    service: str
    at: datetime
    ack_after: timedelta | None = None
    escalate_after: timedelta | None = None
    hold_after: timedelta | None = None
    hold_for: timedelta = timedelta(hours=2)
    resolve_after: timedelta | None = None
    span: timedelta = USUAL_SPAN


def simulated(plan: Plan, policy: Policy) -> Iterator[Moment]:
    """What would happen; `plan.service` must be one of the policy's."""
    opened = verbs.open_incident(
        Report(title="A simulated incident", severity=plan.severity, service=plan.service),
        policy,
        incident_id=IncidentId(0),
        workspace_id=WorkspaceId("simulated"),
        number=1,
        policy_version_id=PolicyVersionId(0),
        by=SOMEBODY,
        now=plan.at,
    )
    acts = [PlannedAct(at=plan.at + after, act=act) for after, act in _acts(plan)]
    return simulate(opened, policy, acts, until=plan.at + plan.span)


def zone_of(policy: Policy, severity: Severity) -> ZoneInfo:
    """The zone of the severity's hours; of one that counts day and night, that in which the people live."""
    calendar = policy.targets(severity).calendar
    return zone_of_people(policy) if calendar is None else ZoneInfo(calendar.zone)


def zone_of_people(policy: Policy) -> ZoneInfo:
    """The zone in which people live by the policy's hours, of the worst severity that has any; UTC without hours."""
    zones = (targets.calendar.zone for _, targets in sorted(policy.severities.items()) if targets.calendar is not None)
    return ZoneInfo(next(zones, "UTC"))


def _acts(plan: Plan) -> Iterator[tuple[timedelta, Act]]:
    if plan.ack_after is not None:
        yield plan.ack_after, _by_somebody(partial(verbs.acknowledge, by=SOMEBODY))
    if plan.escalate_after is not None:
        yield plan.escalate_after, _by_somebody(partial(verbs.escalate, by=SOMEBODY))
    if plan.hold_after is not None:
        until = plan.at + plan.hold_after + plan.hold_for
        yield plan.hold_after, _by_somebody(partial(verbs.hold, by=SOMEBODY, until=until, reason="simulated"))
    if plan.resolve_after is not None:
        yield plan.resolve_after, _by_somebody(partial(verbs.resolve, by=SOMEBODY))


def _by_somebody(act: partial[Transition]) -> Act:
    return lambda incident, policy, now: act(incident, policy, now=now)
