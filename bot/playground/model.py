"""What the local Slack knows: people, channels, messages, views. Plain objects that a test may read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

Json = dict[str, Any]

SLACKBOT = "USLACKBOT"


class NotThere(LookupError):
    """Somebody or something that does not exist, or not for this person."""


class Clock(Protocol):
    """Where the playground's time comes from; it reads no other clock."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The app under test and its bot."""

    id: str
    bot_id: str
    user_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: str
    name: str
    real_name: str
    title: str = ""
    email: str | None = None
    color: str = "9f69e7"
    tz: str = "Etc/UTC"
    is_bot: bool = False
    deleted: bool = False


@dataclass(slots=True, kw_only=True)
class UserGroup:
    id: str
    handle: str
    name: str
    user_ids: list[str]
    disabled: bool = False


class ChannelKind(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"
    DM = "dm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """How a message looked before an edit."""

    text: str
    blocks: list[Json]
    metadata: Json | None


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    bot_id: str | None = None
    thread_ts: str | None = None
    metadata: Json | None = None
    broadcast: bool = False
    ephemeral_to: str | None = None
    edited_versions: list[Rendering] = field(default_factory=list)
    edited_by: str | None = None
    edited_ts: str | None = None
    deleted: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)
    pinned_by: str | None = None
    replies: list["Message"] = field(default_factory=list, repr=False)
    inputs: dict[str, Json] = field(default_factory=dict, repr=False)
    """What each person has chosen in the selects and fields of this message: user → state.values."""

    @property
    def bot(self) -> bool:
        return self.bot_id is not None

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def in_channel(self) -> bool:
        """Shown in the channel itself, not only in a thread."""
        return not self.is_reply or self.broadcast

    @property
    def edited(self) -> bool:
        """Carries Slack's "(edited)" flag; a change by blocks does not set it."""
        return self.edited_ts is not None

    @property
    def reply_count(self) -> int:
        return sum(not reply.deleted for reply in self.replies)


@dataclass(slots=True, kw_only=True, eq=False)
class Bookmark:
    """A link at the top of a channel."""

    id: str
    title: str
    link: str


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    id: str
    name: str
    kind: ChannelKind = ChannelKind.PUBLIC
    members: set[str] = field(default_factory=set)
    creator: str = ""
    created: int = 0
    topic: str = ""
    is_archived: bool = False
    bookmarks: list[Bookmark] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list, repr=False)
    """Every message in the order of its ts, replies and deleted ones included."""
    ephemerals: list[Message] = field(default_factory=list, repr=False)
    shown: list[Message] = field(default_factory=list, repr=False)
    """What the channel itself shows: roots and broadcasts, in the order of their ts."""
    last_read: dict[str, str] = field(default_factory=dict, repr=False)
    by_ts: dict[str, Message] = field(default_factory=dict, repr=False)

    @property
    def is_private(self) -> bool:
        return self.kind is not ChannelKind.PUBLIC

    def find(self, ts: str) -> Message | None:
        """The message with this ts, deleted ones included, ephemeral ones too."""
        return self.by_ts.get(ts)

    def add(self, message: Message) -> None:
        self.by_ts[message.ts] = message
        if message.ephemeral_to is not None:
            self.ephemerals.append(message)
            return
        self.messages.append(message)
        if message.in_channel:
            self.shown.append(message)
        if message.is_reply and message.thread_ts is not None:
            self.by_ts[message.thread_ts].replies.append(message)

    def visible(self) -> list[Message]:
        """The messages nobody deleted, in order."""
        return [message for message in self.messages if not message.deleted]


class ViewType(StrEnum):
    MODAL = "modal"
    HOME = "home"


