"""The Home tab from the inbox: drawn while somebody may still look at it, and again when Slack did not take it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.delivery import Delivered, InDoubt, Limited, Outcome, Refused, Unreached
from bot.domain.ids import UserId
from bot.services.inbox import CannotBeHandled
from bot.services.incidents import Listing
from bot.slack.blocks.rendered import View
from handlers.home import TOO_LATE, HomeNotPublished, handlers
from tests.builders import NOW, SAM
from tests.clock import ManualClock
from tests.handlers.payloads import HOME, Json, changed


class Slack:
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.published: list[UserId] = []

    async def publish_home(self, user: UserId, view: View) -> Outcome:
        self.published.append(user)
        return self.outcome


class Desk:
    async def list_unresolved(self) -> Listing:
        return Listing(incidents=(), total=0)


async def opened(body: Json, clock: ManualClock, outcome: Outcome = Delivered("")) -> Sequence[UserId]:  # noqa: B008
    slack, desk = Slack(outcome), Desk()
    given: Any = desk
    await handlers(given, slack, clock)["app_home_opened"](body, NOW)
    return slack.published


async def test_it_is_drawn_for_who_opened_it(clock: ManualClock) -> None:
    assert await opened(HOME, clock) == [SAM]
    assert await opened(changed(HOME, lambda body: body["event"].update(tab="messages")), clock) == []


async def test_it_is_drawn_as_long_as_somebody_may_wait_for_it(clock: ManualClock) -> None:
    clock.move_to(NOW + TOO_LATE)
    assert await opened(HOME, clock) == [SAM]
    clock.advance(microseconds=1)
    assert await opened(HOME, clock) == []


@pytest.mark.parametrize("outcome", [Limited(timedelta(seconds=3)), InDoubt("timeout"), Unreached("no line")])
async def test_what_slack_did_not_take_is_tried_again(clock: ManualClock, outcome: Outcome) -> None:
    with pytest.raises(HomeNotPublished):
        await opened(HOME, clock, outcome)


async def test_what_slack_refuses_is_not(clock: ManualClock) -> None:
    with pytest.raises(CannotBeHandled, match="not_enabled"):
        await opened(HOME, clock, Refused("not_enabled"))


async def test_an_event_of_nobody_is_given_up(clock: ManualClock) -> None:
    with pytest.raises(CannotBeHandled, match="malformed: user"):
        await opened(changed(HOME, lambda body: body["event"].pop("user")), clock)
