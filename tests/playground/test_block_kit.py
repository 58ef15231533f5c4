"""Slack's limits on blocks, one by one."""

from typing import Any

import pytest

from bot.playground.block_kit import blocks_text_is_too_long, message_problems, view_problems
from tests.playground.parties import (
    Json,
    actions,
    button,
    field,
    home,
    modal,
    option,
    plain,
    section,
    select,
    text_input,
)


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def options(count: int) -> list[Json]:
    return [option(str(number)) for number in range(count)]


def choosing(kind: str, count: int, **more: Any) -> Json:
    return {"type": kind, "action_id": "choose", "options": options(count), **more}


CONFIRM = {"title": plain("Sure?"), "text": mrkdwn("Really?"), "confirm": plain("Yes"), "deny": plain("No")}

TAKEN = {
    "section of 3000": [section("x" * 3000)],
    "ten fields": [{"type": "section", "fields": [mrkdwn("x" * 900)] * 10}],
    "header of 150": [{"type": "header", "text": plain("x" * 150)}],
    "fifty blocks": [{"type": "divider"}] * 50,
    "25 buttons": [actions(*(button(str(number)) for number in range(25)))],
    "button text of 75, value of 2000": [actions(button("a", "v" * 2000, "x" * 75))],
    "confirmation": [actions(button("a") | {"confirm": CONFIRM, "style": "danger"})],
    "100 options": [actions(choosing("static_select", 100))],
    "5 in a menu": [section("x") | {"accessory": choosing("overflow", 5)}],
    "10 checkboxes": [actions(choosing("checkboxes", 10))],
    "option groups": [
        actions(
            {
                "type": "static_select",
                "action_id": "a",
                "option_groups": [{"label": plain("Group"), "options": options(2)}],
                "initial_option": option("1"),
            }
        )
    ],
    "context of text and image": [
        {
            "type": "context",
            "elements": [mrkdwn("x"), {"type": "image", "image_url": "https://acme.example/a.png", "alt_text": "a"}],
        }
    ],
    "image": [{"type": "image", "image_url": "https://acme.example/a.png", "alt_text": "a", "title": plain("A")}],
    "markdown": [{"type": "markdown", "text": "# Title"}],
    "rich text": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}],
    "input": [field("a", text_input())],
    "selects of people and places": [
        actions(
            {"type": "users_select", "action_id": "a", "initial_user": "U0ANA00001", "placeholder": plain("Who?")},
            {"type": "conversations_select", "action_id": "b", "default_to_current_conversation": True},
        )
    ],
}

