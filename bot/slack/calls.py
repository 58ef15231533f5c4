"""One call of Slack's Web API, and what came of it as a value; a listing of several pages as one."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Mapping
from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.delivery import Delivered, InDoubt, Limited, Outcome, Refused, Unreached
from bot.domain.slack_errors import Meaning, classify, is_known, meaning_of


class SlackUnavailable(Exception):
    """A question to Slack got no answer; `outcome` says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(_words(outcome))
        self.outcome = outcome

    @property
    def is_away(self) -> bool:
        """Whether Slack itself is missing; else it answered, and means it."""
        match self.outcome:
            case Unreached(reason=reason):
                return meaning_of(reason) is not Meaning.LOCKED_OUT
            case InDoubt() | Limited():
                return True
            case _:
                return False


PAGE_SIZE = 999
"""As much as Slack gives at once: its listing methods take 20 calls a minute, and a workspace may have many users."""


async def asked(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    answer = await answer_of(call)
    if isinstance(answer, AsyncSlackResponse):
        return answer
    raise SlackUnavailable(answer)


async def outcome_of(call: Awaitable[AsyncSlackResponse]) -> Outcome:
    answer = await answer_of(call)
    return Delivered(str(answer.get("ts") or "")) if isinstance(answer, AsyncSlackResponse) else answer


async def answer_of(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse | Outcome:
    try:
        return await call
    except Exception as error:
        outcome = failure(error)
        if outcome is None:
            raise
        return outcome


async def pages(client: AsyncWebClient, method: str, items: str, **arguments: Any) -> AsyncIterator[Mapping[str, Any]]:
    """One after the other what a listing method holds under `items`. Raises `SlackUnavailable`."""
    cursor = ""
    while True:
        call = getattr(client, method)
        answer = await asked(call(limit=PAGE_SIZE, cursor=cursor, **arguments))
        for item in answer[items]:
            yield item
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return


def failure(error: Exception) -> Outcome | None:
    """What a call that raised this came to; None when it is not Slack's doing."""
    match error:
        case SlackApiError():
            return _refusal(error.response)
        case aiohttp.ClientConnectorError() | aiohttp.ClientConnectorDNSError() | ssl.SSLError():
            return Unreached(f"could not connect: {type(error).__name__}")
        case aiohttp.ClientError() | TimeoutError() | OSError():
            return InDoubt(type(error).__name__)
        case _:
            return None


def _refusal(response: Any) -> Outcome:
    if not isinstance(response, AsyncSlackResponse):
        return InDoubt("an answer that is not Slack's")
    return classify(word_of(response), status=response.status_code, retry_after=_retry_after(response.headers))


def word_of(response: AsyncSlackResponse) -> str:
    """Slack's own for what went wrong; empty when it gave none."""
    body = response.data
    return str(body.get("error") or "") if isinstance(body, dict) else ""


def _retry_after(headers: Mapping[str, Any]) -> timedelta | None:
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    return timedelta(seconds=int(value)) if value is not None and str(value).isdigit() else None


def _words(outcome: Outcome) -> str:
    match outcome:
        case Refused(error=error):
            return f"Slack answered {error}"
        case Unreached(reason=reason) if is_known(reason):
            return f"Slack answered {reason}"
        case Unreached(reason=reason) | InDoubt(reason=reason):
            return f"Slack could not be reached ({reason})"
        case _:
            return "Slack asks to wait"
