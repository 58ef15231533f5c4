"""The buttons of an incident: only what makes sense in its present state."""

from collections.abc import Sequence

from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Policy
from bot.slack.blocks.layout import actions, plain_text
from bot.slack.blocks.rendered import Block
from bot.slack.ids import ActionId, BlockId, ButtonValue


def of_card(incident: Incident, policy: Policy) -> list[Block]:
    """Of an incident that is not over: the row of buttons, as a list of one block."""
    elements = [_acknowledge(incident)] if incident.state is IncidentState.OPEN else []
    if not policy.escalation(incident.service).is_last(incident.tier):
        elements.append(_button(incident, ActionId.ESCALATE, "Escalate"))
    return _row([*elements, _resolve(incident)])


def of_page(incident: Incident) -> list[Block]:
    """Below a page that is not a card, and so is not edited: the one thing it asks for, if it still does."""
    return _row([_acknowledge(incident)]) if incident.is_open else []


def _row(elements: Sequence[Block]) -> list[Block]:
    return [actions(BlockId.INCIDENT_BUTTONS, elements)]


def _acknowledge(incident: Incident) -> Block:
    return {**_button(incident, ActionId.ACKNOWLEDGE, "Acknowledge"), "style": "primary"}


def _resolve(incident: Incident) -> Block:
    return {
        **_button(incident, ActionId.RESOLVE, "Resolve"),
        "confirm": {
            "title": plain_text(f"Resolve {incident.key}?"),
            "text": plain_text("It is over: pages and stakeholder updates stop."),
            "confirm": plain_text("Resolve"),
            "deny": plain_text("Not yet"),
        },
    }


def _button(incident: Incident, action: ActionId, label: str) -> Block:
    value = ButtonValue(number=incident.number, tier=incident.tier, cycle=incident.cycle)
    return {
        "type": "button",
        "action_id": action.value,
        "text": plain_text(label),
        "accessibility_label": f"{label} {incident.key}",
        "value": value.encode(),
    }
