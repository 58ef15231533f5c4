"""The interactive elements of Block Kit, against Slack's limits. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from .block_objects import (
    Problems,
    check_confirm,
    check_initial,
    check_keys,
    check_limit,
    check_option,
    check_options,
    check_text,
)

_MAX_OPTIONS = 100


def check_element(element: Mapping[str, Any], pointer: str, problems: Problems) -> None:
    check_limit(element, "action_id", pointer, problems, longest=255)
    check = _CHECKS.get(str(element.get("type")))
    if check is not None:
        check(element, pointer, problems)


def _check_button(element: Mapping[str, Any], pointer: str, problems: Problems) -> None:
    optional = ("url", "value", "style", "confirm", "accessibility_label", "visible_to_user_ids")
    check_keys(element, pointer, problems, required=("text",), optional=optional)
    if "text" in element:
        check_text(element["text"], f"{pointer}/text", problems, longest=75, plain=True)
    check_limit(element, "value", pointer, problems, longest=2000)
    check_limit(element, "url", pointer, problems, longest=3000)
    check_limit(element, "accessibility_label", pointer, problems, longest=75)
    if element.get("style", "primary") not in ("primary", "danger"):
        problems.add(f"{pointer}/style", "must be a valid enum value")
    check_confirm(element, pointer, problems)


def _check_image(element: Mapping[str, Any], pointer: str, problems: Problems) -> None:
    check_keys(element, pointer, problems, required=("alt_text",), optional=("image_url", "slack_file"))
    check_limit(element, "alt_text", pointer, problems, longest=2000)
    check_limit(element, "image_url", pointer, problems, longest=3000)
    if (element.get("image_url") is None) == (element.get("slack_file") is None):
        problems.add(pointer, "must have exactly one of image_url, slack_file")


def _check_overflow(element: Mapping[str, Any], pointer: str, problems: Problems) -> None:
    check_keys(element, pointer, problems, required=("options",), optional=("confirm",))
    if "options" in element:
        check_options(element["options"], f"{pointer}/options", problems, most=5, plain=True)
    check_confirm(element, pointer, problems)


def _check_static_select(element: Mapping[str, Any], pointer: str, problems: Problems) -> None:
    optional = ("options", "option_groups", "initial_option", "initial_options", "max_selected_items", *_COMMON)
    check_keys(element, pointer, problems, optional=optional)
    _check_common(element, pointer, problems)
    if (element.get("options") is None) == (element.get("option_groups") is None):
        problems.add(pointer, "must have exactly one of options, option_groups")
        return
    if element.get("options") is not None:
        check_options(element["options"], f"{pointer}/options", problems, most=_MAX_OPTIONS, plain=True)
        options = element["options"]
    else:
        options = _check_groups(element["option_groups"], f"{pointer}/option_groups", problems)
    if isinstance(options, list):
        check_initial(_initial(element), options, pointer, problems)


def _check_groups(groups: object, pointer: str, problems: Problems) -> list[Any]:
    if not isinstance(groups, list) or not groups:
        problems.add(pointer, "no less than 1 items allowed")
        return []
    if len(groups) > _MAX_OPTIONS:
        problems.add(pointer, f"no more than {_MAX_OPTIONS} items allowed")
    options: list[Any] = []
    for index, group in enumerate(groups):
        if not isinstance(group, dict):
            problems.add(f"{pointer}/{index}", "must provide an object")
            continue
        check_text(group.get("label"), f"{pointer}/{index}/label", problems, longest=75, plain=True)
        check_options(group.get("options"), f"{pointer}/{index}/options", problems, most=_MAX_OPTIONS, plain=True)
        options.extend(group.get("options") or ())
    return options


def _check_choices(element: Mapping[str, Any], pointer: str, problems: Problems) -> None:
    optional = ("initial_option", "initial_options", "confirm", "focus_on_load")
    check_keys(element, pointer, problems, required=("options",), optional=optional)
    options = element.get("options")
    if options is not None:
        check_options(options, f"{pointer}/options", problems, most=10, plain=False)
    if isinstance(options, list):
        check_initial(_initial(element), options, pointer, problems)
    check_confirm(element, pointer, problems)


def _initial(element: Mapping[str, Any]) -> list[Any]:
    if element.get("initial_option") is not None:
        return [element["initial_option"]]
    initial = element.get("initial_options") or []
    return initial if isinstance(initial, list) else [initial]


def _check_external_select(element: Mapping[str, Any], pointer: str, problems: Problems) -> None:
    optional = ("min_query_length", "initial_option", "initial_options", "max_selected_items", *_COMMON)
    check_keys(element, pointer, problems, optional=optional)
    for option in _initial(element):
        check_option(option, f"{pointer}/initial_option", problems, plain=True)
    _check_common(element, pointer, problems)


def _check_select(element: Mapping[str, Any], pointer: str, problems: Problems) -> None:
    """A select of people, channels or conversations: Slack itself knows the options."""
    kind = str(element.get("type")).removeprefix("multi_").removesuffix("s_select")
    optional = (
        f"initial_{kind}", f"initial_{kind}s", "default_to_current_conversation", "response_url_enabled", "filter",
        "max_selected_items", *_COMMON,
    )  # fmt: skip
    check_keys(element, pointer, problems, optional=optional)
    _check_common(element, pointer, problems)


def _check_text_input(element: Mapping[str, Any], pointer: str, problems: Problems) -> None:
    optional = ("initial_value", "multiline", "min_length", "max_length", "dispatch_action_config", *_COMMON)
    check_keys(element, pointer, problems, optional=optional)
    _check_common(element, pointer, problems)
    check_limit(element, "initial_value", pointer, problems, longest=3000)
    for key, least in (("min_length", 0), ("max_length", 1)):
        length = element.get(key)
        if length is not None and not (isinstance(length, int) and least <= length <= 3000):
            problems.add(f"{pointer}/{key}", f"must be between {least} and 3000")


def _check_number(element: Mapping[str, Any], pointer: str, problems: Problems) -> None:
    optional = ("initial_value", "min_value", "max_value", "dispatch_action_config", *_COMMON)
    check_keys(element, pointer, problems, required=("is_decimal_allowed",), optional=optional)
    _check_common(element, pointer, problems)


def _check_date(element: Mapping[str, Any], pointer: str, problems: Problems) -> None:
    optional = ("initial_date", "initial_time", "initial_date_time", "timezone", *_COMMON)
    check_keys(element, pointer, problems, optional=optional)
    _check_common(element, pointer, problems)


def _check_common(element: Mapping[str, Any], pointer: str, problems: Problems) -> None:
    if element.get("placeholder") is not None:
        check_text(element["placeholder"], f"{pointer}/placeholder", problems, longest=150, plain=True)
    check_confirm(element, pointer, problems)


_COMMON = ("placeholder", "confirm", "focus_on_load")

_CHECKS: Mapping[str, Callable[[Mapping[str, Any], str, Problems], None]] = {
    "button": _check_button,
    "image": _check_image,
    "overflow": _check_overflow,
    "static_select": _check_static_select,
    "multi_static_select": _check_static_select,
    "external_select": _check_external_select,
    "multi_external_select": _check_external_select,
    "users_select": _check_select,
    "multi_users_select": _check_select,
    "conversations_select": _check_select,
    "multi_conversations_select": _check_select,
    "channels_select": _check_select,
    "multi_channels_select": _check_select,
    "checkboxes": _check_choices,
    "radio_buttons": _check_choices,
    "plain_text_input": _check_text_input,
    "email_text_input": _check_text_input,
    "url_text_input": _check_text_input,
    "number_input": _check_number,
    "datepicker": _check_date,
    "timepicker": _check_date,
    "datetimepicker": _check_date,
}
