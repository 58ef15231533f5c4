"""A payload of Slack, of which each part is taken as what it has to be; what is not as Slack sends it is refused."""

from collections.abc import Mapping
from typing import Any

from bot.domain.ids import ChannelId

Payload = Mapping[str, Any]

HIGHEST_NUMBER = 999_999_999
"""Of an incident, also in the grammar: what is higher is no number for a database."""


class MalformedPayload(Exception):
    """The payload is not what Slack sends for this; the text names the part."""


def part_of(body: Payload, name: str) -> Payload:
    part = body.get(name)
    if not isinstance(part, Mapping):
        raise MalformedPayload(name)
    return part


def text_of(body: Payload, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedPayload(name)
    return value


def channel_in(body: Payload) -> ChannelId | None:
    """None on the Home tab, and for what is used anywhere."""
    channel = body.get("channel")
    return ChannelId(text_of(channel, "id")) if isinstance(channel, Mapping) else None
