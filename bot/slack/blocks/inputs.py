"""The fields of a form, each within Slack's limits."""

from collections.abc import Sequence
from typing import Any

from bot.catalogue import t
from bot.domain.policy import Policy
from bot.slack.blocks.layout import plain_text
from bot.slack.blocks.mrkdwn import duration, one_line, plain
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.words import URGENCY
from bot.slack.ids import FormField

INPUT_LIMIT = 3_000
OPTION_LIMIT = 75
OPTIONS_IN_A_LIST = 100


def field_input(
    field: FormField, label: str, element: Block, *, optional: bool = False, hint: str | None = None
) -> Block:
    return {
        "type": "input",
        "block_id": field.value,
        "label": plain_text(label),
        "optional": optional,
        "element": {**element, "action_id": field.value},
        **({"hint": plain_text(hint)} if hint else {}),
    }


def text_input(initial: str, limit: int, placeholder: str) -> Block:
    element = {"type": "plain_text_input", "max_length": limit, "placeholder": plain_text(placeholder)}
    return {**element, "initial_value": initial} if initial else element


def select(options: Sequence[Block], initial: str | None, placeholder: str | None = None) -> Block:
    """A list of options; a longer one than Slack takes is divided into groups."""
    asking = {"placeholder": plain_text(placeholder)} if placeholder else {}
    element: Block = {"type": "static_select", **asking, **_listed(options)}
    chosen = next((option for option in options if option["value"] == initial), None)
    return element if chosen is None else {**element, "initial_option": chosen}


def grouped_select(groups: Sequence[tuple[str, Sequence[Block]]], initial: str | None) -> Block:
    """Options under a label each; a group that is longer than Slack takes goes on in another of the same name."""
    listed = [
        {"label": plain_text(plain(label, OPTION_LIMIT)), "options": list(options[start : start + OPTIONS_IN_A_LIST])}
        for label, options in groups
        for start in range(0, len(options), OPTIONS_IN_A_LIST)
    ]
    element: Block = {"type": "static_select", "option_groups": listed}
    chosen = next((each for _, options in groups for each in options if each["value"] == initial), None)
    return element if chosen is None else {**element, "initial_option": chosen}


def radio_buttons(options: Sequence[Block], initial: str | None) -> Block:
    element: Block = {"type": "radio_buttons", "options": list(options)}
    chosen = next((each for each in options if each["value"] == initial), None)
    return element if chosen is None else {**element, "initial_option": chosen}


def checkbox(option: Block, *, ticked: bool) -> Block:
    """One box."""
    element: Block = {"type": "checkboxes", "options": [option]}
    return {**element, "initial_options": [option]} if ticked else element


def person(initial: str | None, placeholder: str) -> Block:
    element: Block = {"type": "users_select", "placeholder": plain_text(placeholder)}
    return {**element, "initial_user": initial} if initial else element


def _listed(options: Sequence[Block]) -> dict[str, Any]:
    if len(options) <= OPTIONS_IN_A_LIST:
        return {"options": list(options)}
    chunks = [options[start : start + OPTIONS_IN_A_LIST] for start in range(0, len(options), OPTIONS_IN_A_LIST)]
    return {"option_groups": [{"label": _span(chunk), "options": list(chunk)} for chunk in chunks]}


def _span(options: Sequence[Block]) -> dict[str, Any]:
    first, last = (plain(options[index]["text"]["text"], 30) for index in (0, -1))
    return plain_text(t("{first} to {last}", first=first, last=last))


def option(value: str, text: str) -> Block:
    return {"text": plain_text(plain(one_line(text), OPTION_LIMIT)), "value": str(value)}


def severity_options(policy: Policy) -> list[Block]:
    return [
        option(
            severity,
            t(
                "{severity}, {urgency}: answer within {ack_within}",
                severity=severity,
                urgency=t(URGENCY[severity]),
                ack_within=duration(targets.ack_within),
            ),
        )
        for severity, targets in policy.severities.items()
    ]
