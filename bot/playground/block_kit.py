"""Block Kit as Slack accepts it. Pure: what is wrong with these blocks or this view, in Slack's words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .block_elements import check_element
from .block_objects import Problems, check_keys, check_text

MAX_MESSAGE_BLOCKS = 50
MAX_VIEW_BLOCKS = 100
MAX_BLOCKS_TEXT = 9_600
"""All block text of a message. Undocumented: 9,597 characters were seen accepted, 11,341 refused."""
MAX_MARKDOWN_TEXT = 12_000


class Surface(StrEnum):
    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


_NOT_ALLOWED: Mapping[Surface, frozenset[str]] = {
    Surface.MESSAGE: frozenset({"alert"}),
    Surface.MODAL: frozenset(
        {
            "card", "carousel", "container", "context_actions", "data_table", "data_visualization", "file",
            "markdown", "plan", "table", "task_card",
        }
    ),
    Surface.HOME: frozenset(
        {"alert", "context_actions", "data_table", "file", "markdown", "plan", "table", "task_card"}
    ),
}  # fmt: skip

_SELECTS = frozenset(
    {
        "static_select", "external_select", "users_select", "conversations_select", "channels_select",
        "multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select",
        "multi_channels_select",
    }
)  # fmt: skip
_CHOICES = _SELECTS | {"checkboxes", "radio_buttons", "datepicker", "timepicker"}
_ACTION_ELEMENTS = _CHOICES | {"button", "overflow", "datetimepicker", "workflow_button", "rich_text_input"}
_ACCESSORIES = _CHOICES | {"button", "overflow", "image", "workflow_button"}
_INPUT_ELEMENTS = _CHOICES | {
    "plain_text_input", "email_text_input", "url_text_input", "number_input", "datetimepicker", "file_input",
    "rich_text_input",
}  # fmt: skip
_MODAL_ONLY = frozenset({"email_text_input", "number_input", "url_text_input", "file_input"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a block stands: on which surface, and its JSON pointer."""

    surface: Surface
    pointer: str


def message_problems(blocks: object) -> list[str]:
    """Slack's messages about these blocks of a message; none when it would take them."""
    problems = Problems()
    _check_blocks(blocks, Surface.MESSAGE, "/blocks", MAX_MESSAGE_BLOCKS, problems)
    if isinstance(blocks, list) and sum(_kind(block) == "table" for block in blocks) > 1:
        problems.add("/blocks", "only_one_table_allowed")
    return problems.messages


def view_problems(view: Mapping[str, Any]) -> list[str]:
    """Slack's messages about this modal or App Home; none when it would take it."""
    problems = Problems()
    kind = view.get("type")
    if kind not in (Surface.MODAL, Surface.HOME):
        problems.add("/view/type", 'must be one of "modal", "home"')
        return problems.messages
    surface = Surface(kind)
    _check_blocks(view.get("blocks"), surface, "/view/blocks", MAX_VIEW_BLOCKS, problems)
    _check_view_fields(view, surface, problems)
    return problems.messages


def blocks_text_is_too_long(blocks: Sequence[Mapping[str, Any]]) -> bool:
    """Whether Slack refuses the message with `msg_blocks_too_long`."""
    markdown = sum(len(str(block.get("text", ""))) for block in blocks if _kind(block) == "markdown")
    other = sum(len(text) for block in blocks if _kind(block) != "markdown" for text in _texts(block))
    return other > MAX_BLOCKS_TEXT or markdown > MAX_MARKDOWN_TEXT


def _kind(block: object) -> object:
    return block.get("type") if isinstance(block, dict) else None


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item)


def _check_view_fields(view: Mapping[str, Any], surface: Surface, problems: Problems) -> None:
    for key, longest in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        if len(str(view.get(key) or "")) > longest:
            problems.too_long(f"/view/{key}", longest)
    if surface is Surface.HOME:
        return
    check_text(view.get("title"), "/view/title", problems, longest=24, plain=True)
    for key in ("submit", "close"):
        if view.get(key) is not None:
            check_text(view[key], f"/view/{key}", problems, longest=24, plain=True)
    has_input = any(_kind(block) == "input" for block in view.get("blocks") or ())
    if has_input and view.get("submit") is None:
        problems.add("/view", "missing required field: submit")


