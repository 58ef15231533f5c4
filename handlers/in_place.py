"""Answers to clicks in what only one person sees: the answer is put in its place."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

import structlog

from bot.catalogue import mark, t
from bot.domain.delivery import Delivered, Outcome
from bot.slack.blocks.rendered import Rendered
from handlers.listener import Ack, Heard, Listener, Say, attempt
from handlers.parsing import Spot, spot_of
from handlers.payload import MalformedPayload, Payload

log = structlog.get_logger()

DONE_NOT_SHOWN = mark("That was done, but how it stands cannot be shown just now. Please type `/incident list` again.")
NOT_SHOWN = mark("Slack did not show the answer. Please type `/incident list` again.")

Start = Callable[[Coroutine[Any, Any, None]], object]
"""Has it done; nobody waits for it, least of all Slack for its acknowledgement."""


class Responder(Protocol):
    async def replace(self, response_url: str, message: Rendered) -> Outcome: ...

    async def whisper(self, response_url: str, message: Rendered) -> Outcome: ...


class InPlace:
    """Puts answers where somebody clicked."""

    def __init__(self, slack: Responder, say: Say, start: Start) -> None:
        self._slack = slack
        self._say = say
        self._start = start

    def show(self, spot: Spot, answer: Rendered) -> None:
        """In place of what only they see; what all see stays, and they alone see the answer below it."""
        self._start(self._show(spot, answer))

    def show_again(self, spot: Spot, look: Callable[[], Awaitable[Rendered]], heard: Heard) -> None:
        """After something was done: what is so now, once Slack has its acknowledgement."""
        self._start(self._show_again(spot, look, heard))

    async def _show_again(self, spot: Spot, look: Callable[[], Awaitable[Rendered]], heard: Heard) -> None:
        async def listen(_: Payload) -> Rendered:
            return await look()

        answer, problem = await attempt("shown_again", listen, {}, heard)
        if answer is not None:
            await self._show(spot, answer)
        elif problem is not None:
            self._say(spot.channel, spot.user, t(DONE_NOT_SHOWN))

    async def _show(self, spot: Spot, answer: Rendered) -> None:
        if spot.address is None:
            self._say(spot.channel, spot.user, answer.text)
            return
        put = self._slack.replace if spot.is_ephemeral else self._slack.whisper
        outcome = await put(spot.address, answer)
        if not isinstance(outcome, Delivered):
            log.warning("answer.not_shown", user=spot.user, outcome=repr(outcome))
            self._say(spot.channel, spot.user, t(NOT_SHOWN))

    def answering(self, entrance: str, listen: Callable[[Payload], Awaitable[Rendered]], heard: Heard) -> Listener:
        """For clicks that ask for something: a failure is said, and what was shown stays."""

        async def listener(ack: Ack, body: Payload) -> None:
            answer, problem = await attempt(entrance, listen, body, heard)
            await ack()
            spot = _spot(body)
            if spot is not None and answer is not None:
                self.show(spot, answer)
            elif spot is not None and problem is not None:
                self._say(spot.channel, spot.user, problem)

        return listener


def _spot(body: Payload) -> Spot | None:
    """None when the payload does not say who clicked, and so nobody can be answered."""
    try:
        return spot_of(body)
    except MalformedPayload:
        return None
