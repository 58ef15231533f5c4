"""Slack's JSON: what it means, and that nothing but a refusal comes of what is not Slack's."""

import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings

from bot.domain.ids import ChannelId
from bot.domain.policy import Impact, Severity, Urgency
from handlers.begun import Begun
from handlers.parsing import (
    ClickRequest,
    CommandRequest,
    FormRequest,
    MalformedPayload,
    ShortcutRequest,
    Spot,
    channel_of,
    click_request,
    command_request,
    form_request,
    home_request,
    private_metadata,
    says_what_it_is,
    shortcut_request,
    spot_of,
    workspace_of,
)
from tests.builders import SAM, TIER_1_CHANNEL, WORKSPACE
from tests.examples import up_to
from tests.handlers import payloads
from tests.handlers.payloads import Json, changed

FILLED_IN = FormRequest(
    user=SAM,
    begun=Begun(channel=TIER_1_CHANNEL),
    title="Checkout is down",
    severity=Severity.SEV1,
    impact=None,
    urgency=None,
    service="checkout",
    description="",
    cause="view/V0000000001/1794625200.a1b2c3",
)


def test_payloads_of_slack_become_requests() -> None:
    assert command_request(payloads.COMMAND) == CommandRequest(
        user=SAM, channel=TIER_1_CHANNEL, text="ack INC-7", trigger_id="1.2.3", cause="command/1.2.3"
    )
    assert click_request(payloads.CLICK) == ClickRequest(
        user=SAM,
        channel=TIER_1_CHANNEL,
        value="7|1|0",
        trigger_id="1.2.3",
        cause=f"click/1794625200.000100/{SAM}/acknowledge/1794625100.000100",
    )
    assert shortcut_request(payloads.SHORTCUT) == ShortcutRequest(user=SAM, channel=None, trigger_id="1.2.3")
    assert shortcut_request(payloads.MESSAGE_SHORTCUT) == ShortcutRequest(
        user=SAM, channel=TIER_1_CHANNEL, trigger_id="1.2.3", quote="it is down", message_ts="1.2", thread_ts="1.2"
    )
    assert form_request(payloads.FORM) == FILLED_IN
    assert home_request(payloads.HOME) == SAM


def test_the_messages_tab_is_not_the_home_tab() -> None:
    assert home_request(changed(payloads.HOME, lambda body: body["event"].update(tab="messages"))) is None


@pytest.mark.parametrize("payload", payloads.ALL)
def test_every_payload_of_slack_says_what_it_is_and_where_it_comes_from(payload: Json) -> None:
    assert says_what_it_is(payload)
    assert workspace_of(payload) == WORKSPACE


@pytest.mark.parametrize(
    ("body", "workspace"),
    [
        ({}, None),
        ({"team": None, "user": {"id": "U1", "team_id": "T2"}}, "T2"),
        ({"team": {"id": "T1"}, "team_id": "T2"}, "T1"),
        ({"team": "T1", "team_id": 5}, "5"),
        ({"team": [], "user": "U1"}, None),
    ],
)
def test_the_workspace_is_found_wherever_the_payload_says_it(body: Json, workspace: str | None) -> None:
    assert workspace_of(body) == workspace


@pytest.mark.parametrize(
    ("container", "is_ephemeral"),
    [
        ({"type": "message", "is_ephemeral": True}, True),
        ({"type": "message", "is_ephemeral": False}, False),
        ({"type": "message", "is_ephemeral": "true"}, False),
        ({"type": "view"}, False),
        (None, False),
    ],
)
def test_only_what_slack_says_is_ephemeral_can_be_replaced(container: object, is_ephemeral: bool) -> None:
    body = payloads.CLICK | {"container": container, "response_url": "https://slack.example/response/1"}
    assert spot_of(body) == Spot(
        user=SAM,
        channel=TIER_1_CHANNEL,
        address="https://slack.example/response/1",
        is_ephemeral=is_ephemeral,
    )


@pytest.mark.parametrize("address", [None, "", 5])
def test_a_click_may_have_no_address_for_an_answer(address: object) -> None:
    assert spot_of(payloads.CLICK | {"response_url": address}).address is None


def test_a_choice_from_a_select_says_in_which_block_it_was_made() -> None:
    chosen = {"action_id": "list_severity", "block_id": "list|1||||", "selected_option": {"value": "sev1"}}
    request = click_request(payloads.CLICK | {"actions": [chosen]})
    assert (request.block_id, request.value) == ("list|1||||", "sev1")


@pytest.mark.parametrize("metadata", ["", "{broken", "[1]", "7", '{"channel": 5}', '{"channel": ""}', "[" * 100_000])
def test_a_form_whose_metadata_cannot_be_read_is_answered_outside_any_channel(metadata: str) -> None:
    assert channel_of(metadata) is None


@pytest.mark.parametrize("channel", [None, ChannelId("C0GENERAL1")])
def test_a_form_remembers_where_it_was_asked_for(channel: ChannelId | None) -> None:
    assert channel_of(private_metadata(channel)) == channel


def test_what_was_not_chosen_is_left_to_the_policy() -> None:
    def choose(body: Json) -> None:
        values = body["view"]["state"]["values"]
        values["severity"]["severity"]["selected_option"] = None
        values["impact"] = {"impact": {"selected_option": {"value": "high"}}}
        values["urgency"] = {"urgency": {"selected_option": {"value": "low"}}}

    assert form_request(changed(payloads.FORM, choose)) == replace(
        FILLED_IN, severity=None, impact=Impact.HIGH, urgency=Urgency.LOW
    )


@pytest.mark.parametrize("field", ["severity", "impact", "urgency"])
def test_what_cannot_be_chosen_is_refused(field: str) -> None:
    forged = {field: {field: {"selected_option": {"value": "enormous"}}}}
    body = changed(payloads.FORM, lambda body: body["view"]["state"]["values"].update(forged))
    with pytest.raises(MalformedPayload, match=field):
        form_request(body)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "7|x",
        "7",
        "|||",
        "0|1|0",
        "7|0|0",
        "-1|1|0",
        "٣|1|0",
        "7|1|0|",
        " 7|1|0",
        "1000000000|1|0",
        "x" * 3000,
        "9" * 5000,
    ],
)
def test_the_value_of_a_button_that_is_not_ours_is_refused(value: str) -> None:
    request = click_request(changed(payloads.CLICK, lambda body: body["actions"][0].update(value=value)))
    with pytest.raises(MalformedPayload, match="the button's value"):
        _ = request.button


@settings(max_examples=up_to(300))
@given(body=payloads.spoiled())
def test_whatever_is_sent_is_read_or_refused(body: Json) -> None:
    workspace_of(body)
    says_what_it_is(body)
    for read in (command_request, shortcut_request, home_request, form_request):
        with contextlib.suppress(MalformedPayload):
            read(body)
    for part in ("button", "chosen", "place"):
        with contextlib.suppress(MalformedPayload):
            getattr(click_request(body), part)
    with contextlib.suppress(MalformedPayload):
        spot_of(body)


@settings(deadline=None)
@given(value=payloads.ANY_VALUE)
def test_whatever_a_form_carries_its_channel_is_a_name_or_nothing(value: object) -> None:
    channel = channel_of(json.dumps({"channel": value}))
    assert channel == (value if isinstance(value, str) and value else None)
