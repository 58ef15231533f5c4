"""What all bots of a story share: the time, Slack, chance, and what was seen of them."""

import asyncio
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

import structlog

from bot.clock import SteadyClock
from tests.builders import NOW
from tests.faults.chance import Chance, Recovery
from tests.faults.slack import FakeSlack
from tests.faults.troubles import Troubles


class SetClock:
    """The machine's clock, which somebody may set."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=asyncio.get_running_loop().time()) + self.ahead

    def real_delay(self, until: datetime) -> timedelta | None:
        return max(until - self.now(), timedelta(0))

    def on_jump(self, listener: Callable[[], None]) -> None:
        """Never: nobody tells."""


_MENDED: Final = {
    "delivery.adopted": Recovery.ADOPTED,
    "delivery.fenced_off": Recovery.FENCED_OFF,
    "delivery.lease_over": Recovery.NOT_POSTED_LATE,
    "delivery.handed_back": Recovery.HANDED_BACK,
    "delivery.suppressed": Recovery.SUPPRESSED,
    "delivery.given_up": Recovery.GIVEN_UP,
    "sweep.second_copy": Recovery.SWEPT,
}
"""What the bots log when they mend something."""


@dataclass(slots=True, kw_only=True)
class Stage:
    chance: Chance
    machine: SetClock
    clock: SteadyClock
    slack: FakeSlack
    troubles: Troubles
    committed: Callable[[], None]
    """To be called after every commit."""
    died: Callable[[str], None]
    """To be called with the name of a bot that was killed."""
    told_to_stop: Callable[[str], None]
    """To be called with the name of a bot that is to stop in good order."""
    dead: set[str] = field(default_factory=set)
    holders: dict[tuple[str, int], str] = field(default_factory=dict)
    """Who had a promise in its hands, by its key and its fence."""
    leases: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """Until when a bot, by its name, may post what has this mark in Slack."""
    broken: list[str] = field(default_factory=list)
    """What a bot did that it must never do, whatever comes of it."""

    def hear(self, _logger: object, _level: str, event: MutableMapping[str, Any]) -> NoReturn:
        """A processor of structlog that keeps what is said for the story's own log."""
        recovery = _MENDED.get(event["event"])
        if recovery is not None:
            self.chance.mends(recovery)
        said = ", ".join(f"{name}={value}" for name, value in event.items() if name not in ("event", "exc_info"))
        self.chance.tell(f"{event['event']} {said}")
        raise structlog.DropEvent
