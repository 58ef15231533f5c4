"""What people type, click and use becomes typed requests; what is not as Slack sends it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.ids import ChannelId, UserId
from bot.domain.origin import Origin
from bot.slack.ids import ButtonValue, MenuValue
from bot.slack.queries import Place
from handlers import causes
from handlers.mentions import Mentions, as_typed, mentions_in
from handlers.payload import HIGHEST_NUMBER, MalformedPayload, Payload, channel_in, part_of, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRequest:
    """`mentions` is what Slack recognised in the text, `here` the incident in whose thread it was typed, if that was in
    a thread: `thread_ts` is of that one, or of the one that is below what was typed.

    Without `trigger_id` it was no slash command, and no form can be opened for it.
    """

    user: UserId
    channel: ChannelId
    text: str
    trigger_id: str | None
    mentions: Mentions = field(default_factory=Mentions)
    cause: str | None = None
    here: int | None = None
    thread_ts: str | None = None

    @property
    def origin(self) -> Origin | None:
        return None if self.thread_ts is None else Origin(channel=self.channel, ts=self.thread_ts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickRequest:
    """A button of a message; `channel` is None on the Home tab."""

    user: UserId
    channel: ChannelId | None
    value: str
    trigger_id: str
    cause: str | None = None
    block_id: str = ""

    @property
    def button(self) -> ButtonValue:
        """Raises `MalformedPayload` when the value is not one of ours."""
        try:
            button = ButtonValue.decode(self.value)
        except ValueError as error:
            raise MalformedPayload("the button's value") from error
        if button.number > HIGHEST_NUMBER:
            raise MalformedPayload("the button's value")
        return button

    @property
    def place(self) -> Place:
        """Raises `MalformedPayload` when the value is not that of a button that shows something."""
        try:
            place = Place.decode(self.value)
        except ValueError as error:
            raise MalformedPayload("the button's value") from error
        return place

    @property
    def chosen(self) -> MenuValue:
        """Raises `MalformedPayload` when the value is not one of our menu."""
        try:
            chosen = MenuValue.decode(self.value)
        except ValueError as error:
            raise MalformedPayload("the menu's value") from error
        if chosen.number > HIGHEST_NUMBER:
            raise MalformedPayload("the menu's value")
        return chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where somebody clicked, and the address at which Slack takes an answer for them; None on the Home tab.

    What `is_ephemeral` only they see, and it can be replaced.
    """

    user: UserId
    channel: ChannelId | None
    address: str | None
    is_ephemeral: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutRequest:
    """`quote` is of the message that the shortcut was used on, empty for the global one. `thread_ts` is of the thread
    that it is in, or that is below it."""

    user: UserId
    channel: ChannelId | None
    trigger_id: str
    quote: str = ""
    message_ts: str | None = None
    thread_ts: str | None = None


def command_request(body: Payload) -> CommandRequest:
    text = str(body.get("text") or "")
    return CommandRequest(
        user=UserId(text_of(body, "user_id")),
        channel=ChannelId(text_of(body, "channel_id")),
        text=as_typed(text),
        trigger_id=text_of(body, "trigger_id"),
        mentions=mentions_in(text),
        cause=causes.of_command(body),
    )


def click_request(body: Payload) -> ClickRequest:
    actions = body.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], Mapping):
        raise MalformedPayload("actions")
    return ClickRequest(
        user=UserId(text_of(part_of(body, "user"), "id")),
        channel=channel_in(body),
        value=_carried_by(actions[0]),
        trigger_id=text_of(body, "trigger_id"),
        cause=causes.of_click(body, actions[0]),
        block_id=str(actions[0].get("block_id") or ""),
    )


def spot_of(body: Payload) -> Spot:
    container = body.get("container")
    address = body.get("response_url")
    return Spot(
        user=UserId(text_of(part_of(body, "user"), "id")),
        channel=channel_in(body),
        address=address if isinstance(address, str) and address else None,
        is_ephemeral=isinstance(container, Mapping) and container.get("is_ephemeral") is True,
    )


def shortcut_request(body: Payload) -> ShortcutRequest:
    message = body.get("message")
    return ShortcutRequest(
        user=UserId(text_of(part_of(body, "user"), "id")),
        channel=channel_in(body),
        trigger_id=text_of(body, "trigger_id"),
        quote=as_typed(str(message.get("text") or "")) if isinstance(message, Mapping) else "",
        message_ts=str(message["ts"]) if isinstance(message, Mapping) and message.get("ts") else None,
        thread_ts=_thread_of(message) if isinstance(message, Mapping) else None,
    )


def home_request(body: Payload) -> UserId | None:
    """Who opened the Home tab; None when it was the messages tab."""
    event = part_of(body, "event")
    return UserId(text_of(event, "user")) if event.get("tab") == "home" else None


def _thread_of(message: Payload) -> str | None:
    ts = message.get("thread_ts") or message.get("ts")
    return ts if isinstance(ts, str) and ts else None


def _carried_by(action: Payload) -> str:
    """What we gave a button or an option, as it is."""
    match action:
        case {"selected_option": {"value": str(value)}} | {"value": str(value)}:
            return value
        case _:
            return ""
