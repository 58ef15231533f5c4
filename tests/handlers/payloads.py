"""Payloads as Slack sends them, and every way to spoil one."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from tests.builders import SAM, TIER_1_CHANNEL, WORKSPACE

Json = dict[str, Any]

_FROM: Json = {
    "team": {"id": WORKSPACE, "domain": "acme"},
    "user": {"id": SAM, "name": "sam", "team_id": WORKSPACE},
    "trigger_id": "1.2.3",
}

COMMAND: Json = {
    "command": "/incident",
    "team_id": WORKSPACE,
    "user_id": SAM,
    "channel_id": TIER_1_CHANNEL,
    "text": "ack INC-7",
    "trigger_id": "1.2.3",
}

CLICK: Json = {
    **_FROM,
    "type": "block_actions",
    "channel": {"id": TIER_1_CHANNEL},
    "container": {"type": "message", "message_ts": "1794625100.000100", "channel_id": TIER_1_CHANNEL},
    "actions": [{"action_id": "acknowledge", "value": "7|1|0", "action_ts": "1794625200.000100"}],
}

SHORTCUT: Json = {**_FROM, "type": "shortcut", "callback_id": "shortcut_open"}

MESSAGE_SHORTCUT: Json = {
    **_FROM,
    "type": "message_action",
    "callback_id": "shortcut_from_message",
    "channel": {"id": TIER_1_CHANNEL},
    "message": {"ts": "1.2", "text": "it is down"},
}

FORM: Json = {
    **_FROM,
    "type": "view_submission",
    "view": {
        "id": "V0000000001",
        "hash": "1794625200.a1b2c3",
        "type": "modal",
        "callback_id": "open_incident",
        "private_metadata": '{"channel": "C0FIRSTLN1"}',
        "state": {
            "values": {
                "title": {"title": {"value": "Checkout is down"}},
                "severity": {"severity": {"selected_option": {"value": "sev1"}}},
                "service": {"service": {"selected_option": {"value": "checkout"}}},
                "description": {"description": {"value": None}},
            }
        },
    },
}

HOME: Json = {
    "type": "event_callback",
    "team_id": WORKSPACE,
    "event_id": "Ev0000000001",
    "event": {"type": "app_home_opened", "tab": "home", "user": SAM},
}

REACTION: Json = {
    "type": "event_callback",
    "team_id": WORKSPACE,
    "event_id": "Ev0000000002",
    "event": {
        "type": "reaction_added",
        "user": SAM,
        "reaction": "eyes",
        "item": {"type": "message", "channel": TIER_1_CHANNEL, "ts": "1794625100.000100"},
        "item_user": "U0TIERBOT",
        "event_ts": "1794625200.000100",
    },
}

PIN: Json = {
    "type": "event_callback",
    "team_id": WORKSPACE,
    "event_id": "Ev0000000003",
    "event": {
        "type": "pin_added",
        "user": SAM,
        "channel_id": TIER_1_CHANNEL,
        "item": {"type": "message", "channel": TIER_1_CHANNEL, "message": {"ts": "1794625100.000100", "text": "x"}},
        "event_ts": "1794625200.000100",
    },
}

MENTION: Json = {
    "type": "event_callback",
    "team_id": WORKSPACE,
    "event_id": "Ev0000000004",
    "event": {
        "type": "app_mention",
        "user": SAM,
        "channel": TIER_1_CHANNEL,
        "text": "<@U0TIERBOT> ack",
        "ts": "1794625200.000100",
        "thread_ts": "1794625100.000100",
        "event_ts": "1794625200.000100",
    },
}

ALL = (COMMAND, CLICK, SHORTCUT, MESSAGE_SHORTCUT, FORM, HOME, REACTION, PIN, MENTION)

ANY_VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(st.characters(exclude_categories=()), max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)


def changed(payload: Json, change: Callable[[Json], object]) -> Json:
    payload = deepcopy(payload)
    change(payload)
    return payload


@st.composite
def spoiled(draw: st.DrawFn) -> Json:
    """A payload of which something is gone or something else."""
    payload = deepcopy(draw(st.sampled_from(ALL)))
    for _ in range(draw(st.integers(1, 2))):
        place, key = draw(st.sampled_from(_places(payload)))
        if draw(st.booleans()):
            place[key] = draw(ANY_VALUE)
        else:
            del place[key]
        if not _places(payload):
            break
    return payload


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Where something may be changed: containers with the keys or positions in them."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, held in inner for place in [(value, key), *_places(held)]]
