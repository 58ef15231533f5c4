"""The only holder of a Web API client: a few verbs in our words, every outcome of Slack a value.

It never sleeps and never retries. The SDK's own retries are off, since its default handler posts again after a
dropped connection, and then the channel shows the message twice.
"""

import base64
import hashlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.domain.delivery import POST_TIMEOUT, Delivered, Limited, Outcome, Refused
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.slack_errors import classify, is_known
from bot.slack.blocks.rendered import Rendered, View
from bot.slack.calls import SlackUnavailable as SlackUnavailable
from bot.slack.calls import answer_of as _answer
from bot.slack.calls import asked as _asked
from bot.slack.calls import failure as _failure
from bot.slack.calls import outcome_of as _outcome
from bot.slack.calls import word_of as _word
from bot.slack.direct_messages import DirectMessages
from bot.slack.posted import Posted, read_posted

log = structlog.get_logger()

CallObserver = Callable[[str, str], None]
"""Hears of every call of a method, and in a word what became of it."""

METADATA_EVENT = "tierline_message"
KEY_PREFIX = "tl:"
PAGE_SIZE = 999
"""As much as Slack gives at once: its listing methods take 20 calls a minute, and a workspace may have many users."""
MESSAGES_AROUND = 15
"""As many as Slack gives to every kind of app."""
SLACKBOT = "USLACKBOT"
CLOCK_SLACK = timedelta(minutes=10)
"""Read-back starts this much before the first attempt: Slack's clock is not ours, and to look a page too far back costs
less than to miss what was posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    workspace_id: WorkspaceId
    workspace_name: str
    bot_user_id: UserId
    app_id: str | None = None
    """None when Slack did not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the token may do, and what Slack's clock showed; None for what Slack did not say."""

    scopes: frozenset[str] | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFacts:
    """A channel as Slack lists it; `has_bot` when the bot is in it."""

    id: ChannelId
    name: str
    is_archived: bool
    has_bot: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """Somebody as Slack lists them; not `is_active` once deactivated, or when it is an app."""

    id: UserId
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledMessage:
    """A message of ours that Slack will post at `post_at` unless it is taken back."""

    id: str
    channel: ChannelId
    post_at: datetime
    scheduled_at: datetime


@dataclass(frozen=True, slots=True)
class NotFound:
    """The channel was read from the first attempt on, and the message is not there."""


def delivery_key(workspace_id: WorkspaceId, promise_key: str) -> str:
    """What marks a message in Slack: opaque, since every member of the workspace can read metadata."""
    digest = hashlib.sha256(f"{workspace_id}/{promise_key}".encode()).digest()
    return base64.b32encode(digest).decode()[:20].lower()


