"""The form that opens an incident, empty or filled in with what is already known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.incident import TITLE_LIMIT
from bot.domain.policy import Impact, Policy, Severity, Urgency
from bot.slack.blocks.layout import plain_text
from bot.slack.blocks.mrkdwn import clean, cut_plain, duration, length, one_line, plain
from bot.slack.blocks.rendered import Block, View
from bot.slack.blocks.words import URGENCY
from bot.slack.ids import BlockId, CallbackId, FormField

INPUT_LIMIT = 3_000
OPTION_LIMIT = 75
OPTIONS_IN_A_LIST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is known of an incident that is not open yet. What the policy does not know is left for the person."""

    title: str = ""
    severity: Severity | None = None
    impact: Impact | None = None
    urgency: Urgency | None = None
    service: str | None = None
    description: str = ""


def open_form(policy: Policy, *, draft: Draft, problem: str | None, private_metadata: str) -> View:
    """`problem` says in plain words why the form is shown; `private_metadata` comes back with the answer."""
    title, description = _title_and_description(draft)
    return {
        "type": "modal",
        "callback_id": CallbackId.OPEN_INCIDENT.value,
        "title": plain_text("Open incident"),
        "submit": plain_text("Open"),
        "close": plain_text("Cancel"),
        "private_metadata": private_metadata,
        "blocks": [
            *([_problem(problem)] if problem else []),
            _input(FormField.TITLE, "What is wrong?", _text(title, TITLE_LIMIT, "Checkout shows a blank page")),
            *_how_bad(policy, draft),
            _input(FormField.SERVICE, "Service", _select(_services(policy), draft.service)),
            _input(
                FormField.DESCRIPTION,
                "What do you know so far?",
                {**_text(description, INPUT_LIMIT, "Since when, who is affected, links"), "multiline": True},
                optional=True,
            ),
        ],
    }


def _how_bad(policy: Policy, draft: Draft) -> list[Block]:
    """The severity or, where the policy says what they make, the impact and the urgency."""
    severity = _input(
        FormField.SEVERITY,
        "Severity",
        _select(_severities(policy), draft.severity),
        optional=bool(policy.matrix),
    )
    if not policy.matrix:
        return [severity]
    return [
        {**severity, "hint": plain_text("Or leave it empty, and choose an impact and an urgency.")},
        _input(FormField.IMPACT, "Impact", _select(_words(Impact), draft.impact), optional=True),
        _input(FormField.URGENCY, "Urgency", _select(_words(Urgency), draft.urgency), optional=True),
    ]


def _title_and_description(draft: Draft) -> tuple[str, str]:
    """A title that the field cannot hold is shortened, and the description then begins with all of it."""
    title, description = one_line(draft.title), clean(draft.description)
    if length(title) > TITLE_LIMIT:
        title, description = cut_plain(title, TITLE_LIMIT), f"{title}\n\n{description}".strip()
    return title, cut_plain(description, INPUT_LIMIT)


def _problem(problem: str) -> Block:
    return {
        "type": "section",
        "block_id": BlockId.FORM_PROBLEM.value,
        "text": plain_text(f"⚠️ {plain(problem, 500)}"),
    }


def _input(field: FormField, label: str, element: Block, *, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": field.value,
        "label": plain_text(label),
        "optional": optional,
        "element": {**element, "action_id": field.value},
    }


def _text(initial: str, limit: int, placeholder: str) -> Block:
    element = {"type": "plain_text_input", "max_length": limit, "placeholder": plain_text(placeholder)}
    return {**element, "initial_value": initial} if initial else element


def _select(options: Sequence[Block], initial: str | None) -> Block:
    """A list of options; a longer one than Slack takes is divided into groups."""
    element: Block = {"type": "static_select", **_listed(options)}
    chosen = next((option for option in options if option["value"] == initial), None)
    return element if chosen is None else {**element, "initial_option": chosen}


def _listed(options: Sequence[Block]) -> dict[str, Any]:
    if len(options) <= OPTIONS_IN_A_LIST:
        return {"options": list(options)}
    chunks = [options[start : start + OPTIONS_IN_A_LIST] for start in range(0, len(options), OPTIONS_IN_A_LIST)]
    return {"option_groups": [{"label": _span(chunk), "options": list(chunk)} for chunk in chunks]}


def _span(options: Sequence[Block]) -> dict[str, Any]:
    first, last = (plain(options[index]["text"]["text"], 30) for index in (0, -1))
    return plain_text(f"{first} to {last}")


def _severities(policy: Policy) -> list[Block]:
    return [
        _option(severity, f"{severity}, {URGENCY[severity]}: answer within {duration(targets.ack_within)}")
        for severity, targets in policy.severities.items()
    ]


def _words(kind: Iterable[Impact | Urgency]) -> list[Block]:
    return [_option(word, word.capitalize()) for word in kind]


def _services(policy: Policy) -> list[Block]:
    return [_option(service, service) for service in policy.services]


def _option(value: str, text: str) -> Block:
    return {"text": plain_text(plain(one_line(text), OPTION_LIMIT)), "value": str(value)}
