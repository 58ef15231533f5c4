"""Socket Mode: what Slack sends comes over a connection that we open; it closes once all that was taken is answered."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

log = structlog.get_logger()

ANSWER_WITHIN_SECONDS = 3
"""Slack's own patience: whoever waits longer has been told of a failure already."""


class Intake(AsyncSocketModeHandler):
    """Bolt's handler, which knows what it is still answering."""

    def __init__(self, bolt: AsyncApp, app_token: str) -> None:
        super().__init__(bolt, app_token, logger=logging.getLogger("slack_sdk"))
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        self._under_way += 1
        self._idle.clear()
        try:
            await super().handle(client, req)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def answer_the_rest(self) -> None:
        """Takes nothing more; returns when what was taken is answered, or when nobody waits for it any longer.

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


@asynccontextmanager
async def listening(bolt: AsyncApp, app_token: str) -> AsyncIterator[None]:
    """Takes Slack's requests until the block ends. Raises what the client raises when Slack refuses the connection."""
    intake = Intake(bolt, app_token)
    try:
        # Asked for here, since the client itself would ask for ever with a token that Slack does not accept.
        intake.client.wss_uri = await intake.client.issue_new_wss_url()
        await intake.connect_async()  # type: ignore[no-untyped-call]
        try:
            yield
        finally:
            await intake.answer_the_rest()
    finally:
        await intake.close_async()  # type: ignore[no-untyped-call]
