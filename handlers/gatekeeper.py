"""What is the same for every request: it comes from our workspace, and something answers it."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse

from bot.domain.ids import WorkspaceId
from handlers.parsing import workspace_of

log = structlog.get_logger()

OTHER_WORKSPACE = "This bot serves another workspace; nothing was changed. Please ask its operator for one of your own."
ANYTHING = re.compile(".*", re.DOTALL)


def register_first(app: AsyncApp, workspace_id: WorkspaceId) -> None:
    """Turns away what comes from another workspace, before any listener sees it."""

    async def only_ours(
        body: Mapping[str, Any],
        next: Callable[[], Awaitable[None]],
    ) -> BoltResponse | None:
        team = workspace_of(body)
        if team == workspace_id:
            await next()
            return None
        log.warning("request.other_workspace", team=team)
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": OTHER_WORKSPACE})

    app.middleware(only_ours)


def register_last(app: AsyncApp) -> None:
    """Answers what no listener took, so that Slack neither repeats it nor shows an error for it."""

    async def ignore(ack: Callable[[], Awaitable[Any]], body: Mapping[str, Any]) -> None:
        await ack()
        log.info("request.ignored", type=body.get("type"))

    app.event(ANYTHING)(ignore)
    app.action(ANYTHING)(ignore)
    app.shortcut(ANYTHING)(ignore)
    app.view(ANYTHING)(ignore)
