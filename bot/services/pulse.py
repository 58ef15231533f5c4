"""The heartbeat as a sign of the database's health: while no beat can be stored, nothing else can be either."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.services.health import Health, Part
from storage.errors import StorageError

ILL_AFTER_SECONDS = 5


class Pulse:
    """Does `beat`, and tells `health` when it could not be stored for some seconds, and when it could be again."""

    def __init__(
        self, beat: Callable[[], Awaitable[datetime]], health: Health, *, monotonic: Callable[[], float]
    ) -> None:
        """A beat that failed must be asked for again at once, not only when the next one is due."""
        self._beat = beat
        self._health = health
        self._monotonic = monotonic
        self._failing_since: float | None = None

    async def __call__(self) -> datetime:
        try:
            next_at = await self._beat()
        except StorageError:
            self._note_failed()
            raise
        self._failing_since = None
        self._health.well(Part.DATABASE)
        return next_at

    def _note_failed(self) -> None:
        now = self._monotonic()
        if self._failing_since is None:
            self._failing_since = now
        if now - self._failing_since > ILL_AFTER_SECONDS:
            self._health.ill(Part.DATABASE, "Nothing can be stored: see `loop.failed` in the log for what it says.")
