"""What is the same for every request: it comes from our workspace, within bounds, and something answers it."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse

from bot.catalogue import mark, t
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.services.errors import StorageError
from bot.services.inbox import InboxFull
from bot.services.quota import Asked, Quota, Verdict
from bot.slack.ids import FormField
from handlers import causes
from handlers.envelope import app_of, asked_by, says_what_it_is, workspace_of
from handlers.listener import NOT_UNDERSTOOD, Say
from handlers.payload import Payload

log = structlog.get_logger()

OTHER_WORKSPACE = mark(
    "This bot serves another workspace; nothing was changed. Please ask its operator for one of your own."
)
OTHER_APP = mark("That was sent by another Slack app than this bot's; nothing was changed. Please tell its operator.")
TOO_MUCH = mark(
    "That is more than the bot takes from one person in a minute. Nothing was changed; please "
    "wait a little and try again. The buttons of the cards go on working."
)
TOO_MANY_CLICKS = mark(
    "Those were more clicks than the bot takes in a minute. Nothing was changed; please wait a little."
)
ANYTHING = re.compile(".*", re.DOTALL)

WORDS = ("app_mention",)
"""The events in which a person says something to the bot."""

NOT_TAKEN = 503
"""Slack delivers the event again when it hears this; over Socket Mode it hears nothing, and does so too."""

AnswerAt = Callable[[str, str], None]
"""Has a text said to one person only, at the address that Slack sent with their request; nobody waits for it."""

Next = Callable[[], Awaitable[None]]


class EventInbox(Protocol):
    """Where events wait to be handled."""

    def takes(self, kind: str) -> bool: ...

    async def put(self, cause: str, body: Payload) -> None: ...


class Gatekeeper:
    """Asked first, before any listener."""

    def __init__(
        self,
        workspace_id: WorkspaceId,
        app_id: str | None,
        inbox: EventInbox,
        quota: Quota,
        say: Say,
        answer_at: AnswerAt,
    ) -> None:
        self._workspace_id = workspace_id
        self._app_id = app_id
        self._inbox = inbox
        self._quota = quota
        self._say = say
        self._answer_at = answer_at

    async def __call__(self, body: Payload, next: Next) -> BoltResponse | None:
        refusal = self._not_ours(body)
        if refusal is not None:
            return self._refuse(body, refusal)
        answer = await self._stored(body) if body.get("type") == "event_callback" else self._within_quota(body)
        if answer is None:
            await next()
        return answer

    def _refuse(self, body: Payload, words: str) -> BoltResponse:
        """Says it wherever this kind of payload takes an answer; our token may not reach the person."""
        if _answers_in_ack(body):
            return _answer(body, words)
        address = body.get("response_url")
        if isinstance(address, str):
            self._answer_at(address, words)
        return BoltResponse(status=200)

    def _not_ours(self, body: Payload) -> str | None:
        """Why no listener should see it: another workspace's, another app's, or nothing that a listener could take."""
        team, app = workspace_of(body), app_of(body)
        if team != self._workspace_id:
            log.warning("request.other_workspace", team=team)
            return t(OTHER_WORKSPACE)
        if self._app_id is not None and app not in (None, self._app_id):
            log.warning("request.other_app", app=app)
            return t(OTHER_APP)
        if not says_what_it_is(body):
            log.warning("request.malformed", entrance="any", part="type", type=body.get("type"))
            return t(NOT_UNDERSTOOD)
        return None

    async def _stored(self, body: Payload) -> BoltResponse | None:
        """Before Slack hears that we have it. None when we do, or when nobody does anything about it."""
        kind = body["event"]["type"]
        if not self._inbox.takes(kind):
            return None
        if kind in WORDS and (over := self._over_quota(body["event"])) is not None:
            return over
        cause = causes.of_event(body)
        if cause is None:
            log.warning("request.malformed", entrance="event", part="event_id", kind=kind)
            return None
        try:
            await self._inbox.put(cause, body)
        except (StorageError, InboxFull) as error:
            return _not_taken(kind, error)
        return None

    def _over_quota(self, event: Payload) -> BoltResponse | None:
        """Of what is typed to the bot by its name, as of a command. Slack does not repeat what is acknowledged."""
        user, channel = event.get("user"), event.get("channel")
        if not isinstance(user, str) or not user:
            return None
        verdict = self._quota.admit(UserId(user), Asked.WORDS)
        if verdict is Verdict.ADMITTED:
            return None
        log.warning("request.over_quota", user=user, asked=Asked.WORDS)
        if verdict is Verdict.REFUSED:
            self._say(ChannelId(channel) if isinstance(channel, str) and channel else None, UserId(user), t(TOO_MUCH))
        return BoltResponse(status=200)

    def _within_quota(self, body: Payload) -> BoltResponse | None:
        user = asked_by(body)
        if user is None:
            return None  # nobody's request: its listener refuses it
        asked = Asked.CLICK if body.get("type") == "block_actions" else Asked.WORDS
        verdict = self._quota.admit(user, asked)
        if verdict is Verdict.ADMITTED:
            return None
        log.warning("request.over_quota", user=user, asked=asked)
        words = t(TOO_MANY_CLICKS) if asked is Asked.CLICK else t(TOO_MUCH)
        if _answers_in_ack(body):
            return _answer(body, words)
        if verdict is Verdict.REFUSED:
            channel = body.get("channel")
            held = channel.get("id") if isinstance(channel, dict) else None
            self._say(ChannelId(held) if isinstance(held, str) and held else None, UserId(user), words)
        return BoltResponse(status=200)


def register_first(app: AsyncApp, gatekeeper: Gatekeeper) -> None:
    async def at_the_gate(body: Payload, next: Next) -> BoltResponse | None:
        return await gatekeeper(body, next)

    app.middleware(at_the_gate)


def _not_taken(kind: str, error: Exception) -> BoltResponse:
    log.error("event.not_stored", kind=kind, error=str(error))
    return BoltResponse(status=NOT_TAKEN)


def _answers_in_ack(body: Payload) -> bool:
    return "type" not in body or body.get("type") == "view_submission"


def _answer(body: Payload, words: str) -> BoltResponse:
    if body.get("type") == "view_submission":
        return BoltResponse(status=200, body={"response_action": "errors", "errors": {_first_field(body): words}})
    return BoltResponse(status=200, body={"response_type": "ephemeral", "text": words})


def _first_field(body: Payload) -> str:
    """Slack shows an error only at a field that the form has."""
    match body:
        case {"view": {"state": {"values": {**values}}}} if values:
            return str(next(iter(values)))
        case _:
            return FormField.TITLE.value


def register_last(app: AsyncApp) -> None:
    """Answers what no listener took, so that Slack neither repeats it nor shows an error for it."""

    async def ignore(ack: Callable[[], Awaitable[Any]], body: Payload) -> None:
        await ack()
        log.info("request.ignored", type=body.get("type"))

    for accept in (app.event, app.action, app.shortcut, app.view, app.view_closed, app.options, app.command):
        accept(ANYTHING)(ignore)
