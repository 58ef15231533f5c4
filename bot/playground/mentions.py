"""Who a message notifies. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .model import Channel, Message, Workspace

_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]+)(?:\|[^>]*)?>")
_EVERYBODY = re.compile(r"<!(?:channel|here|everyone)(?:\|[^>]*)?>")


def notified(workspace: Workspace, channel: Channel, message: Message) -> set[str]:
    """The members of the channel this message mentions, in its text or its blocks, its author not among them."""
    found: set[str] = set()
    for text in (message.text, *_formatted_texts(message.blocks)):
        found |= _named(workspace, channel, text)
    return (found & channel.members) - {message.user}


def _named(workspace: Workspace, channel: Channel, text: str) -> set[str]:
    if "<" not in text:
        return set()
    found = set(_USER.findall(text))
    for group_id in _GROUP.findall(text):
        group = workspace.usergroups.get(group_id)
        if group is not None and not group.disabled:
            found.update(group.user_ids)
    if _EVERYBODY.search(text):
        found |= channel.members
    return found


def _formatted_texts(node: Mapping[str, Any] | Sequence[Any]) -> Iterator[str]:
    """Every text Slack formats. Plain text objects are shown as they are: nothing in them notifies."""
    if isinstance(node, dict):
        match node.get("type"):
            case "mrkdwn" | "markdown":
                yield str(node.get("text", ""))
            case "user":
                yield f"<@{node.get('user_id')}>"
            case "usergroup":
                yield f"<!subteam^{node.get('usergroup_id')}>"
            case "broadcast":
                yield f"<!{node.get('range')}>"
            case _:
                for value in node.values():
                    if isinstance(value, dict | list):
                        yield from _formatted_texts(value)
    else:
        for item in node:
            if isinstance(item, dict | list):
                yield from _formatted_texts(item)
