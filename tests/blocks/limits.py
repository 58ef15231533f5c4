"""Slack's limits for what is rendered, as the local Slack enforces them, and the tighter ones we promise ourselves."""

import re
from collections.abc import Iterator
from typing import Any

from bot.playground.block_kit import message_problems, view_problems
from bot.slack.blocks.mrkdwn import length
from bot.slack.blocks.rendered import Block, Rendered, View

BLOCK_TEXT_LIMIT = 9_500
TEXT_LIMIT = 3_900

_CONTROL = re.compile(r"<[!@#][^>]*>?")
_LINK = re.compile(r"<https?://[^>]*>")
_INTO_FIELDS = ("initial_value", "private_metadata")


def problems_of_message(rendered: Rendered) -> list[str]:
    problems = message_problems(rendered.blocks)
    if not rendered.text.strip() or length(rendered.text) > TEXT_LIMIT:
        problems.append(f"text has {length(rendered.text)} characters")
    if (total := sum(length(text) for text in texts(rendered.blocks))) > BLOCK_TEXT_LIMIT:
        problems.append(f"the blocks have {total} characters")
    if "block_id" in rendered.blocks[0]:
        problems.append("the first block is named by the gateway")
    return problems


def problems_of_view(view: View) -> list[str]:
    return view_problems(view)


def texts(node: Any) -> Iterator[str]:
    """Every string that is shown, except what stands in an input to be sent in again."""
    match node:
        case str():
            yield node
        case dict():
            for key, value in node.items():
                if key not in _INTO_FIELDS:
                    yield from texts(value)
        case list():
            for value in node:
                yield from texts(value)
        case _:
            return


def strings(rendered: Rendered | View) -> list[str]:
    return [rendered.text, *texts(rendered.blocks)] if isinstance(rendered, Rendered) else list(texts(rendered))


def references(rendered: Rendered | View) -> set[str]:
    """The mentions, channels and dates that Slack would parse, each up to its label."""
    found = (match for text in strings(rendered) for match in _CONTROL.findall(text))
    return {re.split(r"[|>]", match)[0] for match in found if not match.startswith("<!date^")}


def links(rendered: Rendered | View) -> list[str]:
    return [link for text in strings(rendered) for link in _LINK.findall(text)]


def block_types(blocks: list[Block]) -> list[str]:
    return [block["type"] for block in blocks]


def button_labels(blocks: list[Block]) -> list[str]:
    elements = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    return [(element.get("text") or element["placeholder"])["text"] for element in elements]


def menu_labels(blocks: list[Block]) -> list[str]:
    """What the menus beside the buttons offer."""
    elements = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    return [option["text"]["text"] for element in elements for option in element.get("options", ())]
