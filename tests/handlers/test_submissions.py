"""Forms as Slack sends them in: what was filled in, and that nothing but a refusal comes of what is not Slack's."""

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given, settings

from bot.domain.policy import Impact, Severity, Urgency
from handlers.begun import Begun
from handlers.payload import MalformedPayload
from handlers.submissions import FormRequest, form_request
from tests.builders import SAM, TIER_1_CHANNEL
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


def test_the_form_of_slack_becomes_a_request() -> None:
    assert form_request(payloads.FORM) == FILLED_IN


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


@settings(max_examples=up_to(300))
@given(body=payloads.spoiled())
def test_whatever_is_sent_is_read_or_refused(body: Json) -> None:
    with contextlib.suppress(MalformedPayload):
        form_request(body)
