"""What a message says: text, blocks, attachments and metadata, checked the way Slack checks them."""

import json
from dataclasses import dataclass
from typing import Any

from .arguments import Arguments
from .block_kit import blocks_text_is_too_long, message_problems
from .model import Json
from .refusal import Refused

MAX_TEXT = 40_000
"""Longer text of a post is cut, not refused."""
MAX_UPDATED_TEXT = 4_000
MAX_ATTACHMENTS = 100
MAX_METADATA = 8_000
"""Slack names no number for `metadata_too_large`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """None: not given."""

    text: str | None
    blocks: list[Json] | None
    attachments: list[Json] | None
    metadata: Json | None


def read_content(args: Arguments) -> Content:
    """Raises Refused for what Slack would refuse."""
    content = Content(text=_text(args), blocks=_blocks(args), attachments=_attachments(args), metadata=_metadata(args))
    if not (content.text or content.blocks or content.attachments):
        raise Refused("no_text")
    return content


def _text(args: Arguments) -> str | None:
    if args.has("markdown_text"):
        if args.has("text") or args.has("blocks"):
            raise Refused("markdown_text_conflict")
        return args.text("markdown_text")
    text = args.text("text")
    return None if text is None else text[:MAX_TEXT]


def _blocks(args: Arguments) -> list[Json] | None:
    blocks = args.structure("blocks", "invalid_blocks_format")
    return None if blocks is None else checked_blocks(blocks)


def checked_blocks(blocks: Any) -> list[Json]:
    """The blocks, when Slack takes them in a message; raises Refused otherwise."""
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    problems = message_problems(blocks)
    if problems:
        raise Refused("invalid_blocks", messages=problems, errors=problems)
    if blocks_text_is_too_long(blocks):
        raise Refused("msg_blocks_too_long")
    return blocks


def _attachments(args: Arguments) -> list[Json] | None:
    attachments = args.structure("attachments", "invalid_attachments")
    if attachments is None:
        return None
    if not isinstance(attachments, list):
        raise Refused("invalid_attachments")
    if len(attachments) > MAX_ATTACHMENTS:
        raise Refused("too_many_attachments")
    for attachment in attachments:
        checked_blocks(attachment.get("blocks") or [])
    return attachments


def _metadata(args: Arguments) -> Json | None:
    metadata = args.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if metadata == {}:
        return {}
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise Refused("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_format")
    if len(json.dumps(metadata)) > MAX_METADATA:
        raise Refused("metadata_too_large")
    return metadata
