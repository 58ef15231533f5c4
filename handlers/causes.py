"""What makes two deliveries one request: a name for it, made of what Slack sent."""

import hashlib
from collections.abc import Mapping
from typing import Any

LONGEST = 200
"""What a row of the database has room for."""


def of_command(body: Mapping[str, Any]) -> str | None:
    return _cause("command", body.get("trigger_id"))


def of_click(body: Mapping[str, Any], action: Mapping[str, Any]) -> str | None:
    """On the Home tab there is no message; the instant, the person and the button say enough there."""
    message = _part(body, "container").get("message_ts") or _part(body, "message").get("ts") or "-"
    return _cause("click", action.get("action_ts"), _part(body, "user").get("id"), action.get("action_id"), message)


def of_form(body: Mapping[str, Any]) -> str | None:
    """A form that was refused keeps its name, and one that was accepted is closed."""
    view = _part(body, "view")
    return _cause("view", view.get("id"), view.get("hash"))


def of_event(body: Mapping[str, Any]) -> str | None:
    return _cause("event", body.get("event_id"))


def of_pin(channel: str, ts: str) -> str | None:
    """A message is kept once, whoever pins it and however."""
    return _cause("pin", channel, ts)


def is_one(text: str) -> bool:
    """Whether it may be a name of a request of ours."""
    return 0 < len(text) <= LONGEST and text.isascii() and text.isprintable()


def _cause(*parts: Any) -> str | None:
    """None when Slack sent too little to tell it from another one."""
    if not all(isinstance(part, str) and part for part in parts):
        return None
    cause = "/".join(parts)
    if is_one(cause):
        return cause
    # Not as Slack names anything; what no column takes is still the same request when it comes again.
    return f"{parts[0]}/{hashlib.sha256(cause.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}
