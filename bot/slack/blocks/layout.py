"""The few shapes of Block Kit that messages and views are built from."""

from collections.abc import Iterable, Sequence
from typing import Any

from bot.slack.blocks.mrkdwn import cut, plain
from bot.slack.blocks.rendered import TEXT_LIMIT, Block, Rendered

HEADER_LIMIT = 150
SECTION_LIMIT = 3_000
FIELD_LIMIT = 500


def message(text: str, blocks: list[Block]) -> Rendered:
    return Rendered(text=cut(text, TEXT_LIMIT), blocks=blocks)


def sentence(text: str) -> Rendered:
    """A message that is one paragraph."""
    return message(text, [section(text)])


def header(text: str) -> Block:
    """`text` is a person's: it is cut and shown as it is."""
    return {"type": "header", "text": {"type": "plain_text", "text": plain(text, HEADER_LIMIT), "emoji": True}}


def section(text: str) -> Block:
    """`text` is mrkdwn whose untrusted parts are escaped."""
    return {"type": "section", "text": mrkdwn(cut(text, SECTION_LIMIT))}


def quote(text: str, limit: int) -> Block:
    """A person's own words, with nothing in them parsed."""
    return {"type": "section", "text": {"type": "plain_text", "text": plain(text, limit), "emoji": True}}


def fields(pairs: Iterable[tuple[str, str]]) -> Block:
    """Label and value, two columns on a wide screen; at most ten."""
    return {"type": "section", "fields": [mrkdwn(cut(f"*{label}*\n{value}", FIELD_LIMIT)) for label, value in pairs]}


def context(text: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(cut(text, 1_000))]}


def actions(block_id: str, elements: Sequence[Block]) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def divider() -> Block:
    return {"type": "divider"}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain_text(text: str) -> dict[str, Any]:
    """Our own words, already within the limit of where they go."""
    return {"type": "plain_text", "text": text, "emoji": True}
