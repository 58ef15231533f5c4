"""The incident: one problem, its state, its tier, and the instants every clock derives from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.errors import InvalidIncident
from bot.domain.ids import IncidentId, PolicyVersionId, UserId, WorkspaceId
from bot.domain.policy import Severity

TITLE_LIMIT = 200
DESCRIPTION_LIMIT = 8_000


class IncidentState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a person says is wrong. A title over the limit is shortened, and the description then holds all of it."""

    title: str
    severity: Severity
    service: str
    description: str = ""

    def __post_init__(self) -> None:
        title = " ".join(self.title.split())
        if not title:
            raise InvalidIncident("An incident needs a title: say in a few words what is wrong.")
        if len(title) > TITLE_LIMIT:
            whole = f"{title}\n\n{self.description}".strip()
            object.__setattr__(self, "description", whole)
            title = title[: TITLE_LIMIT - 1].rstrip() + "…"
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "description", self.description.strip()[:DESCRIPTION_LIMIT])


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The facts of one incident.

    `cycle` counts the pages of the present tier from 0, `tier_entered_by` is None when the clock moved it,
    and `last_seq` is the number of its newest timeline entry.
    """

    id: IncidentId
    workspace_id: WorkspaceId
    number: int
    policy_version_id: PolicyVersionId
    title: str
    description: str
    severity: Severity
    service: str
    opened_at: datetime
    opened_by: UserId
    state: IncidentState = IncidentState.OPEN
    tier: int = 1
    cycle: int = 0
    tier_entered_at: datetime
    tier_entered_by: UserId | None = None
    paged_at: datetime
    tier_breached_at: datetime | None = None
    repeats_sent: int = 0
    exhausted_at: datetime | None = None
    breach_count: int = 0
    assignee: UserId | None = None
    acknowledged_at: datetime | None = None
    first_acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: UserId | None = None
    resolution: str = ""
    updated_at: datetime
    updates_sent: int = 0
    updated_seq: int = 0
    last_seq: int = 0
    version: int = 1

    @property
    def key(self) -> str:
        return f"INC-{self.number}"

    @property
    def is_open(self) -> bool:
        """Nobody has acknowledged it at its present tier."""
        return self.state is IncidentState.OPEN

    @property
    def is_over(self) -> bool:
        return self.state is IncidentState.RESOLVED
