"""The append-only story of an incident: each fact a value, with who, when and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.domain.ids import ChannelId, UserId
from bot.domain.origin import Origin
from bot.domain.policy import Severity
from bot.domain.progress import Progress


class Target(StrEnum):
    """Which promise ran out."""

    RESPONSE = "response"
    RESOLUTION = "resolution"


class PageReason(StrEnum):
    """Why a tier is paged once more."""

    REPEAT = "repeat"
    EXPIRED = "expired"
    PASSED_ON = "passed_on"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """`skipped` are the tiers before the first that can hold an incident; `origin` is told that it was opened there."""

    kind: Literal["opened"] = "opened"
    title: str
    description: str
    severity: Severity
    service: str
    tier: int
    skipped: tuple[int, ...] = ()
    origin: Origin | None = None
    is_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """`percent` of a target's time had passed. `told` is empty when the bot was away then: it is not said later."""

    kind: Literal["warned"] = "warned"
    target: Target
    percent: int
    tier: int
    due_at: datetime
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breached:
    """A target's time ran out. `told` are the Slack ids of the managers mentioned for it.

    `skipped` are tiers that come next and cannot hold an incident, when none that can comes after them.
    """

    kind: Literal["breached"] = "breached"
    target: Target = Target.RESPONSE
    number: int
    tier: int
    cycle: int
    due_at: datetime
    told: tuple[str, ...]
    route: str = ""
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagersInformed:
    """Managers were told without a breach: at the opening, or when it became as severe."""

    kind: Literal["managers_informed"] = "managers_informed"
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """Moved to a tier's channel, by a clock or by a person with a reason.

    `route` is the service whose policy it follows from then on, empty when that did not change; `skipped` are tiers
    that could not hold it; with `catching_up` the next tier has the shortened time of a bot that was away.
    """

    kind: Literal["escalated"] = "escalated"
    from_tier: int
    to_tier: int
    reason: str
    route: str = ""
    skipped: tuple[int, ...] = ()
    catching_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedAgain:
    """`number` counts the repeats of the last tier; it is 0 for every other reason."""

    kind: Literal["paged_again"] = "paged_again"
    tier: int
    cycle: int
    number: int
    reason: PageReason = PageReason.REPEAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhausted:
    kind: Literal["exhausted"] = "exhausted"
    tier: int
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """With `eta` whoever took it said by when it would be solved."""

    kind: Literal["acknowledged"] = "acknowledged"
    tier: int
    eta: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StillAsked:
    """Nothing was heard from who has it: asked whether they are still on it, with an answer due."""

    kind: Literal["still_asked"] = "still_asked"
    assignee: UserId
    answer_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StillOnIt:
    kind: Literal["still_on_it"] = "still_on_it"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementExpired:
    """No answer came: nobody has it any more, and the response clock of the same tier starts again."""

    kind: Literal["acknowledgement_expired"] = "acknowledgement_expired"
    assignee: UserId
    tier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn:
    """`by` said it is not theirs: `to` is the Slack id of who is asked at the same tier.

    Without `to` the whole tier is asked again or, with `moved_on`, the next one.
    """

    kind: Literal["passed_on"] = "passed_on"
    tier: int
    to: str | None
    moved_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """With `accepted` the person has it; otherwise they were asked, and the response clock goes on."""

    kind: Literal["assigned"] = "assigned"
    to: UserId
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    kind: Literal["held"] = "held"
    until: datetime
    reason: str
    assignee: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """Back from hold: by a person, or by the review when `by` is the bot."""

    kind: Literal["resumed"] = "resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityChanged:
    kind: Literal["severity_changed"] = "severity_changed"
    before: Severity
    after: Severity
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDue:
    """The cadence asked for an update. `owed_by` has it and had not written one, where the policy asks for that."""

    kind: Literal["update_due"] = "update_due"
    number: int
    owed_by: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateNudged:
    """Who has it was reminded of the update that is due at `due_at`, unless the bot was away when it was time to."""

    kind: Literal["update_nudged"] = "update_nudged"
    assignee: UserId
    due_at: datetime
    missed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOverdue:
    """Who has it owed the stakeholders an update since then. `told` are the managers who heard of it, maybe none."""

    kind: Literal["update_overdue"] = "update_overdue"
    assignee: UserId
    since: datetime
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeholdersTold:
    """A person wrote an update. Without `eta` it was not known when it would be solved."""

    kind: Literal["stakeholders_told"] = "stakeholders_told"
    progress: Progress
    changed: str
    impact: str = ""
    action: str = ""
    owner: UserId | None = None
    eta: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A person wrote something down for those who work on it."""

    kind: Literal["noted"] = "noted"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A message of `author`, written at `said_at`, was pinned by a person: it is worth keeping."""

    kind: Literal["pinned"] = "pinned"
    text: str
    author: UserId
    said_at: datetime
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomOpened:
    """It got a channel of its own. `card` is the address of the message that shows how it stands."""

    kind: Literal["room_opened"] = "room_opened"
    channel: ChannelId
    card: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomClosed:
    """Its own channel was no longer needed, and was to be archived after a last message."""

    kind: Literal["room_closed"] = "room_closed"
    channel: ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """`impact` and `data_loss` are empty when nothing was said of them."""

    kind: Literal["resolved"] = "resolved"
    summary: str
    impact: str = ""
    data_loss: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    kind: Literal["cancelled"] = "cancelled"
    reason: str
    duplicate_of: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    kind: Literal["reopened"] = "reopened"
    tier: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """From then on `who` reads every update in direct messages; somebody else may have wished it."""

    kind: Literal["followed"] = "followed"
    who: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfollowed:
    kind: Literal["unfollowed"] = "unfollowed"
    who: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """The last look found that a message was no longer true."""

    kind: Literal["not_sent"] = "not_sent"
    promise: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed:
    """A message was given up; `told` names the channel that was told instead, if any."""

    kind: Literal["delivery_failed"] = "delivery_failed"
    promise: str
    channel: ChannelId
    error: str
    told: ChannelId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldElsewhere:
    """People heard of a message by another way than Slack, `by` mail or whatever it was."""

    kind: Literal["told_elsewhere"] = "told_elsewhere"
    promise: str
    by: str


Fact = (
    Opened
    | Warned
    | Breached
    | ManagersInformed
    | Escalated
    | PagedAgain
    | Exhausted
    | Acknowledged
    | StillAsked
    | StillOnIt
    | AcknowledgementExpired
    | PassedOn
    | Assigned
    | Held
    | Resumed
    | SeverityChanged
    | UpdateDue
    | UpdateNudged
    | UpdateOverdue
    | StakeholdersTold
    | Noted
    | Pinned
    | RoomOpened
    | RoomClosed
    | Resolved
    | Cancelled
    | Reopened
    | Followed
    | Unfollowed
    | NotSent
    | DeliveryFailed
    | ToldElsewhere
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """One entry of the story. `seq` counts from 1 within the incident, without a gap."""

    seq: int
    at: datetime
    by: UserId
    fact: Fact
