"""A channel for one incident alone: its name, its people, and what is to be done next."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import rooms, timeline
from bot.domain.delivery import PromiseState
from bot.domain.ids import THE_BOT, ChannelId, UserId
from bot.domain.incident import Incident, IncidentState
from bot.domain.message import RoomFarewell, RoomWelcome
from bot.domain.policy import THE_CHANNEL, IncidentChannel, Policy, Severity
from bot.domain.promise import Lane, farewell_key, instead_of
from bot.domain.retelling import retell
from bot.domain.rooms import (
    LOOK_EVERY,
    TOPIC_EVERY,
    Archive,
    Bookmark,
    Card,
    Close,
    Invite,
    Make,
    Room,
    SetTopic,
    Wanted,
    close_room,
    look_at,
    name_of,
    next_name,
    open_room,
    people_of,
    slug,
    tasks,
)
from bot.domain.slot import card_slot, thread_slot
from bot.domain.truth import untrue_because
from bot.domain.verbs import reopen, resolve
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    FIRST_LINE,
    GRACE,
    NOW,
    PLATFORM,
    SAM,
    TIER_1_CHANNEL,
    a_policy,
    a_user,
    an_incident,
    minutes,
)
from tests.domain.history import history

ROOM = ChannelId("C0ROOM0001")
CARD = Card(channel=TIER_1_CHANNEL, ts="17.1")
RULE = IncidentChannel(severities=frozenset({Severity.SEV1, Severity.SEV2}))
DAY = timedelta(hours=24)


def with_rooms(**changes: Any) -> Policy:
    return a_policy(incident_channel=replace(RULE, **changes))


def wanted(**changes: Any) -> Wanted:
    return replace(Wanted(people=(ANA, SAM), topic="sev1 checkout", card=CARD), **changes)


def a_room(**changes: Any) -> Room:
    """Made, and all of it as it should be."""
    room = Room(
        name="inc-7-checkout-is-down",
        channel=ROOM,
        invited=(ANA, SAM),
        topic="sev1 checkout",
        topic_set_at=NOW,
        bookmark_id="Bk1",
        bookmarked=CARD.place,
    )
    return replace(room, **changes)


def over(after: timedelta = timedelta(0), **changes: Any) -> Incident:
    return an_incident(state=IncidentState.RESOLVED, resolved_at=NOW + after, resolved_by=ANA, **changes)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Checkout is down!", "checkout-is-down"),
        ("Größe & Ärger", "groesse-aerger"),
        ("Ça ne va pas: l'œuvre", "ca-ne-va-pas-l-oeuvre"),
        ("Zażółć gęślą jaźń", "zazolc-gesla-jazn"),
        ("①ﬁle", "1file"),
        ("касса", ""),
        ("...", ""),
    ],
)
def test_a_title_is_written_with_small_plain_letters(text: str, shown: str) -> None:
    assert slug(text) == shown


@pytest.mark.parametrize(
    ("pattern", "title", "name"),
    [
        ("inc-{number}-{title}", "Checkout is down", "inc-7-checkout-is-down"),
        ("{date}_{service}_{severity}", "whatever", "20261114_checkout_sev1"),
        ("inc-{number}-{title}", "касса", "inc-7"),
        ("{title}", "касса", "inc-7"),
        ("inc-{number}-{title}-war-room", "a " * 100, "inc-7-" + "a-" * 31 + "war-room"),
        ("inc-{number}-{title}", "a" * 100, "inc-7-" + "a" * 70),
        ("{nothing}x", "whatever", "x"),
    ],
)
def test_a_pattern_is_filled_in_and_fits(pattern: str, title: str, name: str) -> None:
    assert name_of(an_incident(title=title), replace(RULE, name=pattern)) == name
    assert len(name) <= 77


@given(title=st.text(max_size=200), pattern=st.from_regex(r"([a-z0-9_-]|\{title\}|\{service\}){1,60}", fullmatch=True))
def test_whatever_the_title_slack_takes_the_name_and_those_after_it(title: str, pattern: str) -> None:
    incident, rule = an_incident(title=title), replace(RULE, name=pattern)
    name = name_of(incident, rule)
    seen = set()
    for _ in range(12):
        assert re.fullmatch(r"[a-z0-9_-]{1,80}", name)
        assert name not in seen
        seen.add(name)
        name = next_name(name, incident, rule)


def test_a_name_that_is_taken_is_numbered_and_after_several_nobody_else_can_have_chosen_it() -> None:
    names = ["inc-7-checkout-is-down"]
    for _ in range(6):
        names.append(next_name(names[-1], an_incident(), RULE))
    assert names[:5] == ["inc-7-checkout-is-down", *(f"inc-7-checkout-is-down-{count}" for count in (2, 3, 4, 5))]
    assert all(re.fullmatch(r"inc-7-[0-9a-f]{8}", name) for name in names[5:])


def test_with_another_severity_in_its_name_it_is_tried_by_that_first() -> None:
    rule = replace(RULE, name="{severity}-{number}")
    assert next_name("sev2-7", an_incident(), rule) == "sev1-7"


def test_whoever_works_on_it_belongs_there_once_and_who_has_it_first() -> None:
    incident = an_incident(assignee=BEN, managers_told=(GRACE, "S0NOBODY01"))
    tier = (FIRST_LINE, a_user(CHLOE, "chloe"), THE_CHANNEL, PLATFORM)
    assert people_of(incident, tier, {FIRST_LINE.slack_id: (BEN, ANA)}) == [BEN, SAM, ANA, CHLOE, GRACE]


def test_who_follows_a_private_incident_sees_its_channel_too() -> None:
    assert people_of(an_incident(followers=(CHLOE,)), (), {}) == [SAM]
    assert people_of(an_incident(followers=(CHLOE,), is_private=True), (), {}) == [SAM, CHLOE]


@pytest.mark.parametrize(
    ("room", "incident", "asked", "due"),
    [
        (Room(name="x"), an_incident(), wanted(), [Make("x", private=False, look_first=False)]),
        (Room(name="x", attempts=1), an_incident(), wanted(), [Make("x", private=False, look_first=True)]),
        (Room(name="x"), an_incident(is_private=True), wanted(), [Make("x", private=True, look_first=False)]),
        (Room(name="x"), over(), wanted(), []),
        (Room(name="x", attempts=1), over(), wanted(), [Make("x", private=False, look_first=True)]),
        (a_room(), an_incident(), wanted(), []),
        (a_room(archived_at=NOW, invited=()), an_incident(), wanted(), []),
        (a_room(invited=(SAM, BEN)), an_incident(), wanted(), [Invite((ANA,))]),
        (a_room(topic=""), an_incident(), wanted(), []),
        (a_room(topic="", topic_set_at=None), an_incident(), wanted(), [SetTopic("sev1 checkout")]),
        (a_room(topic="", topic_set_at=NOW - TOPIC_EVERY), an_incident(), wanted(), [SetTopic("sev1 checkout")]),
        (a_room(bookmarked=None), an_incident(), wanted(), [Bookmark(CARD)]),
        (a_room(bookmarked=None), an_incident(), wanted(card=None), []),
        (a_room(invited=()), over(), wanted(), []),
        (a_room(), over(-DAY), wanted(), [Close()]),
        (a_room(), over(-DAY), wanted(farewell=PromiseState.SENDING), []),
        (a_room(), over(-DAY), wanted(farewell=PromiseState.SENT), [Archive()]),
        (a_room(), over(-DAY), wanted(farewell=PromiseState.FAILED), [Archive()]),
    ],
)
def test_what_is_to_be_done_is_what_is_missing(
    room: Room, incident: Incident, asked: Wanted, due: list[object]
) -> None:
    assert list(tasks(room, incident, with_rooms(), asked, NOW)) == due


def test_a_policy_that_makes_them_private_makes_them_private() -> None:
    assert tasks(Room(name="x"), an_incident(), with_rooms(private=True), wanted(), NOW) == (
        Make("x", private=True, look_first=False),
    )


def test_people_come_before_the_topic_and_that_before_the_bookmark_and_at_most_a_hundred_at_once() -> None:
    crowd = [UserId(f"U{number:09d}") for number in range(150)]
    invite, *rest = tasks(Room(name="x", channel=ROOM), an_incident(), with_rooms(), wanted(people=crowd), NOW)
    assert invite == Invite(tuple(crowd[:100]))
    assert rest == [SetTopic("sev1 checkout"), Bookmark(CARD)]


def test_without_a_rule_nothing_is_done_and_nothing_is_waited_for() -> None:
    assert tasks(a_room(invited=()), an_incident(), a_policy(), wanted(), NOW) == ()
    assert look_at(a_room(), an_incident(), a_policy(), wanted(), NOW) is None


@pytest.mark.parametrize(
    ("room", "incident", "at"),
    [
        (a_room(), an_incident(), NOW + LOOK_EVERY),
        (a_room(topic=""), an_incident(), NOW + TOPIC_EVERY),
        (a_room(), over(), NOW + DAY),
        (a_room(topic=""), over(), NOW + TOPIC_EVERY),
        (a_room(), over(-DAY), NOW + rooms.FAREWELL_LOOK),
        (a_room(archived_at=NOW), an_incident(), None),
        (Room(name="x"), over(), None),
        (Room(name="x"), an_incident(), NOW + LOOK_EVERY),
    ],
)
def test_it_is_looked_at_again_when_something_may_be_due(room: Room, incident: Incident, at: object) -> None:
    assert look_at(room, incident, with_rooms(), wanted(), NOW) == at


def test_its_story_tells_of_it_and_the_first_words_are_promised_to_it() -> None:
    opened = open_room(an_incident(), with_rooms(), NOW, channel=ROOM, card="https://acme.example/p17")
    [event], [promise] = opened.events, opened.promises
    assert opened.incident == an_incident(room=ROOM, last_seq=2, version=2)
    assert (event.by, event.fact) == (THE_BOT, timeline.RoomOpened(channel=ROOM, card="https://acme.example/p17"))
    assert (promise.key, promise.lane, promise.channel) == ("INC-7/room/2", Lane.CARD, ROOM)
    assert promise.message == RoomWelcome(card="https://acme.example/p17")


def test_its_end_changes_nothing_but_promises_the_last_words() -> None:
    incident = over(room=ROOM)
    closed = close_room(incident, with_rooms(), NOW + DAY, channel=ROOM)
    [event], [promise] = closed.events, closed.promises
    assert closed.incident == incident.but(last_seq=2, version=2)
    assert (event.by, event.fact) == (THE_BOT, timeline.RoomClosed(channel=ROOM))
    assert (promise.key, promise.lane, promise.channel) == (farewell_key(incident), Lane.REPORT, ROOM)
    assert promise.message == RoomFarewell()


def test_the_last_words_are_said_once_each_time_that_it_is_over() -> None:
    life = history(with_rooms())
    keys = []
    for _ in range(2):
        life.do(resolve, by=ANA, at=life.now + minutes(1))
        keys.append(farewell_key(life.incident))
        life.do(reopen, by=ANA, at=life.now + minutes(1), reason="again")
    assert len(set(keys)) == 2


def test_what_is_not_so_any_more_is_not_said_in_it() -> None:
    assert untrue_because(RoomWelcome(), an_incident()) is None
    assert untrue_because(RoomWelcome(), over()) == "resolved"
    assert untrue_because(RoomFarewell(), over()) is None
    assert untrue_because(RoomFarewell(), an_incident()) == "reopened"


def test_nobody_else_is_told_that_something_could_not_be_said_in_it() -> None:
    for message in (RoomWelcome(), RoomFarewell()):
        assert instead_of("INC-7/room/2", message, ROOM, "is_archived", an_incident()) is None


def test_a_story_with_a_channel_is_told_again() -> None:
    policy = with_rooms()
    life = history(policy)
    opened = open_room(life.incident, policy, life.now, channel=ROOM, card="https://acme.example/p17")
    closed = close_room(opened.incident, policy, life.now, channel=ROOM)
    told = retell([*life.events, *opened.events, *closed.events], policy, of=an_incident(title="another"))
    assert told.incident.but(version=1) == closed.incident.but(version=1)
    assert list(told.promises) == [*life.promises, *opened.promises, *closed.promises]


def test_its_first_and_its_last_words_are_in_the_channel_itself() -> None:
    assert [thread_slot(message) for message in (RoomWelcome(), RoomFarewell())] == [None, None]
    assert [card_slot(message) for message in (RoomWelcome(), RoomFarewell())] == [None, None]
