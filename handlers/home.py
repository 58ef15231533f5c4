"""The Home tab: drawn anew whenever somebody opens it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from slack_bolt.async_app import AsyncApp

from bot.clock import Clock
from bot.domain.delivery import Delivered, Outcome, Refused
from bot.domain.ids import UserId
from bot.services.inbox import CannotBeHandled, Handler
from bot.services.incidents import IncidentDesk
from bot.slack.blocks.home import home_view
from bot.slack.blocks.rendered import View
from handlers.listener import Ack
from handlers.parsing import MalformedPayload, home_request

log = structlog.get_logger()

OPENED = "app_home_opened"

TOO_LATE = timedelta(minutes=1)
"""Nobody waits for it any longer, and what is shown by then may be newer."""


class HomePublisher(Protocol):
    async def publish_home(self, user: UserId, view: View) -> Outcome: ...


class HomeNotPublished(Exception):
    """Slack did not take the Home tab this time; the text is its outcome."""


class Home:
    def __init__(self, desk: IncidentDesk, slack: HomePublisher, clock: Clock) -> None:
        self._desk = desk
        self._slack = slack
        self._clock = clock

    async def opened(self, body: Mapping[str, Any], received_at: datetime) -> None:
        user = _opener(body)
        if user is None:
            return
        if self._clock.now() - received_at > TOO_LATE:
            log.info("home.too_late", user=user)
            return
        found = (await self._desk.list_unresolved()).incidents
        view = home_view(
            [incident for incident, _ in found],
            user=user,
            now=self._clock.now(),
            next_due={incident.id: due for incident, due in found},
        )
        outcome = await self._slack.publish_home(user, view)
        if isinstance(outcome, Refused):
            raise CannotBeHandled(repr(outcome))
        if not isinstance(outcome, Delivered):
            raise HomeNotPublished(repr(outcome))


def _opener(body: Mapping[str, Any]) -> UserId | None:
    try:
        return home_request(body)
    except MalformedPayload as error:
        raise CannotBeHandled(f"malformed: {error}") from error


def handlers(desk: IncidentDesk, slack: HomePublisher, clock: Clock) -> Mapping[str, Handler]:
    """What is done about events, from the inbox."""
    return {OPENED: Home(desk, slack, clock).opened}


def register(app: AsyncApp) -> None:
    """Acknowledged at once: the gatekeeper has stored it."""

    async def taken(ack: Ack) -> None:
        await ack()

    app.event(OPENED)(taken)