def _check_blocks(blocks: object, surface: Surface, pointer: str, most: int, problems: Problems) -> None:
    if not isinstance(blocks, list):
        problems.add(pointer, "must provide an array")
        return
    if len(blocks) > most:
        problems.add(pointer, f"no more than {most} items allowed")
    if surface is Surface.MODAL and not blocks:
        problems.add(pointer, "must have at least one block")
    for index, block in enumerate(blocks):
        _check_block(block, _Place(surface=surface, pointer=f"{pointer}/{index}"), problems)
    _check_unique_ids(blocks, pointer, problems)


def _check_unique_ids(blocks: Sequence[object], pointer: str, problems: Problems) -> None:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if not isinstance(block_id, str):
            continue
        if block_id in seen:
            problems.add(f"{pointer}/{index}/block_id", f'block_id "{block_id}" already exists')
        seen.add(block_id)


def _check_block(block: object, place: _Place, problems: Problems) -> None:
    if not isinstance(block, dict):
        problems.add(place.pointer, "must provide an object")
        return
    kind = block.get("type")
    if not isinstance(kind, str) or kind not in _KNOWN_BLOCKS:
        problems.add(f"{place.pointer}/type", f"unsupported type: {kind}")
        return
    if kind in _NOT_ALLOWED[place.surface]:
        problems.add(place.pointer, f"{kind} blocks are not allowed on this surface")
        return
    if len(str(block.get("block_id") or "")) > 255:
        problems.too_long(f"{place.pointer}/block_id", 255)
    check = _CHECKS.get(kind)
    if check is not None:
        check(block, place, problems)


def _check_section(block: Mapping[str, Any], place: _Place, problems: Problems) -> None:
    check_keys(block, place.pointer, problems, optional=("text", "fields", "accessory", "expand"))
    if block.get("text") is None and not block.get("fields"):
        problems.add(place.pointer, "missing required field: text or fields")
    if block.get("text") is not None:
        check_text(block["text"], f"{place.pointer}/text", problems, longest=3000)
    for index, field in enumerate(_items(block, "fields", 10, place, problems)):
        check_text(field, f"{place.pointer}/fields/{index}", problems, longest=2000)
    if block.get("accessory") is not None:
        _check_one_element(block["accessory"], "accessory", _ACCESSORIES, place, problems)


def _check_header(block: Mapping[str, Any], place: _Place, problems: Problems) -> None:
    check_keys(block, place.pointer, problems, required=("text",), optional=("level",))
    if "text" in block:
        check_text(block["text"], f"{place.pointer}/text", problems, longest=150, plain=True)


def _check_divider(block: Mapping[str, Any], place: _Place, problems: Problems) -> None:
    check_keys(block, place.pointer, problems)


def _check_context(block: Mapping[str, Any], place: _Place, problems: Problems) -> None:
    check_keys(block, place.pointer, problems, required=("elements",))
    for index, element in enumerate(_items(block, "elements", 10, place, problems, fewest=1)):
        pointer = f"{place.pointer}/elements/{index}"
        if _kind(element) == "image":
            check_element(element, pointer, problems)
        else:
            check_text(element, pointer, problems, longest=3000)


def _check_actions(block: Mapping[str, Any], place: _Place, problems: Problems) -> None:
    check_keys(block, place.pointer, problems, required=("elements",))
    elements = _items(block, "elements", 25, place, problems, fewest=1)
    seen: set[str] = set()
    for index, element in enumerate(elements):
        _check_one_element(element, f"elements/{index}", _ACTION_ELEMENTS, place, problems)
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if isinstance(action_id, str) and action_id in seen:
            problems.add(f"{place.pointer}/elements/{index}/action_id", f'action_id "{action_id}" already exists')
        if isinstance(action_id, str):
            seen.add(action_id)


def _check_input(block: Mapping[str, Any], place: _Place, problems: Problems) -> None:
    check_keys(
        block, place.pointer, problems, required=("label", "element"), optional=("hint", "optional", "dispatch_action")
    )
    if "label" in block:
        check_text(block["label"], f"{place.pointer}/label", problems, longest=2000, plain=True)
    if block.get("hint") is not None:
        check_text(block["hint"], f"{place.pointer}/hint", problems, longest=2000, plain=True)
    if "element" in block:
        _check_one_element(block["element"], "element", _INPUT_ELEMENTS, place, problems)


