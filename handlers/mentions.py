"""Slack's escaped text as the person typed it, and whom and what it names. Pure."""

import html
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.ids import ChannelId, UserId
from bot.slack.blocks.mrkdwn import clean

_PERSON = re.compile(r"[UW][A-Z0-9]{2,20}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")
_UNFIT = re.compile(r"[<>|]")
_MARKED = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """What Slack recognised, each by the words that stand for it in the typed text: `@ana`, `#status`."""

    people: Mapping[str, UserId] = field(default_factory=dict)
    channels: Mapping[str, ChannelId] = field(default_factory=dict)
    groups: Collection[str] = ()


def as_typed(text: str) -> str:
    """Slack's escaped text as the person typed it: `<@U1|ana>` is @ana again, `<https://a.b|a.b>` is a.b.

    What no person types and no database keeps, such as half an emoji, is left out.
    """
    return clean(html.unescape(_MARKED.sub(_unmarked, text)))


def mentions_in(text: str) -> Mentions:
    """What Slack's escaped text names, by what `as_typed` makes of each; of two called alike the first."""
    people: dict[str, UserId] = {}
    channels: dict[str, ChannelId] = {}
    groups: list[str] = []
    for match in _MARKED.finditer(text):
        kind, target = match[1], match[2]
        if kind == "@" and _PERSON.fullmatch(target):
            people.setdefault(as_typed(match[0]), UserId(target))
        elif kind == "#" and _CHANNEL.fullmatch(target):
            channels.setdefault(as_typed(match[0]), ChannelId(target))
        elif kind == "!" and target.startswith("subteam^"):
            groups.append(as_typed(match[0]))
    return Mentions(people=people, channels=channels, groups=tuple(dict.fromkeys(groups)))


def unnamed_in(text: str) -> Sequence[UserId]:
    """The people whom Slack's escaped text names by their ids alone, each once."""
    found = (match for match in _MARKED.finditer(text) if match[1] == "@" and not match[3])
    return list(dict.fromkeys(UserId(match[2]) for match in found if _PERSON.fullmatch(match[2])))


def named(text: str, names: Mapping[UserId, str]) -> str:
    """The same with `names` beside the ids, as in the text of a slash command: `<@U1>` is <@U1|Ana Ruiz>."""

    def with_name(match: re.Match[str]) -> str:
        name = _UNFIT.sub(" ", names.get(UserId(match[2]), "")).strip()
        return (
            f"<@{match[2]}|{html.escape(name, quote=False)}>" if match[1] == "@" and not match[3] and name else match[0]
        )

    return _MARKED.sub(with_name, text)


def _unmarked(match: re.Match[str]) -> str:
    sigil, target, label = match.groups()
    if sigil in ("@", "#"):
        return str(sigil + (label or target))
    if sigil == "!":
        kind, _, rest = target.partition("^")
        return label or target if kind == "date" else "@" + (label or rest or kind).removeprefix("@")
    if not label or label == target:
        return str(target)
    return str(label) if target.endswith(label) else f"{label} ({target})"
