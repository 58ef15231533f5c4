"""The one net around every listener: what goes wrong is said to the person concerned, and nothing leaves it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import structlog

from bot.catalogue import mark, t
from bot.domain.errors import Refusal
from bot.domain.ids import ChannelId, UserId
from bot.services.errors import CommitUnknown, StorageError
from bot.slack.blocks.mrkdwn import cut, escape, one_line
from bot.slack.blocks.refusals import refusal_text
from bot.slack.blocks.rendered import Rendered, View
from handlers.forms import FormNotOpened
from handlers.mentions import as_typed
from handlers.payload import MalformedPayload, Payload

log = structlog.get_logger()

NOT_SAVED = mark("That was not saved: the database cannot be written just now. Nothing was changed; please try again.")
MAYBE_SAVED = mark(
    "The database went away while saving; please look with `/incident list` whether it is there, then try again."
)
NOT_UNDERSTOOD = mark(
    "That came in a form this bot does not understand. Nothing was changed; `/incident help` shows what there is."
)
NOT_OPENED = mark("Slack did not open the form in time. Nothing was changed; please try again.")
BUG = mark(
    "Something went wrong in the bot; please look with `/incident list` whether it was done, "
    "then try again. The log tells the operator why."
)
WORTH_KEEPING = 40
MOST_KEPT = 2_500

Ack = Callable[..., Awaitable[Any]]
Listener = Callable[..., Awaitable[None]]
Answer = TypeVar("Answer")
Errors = Mapping[str, str]
"""What is wrong with a form that was filled in, by the field that mends it."""


@dataclass(frozen=True, slots=True)
class Again:
    """The form is shown once more, as this view."""

    view: View


class Result(StrEnum):
    """What became of a request."""

    ANSWERED = "answered"
    REFUSED = "refused"
    NOT_STORED = "not_stored"
    MALFORMED = "malformed"
    NOT_OPENED = "not_opened"
    FAILED = "failed"


Heard = Callable[[str, str], None]
"""Hears of every request its entrance, and what became of it: a `Result`."""


def unheard(_entrance: str, _result: str) -> None:
    """For requests that nobody counts."""


class Say(Protocol):
    """Has something said to one person only; nobody waits for it, least of all Slack for its acknowledgement."""

    def __call__(self, channel: ChannelId | None, user: UserId, text: str) -> None: ...


class Show(Protocol):
    """Has one person alone be shown more than a sentence; nobody waits for it either."""

    def __call__(self, channel: ChannelId | None, user: UserId, message: Rendered) -> None: ...


def problem_text(error: Exception) -> str:
    """One sentence for the person: what is wrong and what to do."""
    match error:
        case Refusal():
            return refusal_text(error)
        case CommitUnknown():
            return t(MAYBE_SAVED)
        case StorageError():
            return t(NOT_SAVED)
        case MalformedPayload():
            return t(NOT_UNDERSTOOD)
        case FormNotOpened():
            return t(NOT_OPENED)
        case _:
            return t(BUG)


def note(error: Exception, entrance: str) -> Result:
    """A refusal is everyday; everything else the operator must know."""
    match error:
        case Refusal():
            log.info("request.refused", entrance=entrance, reason=type(error).__name__)
            return Result.REFUSED
        case StorageError():
            log.error("request.not_stored", entrance=entrance, error=str(error))
            return Result.NOT_STORED
        case MalformedPayload():
            log.warning("request.malformed", entrance=entrance, part=str(error))
            return Result.MALFORMED
        case FormNotOpened():
            log.warning("form.not_opened", entrance=entrance, outcome=str(error))
            return Result.NOT_OPENED
        case _:
            log.error("request.failed", entrance=entrance, exc_info=error)
            return Result.FAILED


async def attempt(
    entrance: str, listen: Callable[[Payload], Awaitable[Answer]], body: Payload, heard: Heard
) -> tuple[Answer | None, str | None]:
    """The answer, or in words why there is none."""
    try:
        answer = await listen(body)
    except Exception as error:  # noqa: BLE001 - the net: Bolt answers 404 for an exception, and Slack says nothing
        heard(entrance, note(error, entrance))
        return None, problem_text(error)
    heard(entrance, Result.ANSWERED)
    return answer, None


def in_ack(entrance: str, listen: Callable[[Payload], Awaitable[Rendered | None]], heard: Heard = unheard) -> Listener:
    """For slash commands: the answer, good or bad, travels in the acknowledgement."""

    async def listener(ack: Ack, body: Payload) -> None:
        answer, problem = await attempt(entrance, listen, body, heard)
        if problem is not None:
            await ack(text=f"{problem}{_typed(body)}")
        elif answer is not None:
            await ack(text=answer.text, blocks=answer.blocks)
        else:
            await ack()

    return listener


def beside_ack(
    entrance: str, say: Say, listen: Callable[[Payload], Awaitable[None]], heard: Heard = unheard
) -> Listener:
    """For clicks: a success shows in the channel, a failure is said to the person who clicked."""

    async def listener(ack: Ack, body: Payload) -> None:
        _, problem = await attempt(entrance, listen, body, heard)
        await ack()
        user = _id_in(body, "user")
        if problem is not None and user is not None:
            channel = _id_in(body, "channel")
            say(ChannelId(channel) if channel is not None else None, UserId(user), problem)

    return listener


def at_field(
    entrance: str, field: str, listen: Callable[[Payload], Awaitable[Errors | Again | None]], heard: Heard = unheard
) -> Listener:
    """For forms: what is wrong stands at its field, a failure at `field`, and what was typed stays where it is."""

    async def listener(ack: Ack, body: Payload) -> None:
        answer, problem = await attempt(entrance, listen, body, heard)
        if problem is not None:
            answer = {field: problem}
        match answer:
            case Again(view):
                await ack(response_action="update", view=view)
            case None:
                await ack()
            case errors:
                await ack(response_action="errors", errors=dict(errors))

    return listener


def _typed(body: Payload) -> str:
    """A long command that was not done, to be copied: Slack does not keep what was typed."""
    typed = one_line(as_typed(str(body.get("text") or "")))
    if len(typed) < WORTH_KEEPING:
        return ""
    return t(
        "\nYou wrote: {command} {typed}",
        command=escape(str(body.get("command") or "")),
        typed=cut(escape(typed), MOST_KEPT),
    )


def _id_in(body: Payload, part: str) -> str | None:
    """Of the person or the channel, also when the rest of the payload is not as Slack sends it."""
    held = body.get(part)
    found = held.get("id") if isinstance(held, Mapping) else None
    return found if isinstance(found, str) and found else None
