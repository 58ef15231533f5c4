"""What the words of a command may name, beside what the grammar knows itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.ids import UserId
from bot.domain.policy import Impact, Severity, Urgency
from handlers.mentions import Mentions

Matrix = Mapping[tuple[Impact, Urgency], Severity]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """`services` and `matrix` are the policy's; `mentions` is what Slack recognised in what was typed.

    A time is one after `now`, on the clocks of `zone`. `me` is who typed it, and `here` the one incident that a
    command without a number is about where it was typed, if there is one.
    """

    services: Collection[str]
    now: datetime
    zone: ZoneInfo
    matrix: Matrix = field(default_factory=dict)
    mentions: Mentions = field(default_factory=Mentions)
    me: UserId | None = None
    here: int | None = None
