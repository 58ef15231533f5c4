"""The small parts of Block Kit: text, options, confirmations. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


class Problems:
    """Collects what is wrong, in the wording of Slack's `response_metadata.messages`."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def add(self, pointer: str, what: str) -> None:
        self.messages.append(f"[ERROR] {what} [json-pointer:{pointer}]")

    def too_long(self, pointer: str, longest: int) -> None:
        self.add(pointer, f"must be less than {longest + 1} characters")


def check_keys(
    node: Mapping[str, Any],
    pointer: str,
    problems: Problems,
    *,
    required: Iterable[str] = (),
    optional: Iterable[str] = (),
) -> None:
    required = tuple(required)
    for key in required:
        if node.get(key) is None:
            problems.add(pointer, f"missing required field: {key}")
    for key in set(node) - {"type", "block_id", "action_id", *required, *optional}:
        problems.add(pointer, f"invalid additional property: {key}")


def check_text(node: object, pointer: str, problems: Problems, *, longest: int, plain: bool = False) -> None:
    """A text object of at least one character; `plain`: mrkdwn is refused here."""
    if not isinstance(node, dict):
        problems.add(pointer, "must provide an object")
        return
    kind = node.get("type")
    if kind not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
        problems.add(f"{pointer}/type", f"unsupported type: {kind}")
    for key in set(node) - {"type", "text", "emoji" if kind == "plain_text" else "verbatim"}:
        problems.add(pointer, f"invalid additional property: {key}")
    check_string(node.get("text"), f"{pointer}/text", problems, longest=longest)


def check_string(value: object, pointer: str, problems: Problems, *, longest: int) -> None:
    if not isinstance(value, str):
        problems.add(pointer, "must provide a string")
    elif not value:
        problems.add(pointer, "must be more than 0 characters")
    elif len(value) > longest:
        problems.too_long(pointer, longest)


def check_limit(node: Mapping[str, Any], key: str, pointer: str, problems: Problems, *, longest: int) -> None:
    """An optional string that may not be longer than this."""
    if len(str(node.get(key) or "")) > longest:
        problems.too_long(f"{pointer}/{key}", longest)


def check_confirm(node: Mapping[str, Any], pointer: str, problems: Problems) -> None:
    """The confirmation dialog of an element, when it has one."""
    confirm = node.get("confirm")
    if confirm is None:
        return
    pointer = f"{pointer}/confirm"
    if not isinstance(confirm, dict):
        problems.add(pointer, "must provide an object")
        return
    check_keys(confirm, pointer, problems, required=("title", "text"), optional=("confirm", "deny", "style"))
    if "title" in confirm:
        check_text(confirm["title"], f"{pointer}/title", problems, longest=100, plain=True)
    if "text" in confirm:
        check_text(confirm["text"], f"{pointer}/text", problems, longest=300)
    for key in ("confirm", "deny"):
        if confirm.get(key) is not None:
            check_text(confirm[key], f"{pointer}/{key}", problems, longest=30, plain=True)


def check_options(options: object, pointer: str, problems: Problems, *, most: int, plain: bool) -> None:
    if not isinstance(options, list):
        problems.add(pointer, "must provide an array")
        return
    if not options:
        problems.add(pointer, "no less than 1 items allowed")
    if len(options) > most:
        problems.add(pointer, f"no more than {most} items allowed")
    for index, option in enumerate(options):
        check_option(option, f"{pointer}/{index}", problems, plain=plain)


def check_option(option: object, pointer: str, problems: Problems, *, plain: bool) -> None:
    if not isinstance(option, dict):
        problems.add(pointer, "must provide an object")
        return
    check_keys(option, pointer, problems, required=("text", "value"), optional=("description", "url"))
    if "text" in option:
        check_text(option["text"], f"{pointer}/text", problems, longest=75, plain=plain)
    if "value" in option:
        check_string(option["value"], f"{pointer}/value", problems, longest=150)
    if option.get("description") is not None:
        check_text(option["description"], f"{pointer}/description", problems, longest=75, plain=plain)


def check_initial(initial: Sequence[object], options: Sequence[object], pointer: str, problems: Problems) -> None:
    """What is chosen at first must be one of the options, to the letter."""
    if any(one not in options for one in initial):
        problems.add(pointer, "initial option must be one of the options")
