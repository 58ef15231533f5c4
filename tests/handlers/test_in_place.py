"""Where the answer to a click is put, and what is said when it cannot be."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.domain.delivery import Delivered, InDoubt, Outcome, Refused
from bot.domain.errors import IncidentNotFound
from bot.domain.ids import ChannelId, UserId
from bot.services.errors import StorageError
from bot.slack.blocks.layout import sentence
from bot.slack.blocks.rendered import Rendered
from handlers.in_place import DONE_NOT_SHOWN, NOT_SHOWN, InPlace
from handlers.listener import BUG, NOT_SAVED, unheard
from handlers.parsing import Spot
from handlers.payload import Payload
from tests.builders import SAM, TIER_1_CHANNEL
from tests.handlers.payloads import CLICK, Json

ANSWER = sentence("It is so.")
ADDRESS = "https://slack.example/response/1"
ALONE = Spot(user=SAM, channel=TIER_1_CHANNEL, address=ADDRESS, is_ephemeral=True)
AMONG_ALL = Spot(user=SAM, channel=TIER_1_CHANNEL, address=ADDRESS, is_ephemeral=False)
ON_HOME = Spot(user=SAM, channel=None, address=None, is_ephemeral=False)
CLICKED: Json = CLICK | {"response_url": ADDRESS, "container": {"type": "message", "is_ephemeral": True}}


@dataclass(slots=True)
class Bench:
    """Slack and the errands, which remember."""

    outcome: Outcome = field(default_factory=lambda: Delivered(""))
    put: list[tuple[str, str, str]] = field(default_factory=list)
    said: list[tuple[ChannelId | None, UserId, str]] = field(default_factory=list)
    errands: list[Coroutine[Any, Any, None]] = field(default_factory=list)
    acked: list[bool] = field(default_factory=list)

    async def replace(self, response_url: str, message: Rendered) -> Outcome:
        self.put.append(("replace", response_url, message.text))
        return self.outcome

    async def whisper(self, response_url: str, message: Rendered) -> Outcome:
        self.put.append(("whisper", response_url, message.text))
        return self.outcome

    def say(self, channel: ChannelId | None, user: UserId, text: str) -> None:
        self.said.append((channel, user, text))

    async def ack(self) -> None:
        assert not self.put, "Slack has its acknowledgement first"
        self.acked.append(True)

    def in_place(self) -> InPlace:
        return InPlace(self, self.say, self.errands.append)

    async def run(self) -> None:
        for errand in self.errands:
            await errand


@pytest.mark.parametrize(("spot", "how"), [(ALONE, "replace"), (AMONG_ALL, "whisper")])
async def test_only_what_nobody_else_sees_is_replaced(spot: Spot, how: str) -> None:
    bench = Bench()
    bench.in_place().show(spot, ANSWER)
    await bench.run()
    assert (bench.put, bench.said) == ([(how, ADDRESS, "It is so.")], [])


async def test_where_nothing_can_be_put_it_is_said() -> None:
    bench = Bench()
    bench.in_place().show(ON_HOME, ANSWER)
    await bench.run()
    assert (bench.put, bench.said) == ([], [(None, SAM, "It is so.")])


@pytest.mark.parametrize("outcome", [Refused("used_url"), InDoubt("http 404")])
async def test_what_slack_does_not_take_is_said_to_be_asked_again(outcome: Outcome) -> None:
    bench = Bench(outcome=outcome)
    bench.in_place().show(ALONE, ANSWER)
    await bench.run()
    assert bench.said == [(TIER_1_CHANNEL, SAM, NOT_SHOWN)]


async def test_an_answer_follows_the_acknowledgement() -> None:
    bench = Bench()

    async def listen(_: Payload) -> Rendered:
        return ANSWER

    await bench.in_place().answering("show", listen, unheard)(bench.ack, CLICKED)
    await bench.run()
    assert (bench.acked, bench.put) == ([True], [("replace", ADDRESS, "It is so.")])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StorageError("gone"), NOT_SAVED),
        (RuntimeError("bug"), BUG),
        (IncidentNotFound("INC-7"), "There is no INC-7 here. `/incident list` shows what is open."),
    ],
)
async def test_a_failure_is_said_and_what_was_shown_stays(error: Exception, words: str) -> None:
    bench = Bench()

    async def listen(_: Payload) -> Rendered:
        raise error

    await bench.in_place().answering("show", listen, unheard)(bench.ack, CLICKED)
    await bench.run()
    assert (bench.acked, bench.put, bench.said) == ([True], [], [(TIER_1_CHANNEL, SAM, words)])


async def test_a_click_of_nobody_is_only_acknowledged() -> None:
    bench = Bench()

    async def listen(_: Payload) -> Rendered:
        return ANSWER

    await bench.in_place().answering("show", listen, unheard)(bench.ack, {"type": "block_actions"})
    assert (bench.acked, bench.put, bench.said, bench.errands) == ([True], [], [], [])


async def test_after_a_deed_it_is_shown_as_it_is_by_then() -> None:
    bench = Bench()

    async def look() -> Rendered:
        return ANSWER

    bench.in_place().show_again(ALONE, look, unheard)
    await bench.run()
    assert (bench.put, bench.said) == ([("replace", ADDRESS, "It is so.")], [])


async def test_a_deed_that_cannot_be_shown_is_said_to_be_done() -> None:
    bench = Bench()

    async def look() -> Rendered:
        raise StorageError("gone")

    bench.in_place().show_again(ALONE, look, unheard)
    await bench.run()
    assert (bench.put, bench.said) == ([], [(TIER_1_CHANNEL, SAM, DONE_NOT_SHOWN)])
