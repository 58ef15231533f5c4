"""What is said of the workspace or of several incidents at once; stored as a message is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain.ids import IncidentId
from bot.domain.timeline import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedDeadline:
    """A breach of the time in which the bot was away."""

    number: int
    target: Target
    tier: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StartUpReport:
    """The fallback channel hears how long the bot was away, and which deadlines passed meanwhile."""

    kind: Literal["start_up"] = "start_up"
    away_since: datetime
    back_at: datetime
    passed: tuple[PassedDeadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUpPages:
    """Many pages for one channel, due at once after the bot was away, as one message that rings once."""

    kind: Literal["catch_up"] = "catch_up"
    incidents: tuple[IncidentId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelsRefused:
    """The fallback channel hears what Slack does not let the bot do for the channels of incidents."""

    kind: Literal["channels_refused"] = "channels_refused"
    method: str
    error: str


Notice = StartUpReport | CatchUpPages | ChannelsRefused
"""About the workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesElsewhere:
    """People hear by another way of pages that Slack has not confirmed, or refused with `error`.

    `promises` are the keys of those pages.
    """

    kind: Literal["elsewhere"] = "elsewhere"
    promises: tuple[str, ...]
    error: str = ""