REFUSED = {
    "not a list": ({"type": "divider"}, "must provide an array"),
    "51 blocks": ([{"type": "divider"}] * 51, "no more than 50 items allowed"),
    "unknown block": ([{"type": "banner"}], "unsupported type: banner"),
    "alert in a message": ([{"type": "alert", "text": mrkdwn("x")}], "not allowed on this surface"),
    "section of 3001": ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    "empty text": ([section("")], "must be more than 0 characters"),
    "section of nothing": ([{"type": "section"}], "missing required field: text or fields"),
    "11 fields": ([{"type": "section", "fields": [mrkdwn("x")] * 11}], "no more than 10 items allowed"),
    "field of 2001": ([{"type": "section", "fields": [mrkdwn("x" * 2001)]}], "less than 2001 characters"),
    "header of 151": ([{"type": "header", "text": plain("x" * 151)}], "less than 151 characters"),
    "header in mrkdwn": ([{"type": "header", "text": mrkdwn("x")}], "unsupported type: mrkdwn"),
    "11 in a context": ([{"type": "context", "elements": [mrkdwn("x")] * 11}], "no more than 10 items allowed"),
    "empty actions": ([{"type": "actions", "elements": []}], "no less than 1 items allowed"),
    "26 buttons": ([actions(*(button(str(number)) for number in range(26)))], "no more than 25 items allowed"),
    "button text of 76": ([actions(button("a", text="x" * 76))], "less than 76 characters"),
    "button value of 2001": ([actions(button("a", "x" * 2001))], "less than 2001 characters"),
    "button style": ([actions(button("a") | {"style": "loud"})], "must be a valid enum value"),
    "unknown key": ([actions(button("a") | {"colour": "red"})], "invalid additional property: colour"),
    "action_id of 256": ([actions(button("x" * 256))], "less than 256 characters"),
    "block_id of 256": ([section("x") | {"block_id": "x" * 256}], "less than 256 characters"),
    "two blocks of one id": ([section("x") | {"block_id": "a"}] * 2, 'block_id "a" already exists'),
    "two actions of one id": ([actions(button("a"), button("a"))], 'action_id "a" already exists'),
    "confirmation text of 301": (
        [actions(button("a") | {"confirm": CONFIRM | {"text": mrkdwn("x" * 301)}})],
        "less than 301 characters",
    ),
    "101 options": ([actions(choosing("static_select", 101))], "no more than 100 items allowed"),
    "no options": ([actions(choosing("static_select", 0))], "no less than 1 items allowed"),
    "option text of 76": ([actions(select("a", "x") | {"options": [option("x" * 76)]})], "less than 76 characters"),
    "option value of 151": (
        [actions(select("a", "x") | {"options": [{"text": plain("x"), "value": "x" * 151}]})],
        "less than 151 characters",
    ),
    "option description of 76": (
        [actions(select("a", "x") | {"options": [option("x") | {"description": plain("x" * 76)}]})],
        "less than 76 characters",
    ),
    "an initial option that is none": (
        [actions(select("a", "x") | {"initial_option": option("y")})],
        "initial option must be one of the options",
    ),
    "6 in a menu": ([section("x") | {"accessory": choosing("overflow", 6)}], "no more than 5 items allowed"),
    "11 checkboxes": ([actions(choosing("checkboxes", 11))], "no more than 10 items allowed"),
    "placeholder of 151": ([actions(select("a", "x") | {"placeholder": plain("x" * 151)})], "less than 151 characters"),
    "input among buttons": ([actions(text_input())], "unsupported type: plain_text_input"),
    "e-mail in a message": (
        [field("a", {"type": "email_text_input", "action_id": "a"})],
        "email_text_input is only allowed in modals",
    ),
    "two sources of an image": (
        [{"type": "image", "alt_text": "a", "image_url": "https://a.example/", "slack_file": {"id": "F1"}}],
        "must have exactly one of image_url, slack_file",
    ),
    "two tables": ([{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2, "only_one_table_allowed"),
}


@pytest.mark.parametrize("blocks", TAKEN.values(), ids=TAKEN.keys())
def test_slack_takes(blocks: list[Json]) -> None:
    assert message_problems(blocks) == []


@pytest.mark.parametrize(("blocks", "problem"), REFUSED.values(), ids=REFUSED.keys())
def test_slack_refuses(blocks: Any, problem: str) -> None:
    found = message_problems(blocks)
    assert len(found) == 1, found
    assert problem in found[0]


VIEWS_TAKEN = {
    "form": modal(field("a", text_input(), hint=plain("x" * 2000)), private_metadata="x" * 3000),
    "form without fields needs no button": modal(section("x"), submit=None),
    "home of 100": home(*({"type": "divider"} for _ in range(100))),
    "alert": modal({"type": "alert", "text": mrkdwn("x"), "level": "warning"}),
}

VIEWS_REFUSED = {
    "type": ({"type": "page", "blocks": []}, 'must be one of "modal", "home"'),
    "title of 25": (modal(section("x"), title=plain("x" * 25)), "less than 25 characters"),
    "button of 25": (modal(section("x"), submit=plain("x" * 25)), "less than 25 characters"),
    "fields without a button": (modal(field("a", text_input()), submit=None), "missing required field: submit"),
    "metadata of 3001": (modal(section("x"), private_metadata="x" * 3001), "less than 3001 characters"),
    "callback_id of 256": (modal(section("x"), callback_id="x" * 256), "less than 256 characters"),
    "101 blocks": (modal(*({"type": "divider"} for _ in range(101))), "no more than 100 items allowed"),
    "no blocks": (modal(), "must have at least one block"),
    "label of 2001": (modal(field("a", text_input(), label=plain("x" * 2001))), "less than 2001 characters"),
    "max_length over 3000": (modal(field("a", text_input(max_length=3001))), "must be between 1 and 3000"),
    "markdown": (modal({"type": "markdown", "text": "x"}), "not allowed on this surface"),
    "table at home": (home({"type": "table", "rows": []}), "not allowed on this surface"),
}


@pytest.mark.parametrize("view", VIEWS_TAKEN.values(), ids=VIEWS_TAKEN.keys())
def test_slack_takes_the_view(view: Json) -> None:
    assert view_problems(view) == []


@pytest.mark.parametrize(("view", "problem"), VIEWS_REFUSED.values(), ids=VIEWS_REFUSED.keys())
def test_slack_refuses_the_view(view: Json, problem: str) -> None:
    found = view_problems(view)
    assert len(found) == 1, found
    assert problem in found[0]


def test_all_text_of_a_message_counts_together() -> None:
    assert not blocks_text_is_too_long([section("x" * 2400)] * 4)
    assert blocks_text_is_too_long([section("x" * 2400)] * 4 + [actions(button("a"))])
    assert blocks_text_is_too_long([{"type": "markdown", "text": "x" * 6001}] * 2)
