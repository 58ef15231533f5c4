"""What a person hears of what they did by an event, and when it is tried again instead."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.domain.delivery import Delivered, Limited, Outcome, Refused, Unreached
from bot.domain.errors import IncidentNotOver
from bot.domain.ids import ChannelId, UserId
from bot.services.errors import CommitUnknown, NotStored
from bot.services.inbox import CannotBeHandled
from bot.slack.blocks.layout import sentence
from bot.slack.blocks.rendered import Rendered
from bot.slack.calls import SlackUnavailable
from handlers.aside import LATE, Aside, Happened, well_formed
from handlers.listener import BUG, MAYBE_SAVED, NOT_SAVED
from handlers.payload import MalformedPayload
from tests.builders import NOW, SAM, TIER_1_CHANNEL
from tests.clock import ManualClock

HAPPENED = Happened(by=SAM, channel=TIER_1_CHANNEL, at=NOW, thread_ts="1794625100.000100")
HEARD = sentence("It was done.")


@dataclass(slots=True)
class Slack:
    """Remembers what it was told, and where."""

    outcome: Outcome = field(default_factory=lambda: Delivered("1.000001"))
    told: list[tuple[ChannelId | None, UserId, str, str | None]] = field(default_factory=list)

    async def tell(
        self, channel: ChannelId, user: UserId, message: Rendered, *, thread_ts: str | None = None
    ) -> Outcome:
        self.told.append((channel, user, message.text, thread_ts))
        return self.outcome

    async def tell_directly(self, user: UserId, message: Rendered) -> Outcome:
        self.told.append((None, user, message.text, None))
        return self.outcome


class Doing:
    """An aside, and what came of it."""

    def __init__(self, clock: ManualClock, outcome: Outcome) -> None:
        self.slack = Slack(outcome)
        self.results: list[tuple[str, str]] = []
        self._errands: list[asyncio.Task[None]] = []
        self.aside = Aside(self.slack, clock, self._start, lambda *heard: self.results.append(heard))

    def _start(self, errand: Coroutine[Any, Any, None]) -> None:
        self._errands.append(asyncio.ensure_future(errand))

    async def do(self, answer: Rendered | Exception | None) -> list[str]:
        """What they were told."""

        async def act() -> Rendered | None:
            if isinstance(answer, Exception):
                raise answer
            return answer

        await self.aside.answering("app_mention", HAPPENED, act)
        await asyncio.gather(*self._errands)
        return [text for _, _, text, _ in self.slack.told]


@pytest.fixture
def doing(clock: ManualClock) -> Doing:
    return Doing(clock, Delivered("1.000001"))


async def test_it_is_said_where_it_was_done(doing: Doing) -> None:
    await doing.do(HEARD)
    assert doing.slack.told == [(TIER_1_CHANNEL, SAM, "It was done.", "1794625100.000100")]
    assert doing.results == [("app_mention", "answered")]


async def test_what_shows_by_itself_is_not_said(doing: Doing) -> None:
    assert await doing.do(None) == []
    assert doing.results == [("app_mention", "answered")]


async def test_where_the_bot_cannot_speak_it_says_it_directly(clock: ManualClock) -> None:
    doing = Doing(clock, Refused("user_not_in_channel"))
    with capture_logs() as logs:
        await doing.do(HEARD)
    assert doing.slack.told[1:] == [(None, SAM, "It was done.", None)]
    assert [entry["event"] for entry in logs] == ["answer.not_delivered"]


@pytest.mark.parametrize("outcome", [Unreached("connection refused"), Limited(timedelta(seconds=1))])
async def test_it_is_said_once_at_most(clock: ManualClock, outcome: Outcome) -> None:
    doing = Doing(clock, outcome)
    with capture_logs() as logs:
        await doing.do(HEARD)
    assert len(doing.slack.told) == 1
    assert [entry["event"] for entry in logs] == ["answer.not_delivered"]


async def test_a_refusal_is_said_and_the_event_is_done(doing: Doing) -> None:
    [told] = await doing.do(IncidentNotOver("INC-7"))
    assert told.startswith("INC-7 is not over")
    assert doing.results == [("app_mention", "refused")]


async def test_a_bug_is_said_and_not_done_again(doing: Doing) -> None:
    with capture_logs() as logs:
        assert await doing.do(KeyError("a bug")) == [BUG]
    assert [entry["event"] for entry in logs] == ["request.failed"]


@pytest.mark.parametrize("error", [NotStored("no"), CommitUnknown("who knows"), SlackUnavailable(Unreached("away"))])
async def test_what_may_be_done_in_a_moment_is_left_to_the_inbox(doing: Doing, error: Exception) -> None:
    with pytest.raises(type(error)):
        await doing.do(error)
    assert doing.slack.told == []


@pytest.mark.parametrize(("error", "said"), [(NotStored("no"), NOT_SAVED), (CommitUnknown("who knows"), MAYBE_SAVED)])
async def test_after_some_minutes_they_hear_that_it_was_not(
    doing: Doing, clock: ManualClock, error: Exception, said: str
) -> None:
    clock.move_to(NOW + LATE)
    with pytest.raises(type(error)):
        await doing.do(error)
    clock.advance(microseconds=1)
    assert await doing.do(error) == [said]
    assert doing.results == [("app_mention", "not_stored")]


async def test_what_will_never_be_done_is_given_up(doing: Doing) -> None:
    with pytest.raises(CannotBeHandled):
        await doing.do(CannotBeHandled("never"))
    with pytest.raises(CannotBeHandled, match="malformed: item"):
        well_formed(_malformed)


def _malformed() -> str:
    raise MalformedPayload("item")
