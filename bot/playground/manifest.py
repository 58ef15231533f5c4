"""What the app's manifest says: scopes, commands, shortcuts, subscriptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_EVERY_SCOPE = (
    "app_mentions:read", "bookmarks:read", "bookmarks:write", "channels:history", "channels:join", "channels:manage",
    "channels:read", "chat:write", "commands", "groups:history", "groups:read", "groups:write", "im:history",
    "im:read", "im:write", "mpim:history", "mpim:read", "pins:read", "reactions:read", "reactions:write",
    "usergroups:read", "users:read", "users:read.email",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    callback_id: str
    name: str
    type: str
    """`global` or `message`."""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppManifest:
    """Without a manifest (`declared` is false) every usual scope is granted, and every command and event goes."""

    declared: bool
    scopes: tuple[str, ...]
    commands: tuple[Command, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    events: frozenset[str] = frozenset()

    def command(self, name: str) -> Command | None:
        for command in self.commands:
            if command.command == name:
                return command
        return None if self.declared else Command(command=name, should_escape=True)

    def grants(self, scope: str) -> bool:
        return scope in self.scopes

    def subscribes(self, event: str) -> bool:
        """Whether the app asked for this event and may hear it; without a manifest it gets what people do, not its own
        echo."""
        needed = _SCOPE_OF.get(event)
        return event in self.events and (needed is None or self.grants(needed))


_SCOPE_OF: Mapping[str, str] = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "pin_added": "pins:read",
    "pin_removed": "pins:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}
"""Without it Slack does not send the event, whatever the app subscribes to."""

_WITHOUT_MANIFEST = frozenset(
    {
        "app_home_opened", "app_mention", "channel_archive", "channel_rename", "channel_unarchive",
        "member_joined_channel", "member_left_channel", "message.channels", "message.groups", "message.im",
        "pin_added", "reaction_added", "subteam_members_changed", "subteam_updated", "tokens_revoked", "user_change",
    }
)  # fmt: skip


def read_manifest(manifest: Mapping[str, Any] | None) -> AppManifest:
    if manifest is None:
        return AppManifest(declared=False, scopes=_EVERY_SCOPE, events=_WITHOUT_MANIFEST)
    features = manifest.get("features") or {}
    settings = manifest.get("settings") or {}
    scopes = (manifest.get("oauth_config") or {}).get("scopes") or {}
    events = (settings.get("event_subscriptions") or {}).get("bot_events") or ()
    return AppManifest(
        declared=True,
        scopes=(*scopes.get("bot", ()), *scopes.get("bot_optional", ())),
        commands=tuple(_command(one) for one in features.get("slash_commands") or ()),
        shortcuts=tuple(_shortcut(one) for one in features.get("shortcuts") or ()),
        events=frozenset(events),
    )


def _command(given: Mapping[str, Any]) -> Command:
    return Command(
        command=str(given["command"]),
        description=str(given.get("description", "")),
        usage_hint=str(given.get("usage_hint", "")),
        should_escape=bool(given.get("should_escape", False)),
    )


def _shortcut(given: Mapping[str, Any]) -> Shortcut:
    return Shortcut(
        callback_id=str(given["callback_id"]),
        name=str(given.get("name", "")),
        type=str(given.get("type", "global")),
        description=str(given.get("description", "")),
    )
