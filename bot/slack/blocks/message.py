"""From a promised message to what is posted for it, whole or, when Slack refused that, in one plain paragraph."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from bot.domain.incident import Incident
from bot.domain.message import (
    AssignmentNotice,
    BreachNotice,
    ExhaustedAlarm,
    FeedbackQuestion,
    FollowNotice,
    HoldReview,
    ManagersNotice,
    Message,
    OpenedHere,
    OverdueNotice,
    PageAgain,
    PageTier,
    RoomFarewell,
    RoomWelcome,
    StakeholderParent,
    StakeholderUpdate,
    StillOnItQuestion,
    Undeliverable,
    UpdateNudge,
    WarningNotice,
)
from bot.domain.policy import Policy
from bot.domain.ringing import rings
from bot.domain.slot import Slot
from bot.domain.timeline import TimelineEvent
from bot.slack.blocks.card import tier_card
from bot.slack.blocks.feedback import feedback_question
from bot.slack.blocks.following import follow_notice
from bot.slack.blocks.layout import section
from bot.slack.blocks.managers import breach_notice, managers_notice, warning_notice
from bot.slack.blocks.mrkdwn import cut
from bot.slack.blocks.origin import opened_here
from bot.slack.blocks.owed import overdue_notice, update_nudge
from bot.slack.blocks.page import exhausted_alarm, page_again, undeliverable
from bot.slack.blocks.personal import assignment, hold_review, still_on_it
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.rooms import room_farewell, room_welcome
from bot.slack.blocks.stakeholders import brief_update, stakeholder_parent, stakeholder_update

PLAIN_LIMIT = 990


def render(
    message: Message, incident: Incident, policy: Policy, *, rings: bool, story: Sequence[TimelineEvent], now: datetime
) -> Rendered:
    """What is posted for a promise. `rings` says whether a page mentions the people of its tier."""
    match message:
        case PageTier(tier=tier, cycle=cycle):
            return tier_card(incident, policy, tier=tier, card=cycle, rings=rings)
        case PageAgain():
            return page_again(incident, policy, message)
        case WarningNotice():
            return warning_notice(incident, policy, message)
        case BreachNotice():
            return breach_notice(incident, policy, message)
        case ManagersNotice():
            return managers_notice(incident, policy, message)
        case StillOnItQuestion():
            return still_on_it(incident, policy, message)
        case HoldReview():
            return hold_review(incident, policy, message)
        case AssignmentNotice():
            return assignment(incident, policy, message)
        case UpdateNudge():
            return update_nudge(incident, message)
        case OverdueNotice():
            return overdue_notice(incident, message)
        case ExhaustedAlarm():
            return exhausted_alarm(incident, policy, message)
        case FeedbackQuestion():
            return feedback_question(incident, policy)
        case StakeholderParent():
            return stakeholder_parent(incident, policy)
        case FollowNotice():
            return follow_notice(incident, policy, message)
        case StakeholderUpdate():
            return stakeholder_update(incident, policy, message, story, now)
        case OpenedHere():
            return opened_here(incident, policy)
        case RoomWelcome():
            return room_welcome(incident, policy, message)
        case RoomFarewell():
            return room_farewell(incident)
        case Undeliverable():
            return undeliverable(incident, policy, message)
        case _:
            assert_never(message)


def render_card(slot: str, incident: Incident, policy: Policy) -> Rendered:
    """A card that is in its channel already, as it is now: `slot` is `tier:2:1`, `stakeholders` or, in the channel of
    another audience, `stakeholders:C0SALES`. It rings nobody.

    Raises `ValueError` for a slot that holds no card.
    """
    match slot.split(":"):
        case [Slot.STAKEHOLDERS] | [Slot.STAKEHOLDERS, _]:
            return stakeholder_parent(incident, policy)
        case [Slot.TIER, tier, card]:
            return tier_card(incident, policy, tier=int(tier), card=int(card), rings=False)
        case _:
            raise ValueError(f"no card is kept at {slot!r}")


def render_plain(message: Message, incident: Incident, policy: Policy) -> Rendered:
    """The message in one paragraph of text: for the one more try after Slack refused its blocks."""
    text = cut(_in_brief(message, incident, policy), PLAIN_LIMIT)
    return Rendered(text=text, blocks=[section(text)])


def _in_brief(message: Message, incident: Incident, policy: Policy) -> str:
    if isinstance(message, StakeholderUpdate):
        return brief_update(incident, policy)
    return render(message, incident, policy, rings=rings(message, incident), story=(), now=incident.updated_at).text