def _check_image(block: Mapping[str, Any], place: _Place, problems: Problems) -> None:
    check_element(
        {key: value for key, value in block.items() if key not in ("title", "block_id")}, place.pointer, problems
    )
    if block.get("title") is not None:
        check_text(block["title"], f"{place.pointer}/title", problems, longest=2000, plain=True)


def _check_markdown(block: Mapping[str, Any], place: _Place, problems: Problems) -> None:
    check_keys(block, place.pointer, problems, required=("text",))
    text = block.get("text")
    if not isinstance(text, str) or not text:
        problems.add(f"{place.pointer}/text", "must be more than 0 characters")
    elif len(text) > MAX_MARKDOWN_TEXT:
        problems.too_long(f"{place.pointer}/text", MAX_MARKDOWN_TEXT)


def _check_rich_text(block: Mapping[str, Any], place: _Place, problems: Problems) -> None:
    check_keys(block, place.pointer, problems, required=("elements",))
    allowed = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
    for index, element in enumerate(_items(block, "elements", 1000, place, problems)):
        if _kind(element) not in allowed:
            problems.add(f"{place.pointer}/elements/{index}/type", f"unsupported type: {_kind(element)}")


def _check_context_actions(block: Mapping[str, Any], place: _Place, problems: Problems) -> None:
    check_keys(block, place.pointer, problems, required=("elements",))
    for index, element in enumerate(_items(block, "elements", 5, place, problems, fewest=1)):
        _check_one_element(
            element, f"elements/{index}", frozenset({"feedback_buttons", "icon_button"}), place, problems
        )


def _check_table(block: Mapping[str, Any], place: _Place, problems: Problems) -> None:
    check_keys(block, place.pointer, problems, required=("rows",), optional=("column_settings",))
    for index, row in enumerate(_items(block, "rows", 100, place, problems, fewest=1)):
        if not isinstance(row, list) or not 1 <= len(row) <= 20:
            problems.add(f"{place.pointer}/rows/{index}", "must have between 1 and 20 cells")


def _check_alert(block: Mapping[str, Any], place: _Place, problems: Problems) -> None:
    check_keys(block, place.pointer, problems, required=("text",), optional=("level",))
    check_text(block.get("text"), f"{place.pointer}/text", problems, longest=200)
    if block.get("level", "default") not in ("default", "info", "warning", "error", "success"):
        problems.add(f"{place.pointer}/level", "must be a valid enum value")


def _items(
    block: Mapping[str, Any], key: str, most: int, place: _Place, problems: Problems, *, fewest: int = 0
) -> list[Any]:
    items = block.get(key, [])
    pointer = f"{place.pointer}/{key}"
    if not isinstance(items, list):
        problems.add(pointer, "must provide an array")
        return []
    if len(items) > most:
        problems.add(pointer, f"no more than {most} items allowed")
    if len(items) < fewest and key in block:
        problems.add(pointer, f"no less than {fewest} items allowed")
    return items


def _check_one_element(element: object, key: str, allowed: frozenset[str], place: _Place, problems: Problems) -> None:
    pointer = f"{place.pointer}/{key}"
    kind = _kind(element)
    if not isinstance(element, dict) or kind not in allowed:
        problems.add(f"{pointer}/type", f"unsupported type: {kind}")
        return
    if kind in _MODAL_ONLY and place.surface is not Surface.MODAL:
        problems.add(f"{pointer}/type", f"{kind} is only allowed in modals")
    if kind == "rich_text_input" and place.surface is Surface.MESSAGE:
        problems.add(f"{pointer}/type", "rich_text_input is not allowed in messages")
    if kind == "datetimepicker" and place.surface is Surface.HOME:
        problems.add(f"{pointer}/type", "datetimepicker is not allowed in App Home")
    check_element(element, pointer, problems)


_CHECKS: Mapping[str, Callable[[Mapping[str, Any], _Place, Problems], None]] = {
    "section": _check_section,
    "header": _check_header,
    "divider": _check_divider,
    "context": _check_context,
    "actions": _check_actions,
    "input": _check_input,
    "image": _check_image,
    "markdown": _check_markdown,
    "rich_text": _check_rich_text,
    "context_actions": _check_context_actions,
    "table": _check_table,
    "alert": _check_alert,
}

# Known to Slack, their insides not checked here.
_UNCHECKED = frozenset(
    {"video", "file", "card", "carousel", "container", "data_table", "data_visualization", "plan", "task_card"}
)
_KNOWN_BLOCKS = frozenset(_CHECKS) | _UNCHECKED
