"""What can be asked for, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.ids import ChannelId, UserId
from bot.domain.policy import Impact, Severity, Urgency, Verb
from bot.domain.progress import Progress
from bot.domain.wanted import EVERYTHING, Wanted
from bot.slack.ids import FormField


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncident:
    """Everything needed to open an incident at once."""

    severity: Severity
    service: str
    title: str
    is_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForm:
    """Something is missing or unclear: the form asks for it, filled in with what was understood."""

    severity: Severity | None = None
    impact: Impact | None = None
    urgency: Urgency | None = None
    service: str | None = None
    title: str = ""
    is_private: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFormAbout:
    """What is to be done to one incident lacks something or is unclear: its form asks for it.

    `entries` is what was understood, and `typed` all the words after the incident. Without a `problem` they are what
    opens the form and no more.
    """

    number: int
    verb: Verb
    typed: str = ""
    entries: Mapping[FormField, str] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ListIncidents:
    wanted: Wanted = EVERYTHING


@dataclass(frozen=True, slots=True)
class ShowIncident:
    number: int


@dataclass(frozen=True, slots=True)
class TellStory:
    """The whole timeline."""

    number: int


@dataclass(frozen=True, slots=True)
class ExplainIncident:
    number: int


@dataclass(frozen=True, slots=True)
class AcknowledgeIncident:
    """`eta` is when whoever takes it expects to have it solved; `beside` is said and kept nowhere."""

    number: int
    eta: datetime | None = None
    beside: str = ""


@dataclass(frozen=True, slots=True)
class EscalateIncident:
    """To the next tier."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class EscalateTo:
    """`words` begin with a tier or a service, which only the incident's own policy tells from the reason.

    With a `channel` their first word names that one.
    """

    number: int
    words: str
    channel: ChannelId | None = None


@dataclass(frozen=True, slots=True)
class PassIncident:
    """Not mine: somebody else is asked."""

    number: int


@dataclass(frozen=True, slots=True)
class AssignIncident:
    number: int
    to: UserId


@dataclass(frozen=True, slots=True)
class HoldIncident:
    number: int
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ResumeIncident:
    number: int


@dataclass(frozen=True, slots=True)
class ChangeSeverity:
    number: int
    severity: Severity
    reason: str


@dataclass(frozen=True, slots=True)
class StillOnIt:
    """`beside` is said and kept nowhere."""

    number: int
    beside: str = ""


@dataclass(frozen=True, slots=True)
class NoteDown:
    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellStakeholders:
    """Without `progress` they are as far as they were."""

    number: int
    changed: str
    progress: Progress | None = None
    impact: str = ""
    action: str = ""
    owner: UserId | None = None
    eta: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResolveIncident:
    number: int
    summary: str
    impact: str = ""
    data_loss: str = ""


@dataclass(frozen=True, slots=True)
class ReopenIncident:
    number: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelIncident:
    number: int
    reason: str = ""
    duplicate_of: int | None = None


@dataclass(frozen=True, slots=True)
class FollowIncident:
    """Without `who` the person who typed it."""

    number: int
    who: UserId | None = None


@dataclass(frozen=True, slots=True)
class UnfollowIncident:
    number: int


@dataclass(frozen=True, slots=True)
class ShowPolicy:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatePolicy:
    """`at` is when the incident would be opened, in the words that were typed; empty is now."""

    severity: Severity
    service: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class ShowOnCall:
    """Who is on call now, for one service or for all."""

    service: str | None = None


@dataclass(frozen=True, slots=True)
class Help:
    pass


@dataclass(frozen=True, slots=True)
class Unclear:
    """`problem` is a sentence in plain text: what is wrong, and what to do.

    When it `lacks_incident`, the one that is worked where it was typed is meant, if there is just one.
    """

    problem: str
    lacks_incident: bool = field(default=False, compare=False)


Question = (
    ListIncidents
    | ShowIncident
    | TellStory
    | ExplainIncident
    | ShowPolicy
    | SimulatePolicy
    | ShowOnCall
    | Help
    | Unclear
)
"""It changes nothing."""

Deed = (
    AcknowledgeIncident
    | EscalateIncident
    | EscalateTo
    | PassIncident
    | AssignIncident
    | HoldIncident
    | ResumeIncident
    | ChangeSeverity
    | StillOnIt
    | NoteDown
    | TellStakeholders
    | ResolveIncident
    | ReopenIncident
    | CancelIncident
    | FollowIncident
    | UnfollowIncident
)
"""What is done to one incident."""

Command = OpenIncident | OpenForm | OpenFormAbout | Question | Deed
