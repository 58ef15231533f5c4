"""The Home tab: drawn anew whenever somebody opens it."""

from collections.abc import Mapping
from typing import Any, Protocol

import structlog
from slack_bolt.async_app import AsyncApp

from bot.clock import Clock
from bot.domain.delivery import Delivered, Outcome
from bot.domain.ids import UserId
from bot.services.incidents import IncidentDesk
from bot.slack.blocks.home import home_view
from bot.slack.blocks.rendered import View
from handlers.listener import silently
from handlers.parsing import home_request

log = structlog.get_logger()


class HomePublisher(Protocol):
    async def publish_home(self, user: UserId, view: View) -> Outcome: ...


class Home:
    def __init__(self, desk: IncidentDesk, slack: HomePublisher, clock: Clock) -> None:
        self._desk = desk
        self._slack = slack
        self._clock = clock

    async def opened(self, body: Mapping[str, Any]) -> None:
        user = home_request(body)
        if user is None:
            return
        found = (await self._desk.list_unresolved()).incidents
        view = home_view(
            [incident for incident, _ in found],
            user=user,
            now=self._clock.now(),
            next_due={incident.id: due for incident, due in found},
        )
        outcome = await self._slack.publish_home(user, view)
        if not isinstance(outcome, Delivered):
            log.warning("home.not_published", user=user, outcome=repr(outcome))


def register(app: AsyncApp, desk: IncidentDesk, slack: HomePublisher, clock: Clock) -> None:
    app.event("app_home_opened")(silently("home", Home(desk, slack, clock).opened))
