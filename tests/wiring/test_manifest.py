"""manifest.yml: what Slack takes, and exactly what the code registers and calls."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.listeners import register_listeners
from bot.playground import Fault
from bot.settings import Settings
from handlers.grammar import VERBS
from tests.clock import ManualClock
from tests.scenarios.world import MANIFEST, PLAIN_POLICY, World, playground, running_world

SCOPES = {
    "auth.test": set(),
    "bookmarks.add": {"bookmarks:write"},
    "bookmarks.edit": {"bookmarks:write"},
    "bookmarks.list": {"bookmarks:read"},
    "apps.connections.open": set(),  # an app-level token's own connections:write
    "chat.getPermalink": set(),
    "views.open": set(),
    "views.publish": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.archive": {"channels:manage", "groups:write"},
    "conversations.create": {"channels:manage", "groups:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.invite": {"channels:manage", "groups:write"},
    "conversations.join": {"channels:join"},
    "conversations.list": {"channels:read", "groups:read"},
    "conversations.open": {"im:write"},
    "conversations.replies": {"channels:history", "groups:history"},
    "conversations.setTopic": {"channels:manage", "groups:write"},
    "usergroups.list": {"usergroups:read"},
    "usergroups.users.list": {"usergroups:read"},
    "users.conversations": {"channels:read", "groups:read"},
    "users.info": {"users:read"},
    "users.list": {"users:read"},
}
"""What each method of the Web API needs of a bot token, after Slack's reference, wherever it speaks."""

EVENTS = {
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "pin_added": {"pins:read"},
    "reaction_added": {"reactions:read"},
}
"""What Slack asks for before it sends an event, after its reference."""

COMMANDS = {"commands"}
"""What slash commands and shortcuts need."""

FEATURES: dict[str, Any] = MANIFEST["features"]
SETTINGS: dict[str, Any] = MANIFEST["settings"]


class Recording:
    """A Bolt app that only remembers what was registered."""

    def __init__(self) -> None:
        self.registered: dict[str, set[str]] = {}

    def __getattr__(self, kind: str) -> Callable[[object], Callable[[object], None]]:
        def register(what: object) -> Callable[[object], None]:
            if isinstance(what, str):
                self.registered.setdefault(kind, set()).add(what)
            return lambda listener: None

        return register


class Nobody:
    """Whatever else a listener needs once it is asked for something."""

    def __getattr__(self, _name: str) -> "Nobody":
        return self


@pytest.fixture
def registered() -> dict[str, set[str]]:
    app: Any = Recording()
    nobody: Any = Nobody()
    register_listeners(app, parts=nobody, inbox=nobody, box=nobody)
    held: dict[str, set[str]] = app.registered
    return held


def test_the_commands_are_those_that_are_answered(registered: dict[str, set[str]]) -> None:
    assert {command["command"] for command in FEATURES["slash_commands"]} == registered["command"]


def test_the_shortcuts_are_those_that_are_answered(registered: dict[str, set[str]]) -> None:
    assert {shortcut["callback_id"] for shortcut in FEATURES["shortcuts"]} == registered["shortcut"]


def test_the_events_are_those_that_are_listened_to(registered: dict[str, set[str]]) -> None:
    assert set(SETTINGS["event_subscriptions"]["bot_events"]) == registered["event"]


def test_what_the_listeners_need_is_switched_on(registered: dict[str, set[str]]) -> None:
    assert registered["action"]
    assert registered["view"]
    assert SETTINGS["interactivity"]["is_enabled"] is True
    assert FEATURES["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": True,
    }
    assert all(command["should_escape"] for command in FEATURES["slash_commands"]), "the grammar undoes the escaping"


def test_the_default_is_socket_mode_without_any_address() -> None:
    assert SETTINGS["socket_mode_enabled"] is True
    assert Settings.model_fields["mode"].default == "socket"
    assert not [value for value in _texts(MANIFEST) if value.startswith("http")], "in Socket Mode all URLs are left out"


