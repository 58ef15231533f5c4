"""What can happen to an incident, each as a value."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ChannelId, UserId
from bot.domain.policy import Mention, Severity
from bot.domain.progress import Progress, Quotation, StatusReport
from bot.domain.timeline import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """The time of a target ran out at `due_at`; `told` are the managers who hear of it.

    `skipped` are tiers behind the last that can hold an incident, when it would have moved on.
    """

    target: Target
    due_at: datetime
    told: tuple[Mention, ...]
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn:
    """`percent` of a target's time are over; all of it will be at `breach_at`. `missed`: the bot was away then."""

    target: Target
    percent: int
    due_at: datetime
    breach_at: datetime
    told: tuple[Mention, ...]
    missed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InformManagers:
    """Managers hear of it without a breach."""

    told: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterTier:
    """The incident moves to the channel of `tier` and waits for an acknowledgement there.

    `route` is given when it is a tier of another service's policy; `skipped` tiers cannot hold an incident.
    """

    tier: int
    by: UserId | None = None
    reason: str = ""
    route: str = ""
    skipped: tuple[int, ...] = ()
    catching_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatPage:
    """The last tier is paged for the `number`th time again."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhaust:
    """The last tier and its repeats ran out."""

    told: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskStillOnIt:
    """Who has it was not heard of for long; the answer is due at `answer_by`."""

    assignee: UserId
    answer_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireAcknowledgement:
    """No answer: nobody has it any more, and its tier is paged again."""

    assignee: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateStakeholders:
    """The cadence is due. `owed_by` has it and should have written."""

    owed_by: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeForUpdate:
    """Who has it is reminded that an update is due at `due_at`. `missed`: the bot was away when it was time to."""

    assignee: UserId
    due_at: datetime
    missed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOverdue:
    """Managers hear that who has it owes the stakeholders an update since then."""

    assignee: UserId
    since: datetime
    told: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """With `eta` whoever takes it says by when it is solved."""

    by: UserId
    eta: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmStillOnIt:
    by: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn:
    """`by` gives it up. `to` is asked at the same tier; without `to` the whole tier is, unless `moves_on`."""

    by: UserId
    to: Mention | None
    moves_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """`accepted` when somebody had it: then `to` has it now. Otherwise `to` is asked, and the clock goes on."""

    by: UserId
    to: UserId
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    by: UserId
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Back from hold; `by` is None when the review was due."""

    by: UserId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSeverity:
    """The warnings that have passed under the new targets are not said any more."""

    by: UserId
    before: Severity
    after: Severity
    reason: str
    response_warned: int
    resolution_warned: int
    original_breach_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellStakeholders:
    """`progress` is how far they are, whether or not the report says it."""

    by: UserId
    progress: Progress
    report: StatusReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    by: UserId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Somebody wants a message kept in the story."""

    by: UserId
    message: Quotation


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRoom:
    """It has a channel of its own from now on. `card` is the address of the message that shows how it stands."""

    channel: ChannelId
    card: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRoom:
    """Its own channel is no longer needed: it is archived as soon as a last message is in it."""

    channel: ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """Without words about the impact the last that was said of it stays."""

    by: UserId
    summary: str = ""
    impact: str = ""
    data_loss: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    by: UserId
    reason: str
    duplicate_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    by: UserId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """`who` reads every update in direct messages from now on."""

    by: UserId
    who: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfollow:
    by: UserId
    who: UserId


Action = (
    Breach
    | Warn
    | InformManagers
    | EnterTier
    | RepeatPage
    | Exhaust
    | AskStillOnIt
    | ExpireAcknowledgement
    | UpdateStakeholders
    | NudgeForUpdate
    | ReportOverdue
    | Acknowledge
    | ConfirmStillOnIt
    | PassOn
    | Assign
    | Hold
    | Resume
    | ChangeSeverity
    | TellStakeholders
    | Note
    | Pin
    | OpenRoom
    | CloseRoom
    | Resolve
    | Cancel
    | Reopen
    | Follow
    | Unfollow
)
