"""Who may see a private incident, and what of it is said where others read too."""

from dataclasses import replace
from datetime import date, time
from typing import Any, Final

import pytest

from bot.domain.ids import ChannelId, UserId
from bot.domain.policy import ManagerRule, Occasion, Rotation, Severity
from bot.domain.privacy import VEIL, may_see, veiled
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    FALLBACK_CHANNEL,
    GRACE,
    HUGO,
    NOW,
    SAM,
    STAKEHOLDER_CHANNEL,
    TIER_1_CHANNEL,
    a_policy,
    a_tier,
    a_user,
    an_escalation,
    an_incident,
)

ZOE, ADA, KIM = UserId("U0ZOE00001"), UserId("U0ADA00001"), UserId("U0KIM00001")
ON_CALL: Final = Rotation(people=(a_user(ZOE, "zoe"),), zone="UTC", first_day=date(2026, 1, 5), hand_over=time(9))
RULE: Final = ManagerRule(occasion=Occasion.OPENING, severities=frozenset(Severity), tell=(a_user(KIM, "kim"),))
SEARCH_CHANNEL: Final = ChannelId("C0SEARCHT1")
POLICY: Final = a_policy(
    admins=(a_user(ADA, "ada"),),
    services={
        "checkout": an_escalation(tiers=(a_tier(1, on_call=(ON_CALL,)), a_tier(2)), manager_rules=(RULE,)),
        "search": an_escalation(tiers=(a_tier(1, people=(a_user(CHLOE, "chloe"),), channel=SEARCH_CHANNEL),)),
    },
)
PRIVATE: Final = an_incident(is_private=True, assignee=ANA, followers=(BEN,), room=ChannelId("C0ROOM0001"))


@pytest.mark.parametrize("who", [SAM, ANA, BEN, ZOE, ADA, GRACE, KIM])
def test_whoever_has_to_do_with_it_may_see_it(who: UserId) -> None:
    assert may_see(PRIVATE, POLICY, by=who)


@pytest.mark.parametrize("who", [CHLOE, HUGO, UserId("U0STRANGER")])
def test_nobody_else_may(who: UserId) -> None:
    assert not may_see(PRIVATE, POLICY, by=who)
    assert may_see(an_incident(), POLICY, by=who), "what is not private everybody sees"


def test_people_of_a_user_group_count() -> None:
    assert may_see(PRIVATE, POLICY, by=CHLOE, groups={"S0PLATFRM1"})
    assert not may_see(PRIVATE, POLICY, by=CHLOE, groups={"S0MARKETIN"})


def test_where_it_went_it_is_seen_too_and_where_it_came_from() -> None:
    moved = replace(PRIVATE, routed_to="search")
    assert may_see(moved, POLICY, by=CHLOE)
    assert may_see(moved, POLICY, by=ZOE)


@pytest.mark.parametrize("channel", [TIER_1_CHANNEL, ChannelId("C0ROOM0001")])
def test_whoever_asks_where_it_is_worked_has_it_before_them(channel: ChannelId) -> None:
    assert may_see(PRIVATE, POLICY, by=CHLOE, channel=channel)


@pytest.mark.parametrize("channel", [STAKEHOLDER_CHANNEL, FALLBACK_CHANNEL, SEARCH_CHANNEL, None])
def test_elsewhere_it_is_not_there(channel: ChannelId | None) -> None:
    assert not may_see(PRIVATE, POLICY, by=CHLOE, channel=channel)
    assert not may_see(replace(PRIVATE, room=None), POLICY, by=CHLOE, channel=channel)


def test_where_others_read_no_word_of_a_person_is_left() -> None:
    words: dict[str, Any] = {
        "title": "The payroll leaked",
        "description": "All of it.",
        "hold_reason": "waits for the police",
        "resolution": "the file is gone",
        "data_loss": "the payroll",
        "cancel_reason": "a drill",
        "impact": "everybody's salary",
        "told": "we know who it was",
    }
    shown = veiled(an_incident(is_private=True, **words))
    assert shown == an_incident(**{**dict.fromkeys(words, ""), "title": VEIL})
    assert shown.opened_at == NOW


def test_what_is_not_private_is_shown_as_it_is() -> None:
    assert veiled(an_incident()) == an_incident()