@dataclass(slots=True, kw_only=True, eq=False)
class View:
    """A modal somebody has open, or somebody's App Home."""

    id: str
    type: ViewType
    user: str
    source: Json
    """The view as the app gave it, with block ids filled in."""
    hash: str
    root_id: str
    previous_id: str | None = None
    values: Json = field(default_factory=dict)
    """What the person has entered: block_id → action_id → Slack's state value."""

    @property
    def blocks(self) -> list[Json]:
        blocks: list[Json] = self.source.get("blocks", [])
        return blocks

    @property
    def callback_id(self) -> str:
        return str(self.source.get("callback_id") or "")

    @property
    def external_id(self) -> str:
        return str(self.source.get("external_id") or "")


class Call(NamedTuple):
    """One call of the Web API: the method, its arguments without the token, what the caller saw."""

    method: str
    args: Json
    outcome: str
    """"ok", Slack's error string, or the kind of the fault that struck."""


@dataclass(slots=True, kw_only=True, eq=False)
class Workspace:
    team: Team
    app: App
    users: dict[str, User]
    usergroups: dict[str, UserGroup]
    channels: dict[str, Channel]
    calls: list[Call] = field(default_factory=list, repr=False)
    views: dict[str, View] = field(default_factory=dict, repr=False)
    """Every view that is open now, by id."""
    modals: dict[str, list[View]] = field(default_factory=dict, repr=False)
    """The stack of modals of each person, the visible one last."""
    homes: dict[str, View] = field(default_factory=dict, repr=False)
    mentioned: dict[str, list[Message]] = field(default_factory=dict, repr=False)

    def user(self, name_or_id: str) -> User:
        """Raises NotThere for somebody unknown."""
        wanted = name_or_id.removeprefix("@")
        if wanted in self.users:
            return self.users[wanted]
        for user in self.users.values():
            if user.name == wanted:
                return user
        raise NotThere(f"no user {name_or_id!r} in the workspace")

    def channel(self, name_or_id: str) -> Channel:
        """Raises NotThere for an unknown channel."""
        found = self.find_channel(name_or_id)
        if found is None:
            raise NotThere(f"no channel {name_or_id!r} in the workspace")
        return found

    def find_channel(self, name_or_id: str) -> Channel | None:
        wanted = name_or_id.removeprefix("#")
        if wanted in self.channels:
            return self.channels[wanted]
        return next((one for one in self.channels.values() if one.name == wanted), None)

    def usergroup(self, handle_or_id: str) -> UserGroup:
        """Raises NotThere for an unknown user group."""
        wanted = handle_or_id.removeprefix("@")
        for group in self.usergroups.values():
            if wanted in (group.id, group.handle):
                return group
        raise NotThere(f"no user group {handle_or_id!r} in the workspace")

    def dm(self, *users: str) -> Channel:
        """The direct messages between these people (by default with the bot), made on first use."""
        ids = {self.user(one).id for one in users}
        if len(ids) == 1:
            ids.add(self.app.user_id)
        for channel in self.channels.values():
            if channel.kind is ChannelKind.DM and channel.members == ids:
                return channel
        other = sorted(ids - {self.app.user_id})
        channel = Channel(id=f"D{''.join(other)[1:11]}", name="", kind=ChannelKind.DM, members=ids)
        if channel.id in self.channels:
            channel.id = f"D{len(self.channels):09d}"
        self.channels[channel.id] = channel
        return channel

    def modal(self, user: str) -> View | None:
        """The modal this person sees."""
        stack = self.modals.get(self.user(user).id)
        return stack[-1] if stack else None

    def home(self, user: str) -> View | None:
        return self.homes.get(self.user(user).id)

    def mentioned_in(self, user: str) -> list[Message]:
        """The posts that notified this person, in order: by name, by group, or by @here and @channel."""
        return list(self.mentioned.get(self.user(user).id, ()))

    def mentions(self, user: str) -> int:
        return len(self.mentioned.get(self.user(user).id, ()))

    def messages(self) -> Iterator[Message]:
        """Every message of every channel that nobody deleted."""
        for channel in self.channels.values():
            yield from channel.visible()
