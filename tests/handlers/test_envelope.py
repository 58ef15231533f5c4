"""What a payload says before it is read: every one of Slack's does, and nothing else is trusted to."""

import pytest
from hypothesis import given, settings

from handlers.envelope import app_of, asked_by, says_what_it_is, workspace_of
from tests.builders import WORKSPACE
from tests.examples import up_to
from tests.handlers import payloads
from tests.handlers.payloads import Json


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


@settings(max_examples=up_to(300))
@given(body=payloads.spoiled())
def test_whatever_is_sent_is_asked_without_an_error(body: Json) -> None:
    says_what_it_is(body)
    workspace_of(body)
    app_of(body)
    asked_by(body)
