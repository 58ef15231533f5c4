"""What the form that opens an incident carries, and that it opens one whatever it carries."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import ChannelId
from bot.domain.origin import Origin
from handlers.begun import Begun
from tests.handlers.payloads import ANY_VALUE

CHANNEL = ChannelId("C0GENERAL1")


@pytest.mark.parametrize(
    "begun",
    [
        Begun(),
        Begun(channel=CHANNEL),
        Begun(channel=CHANNEL, similar_shown=True),
        Begun(similar_shown=True, cause="command/1.2.3"),
        Begun(channel=CHANNEL, thread_ts="1794625200.000100"),
    ],
)
def test_what_is_carried_comes_back(begun: Begun) -> None:
    assert Begun.decode(begun.encode()) == begun


def test_what_an_older_version_carried_is_understood() -> None:
    assert Begun.decode('{"channel": "C0GENERAL1"}') == Begun(channel=CHANNEL)


@pytest.mark.parametrize(
    "metadata", ["", "{broken", "[1]", "7", "null", '{"channel": 5}', '{"channel": ""}', "[" * 100_000]
)
def test_what_cannot_be_read_is_nothing(metadata: str) -> None:
    assert Begun.decode(metadata) == Begun()


@pytest.mark.parametrize("cause", ["", 5, None, "é", "\n", "x" * 201])
def test_a_cause_is_one_that_a_row_takes_or_none(cause: object) -> None:
    assert Begun.decode(json.dumps({"cause": cause})).cause is None


@pytest.mark.parametrize("thread_ts", ["", 5, None, "1", "1.1", "x.000001", "1.000001\n", "1" * 11 + ".000001"])
def test_a_thread_is_one_of_slack_or_none(thread_ts: object) -> None:
    assert Begun.decode(json.dumps({"channel": CHANNEL, "thread_ts": thread_ts})).origin is None


def test_it_was_begun_at_a_message_of_its_channel() -> None:
    assert Begun(channel=CHANNEL, thread_ts="1.000001").origin == Origin(channel=CHANNEL, ts="1.000001")
    assert Begun(thread_ts="1.000001").origin is None


@given(st.dictionaries(st.sampled_from(["channel", "similar_shown", "cause", "thread_ts"]), ANY_VALUE))
def test_whatever_is_carried_is_read(held: dict[str, object]) -> None:
    begun = Begun.decode(json.dumps(held))
    channel = held.get("channel")
    assert begun.channel == (channel if isinstance(channel, str) and channel else None)
    assert begun.similar_shown is (held.get("similar_shown") is True)
    assert Begun.decode(begun.encode()) == begun
