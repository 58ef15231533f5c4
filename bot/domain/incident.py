"""The incident: one problem, its state, its tier, and the instants every clock derives from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.catalogue import mark
from bot.domain.errors import InvalidIncident
from bot.domain.ids import ChannelId, IncidentId, PolicyVersionId, UserId, WorkspaceId
from bot.domain.origin import Origin
from bot.domain.policy import Severity
from bot.domain.progress import Progress

TITLE_LIMIT = 200
DESCRIPTION_LIMIT = 8_000


class IncidentState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"


OVER = (IncidentState.RESOLVED, IncidentState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which the resolution clock stood still: on hold, or over until it was reopened."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a person says is wrong. A title over the limit is shortened, and the description then holds all of it.

    `origin` is the message it was opened from, if it was from one.
    """

    title: str
    severity: Severity
    service: str
    description: str = ""
    is_private: bool = False
    origin: Origin | None = None

    def __post_init__(self) -> None:
        title = " ".join(self.title.split())
        if not title:
            raise InvalidIncident(mark("An incident needs a title: say in a few words what is wrong."))
        if len(title) > TITLE_LIMIT:
            whole = f"{title}\n\n{self.description}".strip()
            object.__setattr__(self, "description", whole)
            title = title[: TITLE_LIMIT - 1].rstrip() + "…"
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "description", self.description.strip()[:DESCRIPTION_LIMIT])


@dataclass(frozen=True, kw_only=True)
class Incident:
    """The facts of one incident. Without slots, so that a copy is one dictionary: a decision makes three.

    Where it is: `routed_to` is the service whose escalation policy it follows, at first its own; `cycle` counts its
    pages from 0 and never starts anew; `card_cycle` is the page that posted the card of the present tier;
    `tier_entered_by` is None when the clock moved it; `moved_because` is the reason that they gave, or is empty.

    Its clocks: the response clock runs from `response_started_at` and, when `catching_up` after an outage, for the
    shortened time; `response_warned` and `resolution_warned` count the warnings that have passed; `active_at` is the
    last sign of life of who has it, `still_asked_at` when they were asked for one; `held_at` until `hold_until` is
    the present pause, `pauses` are those before. It has its severity since `severity_since`, and no target of that ran
    out before. `original_breach_at` is when the clock that ran at the first change of severity would have run out.

    What people said of it last is in `progress`, `impact`, `eta` and `told`, by `told_by` at `told_at`; what was lost
    is said at the end. `nudged_at` is when who has it was reminded that the next update is due, `overdue_since` when an
    automatic one went out in place of theirs, and `overdue_told_at` when managers heard that none had come since.

    One that `is_private` is shown only to those who work on it and to its `followers`, whom every update also reaches
    directly. Its `room` is the channel that was made for it alone, the newest if it was reopened after the end of one.

    `managers_told` are the Slack ids of all who were ever told, `declined_by` those who passed it on at this tier,
    `last_seq` is the number of its newest timeline entry, `last_digest` what storage keeps of the chain up to there.
    """

    id: IncidentId
    workspace_id: WorkspaceId
    number: int
    policy_version_id: PolicyVersionId
    title: str
    description: str
    severity: Severity
    severity_since: datetime
    service: str
    opened_at: datetime
    opened_by: UserId
    state: IncidentState = IncidentState.OPEN
    routed_to: str
    tier: int = 1
    cycle: int = 0
    card_cycle: int = 0
    tier_entered_at: datetime
    tier_entered_by: UserId | None = None
    moved_because: str = ""
    paged_at: datetime
    response_started_at: datetime
    catching_up: bool = False
    response_warned: int = 0
    tier_breached_at: datetime | None = None
    repeats_sent: int = 0
    exhausted_at: datetime | None = None
    breach_count: int = 0
    resolution_warned: int = 0
    resolution_breached_at: datetime | None = None
    original_breach_at: datetime | None = None
    managers_told: tuple[str, ...] = ()
    declined_by: tuple[UserId, ...] = ()
    assignee: UserId | None = None
    acknowledged_at: datetime | None = None
    first_acknowledged_at: datetime | None = None
    active_at: datetime | None = None
    still_asked_at: datetime | None = None
    held_at: datetime | None = None
    held_by: UserId | None = None
    hold_until: datetime | None = None
    hold_reason: str = ""
    pauses: tuple[Pause, ...] = ()
    resolved_at: datetime | None = None
    resolved_by: UserId | None = None
    resolution: str = ""
    data_loss: str = ""
    cancelled_at: datetime | None = None
    cancelled_by: UserId | None = None
    cancel_reason: str = ""
    duplicate_of: int | None = None
    updated_at: datetime
    updates_sent: int = 0
    progress: Progress | None = None
    impact: str = ""
    eta: datetime | None = None
    told: str = ""
    told_at: datetime | None = None
    told_by: UserId | None = None
    nudged_at: datetime | None = None
    overdue_since: datetime | None = None
    overdue_told_at: datetime | None = None
    is_private: bool = False
    followers: tuple[UserId, ...] = ()
    room: ChannelId | None = None
    updated_seq: int = 0
    last_seq: int = 0
    last_digest: str = field(default="", compare=False)
    version: int = 1

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Incident":
        """From all of its facts by name. Raises `TypeError` when they are not exactly those."""
        if facts.keys() != _FACTS:
            raise TypeError(f"not the facts of an incident: {sorted(facts.keys() ^ _FACTS)}")
        return cls._with({**facts})

    def but(self, **changes: Any) -> "Incident":
        """As `dataclasses.replace`, which takes ten times as long. Raises `TypeError` for what is no fact."""
        facts = self.__dict__ | changes
        if len(facts) != len(_FACTS):
            raise TypeError(f"not the facts of an incident: {sorted(facts.keys() ^ _FACTS)}")
        return self._with(facts)

    @classmethod
    def _with(cls, facts: dict[str, Any]) -> "Incident":
        incident = object.__new__(cls)
        object.__setattr__(incident, "__dict__", facts)
        return incident

    @property
    def key(self) -> str:
        return f"INC-{self.number}"

    @property
    def is_open(self) -> bool:
        """Nobody has acknowledged it at its present tier."""
        return self.state is IncidentState.OPEN

    @property
    def is_on_hold(self) -> bool:
        return self.state is IncidentState.ON_HOLD

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def has_readers(self) -> bool:
        """Whether anybody reads its updates: of a private one only its followers do."""
        return not self.is_private or bool(self.followers)

    @property
    def holder(self) -> UserId:
        """Who has it. Raises `ValueError` when nobody does."""
        if self.assignee is None:
            raise ValueError(f"nobody has {self.key}")
        return self.assignee

    @property
    def owed_since(self) -> datetime:
        """Since when who has it owes the stakeholders an update. Raises `ValueError` when nobody does."""
        if self.overdue_since is None:
            raise ValueError(f"nobody owes an update on {self.key}")
        return self.overdue_since

    @property
    def over_at(self) -> datetime | None:
        return self.resolved_at if self.resolved_at is not None else self.cancelled_at

    @property
    def over_by(self) -> UserId | None:
        return self.resolved_by if self.resolved_at is not None else self.cancelled_by


_FACTS = {each.name for each in fields(Incident)}
