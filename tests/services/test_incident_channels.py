"""Channels of incidents: one for each that is to have one, whatever Slack answers and whoever is killed in between."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain import timeline
from bot.domain.delivery import QUIET, InDoubt, Limited, Refused, Unreached
from bot.domain.ids import UserId
from bot.domain.notice import ChannelsRefused
from bot.domain.policy import Severity
from bot.domain.rooms import CREATIONS, LEASE, LOOK_EVERY, TOPIC_EVERY
from bot.services import doctor
from bot.services.incident_channels import LOOK_AT_LEAST
from bot.services.room_calls import REFUSED_FOR, SLACK_AWAY
from storage import incident_channels, tables
from storage.database import Database
from storage.records import message_of
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    DEV,
    EMI,
    FALLBACK_CHANNEL,
    GRACE,
    SAM,
    TIER_1_CHANNEL,
    TIER_2_CHANNEL,
    WORKSPACE,
    a_policy,
    a_user,
)
from tests.clock import ManualClock
from tests.services.bench import RecordingSlack, another_bench
from tests.services.rooms import NAME, RULE, WITH_ROOMS, AChannel, Rooms, another, rooms

LOST = InDoubt("TimeoutError")
DAY = timedelta(hours=24)


async def opened(rig: Rooms, *, severity: Severity = Severity.SEV1) -> None:
    """INC-1 is open, its card is posted, and its channel is made."""
    await rig.bot.open(severity=severity)
    await rig.bot.deliver_all()
    await rig.look()


async def facts(rig: Rooms, number: int = 1) -> list[timeline.Fact]:
    """Of its channel."""
    return [
        event.fact
        for event in await rig.bot.story(number)
        if isinstance(event.fact, timeline.RoomOpened | timeline.RoomClosed)
    ]


# What should be


async def test_it_is_made_with_its_people_its_topic_and_the_way_to_the_card(
    database: Database, clock: ManualClock
) -> None:
    async with rooms(database, clock) as rig:
        await opened(rig)
        room = rig.slack.named()
        assert (room.private, room.people) == (False, [SAM, ANA, BEN])
        assert room.topic == "sev1 checkout · nobody has it yet · tier 1 (first line)"
        [mark] = room.bookmarks
        assert mark.title == "INC-1: how it stands"
        assert mark.address.startswith(f"https://acme.example/{TIER_1_CHANNEL}/")
        assert (await rig.bot.incident()).room == room.id
        assert await facts(rig) == [timeline.RoomOpened(channel=room.id, card=mark.address)]


async def test_its_first_message_is_promised_to_it(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        await opened(rig)
        rig.bot.slack.take()
        await rig.bot.deliver_all()
        [post] = rig.bot.slack.take()
        assert post.channel == rig.slack.named().id
        assert post.text.startswith("Checkout is down (INC-1, sev1, checkout). It is open at tier 1 of 4, first line.")


async def test_what_is_not_severe_enough_has_none_until_it_is(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        await opened(rig, severity=Severity.SEV3)
        assert rig.slack.names == []
        await rig.bot.desk.change_severity(1, by=GRACE, severity=Severity.SEV2, reason="it spreads")
        await rig.look()
        assert rig.slack.names == [NAME]


async def test_without_a_rule_nobody_is_asked_anything(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock, policy=a_policy()) as rig:
        await opened(rig)
        await rig.wait(hours=1)
        assert rig.slack.calls == []


async def test_at_rest_nothing_is_asked(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        await opened(rig)
        asked = list(rig.slack.calls)
        next_at = await rig.look()
        assert next_at is not None
        assert next_at <= clock.now() + LOOK_EVERY
        for _ in range(5):
            await rig.look(minutes=1)
        assert rig.slack.calls == asked


async def test_who_comes_later_is_invited_and_nobody_twice(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        await opened(rig)
        await rig.bot.desk.acknowledge(1, by=GRACE)
        await rig.look()
        assert rig.slack.named().people == [SAM, ANA, BEN, GRACE]
        await rig.bot.desk.escalate(1, by=GRACE, reason="it is the database")
        await rig.look()
        assert rig.slack.named().people == [SAM, ANA, BEN, GRACE, CHLOE, DEV]
        await rig.bot.desk.assign(1, by=GRACE, to=EMI)
        await rig.bot.desk.acknowledge(1, by=EMI)
        await rig.look()
        assert rig.slack.named().people == [SAM, ANA, BEN, GRACE, CHLOE, DEV, EMI]


async def test_who_left_is_not_called_back(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        await opened(rig)
        rig.slack.named().people.remove(BEN)
        await rig.bot.desk.acknowledge(1, by=ANA)
        await rig.wait(minutes=30)
        assert rig.slack.named().people == [SAM, ANA]


async def test_whose_shift_begins_and_who_joins_the_user_group_is_invited(
    database: Database, clock: ManualClock
) -> None:
    async with rooms(database, clock) as rig:
        await opened(rig)
        checkout = rig.bot.policy.services["checkout"]
        people = (*checkout.tier(1).people, a_user(EMI, "emi"))
        staffed = replace(checkout, tiers=(replace(checkout.tier(1), people=people), *checkout.tiers[1:]))
        rig.shifts.on_call = replace(rig.bot.policy, services={"checkout": staffed})
        rig.groups.members = {**rig.groups.members, "S0FIRSTLN1": (ANA, BEN, CHLOE)}
        await rig.wait(minutes=6)
        assert rig.slack.named().people == [SAM, ANA, BEN, CHLOE, EMI]


async def test_the_topic_says_who_has_it_at_most_once_a_minute(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        await opened(rig)
        await rig.bot.desk.acknowledge(1, by=ANA)
        await rig.look()
        assert rig.slack.named().topic.startswith("sev1 checkout · nobody has it yet")
        await rig.wait(seconds=TOPIC_EVERY.total_seconds())
        assert rig.slack.named().topic == "sev1 checkout · acknowledged by Ana Ruiz · tier 1 (first line)"
        assert rig.slack.calls.count("set_topic") == 2


async def test_the_bookmark_leads_to_the_card_of_the_present_tier(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        await opened(rig)
        await rig.bot.desk.escalate(1, by=ANA, reason="it is the database")
        await rig.bot.deliver_all()
        await rig.look()
        [mark] = rig.slack.named().bookmarks
        assert mark.address.startswith(f"https://acme.example/{TIER_2_CHANNEL}/")
        assert rig.slack.calls.count("add_bookmark") == 1


async def test_a_card_whose_address_is_not_known_is_bookmarked_later(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.hidden = True
        await opened(rig)
        assert rig.slack.named().bookmarks == []
        rig.slack.hidden = False
        await rig.wait(seconds=SLACK_AWAY.total_seconds())
        assert len(rig.slack.named().bookmarks) == 1
        assert await facts(rig) == [timeline.RoomOpened(channel=rig.slack.named().id)]


# The end


async def ended(rig: Rooms) -> None:
    """It was resolved a day ago, less a minute."""
    await opened(rig)
    await rig.bot.desk.resolve(1, by=GRACE, summary="rolled back")
    await rig.wait(hours=23, minutes=59)


async def test_a_day_after_the_end_it_says_so_and_is_archived(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        await ended(rig)
        assert rig.slack.named().topic == "sev1 checkout · resolved by Grace Kim"
        assert not rig.slack.named().archived
        await rig.wait(minutes=1)
        assert not rig.slack.named().archived, "its last message is not in it yet"
        await rig.bot.deliver_all()
        assert rig.bot.slack.posts[-1].channel == rig.slack.named().id
        assert "is archived now" in rig.bot.slack.posts[-1].text
        await rig.wait(seconds=10)
        assert rig.slack.named().archived
        assert (await facts(rig))[1:] == [timeline.RoomClosed(channel=rig.slack.named().id)]
        calls = list(rig.slack.calls)
        await rig.wait(hours=48)
        assert rig.slack.calls == calls


async def test_one_that_is_reopened_before_keeps_its_channel(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        await ended(rig)
        await rig.bot.desk.reopen(1, by=ANA, reason="it is back")
        await rig.wait(hours=2)
        assert not rig.slack.named().archived
        assert rig.slack.names == [NAME]


async def test_one_that_is_reopened_while_the_last_words_are_said_keeps_it_too(
    database: Database, clock: ManualClock
) -> None:
    async with rooms(database, clock) as rig:
        await ended(rig)
        await rig.wait(minutes=1)
        await rig.bot.desk.reopen(1, by=ANA, reason="it is back")
        await rig.bot.deliver_all()
        await rig.wait(hours=2)
        assert not rig.slack.named().archived
        assert [promise.state for promise in await rig.bot.promises() if "farewell" in promise.key] == ["suppressed"]


async def test_one_that_is_reopened_after_gets_a_new_channel(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        await ended(rig)
        await rig.wait(minutes=1)
        await rig.bot.deliver_all()
        await rig.wait(minutes=1)
        await rig.bot.desk.reopen(1, by=ANA, reason="it is back")
        await rig.look()
        again = rig.slack.named(f"{NAME}-2")
        assert rig.slack.named().archived
        assert (await rig.bot.incident()).room == again.id
        assert again.people == [SAM, ANA, BEN]
        assert again.topic


async def test_what_is_over_before_it_was_made_needs_none(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("create", Unreached("could not connect"))
        await opened(rig)
        await rig.bot.desk.resolve(1, by=GRACE, summary="rolled back")
        await rig.wait(hours=1)
        assert rig.slack.names == []
        await rig.bot.desk.reopen(1, by=ANA, reason="it is back")
        await rig.look()
        assert rig.slack.names == [NAME]


# Names


async def test_a_name_that_is_taken_gets_a_number(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.taken_names = {NAME, f"{NAME}-2"}
        await opened(rig)
        assert rig.slack.names == [f"{NAME}-3"]


async def test_after_several_a_random_one_is_taken(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.taken_names = {NAME, *(f"{NAME}-{count}" for count in range(2, 20))}
        await opened(rig)
        [name] = rig.slack.names
        assert name.startswith("inc-1-")
        assert len(name) == len("inc-1-01234567")


async def test_somebody_elses_channel_of_that_name_is_left_alone(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        theirs = AChannel(id=TIER_2_CHANNEL, name=NAME, created_at=clock.now(), creator=GRACE)
        rig.slack.channels[theirs.id] = theirs
        rig.slack.answer("create", LOST)
        await opened(rig)
        await rig.wait(seconds=20)
        assert theirs.people == []
        assert (await rig.bot.incident()).room == rig.slack.named(f"{NAME}-2").id


# Doubt


async def test_one_whose_making_was_lost_is_adopted(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("create", LOST, lands=True)
        await opened(rig)
        assert (await rig.bot.incident()).room is None
        await rig.wait(seconds=QUIET.total_seconds())
        assert rig.slack.names == [NAME]
        assert rig.slack.calls.count("create") == 1
        assert (await rig.bot.incident()).room == rig.slack.named().id


async def test_one_that_was_never_made_is_made_after_a_quiet_while(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("create", LOST)
        await opened(rig)
        await rig.wait(seconds=QUIET.total_seconds())
        assert rig.slack.names == [NAME]
        assert rig.slack.calls.count("create") == 2


async def test_one_that_lands_while_it_is_made_again_is_adopted(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("create", LOST)
        rig.slack.answer("create", Refused("name_taken"), lands=True)
        await opened(rig)
        await rig.wait(seconds=QUIET.total_seconds())
        assert rig.slack.names == [NAME]
        assert (await rig.bot.incident()).room == rig.slack.named().id


async def test_a_bot_that_is_killed_between_the_making_and_the_record_adopts_it_when_it_is_back(
    database: Database, clock: ManualClock
) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("create", RuntimeError("killed"), lands=True)
        await opened(rig)
        assert (await rig.bot.incident()).room is None
        clock.advance(seconds=LEASE.total_seconds())
        again = another(rig.bot, rig.slack)
        await again.look()
        assert rig.slack.names == [NAME]
        assert (await rig.bot.incident()).room == rig.slack.named().id


async def test_one_that_was_found_after_the_end_is_archived_in_its_time(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("create", LOST, lands=True)
        await opened(rig)
        await rig.bot.desk.resolve(1, by=GRACE, summary="rolled back")
        await rig.wait(hours=24)
        await rig.bot.deliver_all()
        await rig.wait(minutes=1)
        assert rig.slack.named().archived


async def test_the_channel_of_an_earlier_life_of_the_bot_is_not_taken_for_ours(
    database: Database, clock: ManualClock
) -> None:
    async with rooms(database, clock) as rig:
        old = AChannel(id=TIER_2_CHANNEL, name=NAME, created_at=clock.now() - DAY)
        rig.slack.channels[old.id] = old
        rig.slack.answer("create", LOST)
        await opened(rig)
        await rig.wait(seconds=20)
        assert (await rig.bot.incident()).room == rig.slack.named(f"{NAME}-2").id


async def test_the_channel_of_another_incident_is_not_taken_for_ours(database: Database, clock: ManualClock) -> None:
    policy = a_policy(incident_channel=replace(RULE, name="{title}"))
    async with rooms(database, clock, policy=policy) as rig:
        await opened(rig)
        rig.slack.answer("create", LOST)
        await rig.bot.open()
        await rig.look()
        await rig.wait(seconds=20)
        assert rig.slack.names == ["checkout-is-down", "checkout-is-down-2"]
        assert (await rig.bot.incident(2)).room == rig.slack.named("checkout-is-down-2").id


async def test_two_bots_make_one(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        second = another(rig.bot, rig.slack)
        await rig.bot.open()
        await rig.bot.deliver_all()
        await rig.look()
        await second.look()
        await rig.look()
        assert rig.slack.names == [NAME]
        assert rig.slack.named().people == [SAM, ANA, BEN]
        assert len(rig.slack.named().bookmarks) == 1


async def test_a_process_that_slept_through_its_lease_records_nothing(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        slow = another(rig.bot, rig.slack)

        async def falling_asleep() -> None:
            await rig.look(seconds=LEASE.total_seconds())

        rig.slack.meanwhile = falling_asleep
        await rig.bot.open()
        await rig.bot.deliver_all()
        await slow.look()
        assert rig.slack.names == [NAME]
        assert len(await facts(rig)) == 1


async def test_a_bookmark_whose_making_was_lost_is_found_again(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("add_bookmark", LOST, lands=True)
        await opened(rig)
        await rig.wait(minutes=1)
        assert len(rig.slack.named().bookmarks) == 1
        assert (await rig.room()).bookmark_id == "Bk1"


# Slack's limits and refusals


async def test_more_than_slack_takes_at_once_are_made_within_its_limit_the_oldest_first(
    database: Database, clock: ManualClock
) -> None:
    async with rooms(database, clock) as rig:
        for _ in range(22):
            await rig.bot.open()
        made: list[int] = []
        for _ in range(2):
            await rig.look()
            made.append(len(rig.slack.names))
            assert rig.slack.names == [f"inc-{number}-checkout-is-down" for number in range(1, made[-1] + 1)]
            await rig.wait(minutes=1)
        assert made[0] == CREATIONS.calls
        assert made == sorted(made)
        assert made[-1] == 22
        assert await facts(rig, 22) != []


async def test_a_limit_holds_for_all_and_as_long_as_slack_says(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("create", Limited(timedelta(seconds=40)))
        await rig.bot.open()
        await rig.bot.open()
        await rig.look()
        assert rig.slack.calls == ["create"]
        await rig.wait(seconds=38)
        assert rig.slack.names == []
        await rig.wait(seconds=3)
        assert len(rig.slack.names) == 2
        assert "own" not in rig.slack.calls, "what Slack did not take is in no doubt"


async def test_while_slack_is_away_it_is_tried_now_and_then(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        for _ in range(3):
            rig.slack.answer("create", Unreached("could not connect"))
        await opened(rig)
        await rig.wait(seconds=3 * SLACK_AWAY.total_seconds())
        assert rig.slack.names == [NAME]
        assert rig.slack.calls.count("create") == 4


@pytest.mark.parametrize("error", ["missing_scope", "restricted_action"])
async def test_what_the_bot_may_not_do_is_tried_once_an_hour_by_all_together(
    database: Database, clock: ManualClock, error: str
) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("create", Refused(error))
        await rig.bot.open()
        await rig.bot.open()
        await rig.look()
        await rig.wait(minutes=59)
        assert rig.slack.calls == ["create"]
        assert (await rig.room()).failed_at is not None
        async with database.read() as tx:
            [failing] = await incident_channels.failing(tx, WORKSPACE)
        assert (failing.key, failing.error) == ("INC-1", error)
        await rig.wait(minutes=2)
        assert len(rig.slack.names) == 2
        assert (await rig.room()).failed_at is None


async def notices(database: Database) -> list[tuple[str, Any]]:
    """What is promised of the workspace, and where."""
    async with database.read() as tx:
        rows = await tx.execute(select(tables.outbox).where(tables.outbox.c.incident_id.is_(None)))
    return [(row["channel"], message_of(row)) for row in rows.mappings()]


async def test_what_the_bot_may_not_do_is_said_once_a_day_where_somebody_can_mend_it(
    database: Database, clock: ManualClock
) -> None:
    async with rooms(database, clock) as rig:
        for _ in range(30):
            rig.slack.answer("create", Refused("missing_scope"))
        await opened(rig)
        said = (FALLBACK_CHANNEL, ChannelsRefused(method="conversations.create", error="missing_scope"))
        assert await notices(database) == [said]
        await rig.wait(hours=20)
        assert rig.slack.calls.count("create") > 15
        assert await notices(database) == [said]
        await rig.wait(hours=3)
        assert await notices(database) == [said, said]
        async with database.read() as tx:
            checks = {each.name: each for each in await doctor.of_work(tx, WORKSPACE, clock.now())}
        check = checks["Incidents' channels"]
        assert check.grade is doctor.Grade.WARNING
        assert "those of INC-1 need" in check.sentence
        assert check.sentence.endswith("missing_scope")


async def test_of_a_channel_that_people_archived_nothing_is_said(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        await opened(rig)
        rig.slack.named().archived = True
        await rig.bot.desk.acknowledge(1, by=BEN)
        await rig.wait(minutes=5)
        async with database.read() as tx:
            assert [each.error for each in await incident_channels.failing(tx, WORKSPACE)] == ["is_archived"]
            checks = {each.name: each.grade for each in await doctor.of_work(tx, WORKSPACE, clock.now())}
        assert checks["Incidents' channels"] is doctor.Grade.OK
        assert await notices(database) == []


async def test_a_topic_that_may_not_be_set_holds_up_nothing_else(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("set_topic", Refused("missing_scope"))
        await opened(rig)
        await rig.wait(seconds=2)
        assert rig.slack.named().topic == ""
        assert rig.slack.named().people == [SAM, ANA, BEN]
        assert len(rig.slack.named().bookmarks) == 1
        await rig.wait(seconds=REFUSED_FOR.total_seconds())
        assert rig.slack.named().topic


async def test_who_cannot_be_invited_keeps_nobody_else_out_and_is_not_asked_again(
    database: Database, clock: ManualClock
) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.uninvitable = (BEN,)
        rig.slack.answer("invite", Refused("user_is_restricted"))
        await opened(rig)
        assert rig.slack.named().people == [SAM, ANA]
        assert (await rig.room()).invited == (SAM, ANA, BEN)
        invitations = rig.slack.calls.count("invite")
        await rig.wait(minutes=30)
        assert rig.slack.calls.count("invite") == invitations


async def test_of_those_invited_one_by_one_the_rest_come_later_when_slack_is_away(
    database: Database, clock: ManualClock
) -> None:
    async with rooms(database, clock) as rig:
        for answer in (Refused("cant_invite"), Refused("cant_invite"), Unreached("could not connect")):
            rig.slack.answer("invite", answer)
        await opened(rig)
        await rig.wait(minutes=1)
        assert rig.slack.named().people == [ANA, BEN]


async def test_a_crowd_is_invited_a_hundred_at_a_time(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        crowd = tuple(UserId(f"U{number:09d}") for number in range(250))
        rig.groups.members = {"S0FIRSTLN1": crowd}
        await opened(rig)
        assert rig.slack.named().people == [SAM, *crowd]
        assert rig.slack.calls.count("invite") == 3


async def test_one_that_people_archived_is_left_alone_while_the_incident_goes_on(
    database: Database, clock: ManualClock
) -> None:
    async with rooms(database, clock) as rig:
        await opened(rig)
        rig.slack.named().archived = True
        await rig.bot.desk.acknowledge(1, by=GRACE)
        await rig.wait(minutes=30)
        assert rig.slack.calls.count("invite") == 2
        assert (await rig.room()).failed_at is not None
        assert rig.slack.names == [NAME]


async def test_one_that_people_archived_after_the_end_is_done_with(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        await opened(rig)
        rig.slack.named().archived = True
        await rig.bot.desk.resolve(1, by=GRACE, summary="rolled back")
        await rig.wait(hours=2)
        assert (await rig.room()).archived_at is not None
        await rig.bot.desk.reopen(1, by=ANA, reason="it is back")
        await rig.look()
        assert rig.slack.names == [NAME, f"{NAME}-2"]


async def test_too_many_bookmarks_are_no_matter(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("add_bookmark", Refused("too_many_bookmarks"))
        await opened(rig)
        await rig.wait(minutes=30)
        assert rig.slack.calls.count("add_bookmark") == 1


async def test_a_search_that_slack_does_not_answer_is_made_again(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("create", LOST, lands=True)
        rig.slack.answer("own", Unreached("could not connect"))
        await opened(rig)
        await rig.wait(minutes=1)
        assert rig.slack.names == [NAME]
        assert (await rig.bot.incident()).room == rig.slack.named().id


async def test_bookmarks_that_cannot_be_read_are_read_later(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("bookmarks", InDoubt("TimeoutError"))
        await opened(rig)
        await rig.wait(minutes=1)
        assert len(rig.slack.named().bookmarks) == 1


async def test_one_bad_channel_holds_up_no_other(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        rig.slack.answer("create", RuntimeError("a bug"))
        await rig.bot.open()
        await rig.bot.open()
        await rig.look()
        assert rig.slack.names == ["inc-2-checkout-is-down"]
        await rig.wait(seconds=LEASE.total_seconds())
        assert len(rig.slack.names) == 2


async def test_what_another_process_opened_is_seen_within_a_minute(database: Database, clock: ManualClock) -> None:
    async with rooms(database, clock) as rig:
        await rig.keeper()
        async with another_bench(database, clock, slack=RecordingSlack(), policy=WITH_ROOMS) as other:
            await other.open()
        clock.advance(seconds=LOOK_AT_LEAST.total_seconds())
        await rig.keeper()
        assert rig.slack.names == [NAME]


async def test_while_it_is_not_known_who_the_bot_is_its_name_alone_tells(
    database: Database, clock: ManualClock
) -> None:
    async with rooms(database, clock) as rig:
        nameless = another(rig.bot, rig.slack, bot_user=UserId(""))
        rig.slack.answer("create", LOST, lands=True)
        await rig.bot.open()
        await nameless.look()
        await nameless.wait(seconds=20)
        assert rig.slack.names == [NAME]


async def test_a_private_incident_has_a_private_channel(database: Database, clock: ManualClock) -> None:
    policy = a_policy(incident_channel=replace(RULE, private=True))
    async with rooms(database, clock, policy=policy) as rig:
        await opened(rig)
        assert rig.slack.named().private
