"""What people tell of an incident: how far they are, and what is new."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.catalogue import mark
from bot.domain.errors import InvalidIncident
from bot.domain.ids import UserId

WORDS_LIMIT = 3_000
"""Characters of a note, and of each part of an update."""


class Progress(StrEnum):
    """How far those who work on it are, in the words that status pages use."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """What a person tells the stakeholders. Without `eta` it is not known when it will be solved, and without
    `progress` they are as far as they were.

    `action` is what is done now, and `owner` who does it.
    """

    progress: Progress | None = None
    changed: str
    impact: str = ""
    action: str = ""
    owner: UserId | None = None
    eta: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("changed", "impact", "action"):
            object.__setattr__(self, name, _within_limit(getattr(self, name)))
        if not self.changed:
            raise InvalidIncident(mark("An update needs words: say what is new."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """What somebody wrote in Slack, and when. `link` leads to it, and is empty when Slack gave none."""

    text: str
    author: UserId
    said_at: datetime
    link: str = ""

    def __post_init__(self) -> None:
        text = _within_limit(self.text)
        if not text:
            raise InvalidIncident(mark("A message without words cannot be kept: write a note instead."))
        object.__setattr__(self, "text", text)


def noted(text: str) -> str:
    """Raises `InvalidIncident` without words."""
    text = _within_limit(text)
    if not text:
        raise InvalidIncident(mark("A note needs words: say what is worth knowing."))
    return text


def _within_limit(text: str) -> str:
    """What is cut shows that it was: no form lets more be typed, but a command does."""
    text = text.strip()
    return text if len(text) <= WORDS_LIMIT else text[: WORDS_LIMIT - 1].rstrip() + "…"
