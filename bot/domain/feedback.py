"""What those who were affected thought of how an incident was handled."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import UserId
from bot.domain.incident import Incident
from bot.domain.progress import WORDS_LIMIT

WORST, BEST = 1, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """`given_by` is None of who does not want to be named: then nothing leads back to them."""

    score: int
    comment: str = ""
    given_by: UserId | None = None

    def __post_init__(self) -> None:
        if not WORST <= self.score <= BEST:
            raise ValueError(f"a score is one of {WORST} to {BEST}")
        object.__setattr__(self, "comment", self.comment.strip()[:WORDS_LIMIT])


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Feedback as it is kept: without a name only its day is."""

    number: int
    service: str
    at: datetime
    feedback: Feedback


def asked(incident: Incident) -> tuple[UserId, ...]:
    """Who is asked once it is resolved: the reporter and those who follow it, but for who resolved it."""
    return tuple(who for who in dict.fromkeys((incident.opened_by, *incident.followers)) if who != incident.resolved_by)
