"""Slack's JSON becomes typed requests here, and nowhere else; what is not as Slack sends it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.domain.ids import ChannelId, UserId
from bot.domain.origin import Origin
from bot.domain.policy import Impact, Severity, Urgency
from bot.slack.blocks.fields_about_one import Entries
from bot.slack.blocks.mrkdwn import clean
from bot.slack.ids import ButtonValue, FeedbackValue, FormField, MenuValue
from bot.slack.queries import Place
from handlers import causes
from handlers.begun import Begun
from handlers.carried import Carried
from handlers.mentions import Mentions, as_typed, mentions_in

Payload = Mapping[str, Any]
Chosen = TypeVar("Chosen", Severity, Impact, Urgency)

HIGHEST_NUMBER = 999_999_999
"""Of an incident, also in the grammar: what is higher is no number for a database."""


class MalformedPayload(Exception):
    """The payload is not what Slack sends for this; the text names the part."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRequest:
    """The form that opens an incident, filled in; `begun` says how it came to be.

    What was left empty is None; whether that makes an incident is the policy's to say.
    """

    user: UserId
    begun: Begun
    title: str
    severity: Severity | None
    impact: Impact | None
    urgency: Urgency | None
    service: str
    description: str
    is_private: bool = False
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutRequest:
    """A form about one incident, filled in."""

    user: UserId
    carried: Carried
    entries: Entries
    cause: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackRequest:
    """What somebody thought of an incident, filled in."""

    user: UserId
    number: int
    score: int
    comment: str
    is_named: bool


def command_request(body: Payload) -> CommandRequest:
    text = str(body.get("text") or "")
    return CommandRequest(
        user=UserId(_text(body, "user_id")),
        channel=ChannelId(_text(body, "channel_id")),
        text=as_typed(text),
        trigger_id=_text(body, "trigger_id"),
        mentions=mentions_in(text),
        cause=causes.of_command(body),
    )


def click_request(body: Payload) -> ClickRequest:
    actions = body.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], Mapping):
        raise MalformedPayload("actions")
    return ClickRequest(
        user=UserId(_text(_part(body, "user"), "id")),
        channel=_channel(body),
        value=_carried_by(actions[0]),
        trigger_id=_text(body, "trigger_id"),
        cause=causes.of_click(body, actions[0]),
        block_id=str(actions[0].get("block_id") or ""),
    )


def spot_of(body: Payload) -> Spot:
    container = body.get("container")
    address = body.get("response_url")
    return Spot(
        user=UserId(_text(_part(body, "user"), "id")),
        channel=_channel(body),
        address=address if isinstance(address, str) and address else None,
        is_ephemeral=isinstance(container, Mapping) and container.get("is_ephemeral") is True,
    )


def shortcut_request(body: Payload) -> ShortcutRequest:
    message = body.get("message")
    return ShortcutRequest(
        user=UserId(_text(_part(body, "user"), "id")),
        channel=_channel(body),
        trigger_id=_text(body, "trigger_id"),
        quote=as_typed(str(message.get("text") or "")) if isinstance(message, Mapping) else "",
        message_ts=str(message["ts"]) if isinstance(message, Mapping) and message.get("ts") else None,
        thread_ts=_thread_of(message) if isinstance(message, Mapping) else None,
    )


def form_request(body: Payload) -> FormRequest:
    view = _part(body, "view")
    values = _part(_part(view, "state"), "values")
    begun = Begun.decode(str(view.get("private_metadata") or ""))
    return FormRequest(
        user=UserId(_text(_part(body, "user"), "id")),
        begun=begun,
        title=_typed(values, FormField.TITLE),
        severity=_chosen(values, FormField.SEVERITY, Severity),
        impact=_chosen(values, FormField.IMPACT, Impact),
        urgency=_chosen(values, FormField.URGENCY, Urgency),
        service=_selected(values, FormField.SERVICE),
        description=_typed(values, FormField.DESCRIPTION),
        is_private=_ticked(values, FormField.PRIVATE),
        cause=begun.cause or causes.of_form(body),
    )


def about_request(body: Payload) -> AboutRequest:
    """What is not one of our fields is left out."""
    view = _part(body, "view")
    values = _part(_part(view, "state"), "values")
    try:
        carried = Carried.decode(str(view.get("private_metadata") or ""))
    except ValueError as error:
        raise MalformedPayload("private_metadata") from error
    if not 0 < carried.number <= HIGHEST_NUMBER:
        raise MalformedPayload("private_metadata")
    return AboutRequest(
        user=UserId(_text(_part(body, "user"), "id")),
        carried=carried,
        entries={each: _only(_part(values, each)) for each in FormField if each in values},
        cause=causes.of_form(body),
    )


def score_of(value: str) -> FeedbackValue:
    """Raises `MalformedPayload` for what is no score of ours."""
    try:
        return FeedbackValue.decode(value)
    except ValueError as error:
        raise MalformedPayload("the score") from error


