"""A channel for one incident alone: made, filled, kept current, and archived when it is over."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from bot.app import running_bot
from bot.playground import Channel, Fault, Playground
from bot.services.verifying import verify_all
from tests.clock import ManualClock
from tests.scenarios.conftest import LogEntries
from tests.scenarios.one_incident import POLICY, WHAT
from tests.scenarios.world import (
    ACK_WITHIN,
    MANIFEST,
    Transport,
    World,
    answer_text,
    playground,
    running_world,
    settings_for,
    world,
)

ROOM = "inc-1-checkout-is-down"
WITH_ROOMS = POLICY + 'incident_channel: {severities: [sev1, sev2], name: "inc-{number}-{title}", archive_after: 24h}\n'


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yml"
    path.write_text(WITH_ROOMS)
    return path


@asynccontextmanager
async def a_story(
    clock: ManualClock, database_url: str, policy_file: Path, transport: Transport = "socket"
) -> AsyncIterator[World]:
    """INC-1 is open, sev1, at tier 1, and has its channel."""
    async with world(clock, database_url, policy_file=policy_file, transport=transport) as story:
        await story.opened()
        await story.advance(seconds=2)
        story.said()
        yield story


def room_of(story: World, name: str = ROOM) -> Channel:
    return story.slack.workspace.channel(name)


def people_in(story: World, name: str = ROOM) -> Sequence[str]:
    """By name, without the bot."""
    users = story.slack.workspace.users
    return sorted(users[member].name for member in room_of(story, name).members if not users[member].is_bot)


def link_to(channel: Channel) -> str:
    return f"<#{channel.id}>"


def asked(story: World, method: str) -> Sequence[tuple[Mapping[str, Any], str]]:
    return [(call.args, call.outcome) for call in story.slack.workspace.calls if call.method == method]


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_it_is_made_filled_and_leads_to_the_card_and_the_card_to_it(
    clock: ManualClock, sqlite_database: str, policy_file: Path, transport: Transport
) -> None:
    async with world(clock, sqlite_database, policy_file=policy_file, transport=transport) as story:
        await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        await story.advance(seconds=4)
        room, card = room_of(story), story.card("tier-1-support")
        [first] = [said.text for said in story.said() if said.place == f"#{ROOM}"]
        assert first.startswith(f"{WHAT} It is open at tier 1 of 2, First line. This channel is for INC-1 alone")
        assert f"/archives/C0FIRSTLN1/p{card.ts.replace('.', '')}|its card> in <#C0FIRSTLN1>" in first
        assert people_in(story) == ["ana", "ben", "sam"]
        assert room.topic == "sev1 checkout · nobody has it yet · tier 1 (First line)"
        [bookmark] = room.bookmarks
        assert bookmark.title == "INC-1: how it stands"
        assert bookmark.link.endswith(f"/archives/C0FIRSTLN1/p{card.ts.replace('.', '')}")
        assert f"Channel: {link_to(room)}." in story.shows("tier-1-support")
        assert f"Channel: {link_to(room)}." in story.shows("incident-updates")
        timeline = answer_text(await story.command("ana", "/incident timeline INC-1"))
        assert timeline is not None
        assert f"a channel of its own was made: {link_to(room)}" in timeline


async def test_what_is_less_severe_has_none(clock: ManualClock, sqlite_database: str, policy_file: Path) -> None:
    async with world(clock, sqlite_database, policy_file=policy_file) as story:
        await story.opened(severity="sev3")
        await story.advance(minutes=2)
        assert asked(story, "conversations.create") == []


async def test_what_is_typed_in_it_is_about_its_incident(
    clock: ManualClock, database_url: str, policy_file: Path
) -> None:
    async with a_story(clock, database_url, policy_file) as story:
        await story.opened("Cards are refused")
        await story.advance(seconds=2)
        story.said()
        await story.command("ana", "/incident ack", channel=ROOM)
        assert "It is acknowledged" in story.slack.workspace.channel("tier-1-support").visible()[0].text
        await story.command("ana", "/incident resolve rolled back", channel=ROOM)
        await story.advance(seconds=2)
        assert room_of(story).topic.startswith("sev1 checkout · ")
        await story.command("ana", "/incident reopen it is back", channel=ROOM)
        await story.advance(minutes=1)
        assert room_of(story).topic == "sev1 checkout · nobody has it · tier 1 (First line)"
        story.said()


async def test_who_comes_later_is_invited_and_the_topic_says_who_has_it(
    clock: ManualClock, database_url: str, policy_file: Path
) -> None:
    async with a_story(clock, database_url, policy_file) as story:
        await story.command("ana", "/incident escalate INC-1 it is the database")
        await story.command("grace", "/incident ack INC-1")
        await story.advance(minutes=1)
        assert people_in(story) == ["ana", "ben", "chloe", "grace", "sam"]
        assert room_of(story).topic == "sev1 checkout · acknowledged by Grace Kim · tier 2 (Platform)"
        [bookmark] = room_of(story).bookmarks
        assert "/archives/C0PLATFRM1/" in bookmark.link
        assert len(asked(story, "bookmarks.add")) == 1
        story.said()


async def test_who_leaves_is_left_alone(clock: ManualClock, sqlite_database: str, policy_file: Path) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        room_of(story).members.discard(story.slack.workspace.user("ben").id)
        await story.command("ana", "/incident ack INC-1")
        await story.advance(minutes=12)
        assert people_in(story) == ["ana", "sam"]
        story.said()


async def test_a_name_that_is_taken_gets_a_number(clock: ManualClock, sqlite_database: str, policy_file: Path) -> None:
    async with playground(clock) as slack:
        slack.workspace.channels["C0OLDROOM1"] = Channel(id="C0OLDROOM1", name=ROOM, is_archived=True)
        async with running_world(slack, clock, sqlite_database, policy_file=policy_file) as story:
            await story.opened()
            await story.advance(seconds=2)
            assert people_in(story, f"{ROOM}-2") == ["ana", "ben", "sam"]
            assert [outcome for _, outcome in asked(story, "conversations.create")] == ["name_taken", "ok"]
            story.said()


async def test_one_whose_making_was_lost_on_the_way_is_found_and_not_made_twice(
    clock: ManualClock, database_url: str, policy_file: Path
) -> None:
    async with playground(clock) as slack:
        slack.faults.add(Fault(method="conversations.create", kind="drop_after"))
        async with running_world(slack, clock, database_url, policy_file=policy_file) as story:
            await story.opened()
            await story.advance(seconds=20)
            assert people_in(story) == ["ana", "ben", "sam"]
            assert len(asked(story, "conversations.create")) == 1
            assert [channel.name for channel in slack.workspace.channels.values() if channel.creator] == [ROOM]
            story.said()


async def test_a_bot_that_is_killed_before_it_knows_of_it_finds_it_when_it_is_back(
    clock: ManualClock, database_url: str, policy_file: Path
) -> None:
    async with playground(clock) as slack:
        slack.faults.add(Fault(method="conversations.create", kind="drop_after"))
        async with running_world(slack, clock, database_url, policy_file=policy_file) as story:
            await story.opened()
            taken = story
        clock.advance(minutes=2)
        async with running_world(slack, clock, database_url, policy_file=policy_file, after=taken) as story:
            await story.advance(seconds=5)
            assert people_in(story) == ["ana", "ben", "sam"]
            assert len(asked(story, "conversations.create")) == 1
            story.said()


async def test_more_than_slack_takes_at_once_are_made_within_its_limit_and_no_page_waits(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with world(clock, sqlite_database, policy_file=policy_file) as story:
        for number in range(20):
            await story.command("sam", f"/incident open sev1 checkout: outage {number}")
        await story.advance(seconds=40)
        assert len([said for said in story.said() if said.place == "#tier-1-support"]) == 20
        assert len(asked(story, "conversations.create")) == 18
        await story.advance(minutes=2)
        made = [args["name"] for args, outcome in asked(story, "conversations.create") if outcome == "ok"]
        assert made == [f"inc-{number}-outage-{number - 1}" for number in range(1, 21)]
        assert all(people_in(story, name) == ["ana", "ben", "sam"] for name in made)
        assert story.limited() == []
        story.said()


async def test_a_bot_that_may_not_make_them_says_so_once_and_pages_all_the_same(
    clock: ManualClock, sqlite_database: str, policy_file: Path, logs: LogEntries
) -> None:
    manifest = deepcopy(MANIFEST)
    manifest["oauth_config"]["scopes"]["bot"].remove("channels:manage")
    async with (
        Playground(clock, manifest=manifest, ack_within=ACK_WITHIN) as slack,
        running_world(slack, clock, sqlite_database, policy_file=policy_file) as story,
    ):
        await story.opened()
        await story.opened("Cards are refused")
        await story.advance(minutes=4)
        refused = [entry for entry in logs if entry["event"] == "incident_channel.refused"]
        assert [(entry["method"], entry["error"]) for entry in refused] == [("conversations.create", "missing_scope")]
        assert len(asked(story, "conversations.create")) == 1
        fallback = story.slack.workspace.channel("escalation-fallback")
        assert fallback is not None
        [told] = [message.text for message in fallback.visible()]
        assert told.startswith("Slack does not let Tierline make channels for incidents (missing_scope)")
        assert "`tierline doctor` names what is missing" in told
        story.said()


async def test_while_slack_makes_no_channels_everything_else_goes_on(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with playground(clock) as slack:
        slack.faults.add(Fault(method="conversations.create", kind="http_503", times=3))
        async with running_world(slack, clock, sqlite_database, policy_file=policy_file) as story:
            await story.opened()
            await story.command("ana", "/incident ack INC-1")
            await story.advance(minutes=2)
            assert people_in(story) == ["ana", "ben", "sam"]
            story.said()


async def test_a_day_after_the_end_it_says_so_and_is_archived_and_reopened_it_gets_a_new_one(
    clock: ManualClock, database_url: str, policy_file: Path
) -> None:
    async with a_story(clock, database_url, policy_file) as story:
        await story.command("ana", "/incident resolve INC-1 rolled back")
        await story.advance(hours=23, minutes=59)
        story.said()
        assert not room_of(story).is_archived
        await story.advance(minutes=2)
        [last] = story.said()
        assert last.place == f"#{ROOM}"
        assert last.text.startswith(f"{WHAT} Resolved by Ana Ruiz 03:00, after 4 seconds. It has been over for a while")
        assert room_of(story).is_archived
        await story.command("ana", "/incident reopen INC-1 it is back")
        await story.advance(seconds=5)
        again = room_of(story, f"{ROOM}-2")
        assert people_in(story, again.name) == ["ana", "ben", "sam"]
        assert f"Channel: {link_to(again)}." in story.shows("tier-1-support")
        assert (await verify_all(story.bot.database)).findings == []
        story.said()


async def test_one_that_is_reopened_in_time_keeps_its_channel(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await story.command("ana", "/incident resolve INC-1 rolled back")
        await story.advance(hours=23)
        await story.command("ana", "/incident reopen it is back", channel=ROOM)
        await story.command("ana", "/incident ack", channel=ROOM)
        await story.advance(hours=2)
        assert not room_of(story).is_archived
        story.said()


async def test_a_private_one_is_seen_by_who_is_in_it_alone(
    clock: ManualClock, sqlite_database: str, tmp_path: Path
) -> None:
    policy_file = tmp_path / "private.yml"
    policy_file.write_text(WITH_ROOMS.replace("archive_after", "private: true, archive_after"))
    async with a_story(clock, sqlite_database, policy_file) as story:
        assert room_of(story).is_private
        assert people_in(story) == ["ana", "ben", "sam"]
        story.said()


async def test_where_the_policy_gives_none_slack_is_never_asked(clock: ManualClock, sqlite_database: str) -> None:
    async with playground(clock) as slack:
        async with running_bot(settings_for(slack, sqlite_database, transport="socket"), clock) as bot:
            story = World(slack, bot, clock)
            await bot.settled()
            await story.opened()
            await story.advance(minutes=3)
        assert not [
            call.method for call in slack.workspace.calls if call.method.startswith(("bookmarks", "users.conv"))
        ]
        assert asked(story, "conversations.create") == []


async def test_a_private_incident_has_a_private_channel_whatever_the_policy_says(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with world(clock, sqlite_database, policy_file=policy_file) as story:
        await story.command("sam", "/incident open private sev1 checkout: a key leaked")
        await story.advance(seconds=4)
        room = room_of(story, "inc-1-a-key-leaked")
        assert room.is_private
        assert people_in(story, room.name) == ["ana", "ben", "sam"]
        await story.command("ana", "/incident ack", channel=room.name)
        await story.advance(minutes=1)
        assert room.topic == "sev1 checkout · acknowledged by Ana Ruiz · tier 1 (First line)"
        elsewhere = [said for said in story.said() if said.place in ("#incident-updates", "#incident-updates thread")]
        assert not [said for said in elsewhere if room.id in said.text]
