"""The Web API client, which nothing but `bot.slack` calls. It never retries, and tells what became of each call.

The SDK's own retries are off, since its default handler posts again after a dropped connection, and then the channel
shows the message twice.
"""

from collections.abc import Callable
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.delivery import POST_TIMEOUT, Delivered
from bot.domain.slack_errors import is_known
from bot.slack.calls import failure, word_of

log = structlog.get_logger()

CallObserver = Callable[[str, str], None]
"""Hears of every call of a method, and in a word what became of it."""

POST_TIMEOUT_SECONDS = POST_TIMEOUT.total_seconds()


def make_session() -> aiohttp.ClientSession:
    """The shared connections; they give a call up after `POST_TIMEOUT`. Closed by the wiring."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=POST_TIMEOUT_SECONDS))


class _ObservedClient(AsyncWebClient):
    """Tells `observer` what became of each call."""

    observer: CallObserver

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        try:
            answer = await super().api_call(api_method, **arguments)
        except Exception as error:
            outcome = failure(error)
            if isinstance(error, SlackApiError):
                _note_unknown(api_method, error.response)
            self.observer(api_method, type(outcome).__name__ if outcome is not None else type(error).__name__)
            raise
        self.observer(api_method, Delivered.__name__)
        return answer


def _note_unknown(method: str, response: Any) -> None:
    """A word that is in no table of ours is in doubt; it should get its row."""
    word = word_of(response) if isinstance(response, AsyncSlackResponse) else ""
    if word and not is_known(word):
        log.warning("slack.unknown_error", method=method, error=word)


def _unobserved(_method: str, _outcome: str) -> None:
    """For calls that nobody counts."""


def make_client(
    *, token: str, base_url: str, session: aiohttp.ClientSession, observer: CallObserver = _unobserved
) -> AsyncWebClient:
    client = _ObservedClient(token=token, base_url=base_url, session=session)
    client.observer = observer
    client.retry_handlers = []
    return client
