"""The Home tab from the inbox: drawn while somebody may still look at it; and what is clicked in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.domain.ids import UserId
from bot.services.homes import HomeRefused
from bot.services.inbox import CannotBeHandled
from handlers.home import TOO_LATE, Home, handlers, is_deed
from handlers.payload import MalformedPayload
from tests.builders import NOW, SAM
from tests.clock import ManualClock
from tests.handlers.payloads import CLICK, COMMAND, FORM, HOME, SHORTCUT, Json, changed


@dataclass(slots=True)
class Tabs:
    """Remembers whose it was to draw; refused where Slack does."""

    refused: str | None = None
    drawn: list[UserId] = field(default_factory=list)
    chosen: list[tuple[UserId, bool]] = field(default_factory=list)

    async def open(self, user: UserId) -> None:
        if self.refused is not None:
            raise HomeRefused(self.refused)
        self.drawn.append(user)

    async def choose(self, user: UserId, *, is_wide: bool) -> None:
        self.chosen.append((user, is_wide))

    def acted(self, user: UserId) -> None:
        """Nobody asks."""


async def opened(body: Json, clock: ManualClock, *, refused: str | None = None) -> Sequence[UserId]:
    tabs = Tabs(refused=refused)
    await handlers(tabs, clock)["app_home_opened"](body, NOW)
    return tabs.drawn


async def test_it_is_drawn_for_who_opened_it(clock: ManualClock) -> None:
    assert await opened(HOME, clock) == [SAM]
    assert await opened(changed(HOME, lambda body: body["event"].update(tab="messages")), clock) == []


async def test_it_is_drawn_as_long_as_somebody_may_wait_for_it(clock: ManualClock) -> None:
    clock.move_to(NOW + TOO_LATE)
    assert await opened(HOME, clock) == [SAM]
    clock.advance(microseconds=1)
    assert await opened(HOME, clock) == []


async def test_what_slack_refuses_is_given_up(clock: ManualClock) -> None:
    with pytest.raises(CannotBeHandled, match="not_enabled"):
        await opened(HOME, clock, refused="not_enabled")


async def test_an_event_of_nobody_is_given_up(clock: ManualClock) -> None:
    with pytest.raises(CannotBeHandled, match="malformed: user"):
        await opened(changed(HOME, lambda body: body["event"].pop("user")), clock)


def clicked(value: str) -> Json:
    return changed(CLICK, lambda body: body["actions"][0].update(action_id="home_scope", value=value))


async def test_how_much_is_shown_is_as_the_button_says(clock: ManualClock) -> None:
    tabs, nobody = Tabs(), _nobody()
    home = Home(tabs, nobody, nobody, clock)
    await home.scope(clicked("everything"))
    await home.scope(clicked("mine"))
    assert tabs.chosen == [(SAM, True), (SAM, False)]
    with pytest.raises(MalformedPayload):
        await home.scope(clicked("nothing"))


def _nobody() -> Any:
    return None


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        (FORM, True),
        (changed(CLICK, lambda body: body.update(view={"type": "home"})), True),
        (changed(CLICK, lambda body: body.update(view={"type": "modal"})), False),
        (changed(CLICK, lambda body: body.update(view="home")), False),
        (CLICK, False),
        (SHORTCUT, False),
        (COMMAND, False),
    ],
)
def test_a_deed_is_a_click_in_the_tab_or_a_form(body: Json, counts: bool) -> None:
    assert is_deed(body) is counts
