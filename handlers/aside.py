"""What is said to one person about something they did without asking a form or a button: where they did it."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog

from bot.clock import Clock
from bot.domain.delivery import Delivered, Outcome, Refused
from bot.domain.ids import ChannelId, UserId
from bot.services.errors import StorageError
from bot.services.inbox import CannotBeHandled
from bot.slack.blocks.layout import sentence
from bot.slack.blocks.rendered import Rendered
from bot.slack.calls import SlackUnavailable
from handlers.listener import Heard, Result, note, problem_text
from handlers.payload import MalformedPayload

log = structlog.get_logger()

Read = TypeVar("Read")

LATE = timedelta(minutes=2)
"""Whoever waits for an answer has looked away by then, and what they saw may have changed."""


class Teller(Protocol):
    async def tell(
        self, channel: ChannelId, user: UserId, message: Rendered, *, thread_ts: str | None = None
    ) -> Outcome: ...

    async def tell_directly(self, user: UserId, message: Rendered) -> Outcome: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Who did something, where and when. In a thread to which nobody has replied Slack shows an aside to nobody."""

    by: UserId
    channel: ChannelId
    at: datetime
    thread_ts: str | None = None


class Aside:
    """Answers events. Slack sends them again, and so does the inbox: what is done must be done once for each."""

    def __init__(
        self, slack: Teller, clock: Clock, start: Callable[[Coroutine[Any, Any, None]], object], heard: Heard
    ) -> None:
        self._slack = slack
        self._clock = clock
        self._start = start
        self._heard = heard

    def is_late(self, happened: Happened) -> bool:
        """Whether the bot was away, or could not do it for long."""
        return self._clock.now() - happened.at > LATE

    async def answering(self, entrance: str, happened: Happened, act: Callable[[], Awaitable[Rendered | None]]) -> None:
        """Says what came of it, or why nothing did. What cannot be stored is tried again while it is not late.

        Raises what has the inbox try again, or give up.
        """
        try:
            answer = await act()
        except (CannotBeHandled, SlackUnavailable):
            raise
        except StorageError as error:
            if not self.is_late(happened):
                raise
            answer = self._refused(entrance, error)
        except Exception as error:  # noqa: BLE001 - the net: the person hears of it, and it is not tried again
            answer = self._refused(entrance, error)
        else:
            self._heard(entrance, Result.ANSWERED)
        if answer is not None:
            self._start(self._tell(happened, answer))

    def _refused(self, entrance: str, error: Exception) -> Rendered:
        self._heard(entrance, note(error, entrance))
        return sentence(problem_text(error))

    async def _tell(self, happened: Happened, answer: Rendered) -> None:
        """Directly, where the bot cannot speak to them in the channel."""
        outcome = await self._slack.tell(happened.channel, happened.by, answer, thread_ts=happened.thread_ts)
        if isinstance(outcome, Refused):
            outcome = await self._slack.tell_directly(happened.by, answer)
        if not isinstance(outcome, Delivered):
            log.warning("answer.not_delivered", user=happened.by, channel=happened.channel, outcome=repr(outcome))


def well_formed(read: Callable[[], Read]) -> Read:
    """What an event says. Raises `CannotBeHandled` when it is not as Slack sends it."""
    try:
        return read()
    except MalformedPayload as error:
        raise CannotBeHandled(f"malformed: {error}") from error
