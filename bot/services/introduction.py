"""A bot that started while Slack was away does not know whether its token is of the workspace it works for: it asks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain.ids import WorkspaceId
from bot.services.health import Health, Part
from bot.slack.calls import SlackUnavailable
from bot.slack.workspace import Identity

log = structlog.get_logger()

ASKED_EVERY = timedelta(seconds=10)


class Acquaintance(Protocol):
    """What this needs of Slack."""

    async def identify(self) -> Identity: ...


class Introduction:
    """Asks until Slack answers; `stop` is told when the token is of another workspace."""

    def __init__(
        self, slack: Acquaintance, workspace_id: WorkspaceId, clock: Clock, health: Health, stop: Callable[[str], None]
    ) -> None:
        self._slack = slack
        self._workspace_id = workspace_id
        self._clock = clock
        self._health = health
        self._stop = stop
        self._ask_at: datetime | None = clock.now()
        health.ill(Part.SLACK, "Slack cannot be reached; the clocks go on.")

    async def __call__(self) -> datetime | None:
        """Returns when it asks again, None once it was answered."""
        now = self._clock.now()
        if self._ask_at is None or now < self._ask_at:
            return self._ask_at
        try:
            identity = await self._slack.identify()
        except SlackUnavailable as error:
            log.warning("slack.away", reason=str(error))
            self._ask_at = now + ASKED_EVERY
            return self._ask_at
        self._ask_at = None
        if identity.workspace_id == self._workspace_id:
            self._health.well(Part.SLACK)
        else:
            self._stop("SLACK_BOT_TOKEN is of another workspace than the database: mend one of the two.")
        return None
