"""Who keeps the promises is killed, paused or wrong, or Slack is away: each is kept once all the same."""

from bot.domain.delivery import LEASE, QUIET, Delivered, Outcome, Refused, Unreached
from bot.domain.ids import ChannelId
from storage import outbox
from storage.database import Database
from tests.builders import (
    NOW,
    STAKEHOLDER_CHANNEL,
    TIER_1_CHANNEL,
    WORKSPACE,
    minutes,
)
from tests.clock import ManualClock
from tests.services.bench import RecordingSlack, another_bench, bench

PAGE = "INC-1/page/tier:1/cycle:0"


async def test_what_a_killed_process_was_sending_is_looked_for_and_sent_once(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await claimed_by_the_dead(database, clock)
        assert await bot.deliver() == NOW + LEASE
        assert bot.slack.take() == []
        clock.move_to(NOW + LEASE)
        assert await bot.deliver() == NOW + LEASE + QUIET
        clock.advance(seconds=QUIET.total_seconds())
        bot.slack.found[TIER_1_CHANNEL] = Delivered("17.9")
        await bot.deliver()
        assert {search.since for search in bot.slack.searches} == {NOW}
        assert [post.channel for post in bot.slack.take()] == [STAKEHOLDER_CHANNEL], "the page was there already"
        assert {promise.state for promise in await bot.promises()} == {"sent"}


async def test_a_sender_that_was_given_up_on_records_nothing(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as slow, another_bench(database, clock) as quick:
        await slow.open()
        slow.slack.down, quick.slack.down = Delivered("1.0"), Delivered("2.0")
        async with slow.posting(TIER_1_CHANNEL, STAKEHOLDER_CHANNEL):
            clock.move_to(NOW + LEASE)
            await quick.deliver()
            clock.advance(seconds=QUIET.total_seconds())
            await quick.deliver()
            before = await quick.promises()
            assert [promise.ts for promise in before] == ["2.0", "2.0"]
        assert await quick.promises() == before


async def test_a_bug_while_sending_leaves_a_promise_that_is_kept_later(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        bot.slack.down = RuntimeError("a bug")
        assert await bot.deliver() == NOW + LEASE
        bot.slack.take()
        bot.slack.down = None
        await bot.deliver_all()
        assert [post.channel for post in bot.slack.take()] == [TIER_1_CHANNEL, STAKEHOLDER_CHANNEL]
        assert {promise.state for promise in await bot.promises()} == {"sent"}
        assert clock.now() == NOW + LEASE + QUIET


async def test_every_fact_is_told_in_time_although_slack_was_away_for_an_hour(
    database: Database, clock: ManualClock
) -> None:
    """Clocks go on; when Slack is back what is true now is said, and what is not is left out."""
    async with bench(database, clock) as bot:
        await bot.open()
        bot.slack.down = Unreached("no route")
        while clock.now() < NOW + minutes(60):
            await bot.tick()
            await bot.deliver()
            clock.advance(minutes=2)
        assert (await bot.incident()).exhausted_at is not None
        bot.slack.down = None
        bot.slack.take()
        await bot.deliver_all()
        settled = await bot.promises()
        assert {promise.state for promise in settled} == {"sent", "suppressed"}
        rung = [post.channel for post in bot.slack.posts if "<!subteam" in post.text]
        assert rung == [], "no tier is paged that was left long ago"
        assert clock.now() < NOW + minutes(62)


async def claimed_by_the_dead(database: Database, clock: ManualClock) -> None:
    """As by a process that was killed right after its claim."""
    async with database.write() as tx:
        assert len(await outbox.claim(tx, WORKSPACE, now=clock.now(), limit=50)) == 2


class SleepsWhileJoining(RecordingSlack):
    """A process that is paused between the refusal of a post and the next try."""

    clock: ManualClock

    async def join(self, channel: ChannelId) -> Outcome:
        self.clock.move_to(self.clock.now() + LEASE)
        return await super().join(channel)


async def test_a_sender_that_slept_until_its_lease_was_over_does_not_post(
    database: Database, clock: ManualClock
) -> None:
    slack = SleepsWhileJoining()
    slack.clock = clock
    async with bench(database, clock) as other, another_bench(database, clock, slack=slack) as sleeper:
        slack.answers(TIER_1_CHANNEL, Refused("not_in_channel"))
        await sleeper.open()
        await sleeper.deliver()
        assert [post.channel for post in slack.take()].count(TIER_1_CHANNEL) == 1, "only the one that was refused"
        await other.deliver()
        clock.move_to(clock.now() + QUIET)
        await other.deliver()
        assert (await other.promise(PAGE)).state == "sent"