async def test_the_scopes_are_those_of_the_methods_that_are_called(
    clock: ManualClock, sqlite_database: str, tmp_path: Path
) -> None:
    policy_file = tmp_path / "policy.yml"
    rooms = "incident_channel: {severities: [sev1], archive_after: 1m}\n"
    policy_file.write_text(PLAIN_POLICY.read_text() + rooms)
    async with (
        playground(clock) as slack,
        running_world(slack, clock, sqlite_database, policy_file=policy_file) as story,
    ):
        await _everything(story)
        called = {call.method for call in slack.workspace.calls}
        refused = [call for call in slack.workspace.calls if call.outcome == "missing_scope"]
    assert not refused
    assert called == SCOPES.keys()
    heard = SETTINGS["event_subscriptions"]["bot_events"]
    needed = COMMANDS.union(*(SCOPES[method] for method in called), *(EVENTS[event] for event in heard))
    listed = MANIFEST["oauth_config"]["scopes"]["bot"]
    assert sorted(listed) == sorted(needed)


async def _everything(story: World) -> None:
    """Whatever makes the bot call Slack: every door, every message, every doubt."""
    slack = story.slack
    slack.kick_bot("tier-2-platform")
    slack.faults.add(Fault(method="conversations.create", kind="drop_after"))
    await story.opened()
    message = await slack.say("ana", "tier-1-support", "It is down")
    await slack.shortcut("sam", "shortcut_from_message", channel="tier-1-support", ts=message.ts)
    await slack.open_home("sam")
    await story.click("ana", "tier-1-support", "acknowledge")
    await story.click("ben", "tier-1-support", "acknowledge", stale=True)
    slack.faults.add(Fault(method="chat.postMessage", kind="drop_after", channel="tier-2-platform"))
    slack.faults.add(Fault(method="chat.postMessage", kind="drop_after", channel="incident-updates"))
    await story.command("sam", "/incident follow INC-1")
    await story.click("ana", "tier-1-support", "escalate")
    await story.advance(minutes=1)
    await story.resolve("chloe", "tier-2-platform")
    await story.advance(minutes=2)
    story.said()


# Slack's limits: https://docs.slack.dev/reference/app-manifest


def test_every_text_is_as_long_as_slack_takes_it() -> None:
    about = MANIFEST["display_information"]
    assert 1 <= len(about["name"]) <= 35
    assert 1 <= len(about["description"]) <= 140
    assert 175 <= len(about["long_description"]) <= 4000
    assert re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", about["background_color"])
    assert re.fullmatch(r"[\w .-]{1,80}", FEATURES["bot_user"]["display_name"])
    for command in FEATURES["slash_commands"]:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
        assert 1 <= len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    for shortcut in FEATURES["shortcuts"]:
        assert shortcut["type"] in ("global", "message")
        assert 1 <= len(shortcut["name"]) <= 24
        assert 1 <= len(shortcut["description"]) <= 150
        assert 1 <= len(shortcut["callback_id"]) <= 255


def test_nothing_is_in_it_that_slack_does_not_know() -> None:
    assert MANIFEST.keys() == {"display_information", "features", "oauth_config", "settings"}
    assert MANIFEST["display_information"].keys() == {"name", "description", "long_description", "background_color"}
    assert FEATURES.keys() == {"app_home", "bot_user", "shortcuts", "slash_commands"}
    assert MANIFEST["oauth_config"].keys() == {"scopes"}
    assert MANIFEST["oauth_config"]["scopes"].keys() == {"bot"}
    assert SETTINGS.keys() == {
        "event_subscriptions",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    }
    assert len(FEATURES["shortcuts"]) <= 10
    assert len(FEATURES["slash_commands"]) <= 50


def test_nothing_is_listed_twice() -> None:
    for listed in (
        MANIFEST["oauth_config"]["scopes"]["bot"],
        SETTINGS["event_subscriptions"]["bot_events"],
        [command["command"] for command in FEATURES["slash_commands"]],
        [shortcut["callback_id"] for shortcut in FEATURES["shortcuts"]],
    ):
        assert len(listed) == len(set(listed))


def test_the_hint_shows_the_commands_that_there_are() -> None:
    hint = FEATURES["slash_commands"][0]["usage_hint"]
    assert {part.split()[0] for part in hint.strip("[]").split("|")} == set(VERBS)


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)
        case _:
            return
