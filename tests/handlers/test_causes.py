"""Two deliveries of one request have one name, and two requests have two."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers import causes
from handlers.causes import LONGEST
from tests.builders import SAM
from tests.examples import up_to
from tests.handlers import payloads
from tests.handlers.payloads import CLICK, COMMAND, FORM, HOME, Json, changed

CLICKED = f"click/1794625200.000100/{SAM}/acknowledge/1794625100.000100"


def of_click(body: Json) -> str | None:
    return causes.of_click(body, body["actions"][0])


def test_a_request_is_named_by_what_slack_sent() -> None:
    assert causes.of_command(COMMAND) == "command/1.2.3"
    assert of_click(CLICK) == CLICKED
    assert causes.of_form(FORM) == "view/V0000000001/1794625200.a1b2c3"
    assert causes.of_event(HOME) == "event/Ev0000000001"


OTHERS: list[tuple[str, Any]] = [
    ("a moment later", lambda body: body["actions"][0].update(action_ts="1794625200.000200")),
    ("somebody else", lambda body: body["user"].update(id="U0ANA00001")),
    ("another button", lambda body: body["actions"][0].update(action_id="resolve")),
    ("another message", lambda body: body["container"].update(message_ts="1794625100.000200")),
    ("the Home tab", lambda body: body.pop("container")),
]


@pytest.mark.parametrize(("name", "change"), OTHERS)
def test_another_click_has_another_name(name: str, change: Any) -> None:
    assert of_click(changed(CLICK, change)) not in (CLICKED, None)


def test_a_click_on_the_home_tab_has_a_name_too() -> None:
    body = changed(CLICK, lambda body: body.update(container={"type": "view", "view_id": "V1"}))
    assert of_click(body) == f"click/1794625200.000100/{SAM}/acknowledge/-"


@pytest.mark.parametrize(
    "body", [{}, {"trigger_id": ""}, {"trigger_id": None}, {"trigger_id": 7}, {"view": 7}, {"view": {"id": "V1"}}]
)
def test_what_lacks_a_part_has_no_name(body: Json) -> None:
    assert (causes.of_command(body), causes.of_form(body), causes.of_event(body)) == (None, None, None)


@settings(max_examples=up_to(100))
@given(ids=st.lists(st.text(st.characters(exclude_categories=()), min_size=1, max_size=300), min_size=2, max_size=2))
def test_whatever_ids_are_sent_a_database_takes_the_name(ids: list[str]) -> None:
    one, other = (causes.of_event({"event_id": each}) for each in ids)
    assert one is not None
    assert len(one) <= LONGEST
    assert one.isascii()
    assert one.isprintable()
    assert (one == other) == (ids[0] == ids[1])


@settings(max_examples=up_to(50))
@given(body=payloads.spoiled())
def test_whatever_is_sent_names_or_does_not(body: Json) -> None:
    for name in (causes.of_command(body), causes.of_form(body), causes.of_event(body)):
        assert name is None or name.partition("/")[0] in ("command", "view", "event")
