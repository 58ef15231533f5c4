"""What becomes of text a person types: escaped, with names, groups, channels and links marked up. Pure."""

import re
from collections.abc import Callable

from .model import ChannelKind, NotThere, Workspace

_MARKED_UP = re.compile(r"<(?:[@#!][^<>\s][^<>]*|(?:https?|mailto):[^<>]+)>")
_NAME = re.compile(r"(?<![\w@])@([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)
_CHANNEL = re.compile(r"(?<![\w#&])#([a-z0-9][a-z0-9_-]*)")
_LINK = re.compile(r"https?://[^\s<>]+")
_EVERYBODY = frozenset({"here", "channel", "everyone"})


def as_message(workspace: Workspace, text: str) -> str:
    """A message as Slack stores it: `@ana` is `<@U…>`, `&` is `&amp;`."""
    return _between_markup(text, lambda plain: _mark_up(workspace, plain, labelled=False))


def as_command_text(workspace: Workspace, text: str) -> str:
    """The text of a command whose manifest says `should_escape`: `@ana` is `<@U…|ana>`."""
    return _between_markup(text, lambda plain: _mark_up(workspace, plain, labelled=True))


def _between_markup(text: str, convert: Callable[[str], str]) -> str:
    """Converts what is not already in Slack's own markup."""
    parts: list[str] = []
    end = 0
    for markup in _MARKED_UP.finditer(text):
        parts += [convert(text[end : markup.start()]), markup.group()]
        end = markup.end()
    return "".join([*parts, convert(text[end:])])


def _mark_up(workspace: Workspace, text: str, *, labelled: bool) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    linked = _LINK.sub(lambda link: f"<{link.group()}>", escaped)
    named = _NAME.sub(lambda name: _mention(workspace, name, labelled=labelled), linked)
    return _CHANNEL.sub(lambda name: _channel(workspace, name), named)


def _mention(workspace: Workspace, name: "re.Match[str]", *, labelled: bool) -> str:
    # A sentence may end right after a name.
    wanted = name.group(1).rstrip("._-").lower()
    rest = name.group(1)[len(wanted) :]
    if wanted in _EVERYBODY:
        return f"<!{wanted}>{rest}"
    try:
        return f"{_person_or_group(workspace, wanted, labelled=labelled)}{rest}"
    except NotThere:
        return name.group()


def _person_or_group(workspace: Workspace, name: str, *, labelled: bool) -> str:
    try:
        user = workspace.user(name)
    except NotThere:
        group = workspace.usergroup(name)
        return f"<!subteam^{group.id}|@{group.handle}>"
    return f"<@{user.id}|{user.name}>" if labelled else f"<@{user.id}>"


def _channel(workspace: Workspace, name: "re.Match[str]") -> str:
    channel = workspace.find_channel(name.group(1))
    if channel is None or channel.kind is ChannelKind.DM:
        return name.group()
    label = "" if channel.is_private else channel.name
    return f"<#{channel.id}|{label}>"
