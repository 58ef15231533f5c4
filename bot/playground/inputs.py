"""Fields, selects and buttons: where they stand, what they hold, what an act on one tells the app. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .model import Json, NotThere, Workspace

_TEXT_INPUTS = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})
_ONE_OPTION = frozenset({"static_select", "external_select", "radio_buttons"})
_MANY_OPTIONS = frozenset({"multi_static_select", "multi_external_select", "checkboxes"})
_PLAIN_KEYS: Mapping[str, tuple[str, str]] = {
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "rich_text_input": ("rich_text_value", "initial_value"),
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+")

REQUIRED = "Please complete this required field."


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An interactive element and the block it stands in."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        return str(self.element["action_id"])

    @property
    def type(self) -> str:
        return str(self.element["type"])

    @property
    def is_input(self) -> bool:
        return bool(self.block["type"] == "input")


def placed(blocks: Sequence[Json]) -> Iterator[Placed]:
    """Every interactive element of these blocks."""
    for block in blocks:
        for element in _elements(block):
            if "action_id" in element:
                yield Placed(block=block, element=element)


def _elements(block: Json) -> list[Json]:
    match block.get("type"):
        case "actions" | "context_actions":
            return list(block.get("elements") or ())
        case "section":
            return [block["accessory"]] if block.get("accessory") else []
        case "input":
            return [block["element"]] if block.get("element") else []
        case _:
            return []


def find(blocks: Sequence[Json], action_id: str, block_id: str | None = None) -> Placed | None:
    for one in placed(blocks):
        if one.action_id == action_id and block_id in (None, one.block_id):
            return one
    return None


def interactive(element: Json) -> bool:
    """Whether Slack gives this element an action id when the app gave none."""
    kind = str(element.get("type"))
    return kind in {"button", "overflow", "workflow_button", "feedback_buttons", "icon_button", "file_input"} or (
        kind in _TEXT_INPUTS | _ONE_OPTION | _MANY_OPTIONS or kind in _PLAIN_KEYS
    )


def state_values(blocks: Sequence[Json], entered: Mapping[str, Any]) -> Json:
    """`state.values`: what every field holds, entered or initial."""
    values: Json = {}
    for one in placed(blocks):
        state = (entered.get(one.block_id) or {}).get(one.action_id) or initial(one.element)
        if state is not None:
            values.setdefault(one.block_id, {})[one.action_id] = state
    return values


def initial(element: Json) -> Json | None:
    """What a field holds before anybody touched it; None for buttons and menus, which hold nothing."""
    kind = str(element["type"])
    if kind in _TEXT_INPUTS:
        return {"type": kind, "value": element.get("initial_value")}
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in _MANY_OPTIONS:
        return {"type": kind, "selected_options": element.get("initial_options") or []}
    if kind in _PLAIN_KEYS:
        key, initial_key = _PLAIN_KEYS[kind]
        empty: Any = [] if kind.startswith("multi_") else None
        return {"type": kind, key: element.get(initial_key, empty)}
    return None


def state(workspace: Workspace, element: Json, value: object, suggested: Sequence[Json] = ()) -> Json:
    """What a field holds once a person entered this value. Raises NotThere for an option that is not offered.

    A value is what one would say: a text, an option's value or label, a user's name, a date; or Slack's own
    state value, taken as it is.
    """
    kind = str(element["type"])
    if isinstance(value, Mapping) and value.get("type") == kind:
        return dict(value)
    if kind in _TEXT_INPUTS:
        return {"type": kind, "value": None if value is None or value == "" else str(value)}
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": None if value is None else _option(element, value, suggested)}
    if kind in _MANY_OPTIONS:
        return {"type": kind, "selected_options": [_option(element, one, suggested) for one in _many(value)]}
    if kind in _PLAIN_KEYS:
        return {"type": kind, _PLAIN_KEYS[kind][0]: _plain(workspace, kind, value)}
    raise NotThere(f"{kind} holds no value")


def _many(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]


def _plain(workspace: Workspace, kind: str, value: object) -> object:
    if kind.startswith("multi_"):
        return [_plain(workspace, kind.removeprefix("multi_"), one) for one in _many(value)]
    if value is None or value == "":
        return None
    if kind == "users_select":
        return workspace.user(str(value)).id
    if kind in ("channels_select", "conversations_select"):
        return workspace.channel(str(value)).id
    return int(str(value)) if kind == "datetimepicker" else value


def _option(element: Json, wanted: object, suggested: Sequence[Json]) -> Json:
    if isinstance(wanted, Mapping):
        wanted = wanted.get("value")
    offered = [*_offered(element), *suggested]
    for option in offered:
        if wanted in (option.get("value"), option["text"]["text"]):
            return option
    raise NotThere(f"no option {wanted!r} in {element.get('action_id')}: {[one.get('value') for one in offered]}")


def _offered(element: Json) -> list[Json]:
    options = list(element.get("options") or ())
    for group in element.get("option_groups") or ():
        options.extend(group["options"])
    return options


def action(workspace: Workspace, one: Placed, value: object, *, suggested: Sequence[Json] = ()) -> Json:
    """The entry of `actions` for an act on this element, without its `action_ts`."""
    element = one.element
    found: Json = {"type": one.type, "action_id": one.action_id, "block_id": one.block_id}
    match one.type:
        case "button" | "workflow_button" | "icon_button":
            found |= {key: element[key] for key in ("text", "value", "style", "url") if element.get(key) is not None}
            if value is not None:
                found["value"] = str(value)
        case "overflow":
            found["selected_option"] = _option(element, value, ())
        case "feedback_buttons":
            found["value"] = str(value)
        case _:
            found |= state(workspace, element, value, suggested)
    if element.get("placeholder") is not None:
        found["placeholder"] = element["placeholder"]
    if element.get("confirm") is not None:
        found["confirm"] = element["confirm"]
    return found


def complaints(blocks: Sequence[Json], values: Mapping[str, Any]) -> dict[str, str]:
    """What Slack itself objects to before a form is sent: block_id → sentence."""
    found: dict[str, str] = {}
    for one in placed(blocks):
        if one.is_input:
            complaint = _complaint(one, values.get(one.block_id, {}).get(one.action_id) or {})
            if complaint is not None:
                found[one.block_id] = complaint
    return found


def _complaint(one: Placed, held: Mapping[str, Any]) -> str | None:
    entered = next((value for key, value in held.items() if key != "type"), None)
    if entered in (None, "", []):
        return None if one.block.get("optional") else REQUIRED
    if one.type not in _TEXT_INPUTS:
        return None
    return _text_complaint(one, str(entered))


def _text_complaint(one: Placed, text: str) -> str | None:
    fewest, most = one.element.get("min_length"), one.element.get("max_length")
    if fewest is not None and len(text) < fewest:
        return f"Please use at least {fewest} characters."
    if len(text) > (most or 3000):
        return f"Please use at most {most or 3000} characters."
    if one.type == "email_text_input" and not _EMAIL.fullmatch(text):
        return "Please enter a valid email address."
    if one.type == "url_text_input" and not _URL.fullmatch(text):
        return "Please enter a valid URL."
    return _number_complaint(one.element, text) if one.type == "number_input" else None


def _number_complaint(element: Json, text: str) -> str | None:
    try:
        number = float(text) if element.get("is_decimal_allowed") else int(text)
    except ValueError:
        return "Please enter a number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and number < float(low):
        return f"Please enter a number of at least {low}."
    if high is not None and number > float(high):
        return f"Please enter a number of at most {high}."
    return None
