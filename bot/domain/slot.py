"""The places that hold a card of an incident, and which message is one or belongs below one."""

from enum import StrEnum
from typing import assert_never

from bot.domain.ids import ChannelId, is_person
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


class Slot(StrEnum):
    """Prefix of the places that hold a card of an incident: one per tier, one per audience of stakeholders."""

    TIER = "tier"
    STAKEHOLDERS = "stakeholders"


def tier_slot(tier: int, card: int) -> str:
    """Each arrival at a tier has a card of its own, named by the page that posted it."""
    return f"{Slot.TIER}:{tier}:{card}"


def stakeholder_slot(audience: ChannelId) -> str:
    return f"{Slot.STAKEHOLDERS}:{audience}" if audience else Slot.STAKEHOLDERS.value


def card_slot(message: Message) -> str | None:
    """The card that this message becomes when it is posted, if it becomes one."""
    match message:
        case PageTier(tier=tier, cycle=cycle):
            return tier_slot(tier, cycle)
        case StakeholderParent(audience=audience):
            return stakeholder_slot(audience)
        case _:
            return None


def thread_slot(message: Message) -> str | None:
    """The card below which this message belongs, if it is a reply."""
    match message:
        case (
            PageAgain(tier=tier, card=card)
            | WarningNotice(tier=tier, card=card)
            | BreachNotice(tier=tier, card=card)
            | ManagersNotice(tier=tier, card=card)
            | StillOnItQuestion(tier=tier, card=card)
            | HoldReview(tier=tier, card=card)
            | AssignmentNotice(tier=tier, card=card)
            | UpdateNudge(tier=tier, card=card)
            | OverdueNotice(tier=tier, card=card)
        ):
            return tier_slot(tier, card)
        case StakeholderUpdate(audience=audience):
            return None if is_person(audience) else stakeholder_slot(audience)
        case PageTier() | ExhaustedAlarm() | StakeholderParent() | OpenedHere() | FollowNotice() | Undeliverable():
            return None
        case RoomWelcome() | RoomFarewell() | FeedbackQuestion():
            return None
        case _:
            assert_never(message)
