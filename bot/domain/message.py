"""What is said of an incident. Each message is stored as it is promised, by its `kind` and its fields."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.domain.ids import ChannelId, UserId
from bot.domain.policy import Mention
from bot.domain.timeline import PageReason, Target

THE_STAKEHOLDERS = ChannelId("")
"""The audience in the stakeholder channel; any other is called as its channel is, or as the person who follows."""


class UpdateReason(StrEnum):
    """Why stakeholders hear of it now."""

    CADENCE = "cadence"
    ACKNOWLEDGED = "acknowledged"
    EXPIRED = "expired"
    ESCALATED = "escalated"
    HELD = "held"
    RESUMED = "resumed"
    SEVERITY = "severity"
    TOLD = "told"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTier:
    """The tier's card with the mentions of its people: the page. `catching_up` when the bot had been away.

    `silent` when another message rings for it.
    """

    kind: Literal["page"] = "page"
    tier: int
    cycle: int
    catching_up: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAgain:
    """The tier is paged once more, in the thread of its card and shown in the channel.

    `card` is the page that posted the card, here and below. `people` are given when only they are asked.
    """

    kind: Literal["page_again"] = "page_again"
    tier: int
    cycle: int
    number: int
    card: int = 0
    reason: PageReason = PageReason.REPEAT
    people: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningNotice:
    """A part of a target's time is over: whoever has it or the tier hears of it, and the managers in `told`."""

    kind: Literal["warning"] = "warning"
    target: Target
    percent: int
    tier: int
    card: int
    breach_at: datetime
    told: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachNotice:
    """Managers are mentioned, below the card and shown in the channel: a target's time, from `since` on, ran out.

    `route` is the service whose policy has the tier, `had_it` who worked on it when its time to resolve ran out.
    """

    kind: Literal["breach"] = "breach"
    target: Target = Target.RESPONSE
    tier: int
    cycle: int
    card: int = 0
    route: str
    number: int
    since: datetime
    due_at: datetime
    breached_at: datetime
    told: tuple[Mention, ...]
    had_it: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagersNotice:
    """Managers hear of an incident as severe as this, without a breach."""

    kind: Literal["managers"] = "managers"
    tier: int
    card: int
    told: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StillOnItQuestion:
    """Who has it is asked whether they are still on it; without an answer by then nobody has it any more."""

    kind: Literal["still_on_it"] = "still_on_it"
    tier: int
    card: int
    assignee: UserId
    asked_at: datetime
    answer_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReview:
    """The pause is over: whoever has it goes on."""

    kind: Literal["hold_review"] = "hold_review"
    tier: int
    card: int
    assignee: UserId
    held_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentNotice:
    """Somebody was given the incident, or asked to take it when nobody has it yet."""

    kind: Literal["assignment"] = "assignment"
    tier: int
    card: int
    to: UserId
    by: UserId
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateNudge:
    """Who has it is reminded that stakeholder update `number` is due: theirs, or one of what Tierline knows."""

    kind: Literal["update_nudge"] = "update_nudge"
    tier: int
    card: int
    assignee: UserId
    number: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueNotice:
    """Managers hear that who has it owes the stakeholders an update since then."""

    kind: Literal["update_overdue"] = "update_overdue"
    tier: int
    card: int
    assignee: UserId
    since: datetime
    told: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomWelcome:
    """The first message in the incident's own channel. `card` is the address of the one that shows how it stands."""

    kind: Literal["room_welcome"] = "room_welcome"
    card: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFarewell:
    """The last message in the incident's own channel, which is then archived."""

    kind: Literal["room_farewell"] = "room_farewell"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackQuestion:
    """Somebody who was affected is asked how well it was handled, once it is resolved."""

    kind: Literal["feedback"] = "feedback"
    to: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhaustedAlarm:
    """The fallback channel and every manager of the policy hear that nobody answered at any tier."""

    kind: Literal["exhausted"] = "exhausted"
    tier: int
    card: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeholderParent:
    """The one message of the incident in the channel of an audience; its thread takes the updates."""

    kind: Literal["stakeholder_parent"] = "stakeholder_parent"
    audience: ChannelId = THE_STAKEHOLDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeholderUpdate:
    """An update in the thread of its audience, or to a person who follows.

    `since_seq` is the last timeline entry that the one before could tell.
    """

    kind: Literal["update"] = "update"
    number: int
    reason: UpdateReason
    since_seq: int
    until_seq: int
    audience: ChannelId = THE_STAKEHOLDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowNotice:
    """`who` is told how it stands, since somebody else has them follow it."""

    kind: Literal["follow"] = "follow"
    who: UserId
    by: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedHere:
    """Those in the thread below `ts` hear that an incident was opened from there: a courtesy, which may fail."""

    kind: Literal["opened_here"] = "opened_here"
    ts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeliverable:
    """The fallback channel hears that a message could not be posted where it belongs; `route` as in a breach."""

    kind: Literal["undeliverable"] = "undeliverable"
    promise: str
    channel: ChannelId
    error: str
    tier: int
    route: str


Message = (
    PageTier
    | PageAgain
    | WarningNotice
    | BreachNotice
    | ManagersNotice
    | StillOnItQuestion
    | HoldReview
    | AssignmentNotice
    | UpdateNudge
    | OverdueNotice
    | RoomWelcome
    | RoomFarewell
    | FeedbackQuestion
    | ExhaustedAlarm
    | StakeholderParent
    | StakeholderUpdate
    | FollowNotice
    | OpenedHere
    | Undeliverable
)
"""About one incident."""
