"""What is said in Slack and looked up of it: a few verbs in our words, every outcome of Slack a value.

It never sleeps and never retries.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.domain.delivery import Delivered, Limited, Outcome, Refused
from bot.domain.ids import ChannelId, UserId
from bot.domain.slack_errors import classify
from bot.slack.blocks.rendered import Rendered, View
from bot.slack.calls import SlackUnavailable, answer_of, asked, failure, outcome_of, pages
from bot.slack.direct_messages import DirectMessages
from bot.slack.marks import carries, marked, metadata
from bot.slack.posted import Posted, read_posted

MESSAGES_AROUND = 15
"""As many as Slack gives to every kind of app."""
CLOCK_SLACK = timedelta(minutes=10)
"""Read-back starts this much before the first attempt: Slack's clock is not ours, and to look a page too far back costs
less than to miss what was posted."""


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


class SlackGateway:
    """Our verbs over Slack's Web API, with one shared connection pool.

    Where a message goes, the id of a person stands for their direct messages.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._direct = DirectMessages(self._open)

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
        outcome = await outcome_of(
            self._client.chat_postMessage(
                channel=place,
                text=message.text,
                blocks=marked(message, key),
                metadata=metadata(key),
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
        return await outcome_of(
            self._client.chat_update(channel=place, ts=ts, text=message.text, blocks=marked(message, key))
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
                if carries(message, key)
            ]
        except SlackUnavailable as error:
            return error.outcome
        return sorted(found, key=float)

    async def delete(self, channel: ChannelId, ts: str) -> Outcome:
        """Removes a message of the bot's own."""
        place = await self._direct.place(channel)
        if isinstance(place, Outcome):
            return place
        return await outcome_of(self._client.chat_delete(channel=place, ts=ts))

    async def schedule(self, channel: ChannelId, message: Rendered, post_at: datetime) -> Outcome:
        """Has Slack post it at that second, whatever becomes of us. The `ts` delivered is its id until then.

        Without a mark of ours: with metadata Slack would take it, and never post it.
        """
        answer = await answer_of(
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
        return await outcome_of(
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
            async for message in pages(self._client, "chat_scheduledMessages_list", "scheduled_messages")
        ]

    async def tell(
        self, channel: ChannelId, user: UserId, message: Rendered, *, thread_ts: str | None = None
    ) -> Outcome:
        """Says something that only `user` sees, in `channel`. Slack does not promise that it arrives.

        In a thread to which nobody has replied yet Slack takes it and shows it to nobody.
        """
        return await outcome_of(
            self._client.chat_postEphemeral(
                channel=channel, user=user, text=message.text, blocks=message.blocks or None, thread_ts=thread_ts
            )
        )

    async def tell_directly(self, user: UserId, message: Rendered) -> Outcome:
        """A direct message, for whoever asked from outside a channel."""
        return await outcome_of(
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
            outcome = failure(error)
            if outcome is None:
                raise
            return outcome
        taken = answer.status_code == HTTPStatus.OK
        return Delivered("") if taken else classify("", status=answer.status_code)

    async def open_view(self, trigger_id: str, view: View) -> Outcome:
        """Opens a form; the trigger lives for three seconds and works once."""
        return await outcome_of(self._client.views_open(trigger_id=trigger_id, view=view))

    async def push_view(self, trigger_id: str, view: View) -> Outcome:
        """Shows it on top of the form in which somebody clicked; closing it shows the form again."""
        return await outcome_of(self._client.views_push(trigger_id=trigger_id, view=view))

    async def publish_home(self, user: UserId, view: View) -> Outcome:
        return await outcome_of(self._client.views_publish(user_id=user, view=view))

    async def permalink(self, channel: ChannelId, ts: str) -> str | None:
        """A link to a message; None when Slack does not give one."""
        try:
            answer = await asked(self._client.chat_getPermalink(channel=channel, message_ts=ts))
        except SlackUnavailable:
            return None
        return str(answer["permalink"])

    async def join(self, channel: ChannelId) -> Outcome:
        """Joins a public channel; a private one needs an invitation."""
        return await outcome_of(self._client.conversations_join(channel=channel))

    async def message_at(self, channel: ChannelId, ts: str) -> Posted | None:
        """The message with that `ts`, be it a reply or not; None when it is gone. Raises `SlackUnavailable`."""
        # Of a reply's own `ts` Slack gives that reply; should it give the thread's beginning too, it is told apart.
        answer = await asked(
            self._client.conversations_replies(
                channel=channel, ts=ts, oldest=ts, latest=ts, inclusive=True, limit=MESSAGES_AROUND
            )
        )
        return next((read_posted(one) for one in answer["messages"] if one.get("ts") == ts), None)

    async def _open(self, person: ChannelId) -> ChannelId | Outcome:
        answer = await answer_of(self._client.conversations_open(users=person))
        return ChannelId(answer["channel"]["id"]) if isinstance(answer, AsyncSlackResponse) else answer

    async def _messages(
        self, channel: ChannelId, since: datetime, thread_ts: str | None
    ) -> AsyncIterator[Mapping[str, Any]]:
        oldest = f"{since.timestamp():.6f}"
        common = {"channel": channel, "oldest": oldest, "include_all_metadata": True}
        messages = (
            pages(self._client, "conversations_replies", "messages", ts=thread_ts, **common)
            if thread_ts
            else pages(self._client, "conversations_history", "messages", **common)
        )
        async for message in messages:
            yield message
