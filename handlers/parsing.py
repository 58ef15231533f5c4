"""Slack's JSON becomes typed requests here, and nowhere else; what is not as Slack sends it is refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.domain.ids import ChannelId, UserId
from bot.domain.policy import Impact, Severity, Urgency
from bot.slack.blocks.mrkdwn import clean
from bot.slack.ids import ButtonValue, FormField
from handlers import causes
from handlers.mentions import Mentions, as_typed, mentions_in

Payload = Mapping[str, Any]
Chosen = TypeVar("Chosen", Severity, Impact, Urgency)

HIGHEST_NUMBER = 999_999_999
"""Of an incident, also in the grammar: what is higher is no number for a database."""


class MalformedPayload(Exception):
    """The payload is not what Slack sends for this; the text names the part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRequest:
    """`mentions` is what Slack recognised in the text."""

    user: UserId
    channel: ChannelId
    text: str
    trigger_id: str
    mentions: Mentions = field(default_factory=Mentions)
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickRequest:
    """A button of a message; `channel` is None on the Home tab."""

    user: UserId
    channel: ChannelId | None
    value: str
    trigger_id: str
    cause: str | None = None

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutRequest:
    """`quote` and `link` are of the message that the shortcut was used on, empty for the global one."""

    user: UserId
    channel: ChannelId | None
    trigger_id: str
    quote: str = ""
    message_ts: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRequest:
    """The form that opens an incident, filled in. `channel` is where it was asked for, if that was in a channel.

    What was left empty is None; whether that makes an incident is the policy's to say.
    """

    user: UserId
    channel: ChannelId | None
    title: str
    severity: Severity | None
    impact: Impact | None
    urgency: Urgency | None
    service: str
    description: str
    cause: str | None = None


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
        value=str(actions[0].get("value") or ""),
        trigger_id=_text(body, "trigger_id"),
        cause=causes.of_click(body, actions[0]),
    )


def shortcut_request(body: Payload) -> ShortcutRequest:
    message = body.get("message")
    return ShortcutRequest(
        user=UserId(_text(_part(body, "user"), "id")),
        channel=_channel(body),
        trigger_id=_text(body, "trigger_id"),
        quote=as_typed(str(message.get("text") or "")) if isinstance(message, Mapping) else "",
        message_ts=str(message["ts"]) if isinstance(message, Mapping) and message.get("ts") else None,
    )


def form_request(body: Payload) -> FormRequest:
    view = _part(body, "view")
    values = _part(_part(view, "state"), "values")
    return FormRequest(
        user=UserId(_text(_part(body, "user"), "id")),
        channel=channel_of(str(view.get("private_metadata") or "")),
        title=_typed(values, FormField.TITLE),
        severity=_chosen(values, FormField.SEVERITY, Severity),
        impact=_chosen(values, FormField.IMPACT, Impact),
        urgency=_chosen(values, FormField.URGENCY, Urgency),
        service=_selected(values, FormField.SERVICE),
        description=_typed(values, FormField.DESCRIPTION),
        cause=causes.of_form(body),
    )


def home_request(body: Payload) -> UserId | None:
    """Who opened the Home tab; None when it was the messages tab."""
    event = _part(body, "event")
    return UserId(_text(event, "user")) if event.get("tab") == "home" else None


def private_metadata(channel: ChannelId | None) -> str:
    """What a form carries: where its answer is said. It gives no right to anything."""
    return json.dumps({"channel": channel})


def channel_of(metadata: str) -> ChannelId | None:
    """None when it cannot be read, as in a form that an older version opened: what was typed into it counts."""
    try:
        held = json.loads(metadata)
    except (ValueError, RecursionError):
        return None
    channel = held.get("channel") if isinstance(held, dict) else None
    return ChannelId(channel) if isinstance(channel, str) and channel else None


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


def _selected(values: Payload, field: FormField) -> str:
    return _text(_part(_part(_part(values, field), field), "selected_option"), "value")


def _chosen(values: Payload, field: FormField, kind: type[Chosen]) -> Chosen | None:
    """None when nothing was chosen, or the form did not ask for it."""
    if field not in values or _part(_part(values, field), field).get("selected_option") is None:
        return None
    try:
        return kind(_selected(values, field))
    except ValueError as error:
        raise MalformedPayload(field) from error
