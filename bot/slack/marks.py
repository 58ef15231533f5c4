"""The mark by which a message of ours is found again in Slack."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from bot.domain.ids import WorkspaceId
from bot.slack.blocks.rendered import Rendered

METADATA_EVENT = "tierline_message"
KEY_PREFIX = "tl:"


def delivery_key(workspace_id: WorkspaceId, promise_key: str) -> str:
    """What marks a message in Slack: opaque, since every member of the workspace can read metadata."""
    digest = hashlib.sha256(f"{workspace_id}/{promise_key}".encode()).digest()
    return base64.b32encode(digest).decode()[:20].lower()


def metadata(key: str) -> dict[str, Any]:
    return {"event_type": METADATA_EVENT, "event_payload": {"key": key}}


def marked(message: Rendered, key: str) -> list[dict[str, Any]]:
    if not message.blocks:
        return []
    return [message.blocks[0] | {"block_id": KEY_PREFIX + key}, *message.blocks[1:]]


def carries(message: Mapping[str, Any], key: str) -> bool:
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    marks = (block.get("block_id") for block in message.get("blocks") or ())
    return payload.get("key") == key or KEY_PREFIX + key in marks
