"""The one place that escapes and cuts text for Slack, and that makes a mention, a channel or an instant of it."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import assert_never

import humanize

from bot.catalogue import mark, t
from bot.domain.ids import SOMEBODY, THE_BOT, ChannelId, UserId
from bot.domain.policy import Mention, MentionKind

_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, characters that turn the rest of a line around, and halves of characters."""

_ADDRESS = re.compile(r"\bhttps?://(?:(?!&[lg]t;)[^\s<>|])+(?<![.,;:!?'\")*_~])")
"""In escaped text; a mark that ends the sentence is not part of it."""

_LINKED = re.compile(r"https?://[^\s<>|]{1,2000}")
_PARTIAL = re.compile(r"(?:&[a-z]{0,3}|<[^<>]*)\Z")
_CONTROL_SEQUENCE = re.compile(r"<(?=[!@#]|[A-Za-z]{2,10}:)")
EVERYBODY = "<!channel>"
"""Written for a mention of the policy alone; what a person typed is escaped before."""

_NOBODY_IN_SLACK = {THE_BOT: mark("Tierline"), SOMEBODY: mark("somebody")}

_WORD_JOINER = "\u2060"
_JOINERS = "\u200d\ufe0f"


def clean(text: str) -> str:
    """What a person typed without the characters that nobody sees; lines and tabs stay."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def escape(text: str) -> str:
    """A person's words for a mrkdwn text: nothing in them is a mention, a link or an entity any more."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def bold(text: str) -> str:
    """As it is when it holds the sign itself, which would end the style within it: Slack has no way to escape it."""
    return text if "*" in text else f"*{text}*"


def links(escaped: str) -> str:
    """The addresses in an escaped text become links that show where they lead: `verbatim` text has none else."""
    return _ADDRESS.sub(r"<\g<0>>", escaped)


def plain(text: str, limit: int) -> str:
    """A person's words for a plain_text object, where Slack parses nothing and entities would show.

    What looks like a mention or a link is taken apart all the same, in case a client or a copy parses it.
    """
    return cut_plain(_CONTROL_SEQUENCE.sub("<" + _WORD_JOINER, clean(text)), limit)


def cut_plain(text: str, limit: int) -> str:
    """Text that holds no entities and no `<…>` of ours, such as what an input is filled in with."""
    return text if length(text) <= limit else _prefix(text, limit - 1).rstrip() + "…"


def cut(text: str, limit: int) -> str:
    """Escaped text of at most `limit` characters, never ending within an entity or a `<…>`."""
    if length(text) <= limit:
        return text
    return _PARTIAL.sub("", _prefix(text, limit - 1)).rstrip() + "…"


def length(text: str) -> int:
    """In UTF-16 units: an emoji counts twice, as it may at Slack, so that no limit is passed either way."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _prefix(text: str, limit: int) -> str:
    """Never half an emoji, nor one of its parts that waits for the next."""
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * limit].decode("utf-16-le", "ignore")
    return kept.rstrip(_JOINERS)


def mention(who: Mention) -> str:
    match who.kind:
        case MentionKind.USER:
            return user(UserId(who.slack_id))
        case MentionKind.USER_GROUP:
            return f"<!subteam^{who.slack_id}>"
        case MentionKind.CHANNEL:
            return EVERYBODY
        case _:
            assert_never(who.kind)


def mentions(people: Iterable[Mention], limit: int) -> str:
    """As many mentions as fit, each person once; who does not fit is at least counted."""
    marks = list(dict.fromkeys(mention(who) for who in people))
    line = ""
    for index, shown in enumerate(marks):
        rest = t(" and {marks} more", marks=len(marks) - index)
        if length(f"{line} {shown}") > limit - len(rest):
            return (line + rest).strip()
        line = f"{line} {shown}".strip()
    return line


def user(user_id: UserId) -> str:
    named = _NOBODY_IN_SLACK.get(user_id)
    return f"<@{user_id}>" if named is None else t(named)


def link(address: str, words: str) -> str:
    """`words` of ours that lead to an address; they alone where it would not be one for Slack."""
    return f"<{escape(address)}|{words}>" if _LINKED.fullmatch(address) else words


def channel(channel_id: ChannelId) -> str:
    return f"<#{channel_id}>"


def time_of(at: datetime) -> str:
    """An instant in the reader's own time zone: "today at 03:05"."""
    utc = at.astimezone(UTC)
    return t(
        "<!date^{int}^{{date_short_pretty}} at {{time}}|{utc:%Y-%m-%d at %H:%M} UTC>", int=int(utc.timestamp()), utc=utc
    )


def duration(span: timedelta) -> str:
    """In words, no finer than the reader needs: seconds below ten minutes, minutes below a day, then hours."""
    seconds = int(span.total_seconds())
    if seconds < 1:
        return t("less than a second")
    grain = 1 if seconds < 600 else 60 if seconds < 86_400 else 3_600
    whole = timedelta(seconds=seconds // grain * grain)
    return humanize.precisedelta(whole, suppress=["months", "years"], format="%d")
