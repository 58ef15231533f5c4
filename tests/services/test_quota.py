"""How much is let in: nobody floods the bot, and nobody's flood is in the way of a page."""

import pytest

from bot.domain.ids import UserId
from bot.services import quota as service
from bot.services.quota import ALWAYS_LET_IN, PER_PERSON, PER_WORKSPACE, Asked, Quota, Verdict
from tests.builders import ANA, BEN
from tests.clock import ManualClock

ADMITTED, REFUSED, AGAIN = Verdict.ADMITTED, Verdict.REFUSED, Verdict.REFUSED_AGAIN


def ask(quota: Quota, user: UserId, times: int, asked: Asked = Asked.WORDS) -> list[Verdict]:
    return [quota.admit(user, asked) for _ in range(times)]


def crowd(quota: Quota) -> None:
    """Many people ask as much as one may, until the workspace's quota is used up."""
    for number in range(PER_WORKSPACE // PER_PERSON):
        ask(quota, UserId(f"U{number}"), PER_PERSON)


def test_one_a_second_is_let_in(clock: ManualClock) -> None:
    quota = Quota(clock)
    verdicts = []
    for _ in range(3 * PER_PERSON):
        verdicts += ask(quota, ANA, 1)
        clock.advance(seconds=1)
    assert set(verdicts) == {ADMITTED}


def test_whoever_asks_more_is_refused_and_told_once_a_minute(clock: ManualClock) -> None:
    quota = Quota(clock)
    assert ask(quota, ANA, PER_PERSON + 3) == [ADMITTED] * PER_PERSON + [REFUSED, AGAIN, AGAIN]
    clock.advance(seconds=59)
    assert ask(quota, ANA, 1) == [AGAIN]
    clock.advance(seconds=1)
    assert ask(quota, ANA, PER_PERSON + 2) == [ADMITTED] * PER_PERSON + [REFUSED, AGAIN]


def test_the_minute_slides(clock: ManualClock) -> None:
    quota = Quota(clock)
    ask(quota, ANA, PER_PERSON // 2)
    clock.advance(seconds=40)
    ask(quota, ANA, PER_PERSON // 2)
    assert ask(quota, ANA, 1) == [REFUSED]
    clock.advance(seconds=20)
    assert ask(quota, ANA, PER_PERSON // 2 + 1) == [ADMITTED] * (PER_PERSON // 2) + [AGAIN]


def test_what_was_typed_is_not_in_the_way_of_a_click(clock: ManualClock) -> None:
    quota = Quota(clock)
    ask(quota, ANA, 10 * PER_PERSON)
    assert ask(quota, ANA, PER_PERSON, Asked.CLICK) == [ADMITTED] * PER_PERSON
    assert ask(quota, ANA, 1, Asked.CLICK) == [AGAIN]


def test_when_many_ask_a_lot_only_they_are_refused(clock: ManualClock) -> None:
    quota = Quota(clock)
    crowd(quota)
    assert ask(quota, ANA, ALWAYS_LET_IN + 1) == [ADMITTED] * ALWAYS_LET_IN + [REFUSED]
    assert ask(quota, UserId("U0"), 1) == [REFUSED]
    clock.advance(minutes=1)
    assert ask(quota, ANA, PER_PERSON) == [ADMITTED] * PER_PERSON


def test_nobody_elses_flood_is_in_the_way_of_a_click(clock: ManualClock) -> None:
    quota = Quota(clock)
    crowd(quota)
    for number in range(2 * PER_WORKSPACE // PER_PERSON):
        ask(quota, UserId(f"U{number}"), 2 * PER_PERSON, Asked.CLICK)
    assert ask(quota, BEN, PER_PERSON, Asked.CLICK) == [ADMITTED] * PER_PERSON


def test_the_people_that_are_remembered_are_bounded(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PEOPLE_KEPT", 3)
    quota = Quota(clock)
    ask(quota, ANA, PER_PERSON)
    for number in range(2):
        ask(quota, UserId(f"U{number}"), PER_PERSON + 1)
    assert ask(quota, ANA, 1) == [REFUSED], "those who asked last are remembered"
    for number in range(10):
        ask(quota, UserId(f"W{number}"), 1)
    assert ask(quota, ANA, 1) == [ADMITTED]
