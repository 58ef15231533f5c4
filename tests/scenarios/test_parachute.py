"""If the whole bot is dead, Slack itself says so; and as long as it lives, nobody ever hears of it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from slack_sdk.web.async_client import AsyncWebClient

from bot.app import running_bot
from bot.playground import Playground
from tests.clock import ManualClock
from tests.scenarios.one_incident import ANA, BEN, CHLOE, WHAT
from tests.scenarios.world import Said, World, playground, settings_for

GONE = "Tierline has not checked in: it may be down, and then nothing escalates by itself."
GRACE, HUGO = "<@U0GRACE001>", "<@U0HUGO0001>"


@asynccontextmanager
async def a_bot(
    slack: Playground,
    clock: ManualClock,
    database_url: str,
    policy_file: Path,
    *,
    parachute: bool = True,
    after: World | None = None,
) -> AsyncIterator[World]:
    settings = settings_for(slack, database_url, transport="socket", policy_file=policy_file)
    async with running_bot(settings.model_copy(update={"parachute": parachute}), clock) as bot:
        story = World(slack, bot, clock, taken=after.taken if after is not None else ())
        await bot.settled()
        yield story


def client(slack: Playground) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)


async def scheduled(slack: Playground) -> Sequence[tuple[str, str]]:
    """Where and when Slack will post what it holds."""
    listed = await client(slack).chat_scheduledMessages_list()
    return sorted((_channel(slack, one["channel_id"]), _time(one["post_at"])) for one in listed["scheduled_messages"])


def _channel(slack: Playground, channel_id: str) -> str:
    return slack.workspace.channels[channel_id].name


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S}"


def fired(story: World) -> Sequence[Said]:
    return [said for said in story.said() if GONE in said.text]


async def test_when_the_bot_is_gone_slack_says_five_minutes_after_the_deadline_whom_to_page(
    clock: ManualClock, database_url: str, policy_file: Path
) -> None:
    async with playground(clock) as slack:
        async with a_bot(slack, clock, database_url, policy_file) as story:
            await story.opened()
            assert await scheduled(slack) == [("tier-1-support", "03:10:00")]
        clock.advance(minutes=9, seconds=57)
        assert not fired(story)
        clock.advance(seconds=1)
        assert fired(story) == [
            Said(
                "#tier-1-support",
                f"{ANA} {BEN} {CHLOE} {GRACE} {WHAT} {GONE} INC-1 is unacknowledged at tier 1 (First line), "
                "and was due 03:05. Please take it, or page tier 2 (Platform) in <#C0PLATFRM1> by hand.",
            )
        ]
        assert {name: count for name, count in story.notified().items() if name in ("ana", "chloe", "grace")} == {
            "ana": 2,
            "chloe": 1,
            "grace": 1,
        }


async def test_while_the_bot_lives_it_is_moved_along_and_nobody_ever_hears_of_it(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with playground(clock) as slack, a_bot(slack, clock, sqlite_database, policy_file) as story:
        await story.opened()
        await story.opened("Cards are refused", severity="sev2")
        await story.opened("Search is slow", severity="sev3")
        for _ in range(5):
            await story.advance(minutes=15)
            assert not fired(story)
            assert all(when > f"{clock.now():%H:%M:%S}" for _, when in await scheduled(slack))
        assert not story.limited()


async def test_at_the_next_tier_it_is_in_that_channel_and_speaks_of_the_tier_behind(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with playground(clock) as slack:
        async with a_bot(slack, clock, sqlite_database, policy_file) as story:
            await story.opened()
            await story.advance(minutes=5, seconds=5)
            story.said()
            assert await scheduled(slack) == [("tier-2-platform", "03:15:00")]
        clock.advance(minutes=10)
        [said] = fired(story)
        assert said.place == "#tier-2-platform"
        assert said.text.startswith(
            f"{CHLOE} {GRACE} {HUGO} {WHAT} {GONE} INC-1 is unacknowledged at tier 2 (Platform)"
        )
        assert said.text.endswith("This is the last tier: please take it, or reach somebody by phone.")


async def test_who_has_it_is_asked_and_no_tier_is_paged(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with playground(clock) as slack:
        async with a_bot(slack, clock, sqlite_database, policy_file) as story:
            await story.opened()
            await story.command("ana", "/incident ack INC-1")
            await story.advance(seconds=3)
            story.said()
            assert await scheduled(slack) == [("tier-1-support", "03:35:02")]
        clock.advance(minutes=40)
        [said] = fired(story)
        assert said.text.startswith(
            f"{ANA} {GRACE} {WHAT} {GONE} It is acknowledged at tier 1 of 2, First line, with {ANA}."
        )


async def test_what_is_over_has_none(clock: ManualClock, sqlite_database: str, policy_file: Path) -> None:
    async with playground(clock) as slack:
        async with a_bot(slack, clock, sqlite_database, policy_file) as story:
            await story.opened()
            await story.command("ana", "/incident resolve INC-1 rolled back")
            await story.advance(seconds=3)
            story.said()
            assert not await scheduled(slack)
        clock.advance(hours=3)
        assert not fired(story)


async def test_a_bot_without_parachutes_takes_down_what_an_earlier_one_put_up(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with playground(clock) as slack:
        async with a_bot(slack, clock, sqlite_database, policy_file) as story:
            await story.opened()
        async with a_bot(slack, clock, sqlite_database, policy_file, parachute=False, after=story):
            assert not await scheduled(slack)


async def test_a_bot_that_never_had_any_does_not_ask_slack(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with (
        playground(clock) as slack,
        a_bot(slack, clock, sqlite_database, policy_file, parachute=False) as story,
    ):
        await story.opened()
        assert not [call for call in slack.workspace.calls if "chedule" in call.method]


async def test_what_a_killed_bot_left_at_slack_is_found_and_taken_back(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with playground(clock) as slack:
        async with a_bot(slack, clock, sqlite_database, policy_file) as story:
            await story.opened()
            post_at = int(clock.now().timestamp()) + 3_600
            channel = slack.workspace.channel("tier-1-support").id
            await client(slack).chat_scheduleMessage(channel=channel, post_at=post_at, text="left over")
        async with a_bot(slack, clock, sqlite_database, policy_file, after=story) as story:
            assert len(await scheduled(slack)) == 2, "it may be another process's, whose row is on its way"
            await story.advance(minutes=2)
            assert await scheduled(slack) == [("tier-1-support", "03:10:00")]
            story.said()


async def test_one_that_somebody_took_back_is_put_up_again(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with playground(clock) as slack:
        async with a_bot(slack, clock, sqlite_database, policy_file) as story:
            await story.opened()
        [held] = (await client(slack).chat_scheduledMessages_list())["scheduled_messages"]
        await client(slack).chat_deleteScheduledMessage(channel=held["channel_id"], scheduled_message_id=held["id"])
        async with a_bot(slack, clock, sqlite_database, policy_file, after=story) as story:
            await story.advance(seconds=3)
            assert await scheduled(slack) == [("tier-1-support", "03:10:00")]
            story.said()
