"""What a form carries comes back as it was, and nothing else is taken for it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import ChannelId
from bot.domain.incident import Pause
from bot.domain.intent import Glance
from bot.domain.policy import Severity
from bot.slack.ids import FormField
from handlers.carried import Carried, digest, facts_in
from tests.builders import ANA, NOW, TIER_1_CHANNEL, an_incident

EMPTY = Carried(channel=None, number=7, saw=Glance.at(an_incident()))
FULL = Carried(
    channel=TIER_1_CHANNEL,
    number=999_999_999,
    saw=Glance.at(
        an_incident(
            told_at=NOW + timedelta(microseconds=1),
            eta=NOW + timedelta(hours=1),
            severity=Severity.SEV3,
            assignee=ANA,
            hold_until=NOW,
            routed_to="données & more",
            tier=4,
            cycle=12,
            pauses=(Pause(NOW, NOW),),
        )
    ),
    filled={FormField.PROGRESS: digest("monitoring"), FormField.IMPACT: digest("")},
)
LIMIT = 3_000
"""Of Slack, for what a form carries."""


@pytest.mark.parametrize("carried", [EMPTY, FULL, replace(FULL, channel=ChannelId("C1")), replace(FULL, channel=None)])
def test_what_was_carried_comes_back_as_it_was(carried: Carried) -> None:
    assert Carried.decode(carried.encode()) == carried


def test_what_was_filled_in_and_left_alone_is_known() -> None:
    facts = {
        FormField.PROGRESS: "monitoring",
        FormField.IMPACT: " few\r\n",
        FormField.ETA: "",
        FormField.TO: "2|checkout",
    }
    shown = {**facts, FormField.ETA: "soon", FormField.CHANGED: "it is new"}
    carried = replace(EMPTY, filled=facts_in(shown, facts))
    assert carried.filled.keys() == {FormField.PROGRESS, FormField.IMPACT}, "no proposal, nothing that was typed before"
    assert carried.untouched(shown | {FormField.IMPACT: "few"}).keys() == {FormField.PROGRESS, FormField.IMPACT}
    assert carried.untouched(shown | {FormField.IMPACT: ""}).keys() == {FormField.PROGRESS}
    assert carried.untouched({}).keys() == set()


def test_it_fits_into_a_form_whatever_a_service_is_called() -> None:
    assert len(replace(FULL, saw=replace(FULL.saw, routed_to="é" * 100)).encode()) < LIMIT / 2


@pytest.mark.parametrize("key", json.loads(FULL.encode()))
def test_what_lacks_something_is_refused(key: str) -> None:
    held = json.loads(FULL.encode())
    del held[key]
    with pytest.raises(ValueError, match="not what a form of ours carries"):
        Carried.decode(json.dumps(held))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("number", "x"),
        ("filled", []),
        ("filled", {"nosuch": "x"}),
        ("number", None),
        ("severity", "sev9"),
        ("tier", []),
        ("told_at", "yesterday"),
        ("cycle", {}),
    ],
)
def test_what_is_not_of_its_kind_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValueError, match="not what a form of ours carries"):
        Carried.decode(json.dumps(json.loads(FULL.encode()) | {key: value}))


@given(st.one_of(st.text(), st.sampled_from(["", "{broken", "[1]", "7", "null", '"x"', "[" * 100_000])))
def test_whatever_else_a_form_carries_is_refused_in_one_way(metadata: str) -> None:
    with pytest.raises(ValueError, match="not what a form of ours carries"):
        Carried.decode(metadata)
