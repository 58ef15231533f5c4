"""Messages pinned in an incident's thread, or marked with 📌, go to its story with their own time and author."""

from pathlib import Path

import pytest

from bot.playground import Fault, Message
from bot.playground.delivery import Ack
from tests.clock import ManualClock
from tests.scenarios.one_incident import POLICY, a_story, asked, told
from tests.scenarios.stored import row_counts
from tests.scenarios.world import Transport, World, playground, readable, running_world, world

FIRST = "tier-1-support"
TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])
KEPT = "Noted in the story of INC-1: `/incident timeline INC-1` shows it."


async def said_below(story: World, user: str, text: str, channel: str = FIRST) -> Message:
    """A message in the thread of the card."""
    card = story.slack.workspace.channel(channel).visible()[0]
    return await story.slack.say(user, channel, text, thread_ts=card.ts)


async def pin(story: World, user: str, message: Message) -> None:
    await story.slack.pin(user, message.channel, message.ts)
    await story.bot.settled()


async def mark(story: World, user: str, message: Message) -> None:
    await story.slack.react(user, message.channel, message.ts, "pushpin")
    await story.bot.settled()


def agree(policy_file: Path, more: str) -> None:
    policy_file.write_text(POLICY + more)


async def timeline(story: World) -> str:
    """The answer to `/incident timeline INC-1`."""
    answer = await story.command("sam", "/incident timeline INC-1")
    return readable("\n".join(str(block.get("text", {}).get("text", "")) for block in answer.blocks))


@TRANSPORTS
async def test_a_pinned_message_goes_to_the_story_with_its_own_time_and_author(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        await story.opened()
        message = await said_below(story, "ana", "The cache of @chloe is <full> & https://x.example/log says so")
        await story.advance(minutes=2)
        await pin(story, "ben", message)
        [told_him] = story.slack.workspace.channel(FIRST).ephemerals
        assert (readable(told_him.text), told_him.thread_ts) == (KEPT, message.thread_ts)
        link = f"{story.slack.url}/archives/C0FIRSTLN1/p{message.ts.replace('.', '')}?thread_ts={message.thread_ts}"
        assert (
            f"• 03:02: <@U0BEN00001> pinned what <@U0ANA00001> said 03:00 "
            f"(<{link}&amp;cid=C0FIRSTLN1|there>): The cache of @Chloé Martin is &lt;full&gt; &amp; "
            "https://x.example/log says so"
        ) in await timeline(story)


@TRANSPORTS
async def test_a_pushpin_is_a_pin_and_a_message_is_kept_once(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        await story.opened()
        message = await said_below(story, "ana", "It is the cache")
        await mark(story, "ben", message)
        before = await row_counts(database_url)
        assert await story.slack.send_again() == Ack()
        await story.bot.settled()
        assert await row_counts(database_url) == before
        await pin(story, "ana", message)
        assert story.ephemerals("ana", FIRST) == [KEPT], "it is in the story, whoever put it there"
        assert (await timeline(story)).count("It is the cache") == 1


async def test_weeks_later_it_is_kept_once_too(clock: ManualClock, sqlite_database: str, policy_file: Path) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        message = await said_below(story, "ana", "It is the cache")
        await pin(story, "ben", message)
        await asked(story, "ana", "resolve INC-1 the cache was full")
        told(story)
        await story.advance(days=9)
        await pin(story, "ben", message)
        assert message.pinned_by is None, "and what is taken back changes nothing"
        await pin(story, "ana", message)
        assert story.ephemerals("ana", FIRST) == [
            "That message is in the story of INC-1 already: `/incident timeline INC-1` shows it."
        ]
        late = await said_below(story, "ana", "The cache is twice as large now")
        await pin(story, "ana", late)
        assert story.ephemerals("ana", FIRST)[-1] == KEPT, "also when it is over"
        assert (await timeline(story)).count("pinned") == 2
        told(story)


async def test_what_is_not_said_in_an_incidents_thread_is_nobodys_business(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        elsewhere = await story.slack.say("ana", FIRST, "Lunch?")
        await pin(story, "ben", elsewhere)
        await mark(story, "ben", story.card(FIRST))
        below_parent = await said_below(story, "grace", "When is it over?", channel="incident-updates")
        await pin(story, "grace", below_parent)
        story.slack.invite_bot("general")
        unknown = await story.slack.say("ana", "general", "Lunch!")
        before = len(story.slack.workspace.calls)
        await pin(story, "ana", unknown)
        assert story.slack.workspace.calls[before:] == [], "where nothing is worked Slack is asked nothing"
        assert "pinned" not in await timeline(story)
        assert story.slack.workspace.channel(FIRST).ephemerals == []


async def test_a_message_that_slack_does_not_give_is_asked_for_again(clock: ManualClock, sqlite_database: str) -> None:
    async with playground(clock) as slack:
        async with running_world(slack, clock, sqlite_database) as story:
            await story.opened()
            message = await said_below(story, "ana", "It is the cache")
            slack.faults.add(Fault(method="conversations.replies", kind="error:internal_error", times=9))
            await pin(story, "ben", message)
            assert "pinned" not in await timeline(story)
        slack.faults.clear()
        clock.advance(seconds=40)
        async with running_world(slack, clock, sqlite_database, after=story) as later:
            await later.bot.settled()
            assert "pinned what" in await timeline(later)
            assert later.ephemerals("ben", FIRST) == [KEPT]


async def test_without_a_right_to_notes_nothing_is_kept(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    agree(policy_file, "roles: {note: [tier]}\n")
    async with a_story(clock, sqlite_database, policy_file) as story:
        message = await said_below(story, "ana", "It is the cache")
        story.slack.workspace.channel(FIRST).members.add(story.slack.workspace.user("finn").id)
        await pin(story, "finn", message)
        assert story.ephemerals("finn", FIRST) == [
            "Only the tier's people can write a note about INC-1. Nothing was changed; please ask one of them."
        ]


async def test_a_very_long_message_is_cut(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        long = await said_below(story, "ana", "word " * 1500)
        await pin(story, "ben", long)
        _, events = await story.bot.desk.show(1)
        [fact] = [event.fact for event in events if event.fact.kind == "pinned"]
        assert len(fact.text) == 3_000
        assert fact.text.endswith("word…")


async def test_in_the_channel_of_an_incident_every_message_is_about_it(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    agree(policy_file, "incident_channel: {severities: [sev1], archive_after: 24h}\n")
    async with a_story(clock, sqlite_database, policy_file) as story:
        await story.opened("Checkout is slow")
        await story.advance(seconds=10)
        [_, room] = [one for one in story.slack.workspace.channels.values() if one.name.startswith("inc-")]
        message = await story.slack.say("ana", room.id, "It is the cache")
        await pin(story, "ben", message)
        welcome = next(one for one in room.visible() if one.bot)
        await pin(story, "ben", welcome)
        await story.slack.say("ana", room.id, "@Tierline ack")
        await story.bot.settled()
        case, events = await story.bot.desk.show(2)
        assert [event.by for event in events if event.fact.kind == "pinned"] == ["U0BEN00001"]
        assert case.incident.assignee == "U0ANA00001", "of the two in the tier's channel it is the one of this channel"
        assert [readable(one.text).partition(":")[0] for one in room.ephemerals] == [
            "Noted in the story of INC-2",
            "You have INC-2",
        ]
        await story.advance(seconds=5)
        story.said()
