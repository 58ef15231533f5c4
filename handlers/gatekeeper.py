"""What is the same for every request: it comes from our workspace, and something answers it."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse

from bot.domain.ids import WorkspaceId
from bot.slack.ids import FormField
from handlers.listener import NOT_UNDERSTOOD
from handlers.parsing import Payload, says_what_it_is, workspace_of

log = structlog.get_logger()

OTHER_WORKSPACE = "This bot serves another workspace; nothing was changed. Please ask its operator for one of your own."
ANYTHING = re.compile(".*", re.DOTALL)

Respond = Callable[..., Awaitable[Any]]


def register_first(app: AsyncApp, workspace_id: WorkspaceId) -> None:
    """Turns away what comes from another workspace, and what no listener could take, before any listener sees it."""

    async def only_ours(
        body: Payload,
        next: Callable[[], Awaitable[None]],
        respond: Respond,
    ) -> BoltResponse | None:
        team = workspace_of(body)
        if team != workspace_id:
            log.warning("request.other_workspace", team=team)
            return await _refuse(body, OTHER_WORKSPACE, respond)
        if not says_what_it_is(body):
            log.warning("request.malformed", entrance="any", part="type", type=body.get("type"))
            return await _refuse(body, NOT_UNDERSTOOD, respond)
        await next()
        return None

    app.middleware(only_ours)


async def _refuse(body: Payload, words: str, respond: Respond) -> BoltResponse:
    """Says it wherever this kind of payload takes an answer; our token may not reach the person."""
    if body.get("type") == "view_submission":
        return BoltResponse(status=200, body={"response_action": "errors", "errors": {FormField.TITLE.value: words}})
    if "type" not in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": words})
    if isinstance(body.get("response_url"), str):
        await respond(words, response_type="ephemeral", replace_original=False)
    return BoltResponse(status=200)


def register_last(app: AsyncApp) -> None:
    """Answers what no listener took, so that Slack neither repeats it nor shows an error for it."""

    async def ignore(ack: Callable[[], Awaitable[Any]], body: Payload) -> None:
        await ack()
        log.info("request.ignored", type=body.get("type"))

    for accept in (app.event, app.action, app.shortcut, app.view, app.view_closed, app.options, app.command):
        accept(ANYTHING)(ignore)
