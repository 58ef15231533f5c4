"""Channels made, filled and closed by the bot: the verbs of the Web API for that, every outcome of Slack a value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.delivery import Delivered, Outcome
from bot.domain.ids import ChannelId, UserId
from bot.slack.calls import answer_of, asked, outcome_of, pages


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnChannel:
    """A channel that the bot is in and that is not archived."""

    id: ChannelId
    name: str
    creator: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A bookmark of a channel that leads to an address."""

    id: str
    title: str
    address: str


class SlackChannels:
    """Beside the gateway, over the same client."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def create(self, name: str, *, private: bool) -> Outcome:
        """The `ts` delivered is the channel's id. The bot is in it."""
        answer = await answer_of(self._client.conversations_create(name=name, is_private=private))
        return Delivered(str(answer["channel"]["id"])) if isinstance(answer, AsyncSlackResponse) else answer

    async def own(self) -> Sequence[OwnChannel]:
        """Those that the bot is in, whoever made them. Raises `SlackUnavailable`."""
        kinds = "public_channel,private_channel"
        return [
            OwnChannel(
                id=ChannelId(channel["id"]),
                name=str(channel["name"]),
                creator=str(channel.get("creator", "")),
                created_at=datetime.fromtimestamp(int(channel.get("created", 0)), UTC),
            )
            async for channel in pages(
                self._client, "users_conversations", "channels", types=kinds, exclude_archived=True
            )
        ]

    async def invite(self, channel: ChannelId, people: Sequence[UserId]) -> Outcome:
        """At most 100 at once. Whoever cannot be invited is passed over, and refused only when nobody can."""
        return await outcome_of(self._client.conversations_invite(channel=channel, users=list(people), force=True))

    async def set_topic(self, channel: ChannelId, topic: str) -> Outcome:
        return await outcome_of(self._client.conversations_setTopic(channel=channel, topic=topic))

    async def bookmarks(self, channel: ChannelId) -> Sequence[Link]:
        """Raises `SlackUnavailable`."""
        answer = await asked(self._client.bookmarks_list(channel_id=channel))
        return [
            Link(id=str(each["id"]), title=str(each.get("title", "")), address=str(each.get("link") or ""))
            for each in answer["bookmarks"]
        ]

    async def add_bookmark(self, channel: ChannelId, title: str, address: str) -> Outcome:
        """The `ts` delivered is its id."""
        answer = await answer_of(self._client.bookmarks_add(channel_id=channel, title=title, type="link", link=address))
        return Delivered(str(answer["bookmark"]["id"])) if isinstance(answer, AsyncSlackResponse) else answer

    async def edit_bookmark(self, channel: ChannelId, bookmark_id: str, title: str, address: str) -> Outcome:
        return await outcome_of(
            self._client.bookmarks_edit(channel_id=channel, bookmark_id=bookmark_id, title=title, link=address)
        )

    async def archive(self, channel: ChannelId) -> Outcome:
        """Nothing can be said in it afterwards, and no bot can take that back."""
        return await outcome_of(self._client.conversations_archive(channel=channel))
