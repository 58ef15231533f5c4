"""Naming people without ringing them: in a posted message only those who are meant are mentioned."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bot.domain.ids import UserId
from bot.domain.policy import THE_CHANNEL
from bot.slack.blocks.mrkdwn import EVERYBODY, cut, escape, one_line
from bot.slack.blocks.rendered import Rendered

NAME_LIMIT = 40
"""A name is longer than a mention; the renderers leave room for this much."""

IN_WORDS = "everybody"
"""No longer than the mention of the channel that it stands for."""

_USER = re.compile(r"<@([UW][A-Z0-9]+)>")


def people_named(message: Rendered) -> Sequence[UserId]:
    """Everybody whom the message would ring, in the order of their names."""
    found = {user for text in (message.text, *_texts(message.blocks)) for user in _USER.findall(text)}
    return [UserId(user) for user in sorted(found)]


def quietly(message: Rendered, names: Mapping[UserId, str], *, ringing: Collection[str]) -> Rendered:
    """The same message with names instead of mentions, but for those in `ringing` and those without a known name.

    The whole channel is mentioned only when it is among `ringing`.
    """

    def named(match: re.Match[str]) -> str:
        user = UserId(match.group(1))
        return (
            match.group(0) if user in ringing or user not in names else cut(escape(one_line(names[user])), NAME_LIMIT)
        )

    def quiet(text: str) -> str:
        text = _USER.sub(named, text)
        return text if THE_CHANNEL.slack_id in ringing else text.replace(EVERYBODY, IN_WORDS)

    def quieted(part: Any) -> Any:
        if isinstance(part, str):
            return quiet(part)
        if isinstance(part, list):
            return [quieted(one) for one in part]
        return {key: quieted(value) for key, value in part.items()} if isinstance(part, dict) else part

    return Rendered(text=quiet(message.text), blocks=quieted(message.blocks))


def _texts(part: Any) -> Sequence[str]:
    if isinstance(part, str):
        return (part,)
    parts = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [text for one in parts for text in _texts(one)]
