"""One Socket Mode connection: it takes what Slack sends, and knows what it still has to answer and when it is dead."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.slack_errors import Meaning, is_known, meaning_of

log = structlog.get_logger()

ANSWER_WITHIN_SECONDS = 3
"""Slack's own patience: whoever waits longer has been told of a failure already."""
CLOSE_WITHIN_SECONDS = 1
"""A connection on which nobody answers any more would hold up its end for ten seconds."""
CONNECT_WITHIN_SECONDS = 10
PING_EVERY_SECONDS = 10
SILENT_AFTER_SECONDS = 4 * PING_EVERY_SECONDS
"""So long without a pong or a message is no connection, whatever the socket says."""

PASSING = frozenset({Meaning.LIMITED, Meaning.NOT_NOW, Meaning.IN_DOUBT})
"""Trouble of Slack's own, after which the same request may succeed."""


class NotConnected(Exception):
    """Slack opened no connection; the text says why, in a few words. It wants to be left alone for `pause` seconds.

    `invited` when Slack had given an address to connect to: then it is there, and the way to it is not.
    """

    def __init__(self, reason: str, *, pause: float = 0, invited: bool = False) -> None:
        super().__init__(reason)
        self.pause = pause
        self.invited = invited


class AppTokenRefused(NotConnected):
    """Slack opens no connection for this token, now or later; the text is Slack's own word."""


class Intake(AsyncSocketModeHandler):
    """Bolt's handler on a connection that is opened once: the client by itself would leave one connection before it has
    the next, and try the same one-time address for ever."""

    def __init__(
        self, bolt: AsyncApp, app_token: str, *, monotonic: Callable[[], float], left: Callable[["Intake"], None]
    ) -> None:
        """`left` is called when Slack wants to be connected anew, and when the connection broke."""
        super().__init__(bolt, app_token, logger=logging.getLogger("slack_sdk"), ping_interval=PING_EVERY_SECONDS)
        self.client.connect_to_new_endpoint = self._leave  # type: ignore[method-assign]
        self.client.message_listeners.append(self._hear)
        self._monotonic = monotonic
        self._left = left
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._greeted = asyncio.Event()
        self._leaving = False
        self._last_pong: float | None = None
        self._heard_at = monotonic()

    async def connect(self) -> None:
        """Returns once Slack said hello. Raises `NotConnected`."""
        invited = False
        try:
            async with asyncio.timeout(CONNECT_WITHIN_SECONDS):
                answer = await self.client.web_client.apps_connections_open(app_token=self.app_token)
                self.client.wss_uri = str(answer["url"])
                invited = True
                await self.connect_async()  # type: ignore[no-untyped-call]
                await self._greeted.wait()
        except SlackApiError as error:
            raise _not_connected(error) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotConnected(type(error).__name__, invited=invited) from error
        if self._leaving:
            raise NotConnected("Slack turned the connection away", invited=True)

    @property
    def listens(self) -> bool:
        """Whether what Slack sends gets here."""
        session = self.client.current_session
        is_open = session is not None and not session.closed
        return is_open and not self._leaving and self.silent_seconds < SILENT_AFTER_SECONDS

    @property
    def silent_seconds(self) -> float:
        """Since a pong or a message. To be asked every few seconds, since it only then notices a pong."""
        pong = self.client.last_ping_pong_time
        if pong is not None and pong != self._last_pong:
            self._last_pong = pong
            self._heard_at = self._monotonic()
        return self._monotonic() - self._heard_at

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        self._under_way += 1
        self._idle.clear()
        try:
            await super().handle(client, req)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def retire(self) -> None:
        """Takes nothing more, answers what was taken, and closes."""
        try:
            await self._answer_the_rest()
        finally:
            await self._close()

    async def _answer_the_rest(self) -> None:
        """Returns when what was taken is answered, or when nobody waits for it any longer.

        Without this a person is told of a failure while the incident is opened, and opens it a second time.
        """
        if self.client.message_receiver is not None:
            self.client.message_receiver.cancel()
        # What was received and not begun yet: one turn of the event loop takes it from the queue, the next begins it.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
                await self._idle.wait()
        except TimeoutError:
            log.warning("socket_mode.not_answered", requests=self._under_way)

    async def _close(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_WITHIN_SECONDS):
                await self.close_async()  # type: ignore[no-untyped-call]
        except TimeoutError:
            # Given up while it waited for Slack's goodbye; its tasks and its session are still there.
            self.client.current_session = None
            await self.close_async()  # type: ignore[no-untyped-call]

    async def _hear(self, _client: object, message: dict[str, Any], _raw: str | None = None) -> None:
        self._heard_at = self._monotonic()
        if message.get("type") == "hello":
            self._greeted.set()

    async def _leave(self, force: bool = False) -> None:
        """Called where the client would connect anew; on a broken connection again and again."""
        if not self._leaving:
            self._leaving = True
            log.info("socket_mode.leaving", asked=force)
            self._greeted.set()
            self._left(self)


def _not_connected(error: SlackApiError) -> NotConnected:
    response = error.response
    if not isinstance(response, AsyncSlackResponse):
        return NotConnected("an answer that is not Slack's")
    if response.status_code == 429:
        return NotConnected("ratelimited", pause=_retry_after(response.headers))
    if response.status_code != 200:
        return NotConnected(f"http {response.status_code}")
    reason = str(response.get("error"))
    passes = is_known(reason) and meaning_of(reason) in PASSING
    return NotConnected(reason) if passes else AppTokenRefused(reason)


def _retry_after(headers: Any) -> float:
    value = str(next((value for name, value in headers.items() if name.lower() == "retry-after"), ""))
    return float(value) if value.isdigit() else 0
