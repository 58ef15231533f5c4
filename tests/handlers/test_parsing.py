"""Slack's JSON: what it means, and that nothing but a refusal comes of what is not Slack's."""

import contextlib

import pytest
from hypothesis import given, settings

from handlers.parsing import (
    ClickRequest,
    CommandRequest,
    ShortcutRequest,
    Spot,
    click_request,
    command_request,
    home_request,
    shortcut_request,
    spot_of,
)
from handlers.payload import MalformedPayload
from tests.builders import SAM, TIER_1_CHANNEL
from tests.examples import up_to
from tests.handlers import payloads
from tests.handlers.payloads import Json, changed


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
    assert home_request(payloads.HOME) == SAM


def test_the_messages_tab_is_not_the_home_tab() -> None:
    assert home_request(changed(payloads.HOME, lambda body: body["event"].update(tab="messages"))) is None


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
    for read in (command_request, shortcut_request, home_request):
        with contextlib.suppress(MalformedPayload):
            read(body)
    for part in ("button", "chosen", "place"):
        with contextlib.suppress(MalformedPayload):
            getattr(click_request(body), part)
    with contextlib.suppress(MalformedPayload):
        spot_of(body)
