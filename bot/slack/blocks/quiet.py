"""Naming people without ringing them: in a posted message only those who are meant are mentioned."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bot.domain.ids import UserId
from bot.slack.blocks.mrkdwn import cut, escape, one_line
from bot.slack.blocks.rendered import Rendered

NAME_LIMIT = 40
"""A name is longer than a mention; the renderers leave room for this much."""

_USER = re.compile(r"<@([UW][A-Z0-9]+)>")


def people_named(message: Rendered) -> Sequence[UserId]:
    """Everybody whom the message would ring, in the order of their names."""
    found = {user for text in (message.text, *_texts(message.blocks)) for user in _USER.findall(text)}
    return [UserId(user) for user in sorted(found)]


def quietly(message: Rendered, names: Mapping[UserId, str], *, ringing: Collection[str]) -> Rendered:
    """The same message with names instead of mentions, but for those in `ringing` and those without a known name."""

    def named(match: re.Match[str]) -> str:
        user = UserId(match.group(1))
        return (
            match.group(0) if user in ringing or user not in names else cut(escape(one_line(names[user])), NAME_LIMIT)
        )

    def quieted(part: Any) -> Any:
        if isinstance(part, str):
            return _USER.sub(named, part)
        if isinstance(part, list):
            return [quieted(one) for one in part]
        return {key: quieted(value) for key, value in part.items()} if isinstance(part, dict) else part

    return Rendered(text=_USER.sub(named, message.text), blocks=quieted(message.blocks))


def _texts(part: Any) -> Sequence[str]:
    if isinstance(part, str):
        return (part,)
    parts = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [text for one in parts for text in _texts(one)]