class SlackGateway:
    """Our verbs over Slack's Web API, with one shared connection pool.

    Where a message goes, the id of a person stands for their direct messages.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._direct = DirectMessages(self._open)

    async def identify(self) -> Identity:
        """Raises `SlackUnavailable` when Slack cannot be reached or does not know the token."""
        answer = await _asked(self._client.auth_test())
        return Identity(
            workspace_id=WorkspaceId(answer["team_id"]),
            workspace_name=str(answer.get("team", "")),
            bot_user_id=UserId(answer["user_id"]),
            app_id=await self._app_of(str(answer["user_id"])),
        )

    async def standing(self) -> Standing:
        """Raises `SlackUnavailable`."""
        answer = await _asked(self._client.auth_test())
        headers = {name.lower(): str(value) for name, value in answer.headers.items()}
        granted = headers.get("x-oauth-scopes")
        return Standing(
            scopes=None if granted is None else frozenset(scope.strip() for scope in granted.split(",")),
            answered_at=_date(headers.get("date", "")),
        )

    async def _app_of(self, bot_user: str) -> str | None:
        answer = await _answer(self._client.users_info(user=bot_user))
        if not isinstance(answer, AsyncSlackResponse):
            return None
        app_id = (answer["user"].get("profile") or {}).get("api_app_id")
        return app_id if isinstance(app_id, str) and app_id else None

    async def post(
        self,
        channel: ChannelId,
        message: Rendered,
        *,
        key: str,
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> Outcome:
        """Posts a message that can be found again by `key`."""
        place = await self._direct.place(channel)
        if isinstance(place, Limited):
            place = channel  # Slack takes the person's own id too, and says nothing of where that led
        if isinstance(place, Outcome):
            return place
        outcome = await _outcome(
            self._client.chat_postMessage(
                channel=place,
                text=message.text,
                blocks=_marked(message, key),
                metadata={"event_type": METADATA_EVENT, "event_payload": {"key": key}},
                unfurl_links=False,
                unfurl_media=False,
                thread_ts=thread_ts,
                reply_broadcast=broadcast if thread_ts else None,
            )
        )
        if outcome == Refused("channel_not_found"):
            self._direct.forget(channel)
        return outcome

    async def edit(self, channel: ChannelId, ts: str, message: Rendered, *, key: str) -> Outcome:
        """Shows `message` in place of what is there; twice is the same as once."""
        place = await self._direct.place(channel)
        if isinstance(place, Outcome):
            return place
        return await _outcome(
            self._client.chat_update(channel=place, ts=ts, text=message.text, blocks=_marked(message, key))
        )

    async def find(
        self, channel: ChannelId, *, key: str, since: datetime, thread_ts: str | None
    ) -> Delivered | NotFound | Outcome:
        """Looks for the message with `key` in the channel, or in the thread below `thread_ts`: the oldest copy."""
        found = await self.copies(channel, key=key, since=since, thread_ts=thread_ts)
        if isinstance(found, Outcome):
            return found
        return Delivered(found[0]) if found else NotFound()

    async def copies(
        self, channel: ChannelId, *, key: str, since: datetime, thread_ts: str | None
    ) -> Sequence[str] | Outcome:
        """The `ts` of every message with `key`, the oldest first; or why that cannot be told."""
        place = await self._direct.place(channel)
        if isinstance(place, Outcome):
            return place
        try:
            found = [
                str(message["ts"])
                async for message in self._messages(place, since - CLOCK_SLACK, thread_ts)
                if _carries(message, key)
            ]
        except SlackUnavailable as error:
            return error.outcome
        return sorted(found, key=float)

    async def delete(self, channel: ChannelId, ts: str) -> Outcome:
        """Removes a message of the bot's own."""
        place = await self._direct.place(channel)
        if isinstance(place, Outcome):
            return place
        return await _outcome(self._client.chat_delete(channel=place, ts=ts))

    async def schedule(self, channel: ChannelId, message: Rendered, post_at: datetime) -> Outcome:
        """Has Slack post it at that second, whatever becomes of us. The `ts` delivered is its id until then.

        Without a mark of ours: with metadata Slack would take it, and never post it.
        """
        answer = await _answer(
            self._client.chat_scheduleMessage(
                channel=channel,
                text=message.text,
                blocks=message.blocks,
                post_at=int(post_at.timestamp()),
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        if not isinstance(answer, AsyncSlackResponse):
            return answer
        return Delivered(str(answer["scheduled_message_id"]))

    async def unschedule(self, channel: ChannelId, scheduled_id: str) -> Outcome:
        """Takes back what `schedule` gave; refused once it was posted, and within its last minute."""
        return await _outcome(
            self._client.chat_deleteScheduledMessage(channel=channel, scheduled_message_id=scheduled_id)
        )

    async def scheduled(self) -> Sequence[ScheduledMessage]:
        """All that waits at Slack. Raises `SlackUnavailable`."""
        return [
            ScheduledMessage(
                id=str(message["id"]),
                channel=ChannelId(message["channel_id"]),
                post_at=datetime.fromtimestamp(int(message["post_at"]), UTC),
                scheduled_at=datetime.fromtimestamp(int(message["date_created"]), UTC),
            )
            async for message in self._pages("chat_scheduledMessages_list", "scheduled_messages")
        ]

    async def tell(
        self, channel: ChannelId, user: UserId, message: Rendered, *, thread_ts: str | None = None
    ) -> Outcome:
        """Says something that only `user` sees, in `channel`. Slack does not promise that it arrives.

        In a thread to which nobody has replied yet Slack takes it and shows it to nobody.
        """
        return await _outcome(
            self._client.chat_postEphemeral(
                channel=channel, user=user, text=message.text, blocks=message.blocks or None, thread_ts=thread_ts
            )
        )

    async def tell_directly(self, user: UserId, message: Rendered) -> Outcome:
        """A direct message, for whoever asked from outside a channel."""
        return await _outcome(
            self._client.chat_postMessage(channel=user, text=message.text, blocks=message.blocks or None)
        )

    async def answer(self, response_url: str, text: str) -> Outcome:
        """Says something that only whoever made a request sees, at the address that Slack sent with it.

        By ourselves: Bolt's `respond` has a client of its own, which sends again after a dropped connection.
        """
        return await self._respond(response_url, {"text": text, "replace_original": False})

    async def replace(self, response_url: str, message: Rendered) -> Outcome:
        """Shows `message` in place of the one that only whoever clicked in it sees."""
        return await self._respond(
            response_url, {"text": message.text, "blocks": message.blocks, "replace_original": True}
        )

    async def whisper(self, response_url: str, message: Rendered) -> Outcome:
        """Shows `message` to whoever clicked alone, below a message that everybody sees."""
        return await self._respond(
            response_url, {"text": message.text, "blocks": message.blocks, "replace_original": False}
        )

    async def _respond(self, response_url: str, message: Mapping[str, Any]) -> Outcome:
        """Works five times, and for half an hour."""
        webhook = AsyncWebhookClient(response_url, session=self._client.session, retry_handlers=[])
        try:
            answer = await webhook.send_dict({"response_type": "ephemeral", **message})
        except Exception as error:
            outcome = _failure(error)
            if outcome is None:
                raise
            return outcome
        taken = answer.status_code == HTTPStatus.OK
        return Delivered("") if taken else classify("", status=answer.status_code)

    async def open_view(self, trigger_id: str, view: View) -> Outcome:
        """Opens a form; the trigger lives for three seconds and works once."""
        return await _outcome(self._client.views_open(trigger_id=trigger_id, view=view))

    async def push_view(self, trigger_id: str, view: View) -> Outcome:
        """Shows it on top of the form in which somebody clicked; closing it shows the form again."""
        return await _outcome(self._client.views_push(trigger_id=trigger_id, view=view))

    async def publish_home(self, user: UserId, view: View) -> Outcome:
        return await _outcome(self._client.views_publish(user_id=user, view=view))

    async def permalink(self, channel: ChannelId, ts: str) -> str | None:
        """A link to a message; None when Slack does not give one."""
        try:
            answer = await _asked(self._client.chat_getPermalink(channel=channel, message_ts=ts))
        except SlackUnavailable:
            return None
        return str(answer["permalink"])

    async def join(self, channel: ChannelId) -> Outcome:
        """Joins a public channel; a private one needs an invitation."""
        return await _outcome(self._client.conversations_join(channel=channel))

    async def message_at(self, channel: ChannelId, ts: str) -> Posted | None:
        """The message with that `ts`, be it a reply or not; None when it is gone. Raises `SlackUnavailable`."""
        # Of a reply's own `ts` Slack gives that reply; should it give the thread's beginning too, it is told apart.
        answer = await _asked(
            self._client.conversations_replies(
                channel=channel, ts=ts, oldest=ts, latest=ts, inclusive=True, limit=MESSAGES_AROUND
            )
        )
        return next((read_posted(one) for one in answer["messages"] if one.get("ts") == ts), None)

    async def is_person(self, user: UserId) -> bool:
        """Not an app, nor Slackbot. Raises `SlackUnavailable`."""
        answer = await _asked(self._client.users_info(user=user))
        return not answer["user"].get("is_bot") and user != SLACKBOT

    async def name_of(self, user: UserId) -> str | None:
        """A person's full name; None when Slack does not say."""
        try:
            answer = await _asked(self._client.users_info(user=user))
        except SlackUnavailable:
            return None
        return str(answer["user"].get("real_name") or answer["user"].get("name") or "") or None

    async def channel_facts(self) -> Sequence[ChannelFacts]:
        """Every channel the bot can see, archived ones too. Raises `SlackUnavailable`."""
        return [
            ChannelFacts(
                id=ChannelId(channel["id"]),
                name=str(channel["name"]),
                is_archived=bool(channel.get("is_archived")),
                has_bot=bool(channel.get("is_member")),
            )
            async for channel in self._pages("conversations_list", "channels", types="public_channel,private_channel")
        ]

    async def person_facts(self) -> Sequence[PersonFacts]:
        """Everybody there is or was. Raises `SlackUnavailable`."""
        return [
            PersonFacts(
                id=UserId(user["id"]),
                name=str(user["name"]),
                is_active=not user.get("deleted") and not user.get("is_bot"),
            )
            async for user in self._pages("users_list", "members")
        ]

    async def channels(self) -> Mapping[str, ChannelId]:
        """Every channel the bot can see, by name. Raises `SlackUnavailable`."""
        return {
            channel["name"]: ChannelId(channel["id"])
            async for channel in self._pages(
                "conversations_list", "channels", types="public_channel,private_channel", exclude_archived=True
            )
        }

    async def users(self) -> Mapping[str, UserId]:
        """Every active person, by user name. Raises `SlackUnavailable`."""
        return {
            user["name"]: UserId(user["id"])
            async for user in self._pages("users_list", "members")
            if not user.get("deleted") and not user.get("is_bot")
        }

    async def user_groups(self) -> Mapping[str, str]:
        """The ids of the user groups by handle; empty where the plan has none. Raises `SlackUnavailable`."""
        try:
            answer = await _asked(self._client.usergroups_list())
        except SlackUnavailable as error:
            if error.outcome == Refused("plan_upgrade_required"):
                return {}
            raise
        return {group["handle"]: str(group["id"]) for group in answer["usergroups"]}

    async def members_of(self, group: str) -> Collection[UserId]:
        """The people of a user group. Raises `SlackUnavailable`."""
        answer = await _asked(self._client.usergroups_users_list(usergroup=group))
        return [UserId(user) for user in answer["users"]]

    async def _open(self, person: ChannelId) -> ChannelId | Outcome:
        answer = await _answer(self._client.conversations_open(users=person))
        return ChannelId(answer["channel"]["id"]) if isinstance(answer, AsyncSlackResponse) else answer

    async def _messages(
        self, channel: ChannelId, since: datetime, thread_ts: str | None
    ) -> AsyncIterator[Mapping[str, Any]]:
        oldest = f"{since.timestamp():.6f}"
        common = {"channel": channel, "oldest": oldest, "include_all_metadata": True}
        pages = (
            self._pages("conversations_replies", "messages", ts=thread_ts, **common)
            if thread_ts
            else self._pages("conversations_history", "messages", **common)
        )
        async for message in pages:
            yield message

    async def _pages(self, method: str, items: str, **arguments: Any) -> AsyncIterator[Mapping[str, Any]]:
        cursor = ""
        while True:
            call = getattr(self._client, method)
            answer = await _asked(call(limit=PAGE_SIZE, cursor=cursor, **arguments))
            for item in answer[items]:
                yield item
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return


def _date(header: str) -> datetime | None:
    try:
        return parsedate_to_datetime(header)
    except ValueError:
        return None


def _marked(message: Rendered, key: str) -> list[dict[str, Any]]:
    if not message.blocks:
        return []
    return [message.blocks[0] | {"block_id": KEY_PREFIX + key}, *message.blocks[1:]]


def _carries(message: Mapping[str, Any], key: str) -> bool:
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    marks = (block.get("block_id") for block in message.get("blocks") or ())
    return payload.get("key") == key or KEY_PREFIX + key in marks


POST_TIMEOUT_SECONDS = POST_TIMEOUT.total_seconds()


def make_session() -> aiohttp.ClientSession:
    """The shared connections; they give a call up after `POST_TIMEOUT`. Closed by the wiring."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=POST_TIMEOUT_SECONDS))


class _ObservedClient(AsyncWebClient):
    """Tells `observer` what became of each call."""

    observer: CallObserver

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        try:
            answer = await super().api_call(api_method, **arguments)
        except Exception as error:
            outcome = _failure(error)
            if isinstance(error, SlackApiError):
                _note_unknown(api_method, error.response)
            self.observer(api_method, type(outcome).__name__ if outcome is not None else type(error).__name__)
            raise
        self.observer(api_method, Delivered.__name__)
        return answer


def _note_unknown(method: str, response: Any) -> None:
    """A word that is in no table of ours is in doubt; it should get its row."""
    word = _word(response) if isinstance(response, AsyncSlackResponse) else ""
    if word and not is_known(word):
        log.warning("slack.unknown_error", method=method, error=word)


def _unobserved(_method: str, _outcome: str) -> None:
    """For calls that nobody counts."""


def make_client(
    *, token: str, base_url: str, session: aiohttp.ClientSession, observer: CallObserver = _unobserved
) -> AsyncWebClient:
    client = _ObservedClient(token=token, base_url=base_url, session=session)
    client.observer = observer
    client.retry_handlers = []
    return client
