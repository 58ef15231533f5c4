"""The ids that tie what Slack shows to what Slack sends back, and the value a button carries."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class ActionId(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    ESCALATE = "escalate"
    NOT_MINE = "not_mine"
    STILL_ON_IT = "still_on_it"
    RESUME = "resume"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    OPEN_FORM = "open_form"


class CallbackId(StrEnum):
    OPEN_INCIDENT = "open_incident"
    SHORTCUT_OPEN = "shortcut_open"
    SHORTCUT_FROM_MESSAGE = "shortcut_from_message"


class BlockId(StrEnum):
    """Where buttons sit; the first block of a message is named by the gateway, after the promise."""

    INCIDENT_BUTTONS = "incident_buttons"
    HOME_BUTTONS = "home_buttons"
    FORM_PROBLEM = "form_problem"


class FormField(StrEnum):
    """Both the block_id of an input and the action_id of its element."""

    TITLE = "title"
    SEVERITY = "severity"
    IMPACT = "impact"
    URGENCY = "urgency"
    SERVICE = "service"
    DESCRIPTION = "description"


_BUTTON_VALUE = re.compile(r"([1-9][0-9]{0,9})\|([1-9][0-9]{0,3})\|(0|[1-9][0-9]{0,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonValue:
    """The incident's number and what the person who clicks had on the screen: the tier and its page."""

    number: int
    tier: int
    cycle: int

    def encode(self) -> str:
        return f"{self.number}|{self.tier}|{self.cycle}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Raises `ValueError` for whatever `encode` did not make."""
        match = _BUTTON_VALUE.fullmatch(value)
        if match is None:
            raise ValueError("not the value of a button of ours")
        number, tier, cycle = (int(group) for group in match.groups())
        return cls(number=number, tier=tier, cycle=cycle)
