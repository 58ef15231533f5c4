"""Socket Mode: what Slack sends comes over a connection that we open. It is watched, and replaced when it falls silent.

A new connection is opened before the old one is left, so that nobody's command falls in between.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

import structlog
from slack_bolt.async_app import AsyncApp

from bot.services.errands import Errands
from bot.services.health import Health, Part
from bot.socket_intake import AppTokenRefused, Intake, NotConnected

log = structlog.get_logger()

UNREADY_AFTER_SECONDS = 30
STOP_AFTER_SECONDS = 180
SHORTEST_PAUSE_SECONDS = 1
LONGEST_PAUSE_SECONDS = 30
"""Slack counts how often connections are asked for, as sparingly as anything it counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketState:
    """`silent_seconds` since Slack was last heard; None when it never was."""

    connected: bool
    silent_seconds: float | None


class Line:
    """The connection to Slack, whichever it is just now. Leaving the block answers what came, and closes it."""

    def __init__(
        self,
        bolt: AsyncApp,
        app_token: str,
        health: Health,
        *,
        monotonic: Callable[[], float],
        broken: Callable[[str], None],
    ) -> None:
        """`broken` is told, in a sentence, when Slack was there for long and no connection: a new process must try.

        While Slack is away none could do better, and the clocks of this one go on.
        """
        self._bolt = bolt
        self._app_token = app_token
        self._health = health
        self._monotonic = monotonic
        self._broken = broken
        self._errands = Errands()
        self._intake: Intake | None = None
        self._attempt: asyncio.Task[None] | None = None
        self._watching = False
        self._down_since: float | None = None
        self._tries = 0
        self._try_at = monotonic()
        self._reason = "it broke"
        self._invited_since: float | None = None

    async def __aenter__(self) -> "Line":
        """Raises `AppTokenRefused`. When Slack is not reached the line is there all the same, and tries again."""
        await self._replace()
        await self._errands.__aenter__()
        self._watching = True
        if self._intake is None:
            self._down_since = self._monotonic()
            self._say_unready()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watching = False
        if self._attempt is not None:
            self._attempt.cancel()
        if self._intake is not None:
            self._errands.start(self._intake.retire())
        await self._errands.__aexit__(kind, error, trace)

    @property
    def state(self) -> SocketState:
        if self._intake is None:
            return SocketState(connected=False, silent_seconds=None)
        return SocketState(connected=self._intake.listens, silent_seconds=self._intake.silent_seconds)

    async def look(self) -> None:
        """To be called every second. It takes no time: what it starts runs beside it."""
        if not self._watching:
            return
        state = self.state
        if state.connected:
            self._note_up()
        else:
            self._note_down(state)

    async def rested(self) -> None:
        """Returns when no connection is being opened or left."""
        await self._errands.idle()

    def _note_up(self) -> None:
        self._down_since = self._invited_since = None
        self._tries = 0
        self._health.well(Part.SOCKET)

    def _note_down(self, state: SocketState) -> None:
        now = self._monotonic()
        if self._down_since is None:
            self._down_since = now
            self._reason = "it broke"
            log.warning("socket_mode.down", silent_seconds=state.silent_seconds)
        down_for = now - self._down_since
        if down_for > UNREADY_AFTER_SECONDS:
            self._say_unready()
        if self._invited_since is not None and now - self._invited_since > STOP_AFTER_SECONDS:
            self._broken(f"Slack could not be connected to for {STOP_AFTER_SECONDS} seconds ({self._reason}).")
        elif self._attempt is None and now >= self._try_at:
            self._attempt = self._errands.start(self._try_again())

    def _say_unready(self) -> None:
        self._health.ill(
            Part.SOCKET,
            f"There is no Socket Mode connection ({self._reason}): what people type and click does not get here.",
        )

    def _on_left(self, intake: Intake) -> None:
        """Slack asked for a new connection, or the present one broke: no need to wait for the next look."""
        if intake is self._intake and self._watching:
            self._note_down(self.state)

    async def _try_again(self) -> None:
        try:
            await self._replace()
        except AppTokenRefused:
            log.error("socket_mode.token_refused", reason=self._reason)  # noqa: TRY400 - Slack's word says it all
        finally:
            self._attempt = None

    async def _replace(self) -> None:
        """Opens a connection, then leaves the one before. Raises `AppTokenRefused`; what passes is only noted."""
        fresh = Intake(self._bolt, self._app_token, monotonic=self._monotonic, left=self._on_left)
        try:
            await fresh.connect()
        except BaseException as error:
            await fresh.retire()
            if not isinstance(error, NotConnected):
                raise
            self._note_failed(error)
            if isinstance(error, AppTokenRefused):
                raise
            return
        log.info("socket_mode.connected")
        old, self._intake = self._intake, fresh
        self._try_at = self._monotonic() + SHORTEST_PAUSE_SECONDS
        self._note_up()
        if old is not None:
            self._errands.start(old.retire())

    def _note_failed(self, error: NotConnected) -> None:
        pause = max(min(SHORTEST_PAUSE_SECONDS * 2.0**self._tries, LONGEST_PAUSE_SECONDS), error.pause)
        self._tries += 1
        self._try_at = self._monotonic() + pause
        self._reason = str(error)
        if not error.invited:
            self._invited_since = None
        elif self._invited_since is None:
            self._invited_since = self._monotonic()
        log.warning("socket_mode.not_connected", reason=self._reason, again_in_seconds=pause)
