"""Which incidents somebody asks for, and the page of them that they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.ids import UserId
from bot.domain.incident import Incident
from bot.domain.policy import Severity

ROWS = 10
"""On one page: with what stands around them they stay far below the fifty blocks of a message."""

COUNTED = 1_000
"""So many can be paged through; of those that are over there are ever more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Those that fit everything said; of several severities, services or people who have it, any.

    What is `over` is only shown to who asks for that, and then nothing else.
    """

    severities: tuple[Severity, ...] = ()
    services: tuple[str, ...] = ()
    people: tuple[UserId, ...] = ()
    breached: bool = False
    over: bool = False


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of those `wanted`; the first is page 1. There are `total` in all, or `COUNTED` and maybe more."""

    wanted: Wanted
    page: int
    incidents: Sequence[Incident]
    total: int

    @property
    def pages(self) -> int:
        return pages(self.total)


def pages(total: int) -> int:
    """How many pages so many incidents make; no incident is a page too."""
    return max(1, -(-total // ROWS))