def feedback_request(body: Payload) -> FeedbackRequest:
    view = _part(body, "view")
    values = _part(_part(view, "state"), "values")
    number = score_of(str(view.get("private_metadata") or "")).number
    ticked = _part(_part(values, FormField.NAMED), FormField.NAMED).get("selected_options")
    return FeedbackRequest(
        user=UserId(_text(_part(body, "user"), "id")),
        number=number,
        score=score_of(f"{number}|{_selected(values, FormField.SCORE)}").score,
        comment=_typed(values, FormField.COMMENT),
        is_named=not ticked,
    )


def home_request(body: Payload) -> UserId | None:
    """Who opened the Home tab; None when it was the messages tab."""
    event = _part(body, "event")
    return UserId(_text(event, "user")) if event.get("tab") == "home" else None


def private_metadata(channel: ChannelId | None, thread_ts: str | None = None) -> str:
    """What a form carries: where its answer is said. It gives no right to anything."""
    return Begun(channel=channel, thread_ts=thread_ts).encode()


def channel_of(metadata: str) -> ChannelId | None:
    """None when it cannot be read, as in a form that an older version opened: what was typed into it counts."""
    return Begun.decode(metadata).channel


def begun_in(body: Payload) -> Begun:
    """How the form in which somebody clicked came to be."""
    view = body.get("view")
    return Begun.decode(str(view.get("private_metadata") or "")) if isinstance(view, Mapping) else Begun()


def says_what_it_is(body: Payload) -> bool:
    """Whether it names a command, an action, a form or an event: without that no listener is found for it."""
    match body:
        case {"type": "event_callback", "event": {"type": str()}}:
            return True
        case {"type": "block_actions", "actions": [{"action_id": str()}, *_]}:
            return True
        case {"type": "view_submission" | "view_closed", "view": {"callback_id": str()}}:
            return True
        case {"type": "shortcut" | "message_action", "callback_id": str()}:
            return True
        case {"type": "block_suggestion", "action_id": str()}:
            return True
        case {"type": _}:
            return False
        case _:
            return isinstance(body.get("command"), str)


def workspace_of(body: Payload) -> str | None:
    """The workspace that a request comes from, wherever this kind of payload says so."""
    team = body.get("team")
    user = body.get("user")
    candidates = (
        team.get("id") if isinstance(team, Mapping) else None,
        body.get("team_id"),
        user.get("team_id") if isinstance(user, Mapping) else None,
    )
    return next((str(candidate) for candidate in candidates if candidate), None)


def app_of(body: Payload) -> str | None:
    """The app that Slack sends it to."""
    app = body.get("api_app_id")
    return app if isinstance(app, str) and app else None


def asked_by(body: Payload) -> UserId | None:
    """The person behind a command, a click, a shortcut or a form."""
    user = body.get("user")
    found = user.get("id") if isinstance(user, Mapping) else body.get("user_id")
    return UserId(found) if isinstance(found, str) and found else None


def _thread_of(message: Payload) -> str | None:
    ts = message.get("thread_ts") or message.get("ts")
    return ts if isinstance(ts, str) and ts else None


def _channel(body: Payload) -> ChannelId | None:
    channel = body.get("channel")
    return ChannelId(_text(channel, "id")) if isinstance(channel, Mapping) else None


def _part(body: Payload, name: str) -> Payload:
    part = body.get(name)
    if not isinstance(part, Mapping):
        raise MalformedPayload(name)
    return part


def _text(body: Payload, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedPayload(name)
    return value


def _typed(values: Payload, field: FormField) -> str:
    return clean(str(_part(_part(values, field), field).get("value") or ""))


def _ticked(values: Payload, field: FormField) -> bool:
    """Not, when the form did not ask for it: an older version opened it."""
    return field in values and bool(_part(_part(values, field), field).get("selected_options"))


def _selected(values: Payload, field: FormField) -> str:
    return _text(_part(_part(_part(values, field), field), "selected_option"), "value")


def _carried_by(action: Payload) -> str:
    """What we gave a button or an option, as it is."""
    match action:
        case {"selected_option": {"value": str(value)}} | {"value": str(value)}:
            return value
        case _:
            return ""


def _only(block: Payload) -> str:
    """What the one element of a field holds. Its name tells one showing of the form from the next."""
    (name,) = block if len(block) == 1 else (None,)
    if not isinstance(name, str):
        raise MalformedPayload("a field")
    return _held(_part(block, name))


def _held(element: Payload) -> str:
    """What was typed, or whom or what was chosen; empty when nothing was."""
    match element:
        case {"selected_option": {"value": str(value)}} | {"selected_user": str(value)} | {"value": str(value)}:
            return clean(value)
        case _:
            return ""


def _chosen(values: Payload, field: FormField, kind: type[Chosen]) -> Chosen | None:
    """None when nothing was chosen, or the form did not ask for it."""
    if field not in values or _part(_part(values, field), field).get("selected_option") is None:
        return None
    try:
        return kind(_selected(values, field))
    except ValueError as error:
        raise MalformedPayload(field) from error
