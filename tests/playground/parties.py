"""The other side of the wire in these tests: Slack's own client and Bolt, and the blocks they send."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Playground

Connect = Callable[[], Awaitable[None]]
Json = dict[str, Any]

FIRST_LINE = "C0FIRSTLN1"
GENERAL = "C0GENERAL1"
SECRET = "G0SECRET01"
ANA = "U0ANA00001"
BEN = "U0BEN00001"


def web_client(slack: Playground, session: aiohttp.ClientSession, *, token: str | None = None) -> AsyncWebClient:
    """A client that does not call again by itself."""
    return AsyncWebClient(token=token or slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


def bolt_app(slack: Playground, session: aiohttp.ClientSession) -> AsyncApp:
    return AsyncApp(
        client=web_client(slack, session), signing_secret=slack.signing_secret, process_before_response=True
    )


@asynccontextmanager
async def connected(slack: Playground, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """The app on Socket Mode, until the block ends."""
    handler: Any = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.05)
    before = slack.sockets
    try:
        await handler.connect_async()
        await slack.wait_for(lambda: slack.sockets > before)
        yield handler
    finally:
        await handler.close_async()


async def refusal(call: Awaitable[Any]) -> Json:
    """The body of the answer with which Slack refuses this call."""
    try:
        await call
    except SlackApiError as refused:
        data = refused.response.data
        assert isinstance(data, dict)
        return data
    raise AssertionError("the call was not refused")


async def refused_with(call: Awaitable[Any]) -> str:
    return str((await refusal(call))["error"])


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(action_id: str, value: str = "INC-1", text: str = "Press") -> Json:
    return {"type": "button", "action_id": action_id, "value": value, "text": plain(text)}


def actions(*elements: Json, block_id: str = "acts") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def option(value: str) -> Json:
    return {"text": plain(value.title()), "value": value}


def select(action_id: str, *values: str) -> Json:
    return {"type": "static_select", "action_id": action_id, "options": [option(value) for value in values]}


def field(block_id: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(block_id.title()), "element": element, **more}


def text_input(action_id: str = "text", **more: Any) -> Json:
    return {"type": "plain_text_input", "action_id": action_id, **more}


def modal(*blocks: Json, callback_id: str = "form", **more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain("Form"),
        "submit": plain("Send"),
        "blocks": list(blocks),
        **more,
    }


def home(*blocks: Json) -> Json:
    return {"type": "home", "blocks": list(blocks)}
