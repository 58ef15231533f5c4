"""Who and what there is in the workspace: questions of which nothing changes by being asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.delivery import Refused
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.slack.calls import SlackUnavailable, answer_of, asked, pages

SLACKBOT = "USLACKBOT"


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


class SlackWorkspace:
    """Beside the gateway, over the same client."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def identify(self) -> Identity:
        """Raises `SlackUnavailable` when Slack cannot be reached or does not know the token."""
        answer = await asked(self._client.auth_test())
        return Identity(
            workspace_id=WorkspaceId(answer["team_id"]),
            workspace_name=str(answer.get("team", "")),
            bot_user_id=UserId(answer["user_id"]),
            app_id=await self._app_of(str(answer["user_id"])),
        )

    async def standing(self) -> Standing:
        """Raises `SlackUnavailable`."""
        answer = await asked(self._client.auth_test())
        headers = {name.lower(): str(value) for name, value in answer.headers.items()}
        granted = headers.get("x-oauth-scopes")
        return Standing(
            scopes=None if granted is None else frozenset(scope.strip() for scope in granted.split(",")),
            answered_at=_date(headers.get("date", "")),
        )

    async def is_person(self, user: UserId) -> bool:
        """Not an app, nor Slackbot. Raises `SlackUnavailable`."""
        answer = await asked(self._client.users_info(user=user))
        return not answer["user"].get("is_bot") and user != SLACKBOT

    async def name_of(self, user: UserId) -> str | None:
        """A person's full name; None when Slack does not say."""
        try:
            answer = await asked(self._client.users_info(user=user))
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
            async for channel in pages(
                self._client, "conversations_list", "channels", types="public_channel,private_channel"
            )
        ]

    async def person_facts(self) -> Sequence[PersonFacts]:
        """Everybody there is or was. Raises `SlackUnavailable`."""
        return [
            PersonFacts(
                id=UserId(user["id"]),
                name=str(user["name"]),
                is_active=not user.get("deleted") and not user.get("is_bot"),
            )
            async for user in pages(self._client, "users_list", "members")
        ]

    async def channels(self) -> Mapping[str, ChannelId]:
        """Every channel the bot can see, by name. Raises `SlackUnavailable`."""
        return {
            channel["name"]: ChannelId(channel["id"])
            async for channel in pages(
                self._client,
                "conversations_list",
                "channels",
                types="public_channel,private_channel",
                exclude_archived=True,
            )
        }

    async def users(self) -> Mapping[str, UserId]:
        """Every active person, by user name. Raises `SlackUnavailable`."""
        return {
            user["name"]: UserId(user["id"])
            async for user in pages(self._client, "users_list", "members")
            if not user.get("deleted") and not user.get("is_bot")
        }

    async def user_groups(self) -> Mapping[str, str]:
        """The ids of the user groups by handle; empty where the plan has none. Raises `SlackUnavailable`."""
        try:
            answer = await asked(self._client.usergroups_list())
        except SlackUnavailable as error:
            if error.outcome == Refused("plan_upgrade_required"):
                return {}
            raise
        return {group["handle"]: str(group["id"]) for group in answer["usergroups"]}

    async def members_of(self, group: str) -> Collection[UserId]:
        """The people of a user group. Raises `SlackUnavailable`."""
        answer = await asked(self._client.usergroups_users_list(usergroup=group))
        return [UserId(user) for user in answer["users"]]

    async def _app_of(self, bot_user: str) -> str | None:
        answer = await answer_of(self._client.users_info(user=bot_user))
        if not isinstance(answer, AsyncSlackResponse):
            return None
        app_id = (answer["user"].get("profile") or {}).get("api_app_id")
        return app_id if isinstance(app_id, str) and app_id else None


def _date(header: str) -> datetime | None:
    try:
        return parsedate_to_datetime(header)
    except ValueError:
        return None
