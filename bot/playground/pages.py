"""Cursor pagination. Pure."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from .arguments import Arguments
from .model import Json
from .refusal import Refused

Item = TypeVar("Item")


def page(items: Sequence[Item], args: Arguments, *, default: int, most: int = 1000) -> tuple[list[Item], Json]:
    """The page a call asks for, and its `response_metadata`."""
    start = read_cursor(args)
    limit = args.integer("limit", default) or default
    if not 0 < limit <= most:
        raise Refused("invalid_limit")
    end = start + limit
    return list(items[start:end]), {"next_cursor": cursor(end) if end < len(items) else ""}


def cursor(position: int) -> str:
    return base64.b64encode(f"offset:{position}".encode()).decode()


def read_cursor(args: Arguments) -> int:
    given = args.text("cursor")
    if not given:
        return 0
    try:
        kind, _, position = base64.b64decode(given, validate=True).decode().partition(":")
        if kind != "offset":
            raise Refused("invalid_cursor")
        return int(position)
    except (ValueError, binascii.Error):
        raise Refused("invalid_cursor") from None
