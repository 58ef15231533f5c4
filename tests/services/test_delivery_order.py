"""Which message goes next, and when: a channel takes one a second, and what is said of an incident keeps its order."""

from datetime import timedelta

from bot.domain.delivery import Unreached
from bot.slack.marks import delivery_key
from storage.database import Database
from tests.builders import (
    ANA,
    NOW,
    SAM,
    STAKEHOLDER_CHANNEL,
    TIER_1_CHANNEL,
    TIER_2_CHANNEL,
    WORKSPACE,
    a_policy,
)
from tests.clock import ManualClock
from tests.services.bench import Bench, bench
from tests.storage.stored import seconds

PAGE, PARENT = "INC-1/page/tier:1/cycle:0", "INC-1/stakeholders"


async def test_a_channel_takes_one_message_a_second(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        for _ in range(3):
            await bot.open()
        seen: list[tuple[timedelta, int]] = []
        while (at := await bot.deliver()) is not None:
            seen.append((clock.now() - NOW, len([p for p in bot.slack.take() if p.channel == TIER_1_CHANNEL])))
            clock.move_to(at)
        seen.append((clock.now() - NOW, len([p for p in bot.slack.take() if p.channel == TIER_1_CHANNEL])))
        assert seen == [(seconds(0), 1), (seconds(1), 1), (seconds(2), 1)]


async def test_a_page_goes_before_the_updates_that_wait_in_the_same_channel(
    database: Database, clock: ManualClock
) -> None:
    one_channel = a_policy(stakeholder_channel=TIER_1_CHANNEL)
    async with bench(database, clock, policy=one_channel) as bot:
        await bot.open()
        await bot.deliver()
        clock.advance(milliseconds=500)
        await bot.open()
        await bot.deliver_all()
        assert [promise_key(bot, post.key, 2) for post in bot.slack.posts] == [
            PAGE,
            "INC-2/page/tier:1/cycle:0",
            PARENT,
            "INC-2/stakeholders",
        ]


async def test_about_one_incident_a_channel_hears_things_in_the_order_of_the_facts(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        bot.slack.down = Unreached("no route")
        await bot.deliver()
        bot.slack.take()
        bot.slack.down = None
        clock.advance(minutes=5)
        await bot.tick()
        await bot.deliver_all()
        here = [post for post in bot.slack.posts if post.channel == TIER_1_CHANNEL]
        assert [post.key for post in here] == [delivery_key(WORKSPACE, "INC-1/breach/tier:1/cycle:0")]
        assert (await bot.promise(PAGE)).error == "already at tier 2"


async def test_a_breach_is_told_below_the_card_and_shown_in_the_channel(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.deliver_all()
        bot.slack.take()
        clock.advance(minutes=5)
        await bot.tick()
        await bot.deliver_all()
        [notice] = [post for post in bot.slack.take() if post.channel == TIER_1_CHANNEL]
        assert (notice.thread_ts, notice.broadcast) == ((await bot.promise(PAGE)).ts, True)
        assert "<@U0GRACE001>" in notice.text


async def test_stakeholder_updates_go_into_the_thread_of_their_parent(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.deliver_all()
        bot.slack.take()
        await bot.desk.acknowledge(1, by=ANA)
        await bot.deliver_all()
        [update] = bot.slack.take()
        assert (update.channel, update.broadcast) == (STAKEHOLDER_CHANNEL, False)
        assert update.thread_ts == (await bot.promise(PARENT)).ts


async def test_a_channel_that_hangs_holds_up_no_other(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        async with bot.posting(TIER_1_CHANNEL):
            await bot.desk.escalate(1, by=ANA)
            await bot.delivery()
            await bot.slack.reached[TIER_2_CHANNEL].wait()


async def test_while_a_channel_takes_its_time_it_is_sent_nothing_else(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        async with bot.posting(TIER_1_CHANNEL):
            await bot.open()
            clock.advance(seconds=5)
            await bot.delivery()
            assert (await bot.promise("INC-2/page/tier:1/cycle:0")).state == "pending"
        await bot.deliver_all()
        assert (await bot.promise("INC-2/page/tier:1/cycle:0")).state == "sent"
        assert clock.now() == NOW + seconds(6), "the second counts from the answer"


async def test_with_nothing_promised_slack_is_not_asked(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        assert await bot.deliver() is None
        assert bot.slack.posts == []


async def test_only_those_whom_a_message_is_for_are_mentioned_in_it(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        bot.slack.names = {SAM: "Sam Okafor", ANA: "Ana Rojas"}
        await bot.open()
        await bot.deliver_all()
        await bot.desk.acknowledge(1, by=ANA)
        await bot.deliver_all()
        assert all("<@" not in post.text for post in bot.slack.take())
        await bot.desk.resolve(1, by=ANA)
        await bot.deliver_all()
        assert bot.slack.asked_names.count(ANA) == 1, "a name is asked for once"


def promise_key(bot: Bench, key: str, incidents: int) -> str:
    """Which of the first promises of the incidents `key` stands for."""
    keys = [f"INC-{n}/{what}" for n in range(1, incidents + 1) for what in ("page/tier:1/cycle:0", "stakeholders")]
    return next(one for one in keys if delivery_key(WORKSPACE, one) == key)
