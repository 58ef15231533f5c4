"""Who is on duty at an instant, and the policy that pages them too."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.on_call import LOOKED_AT, Shift, on_duty, on_duty_until, roster
from bot.domain.policy import Mention, OnCallFeed, Override, Rotation
from tests.builders import ANA, BEN, CHLOE, FIRST_LINE, NOW, a_policy, a_tier, a_user, an_escalation

ANA_: Final = a_user(ANA, "ana")
BEN_: Final = a_user(BEN, "ben")
CHLOE_: Final = a_user(CHLOE, "chloe")
MOMENT: Final = timedelta(microseconds=1)
URL: Final = "https://calendar.example.com/secret.ics"

ROTATION: Final = Rotation(people=(ANA_, BEN_), zone="UTC", first_day=date(2026, 11, 9), hand_over=time(9))


def a_feed(people: Mapping[str, Mention], url: str = URL) -> OnCallFeed:
    return OnCallFeed(url=url, people=people)


def a_shift(who: str, *, start: datetime = NOW, hours: int = 8) -> Shift:
    return Shift(start=start, end=start + timedelta(hours=hours), who=who)


def nothing_known(_url: str) -> Sequence[Shift]:
    return ()


FEED: Final = a_feed({"Ana Silva": ANA_, "ben@example.com": BEN_})


def test_of_a_rotation_it_is_whose_turn_it_is() -> None:
    assert on_duty(ROTATION, NOW, ()) == (ANA_,)
    assert on_duty(ROTATION, NOW - timedelta(weeks=4), ()) == ()


def test_of_a_calendar_it_is_who_has_a_shift_from_its_start_until_before_its_end() -> None:
    shift = a_shift("Ana Silva")
    instants = (shift.start - MOMENT, shift.start, shift.end - MOMENT, shift.end)
    assert [on_duty(FEED, instant, [shift]) for instant in instants] == [(), (ANA_,), (ANA_,), ()]


def test_a_turn_lasts_until_the_next_hand_over_or_override() -> None:
    handed_over = datetime(2026, 11, 16, 9, tzinfo=UTC)
    assert on_duty_until(ROTATION, NOW, ()) == handed_over
    assert on_duty_until(ROTATION, handed_over - MOMENT, ()) == handed_over
    assert on_duty_until(ROTATION, handed_over, ()) == handed_over + timedelta(weeks=1)
    instead = Override(start=NOW + timedelta(hours=1), end=NOW + timedelta(hours=2), person=CHLOE_)
    covered = replace(ROTATION, overrides=(instead,))
    assert on_duty_until(covered, NOW, ()) == instead.start
    assert on_duty_until(covered, instead.start, ()) == instead.end
    assert on_duty_until(covered, instead.end, ()) == handed_over


def test_nobody_is_on_duty_until_the_first_turn() -> None:
    first = datetime(2026, 11, 9, 9, tzinfo=UTC)
    assert on_duty_until(ROTATION, first - timedelta(weeks=5), ()) == first
    assert on_duty_until(ROTATION, first - MOMENT, ()) == first


def test_a_turn_of_several_weeks_ends_after_them_by_the_wall_clock_of_its_zone() -> None:
    lisbon = replace(ROTATION, zone="Europe/Lisbon", first_day=date(2026, 10, 19), weeks=2)
    assert on_duty_until(lisbon, datetime(2026, 10, 20, tzinfo=UTC), ()) == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert on_duty_until(lisbon, datetime(2026, 10, 19, tzinfo=UTC), ()) == datetime(2026, 10, 19, 8, tzinfo=UTC)


def test_of_people_who_follow_themselves_the_end_is_when_somebody_else_begins() -> None:
    twice = replace(ROTATION, people=(ANA_, ANA_, BEN_))
    assert on_duty_until(twice, NOW, ()) == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert on_duty_until(replace(ROTATION, people=(ANA_,)), NOW, ()) is None


def test_of_a_calendar_it_lasts_until_others_have_a_shift() -> None:
    first, second = a_shift("Ana Silva"), a_shift("ana silva", start=NOW + timedelta(hours=8))
    assert on_duty_until(FEED, NOW, [first, second]) == second.end
    joined = a_shift("ben@example.com", start=NOW + timedelta(hours=2), hours=1)
    assert on_duty_until(FEED, NOW, [first, joined]) == joined.start
    assert on_duty_until(FEED, NOW, []) is None


def test_of_a_long_calendar_of_one_person_the_end_is_not_told() -> None:
    shifts = [a_shift("Ana Silva", start=NOW + timedelta(hours=8 * number)) for number in range(LOOKED_AT + 1)]
    assert on_duty_until(FEED, NOW, shifts) is None
    assert on_duty_until(FEED, NOW, shifts[:-1]) == shifts[-2].end


def test_of_shifts_at_the_same_time_it_is_everybody_once() -> None:
    shifts = [a_shift("Ana Silva"), a_shift("ben@example.com"), a_shift("ana silva", hours=24)]
    assert on_duty(FEED, NOW, shifts) == (ANA_, BEN_)


@pytest.mark.parametrize(
    ("who", "people"),
    [
        ("Ana Silva", (ANA_,)),
        ("ANA  SILVA", (ANA_,)),
        ("On Call - Ana Silva - Payments", (ANA_,)),
        ("[L1] Ana Silva, ben@example.com", (ANA_, BEN_)),
        ("Ben Okafor <BEN@example.com>", (BEN_,)),
        ("Ana Silva.", (ANA_,)),
        ("Ana Silva's week", (ANA_,)),
        ("Ana Silvano", ()),
        ("Diana Silva", ()),
        ("Ana-Silva", ()),
        ("reuben@example.com", ()),
        ("ben@example.com.br", ()),
        ("x.ben@example.com", ()),
        ("Chloe", ()),
        ("", ()),
    ],
)
def test_a_name_counts_where_it_stands_as_whole_words(who: str, people: tuple[Mention, ...]) -> None:
    assert on_duty(FEED, NOW, [a_shift(who)]) == people


def test_a_longer_name_is_not_also_the_shorter_one_in_it() -> None:
    feed = a_feed({"Ana": BEN_, "Ana Silva": ANA_})
    assert on_duty(feed, NOW, [a_shift("Ana Silva")]) == (ANA_,)
    assert on_duty(feed, NOW, [a_shift("Ana")]) == (BEN_,)
    assert on_duty(feed, NOW, [a_shift("ana.costa@example.com")]) == ()


def test_accents_are_the_same_however_they_are_written() -> None:
    feed = a_feed({"Chlo\u00e9 M\u00fcller": CHLOE_, "Stra\u00dfer": BEN_})
    assert on_duty(feed, NOW, [a_shift("chloe\u0301 mu\u0308ller / STRASSER")]) == (CHLOE_, BEN_)


def test_the_summary_counts_when_the_people_invited_name_nobody() -> None:
    assert on_duty(FEED, NOW, [a_shift("ana@example.com\nOn Call - Ana Silva - Payments")]) == (ANA_,)
    assert on_duty(FEED, NOW, [a_shift("ben@example.com\nBen stands in for Ana Silva")]) == (BEN_,)


def test_a_name_that_means_nothing_names_nobody() -> None:
    assert on_duty(a_feed({" ": ANA_}), NOW, [a_shift("anybody at all")]) == ()


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_name_and_any_text_can_be_compared(name: str, who: str) -> None:
    assert on_duty(a_feed({name: ANA_}), NOW, [a_shift(who)]) in ((), (ANA_,))


def test_those_on_duty_are_paged_after_those_who_always_are() -> None:
    policy = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1, on_call=(ROTATION, FEED)), a_tier(2)))})
    staffed = roster(policy, "checkout", NOW, lambda url: [a_shift("ben@example.com")] if url == URL else [])
    first, second = staffed.escalation("checkout").tiers
    assert first == a_tier(1, on_call=(ROTATION, FEED), people=(FIRST_LINE, ANA_, BEN_))
    assert second is policy.escalation("checkout").tiers[1]


def test_only_the_service_in_question_is_staffed() -> None:
    tiers = (a_tier(1, on_call=(ROTATION,)),)
    policy = a_policy(services={"checkout": an_escalation(tiers=tiers), "search": an_escalation(tiers=tiers)})
    staffed = roster(policy, "checkout", NOW, nothing_known)
    assert staffed.escalation("checkout").tier(1).people == (FIRST_LINE, ANA_)
    assert staffed.escalation("search") is policy.escalation("search")


def test_a_policy_to_which_nobody_is_added_is_the_very_same() -> None:
    without = a_policy()
    assert roster(without, "checkout", NOW, nothing_known) is without
    unread = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1, on_call=(FEED,)),))})
    assert roster(unread, "checkout", NOW, nothing_known) is unread


def test_somebody_on_duty_who_is_paged_anyway_is_paged_once() -> None:
    override = Override(start=NOW, end=NOW + timedelta(hours=1), person=CHLOE_)
    rotation = Rotation(
        people=(ANA_,), zone="UTC", first_day=date(2026, 11, 9), hand_over=time(9), overrides=(override,)
    )
    tier = a_tier(1, people=(ANA_, CHLOE_), on_call=(rotation, rotation))
    policy = a_policy(services={"checkout": an_escalation(tiers=(tier,))})
    assert roster(policy, "checkout", NOW, nothing_known) is policy
    assert roster(policy, "checkout", NOW + timedelta(hours=2), nothing_known) is policy


def test_a_staffed_policy_staffed_again_is_the_very_same() -> None:
    policy = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1, on_call=(ROTATION,)),))})
    staffed = roster(policy, "checkout", NOW, nothing_known)
    assert staffed is not policy
    assert roster(staffed, "checkout", NOW, nothing_known) is staffed
