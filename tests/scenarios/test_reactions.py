"""Emoji on a card: 👀 acknowledges, ✅ asks first; whatever else is reacted to, or taken back, changes nothing."""

from pathlib import Path

import pytest

from bot.playground import Fault
from bot.playground.delivery import Ack
from tests.clock import ManualClock
from tests.scenarios.one_incident import ANA, a_story, asked, told
from tests.scenarios.stored import row_counts
from tests.scenarios.world import PLAIN_POLICY, Json, Transport, World, playground, running_world, world

FIRST = "tier-1-support"
TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])
QUESTION = "Is INC-1 over (Checkout is down)? The emoji alone does not resolve it; the button does."


async def react(story: World, user: str, emoji: str, ts: str | None = None, channel: str = FIRST) -> None:
    await story.slack.react(user, channel, ts or story.card(channel).ts, emoji)
    await story.bot.settled()


async def assignee(story: World) -> str | None:
    return (await story.bot.desk.show(1))[0].incident.assignee


@TRANSPORTS
async def test_eyes_acknowledge_and_who_is_second_hears_who_was_first(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        await story.opened()
        await react(story, "ana", "eyes")
        assert await assignee(story) == "U0ANA00001"
        assert story.ephemerals("ana", FIRST) == [], "the card shows it"
        await story.advance(seconds=2)
        assert ANA in story.shows(FIRST)

        await react(story, "ben", "eyes")
        assert story.ephemerals("ben", FIRST) == [f"INC-1 was already acknowledged by {ANA} 03:00."]
        assert await assignee(story) == "U0ANA00001"
        story.said()


@TRANSPORTS
async def test_a_check_mark_asks_and_the_click_resolves(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        await story.opened()
        await react(story, "ana", "white_check_mark")
        assert story.ephemerals("ana", FIRST) == [QUESTION]
        assert story.ephemerals("ben", FIRST) == []
        assert not (await story.bot.desk.show(1))[0].incident.is_over, "a slip of the finger ends nothing"

        [question] = story.slack.workspace.channel(FIRST).ephemerals
        await story.click("ana", FIRST, "resolve_now", ts=question.ts)
        assert (await story.bot.desk.show(1))[0].incident.resolved_by == "U0ANA00001"
        assert [each.split("\n")[0] for each in story.ephemerals("ana", FIRST)] == ["INC-1: Checkout is down"]

        await react(story, "ben", "white_check_mark")
        assert story.ephemerals("ben", FIRST) == [
            f"INC-1 was already resolved by {ANA} 03:00. If it is not over: `/incident reopen INC-1 why`"
        ]
        await story.advance(seconds=2)
        story.said()


async def test_whether_they_may_resolve_it_is_looked_at_when_they_click(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        story.slack.workspace.channel(FIRST).members.add(story.slack.workspace.user("finn").id)
        await react(story, "finn", "white_check_mark")
        [question] = story.slack.workspace.channel(FIRST).ephemerals
        await story.click("finn", FIRST, "resolve_now", ts=question.ts)
        assert story.ephemerals("finn", FIRST)[-1] == (
            "Only the assignee, the tier's people, managers and admins can resolve INC-1. "
            "Nothing was changed; please ask one of them."
        )
        assert not (await story.bot.desk.show(1))[0].incident.is_over


@TRANSPORTS
async def test_an_event_that_comes_again_changes_nothing(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        await story.opened()
        await react(story, "ana", "eyes")
        before = await row_counts(database_url)
        assert await story.slack.send_again() == Ack()
        await story.bot.settled()
        assert await row_counts(database_url) == before
        assert story.ephemerals("ana", FIRST) == [], "nobody is told that they were too late for themselves"
        await story.advance(seconds=2)
        story.said()


async def test_other_emoji_other_messages_and_what_is_taken_back_change_nothing(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        card = story.card(FIRST)
        message = await story.slack.say("ben", FIRST, "Checkout is slow")
        reply = await story.slack.say("ben", FIRST, "I look at it", thread_ts=card.ts)
        before = len(story.slack.workspace.calls)
        for emoji, ts in (("fire", card.ts), ("eyes", message.ts), ("eyes", reply.ts), ("white_check_mark", reply.ts)):
            await react(story, "ana", emoji, ts)
        await react(story, "grace", "eyes", channel="incident-updates")
        assert await assignee(story) is None
        assert story.slack.workspace.calls[before:] == [], "nothing is asked of Slack for it"

        await react(story, "ana", "eyes")
        await react(story, "ana", "eyes")
        assert card.reactions == {"fire": ["U0ANA00001"]}
        assert await assignee(story) == "U0ANA00001", "who takes the emoji back has it still"
        await story.advance(seconds=2)
        story.said()


async def test_an_app_that_reacts_takes_nothing(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await react(story, "ana", "fire")

        def by_an_app(body: Json) -> None:
            body["event"] = {**body["event"], "user": "USLACKBOT", "reaction": "eyes"}
            body["event_id"] = "Ev0OTHER"

        await story.forged(by_an_app)
        assert await assignee(story) is None


async def test_the_policy_says_which_emoji_do_it(clock: ManualClock, sqlite_database: str, tmp_path: Path) -> None:
    policy_file = tmp_path / "policy.yml"
    policy_file.write_text(PLAIN_POLICY.read_text() + "reactions: {acknowledge: raised_hand, resolve: none}\n")
    async with world(clock, sqlite_database, policy_file=policy_file) as story:
        await story.opened()
        await react(story, "ana", "eyes")
        await react(story, "ana", "white_check_mark")
        assert await assignee(story) is None
        assert story.ephemerals("ana", FIRST) == []
        await react(story, "ana", "raised_hand::skin-tone-3")
        assert await assignee(story) == "U0ANA00001"
        await story.advance(seconds=2)
        story.said()


async def test_a_reaction_outlives_the_bot_that_heard_of_it(clock: ManualClock, database_url: str) -> None:
    async with playground(clock) as slack:
        async with running_world(slack, clock, database_url) as story:
            await story.opened()
            slack.faults.add(Fault(method="users.info", kind="error:internal_error", times=3))
            await react(story, "ana", "eyes")
            assert await assignee(story) is None
        slack.faults.clear()
        clock.advance(seconds=40)
        async with running_world(slack, clock, database_url, after=story) as later:
            await later.bot.settled()
            assert await assignee(later) == "U0ANA00001"
            assert later.ephemerals("ana", FIRST) == []
            await later.advance(seconds=2)
            later.said()


async def test_who_reacted_while_the_bot_was_away_has_it_and_hears_that_it_is_late(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with playground(clock) as slack:
        async with running_world(slack, clock, sqlite_database, policy_file=policy_file) as story:
            await story.opened()
        await slack.react("ana", FIRST, story.card(FIRST).ts, "eyes")
        clock.advance(minutes=3)
        async with running_world(slack, clock, sqlite_database, policy_file=policy_file, after=story) as later:
            await slack.wait_for(lambda: later.ephemerals("ana", FIRST))
            await later.bot.settled()
            assert await assignee(later) == "U0ANA00001"
            assert later.ephemerals("ana", FIRST) == [
                "You have INC-1: Checkout is down\nIt is to be resolved by 04:00.\n"
                "When it is over: `/incident resolve INC-1 what it was`\n"
                "You did that 03:00; Tierline was away and came to it only now."
            ]
            await later.advance(seconds=2)
            told(later)


async def test_nobody_is_asked_minutes_later_whether_it_is_over(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await react(story, "ben", "fire")
        await story.advance(minutes=3)

        def asking(body: Json) -> None:
            body["event"] = {**body["event"], "reaction": "white_check_mark"}
            body["event_id"] = "Ev0OTHER"

        await story.forged(asking)
        assert story.ephemerals("ben", FIRST) == []


async def test_an_incident_on_hold_is_not_taken_by_an_emoji(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await asked(story, "ana", "hold INC-1 2h the supplier sleeps")
        await react(story, "ben", "eyes")
        assert story.ephemerals("ben", FIRST) == [
            f"{ANA} put INC-1 on hold until 05:00. `/incident resume INC-1` goes on with it."
        ]
        told(story)
