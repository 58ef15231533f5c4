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
    UPDATE = "update"
    MORE = "more"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    OPEN_FORM = "open_form"
    OFFERED_FORM = "offered_form"
    RESOLVE_NOW = "resolve_now"
    HOME_DETAILS = "home_details"
    HOME_SCOPE = "home_scope"
    LIST_SEVERITY = "list_severity"
    LIST_SERVICE = "list_service"
    LIST_WHICH = "list_which"
    LIST_PREVIOUS = "list_previous"
    LIST_NEXT = "list_next"
    LIST_BACK = "list_back"
    SHOW = "show_incident"
    SHOW_SIMILAR = "show_similar"
    TIMELINE_EARLIER = "timeline_earlier"
    TIMELINE_LATER = "timeline_later"
    TIMELINE_NEWEST = "timeline_newest"


FEEDBACK = "feedback_"
"""What the actions of feedback begin with: each score has one of its own."""


class CallbackId(StrEnum):
    OPEN_INCIDENT = "open_incident"
    UPDATE_INCIDENT = "update_incident"
    RESOLVE_INCIDENT = "resolve_incident"
    ESCALATE_INCIDENT = "escalate_incident"
    HOLD_INCIDENT = "hold_incident"
    CHANGE_SEVERITY = "change_severity"
    ASSIGN_INCIDENT = "assign_incident"
    NOTE_INCIDENT = "note_incident"
    CANCEL_INCIDENT = "cancel_incident"
    GIVE_FEEDBACK = "give_feedback"
    SHORTCUT_OPEN = "shortcut_open"
    SHORTCUT_FROM_MESSAGE = "shortcut_from_message"


class BlockId(StrEnum):
    """Where buttons sit; the first block of a message is named by the gateway, after the promise."""

    INCIDENT_BUTTONS = "incident_buttons"
    HOME_BUTTONS = "home_buttons"
    HOME_AS_OF = "home_as_of"
    FORM_PROBLEM = "form_problem"
    OFFERED_FORM = "offered_form"
    FEEDBACK = "feedback"
    LIST_PAGES = "list_pages"
    VIEWS = "views"
    FORM_ABOUT = "form_about"


class FormField(StrEnum):
    """Both the block_id of an input and the action_id of its element."""

    TITLE = "title"
    SEVERITY = "severity"
    IMPACT = "impact"
    URGENCY = "urgency"
    SERVICE = "service"
    DESCRIPTION = "description"
    PRIVATE = "private"
    PROGRESS = "progress"
    CHANGED = "changed"
    ACTION = "action"
    OWNER = "owner"
    ETA = "eta"
    SUMMARY = "summary"
    DATA_LOSS = "data_loss"
    LOST = "lost"
    TO = "to"
    UNTIL = "until"
    ASSIGNEE = "assignee"
    NOTE = "note"
    DUPLICATE_OF = "duplicate_of"
    REASON = "reason"
    SCORE = "score"
    COMMENT = "comment"
    NAMED = "named"


class MoreChoice(StrEnum):
    """What the menu of an incident offers beside its buttons."""

    HOLD = "hold"
    ASSIGN = "assign"
    SEVERITY = "severity"
    NOTE = "note"
    ESCALATE = "escalate"
    WHY = "why"
    TIMELINE = "timeline"
    CANCEL = "cancel"


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


_MENU_VALUE = re.compile(rf"({'|'.join(MoreChoice)})\|([1-9][0-9]{{0,9}})")


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuValue:
    """What was chosen from the menu of an incident."""

    choice: MoreChoice
    number: int

    def encode(self) -> str:
        return f"{self.choice}|{self.number}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Raises `ValueError` for whatever `encode` did not make."""
        match = _MENU_VALUE.fullmatch(value)
        if match is None:
            raise ValueError("not a choice of a menu of ours")
        return cls(choice=MoreChoice(match[1]), number=int(match[2]))


_FEEDBACK_VALUE = re.compile(r"([1-9][0-9]{0,8})\|([1-5])")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackValue:
    """A score for an incident."""

    number: int
    score: int

    def encode(self) -> str:
        return f"{self.number}|{self.score}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Raises `ValueError` for whatever `encode` did not make."""
        match = _FEEDBACK_VALUE.fullmatch(value)
        if match is None:
            raise ValueError("not a score of ours")
        return cls(number=int(match[1]), score=int(match[2]))
