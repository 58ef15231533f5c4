"""The facts are read once more just before a message goes out: what is not true any more is not said."""

from datetime import time, timedelta

from bot.domain import timeline
from bot.domain.policy import Rotation
from storage.database import Database
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    GRACE,
    NOW,
    TIER_1_CHANNEL,
    TIER_2_CHANNEL,
    a_policy,
    a_tier,
    a_user,
    an_escalation,
    minutes,
)
from tests.clock import ManualClock
from tests.services.bench import bench

PAGE = "INC-1/page/tier:1/cycle:0"


async def test_a_page_for_a_resolved_incident_is_not_sent_and_the_timeline_says_so(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        clock.advance(seconds=1)
        await bot.desk.resolve(1, by=GRACE)
        await bot.deliver_all()
        assert TIER_1_CHANNEL not in {post.channel for post in bot.slack.take()}
        page = await bot.promise(PAGE)
        assert (page.state, page.error, page.ts) == ("suppressed", "resolved", None)
        assert [event.fact for event in await bot.story() if event.fact.kind == "not_sent"] == [
            timeline.NotSent(promise=PAGE, reason="resolved")
        ]


async def test_a_page_of_a_tier_that_the_incident_has_left_is_not_sent(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.desk.escalate(1, by=ANA)
        await bot.deliver_all()
        assert [post.channel for post in bot.slack.take() if "subteam" in post.text] == [TIER_2_CHANNEL]
        assert (await bot.promise(PAGE)).error == "already at tier 2"


async def test_what_was_acknowledged_meanwhile_is_shown_and_rings_nobody(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        bot.slack.names = {ANA: "Ana Rojas"}
        await bot.open()
        await bot.desk.acknowledge(1, by=ANA)
        await bot.deliver()
        [card] = [post for post in bot.slack.take() if post.channel == TIER_1_CHANNEL]
        assert "<!subteam" not in card.text
        assert "<@" not in card.text


async def test_what_was_not_sent_takes_no_turn_of_its_channel(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.desk.resolve(1, by=GRACE)
        await bot.open()
        await bot.deliver()
        await bot.deliver()
        assert [post.channel for post in bot.slack.take() if "INC-2" in post.text] == [TIER_1_CHANNEL]
        assert clock.now() == NOW


async def test_the_page_rings_who_is_on_duty_when_the_tier_is_paged(database: Database, clock: ManualClock) -> None:
    turns = Rotation(
        people=(a_user(BEN, "ben"), a_user(CHLOE, "chloe")), zone="UTC", first_day=NOW.date(), hand_over=time(4)
    )
    first = a_tier(1, people=(), on_call=(turns,))
    escalation = an_escalation(tiers=(first, *(a_tier(number) for number in (2, 3, 4))))
    policy = a_policy(services={"checkout": escalation})
    async with bench(database, clock, policy=policy) as bot:
        for at, expected in ((NOW + minutes(60), BEN), (NOW + timedelta(weeks=1, hours=1), CHLOE)):
            clock.move_to(at)
            await bot.open()
            clock.advance(seconds=10)
            await bot.deliver()
            [page] = [post for post in bot.slack.take() if post.channel == TIER_1_CHANNEL]
            assert f"<@{expected}>" in page.text
