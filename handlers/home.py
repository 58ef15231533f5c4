"""The Home tab: drawn anew whenever somebody opens it or does something in it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from slack_bolt.async_app import AsyncApp

from bot.clock import Clock
from bot.domain.ids import UserId
from bot.services.homes import HomeRefused
from bot.services.inbox import CannotBeHandled, Handler
from bot.services.incidents import IncidentDesk
from bot.slack.blocks.detail import detail_view
from bot.slack.blocks.home import NARROW, WIDE
from bot.slack.ids import ActionId
from handlers.envelope import asked_by
from handlers.forms import FormOpener, look_in_time, open_in_time
from handlers.listener import Ack, Heard, Say, beside_ack
from handlers.parsing import click_request, home_request
from handlers.payload import MalformedPayload, Payload

log = structlog.get_logger()

OPENED = "app_home_opened"

TOO_LATE = timedelta(minutes=1)
"""Nobody waits for it any longer, and what is shown by then may be newer."""

Next = Callable[[], Awaitable[None]]


class HomeTabs(Protocol):
    """Draws them."""

    async def open(self, user: UserId) -> None:
        """Raises `HomeRefused`."""
        ...

    async def choose(self, user: UserId, *, is_wide: bool) -> None:
        """Raises `HomeRefused`."""
        ...

    def acted(self, user: UserId) -> None: ...


class Home:
    def __init__(self, tabs: HomeTabs, desk: IncidentDesk, slack: FormOpener, clock: Clock) -> None:
        self._tabs = tabs
        self._desk = desk
        self._slack = slack
        self._clock = clock

    async def scope(self, body: Mapping[str, Any]) -> None:
        """How much is shown."""
        request = click_request(body)
        if request.value not in (NARROW, WIDE):
            raise MalformedPayload("the button's value")
        await self._tabs.choose(request.user, is_wide=request.value == WIDE)

    async def details(self, body: Mapping[str, Any]) -> None:
        """One incident in full, in a window above the tab."""
        request = click_request(body)
        case, story = await look_in_time(self._desk.seen_by(request.user, None).show(request.button.number))
        view = detail_view(case.incident, case.policy, story, self._clock.now())
        await open_in_time(self._slack, request.trigger_id, view)


def handlers(tabs: HomeTabs, clock: Clock) -> Mapping[str, Handler]:
    """What is done about events, from the inbox."""

    async def opened(body: Mapping[str, Any], received_at: datetime) -> None:
        user = _opener(body)
        if user is None:
            return
        if clock.now() - received_at > TOO_LATE:
            log.info("home.too_late", user=user)
            return
        try:
            await tabs.open(user)
        except HomeRefused as error:
            raise CannotBeHandled(f"refused: {error}") from error

    return {OPENED: opened}


def _opener(body: Payload) -> UserId | None:
    try:
        return home_request(body)
    except MalformedPayload as error:
        raise CannotBeHandled(f"malformed: {error}") from error


def is_deed(body: Payload) -> bool:
    """Whether it may change what its author's own Home tab shows, while they look at it."""
    if body.get("type") == "view_submission":
        return True
    view = body.get("view")
    return body.get("type") == "block_actions" and isinstance(view, Mapping) and view.get("type") == "home"


def register(
    app: AsyncApp, tabs: HomeTabs, desk: IncidentDesk, slack: FormOpener, clock: Clock, say: Say, heard: Heard
) -> None:
    """An opening is acknowledged at once: the gatekeeper has stored it. After a deed its author's tab is looked at."""
    home = Home(tabs, desk, slack, clock)

    async def taken(ack: Ack) -> None:
        await ack()

    async def note_deed(body: Payload, next: Next) -> None:
        user = asked_by(body)
        if user is not None and is_deed(body):
            tabs.acted(user)
        await next()

    app.middleware(note_deed)
    app.event(OPENED)(taken)
    app.action(ActionId.HOME_SCOPE.value)(beside_ack("home_scope", say, home.scope, heard))
    app.action(ActionId.HOME_DETAILS.value)(beside_ack("home_details", say, home.details, heard))
