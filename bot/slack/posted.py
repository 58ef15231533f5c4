"""A message that stands in Slack, read back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """`text` is Slack's own, with its escapes. Some apps have no author, and then `author` is None.

    `thread_ts` is given of a reply: that of the message it is below.
    """

    ts: str
    text: str
    author: UserId | None
    thread_ts: str | None


def read_posted(message: Mapping[str, Any]) -> Posted:
    ts = str(message["ts"])
    thread_ts = str(message.get("thread_ts") or ts)
    author = message.get("user")
    return Posted(
        ts=ts,
        text=_words(message),
        author=UserId(author) if isinstance(author, str) and author else None,
        thread_ts=thread_ts if thread_ts != ts else None,
    )


def _words(message: Mapping[str, Any]) -> str:
    """The text; of a message without one what its attachments say for those who only read, or its files' names."""
    text = message.get("text")
    if isinstance(text, str) and text.strip():
        return text
    attachments = (one.get("text") or one.get("fallback") for one in _listed(message, "attachments"))
    files = (one.get("title") or one.get("name") for one in _listed(message, "files"))
    return "\n".join(str(words) for words in (*attachments, *files) if words)


def _listed(message: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    held = message.get(name)
    return [one for one in held if isinstance(one, Mapping)] if isinstance(held, list) else []
