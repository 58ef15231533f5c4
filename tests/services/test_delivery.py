"""Keeping promises: each message once, in its order, at Slack's pace, and none forgotten whatever Slack answers."""

from datetime import timedelta

import pytest

from bot.domain import timeline
from bot.domain.delivery import QUIET, Delivered, InDoubt, Limited, Outcome, Refused, Unreached
from bot.domain.ids import THE_BOT
from bot.domain.notice import StartUpReport
from bot.domain.promise import Lane, Promise
from bot.domain.timeline import TimelineEvent
from bot.slack.marks import delivery_key
from storage import cards, outbox
from storage.database import Database
from tests.builders import (
    FALLBACK_CHANNEL,
    NOW,
    STAKEHOLDER_CHANNEL,
    TIER_1_CHANNEL,
    WORKSPACE,
    minutes,
)
from tests.clock import ManualClock
from tests.services.bench import Bench, Promised, Search, bench
from tests.storage.stored import seconds

PAGE, PARENT = "INC-1/page/tier:1/cycle:0", "INC-1/stakeholders"


class TestAnswers:
    """What each of Slack's answers leads to."""

    async def test_delivered_is_recorded_with_its_ts_and_becomes_a_card(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            incident = await bot.open()
            assert await bot.deliver() is None
            page, parent = bot.slack.take()
            assert (page.channel, page.thread_ts, page.broadcast) == (TIER_1_CHANNEL, None, False)
            assert (parent.channel, parent.thread_ts, parent.broadcast) == (STAKEHOLDER_CHANNEL, None, False)
            assert (page.key, parent.key) == (delivery_key(WORKSPACE, PAGE), delivery_key(WORKSPACE, PARENT))
            assert {promise.state for promise in await bot.promises()} == {"sent"}
            async with database.read() as tx:
                assert await cards.of_incidents(tx, [incident.id]) == {
                    (incident.id, "tier:1:0"): (await bot.promise(PAGE)).ts,
                    (incident.id, "stakeholders"): (await bot.promise(PARENT)).ts,
                }
            assert await bot.edit() is None, "a card that was just posted shows the present"

    async def test_limited_rests_every_post_for_as_long_as_slack_said(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.down = Limited(seconds(30))
            assert await bot.deliver() == NOW + seconds(30)
            bot.slack.take()
            bot.slack.down = None
            await bot.open()
            clock.advance(seconds=29.9)
            assert await bot.deliver() == NOW + seconds(30)
            assert bot.slack.take() == []
            clock.advance(seconds=0.1)
            await bot.deliver()
            assert [post.key for post in bot.slack.take()] == [delivery_key(WORKSPACE, key) for key in (PAGE, PARENT)]
            assert ((await bot.promise(PAGE)).state, (await bot.promise(PAGE)).attempts) == ("sent", 2)

    async def test_unreached_is_tried_again_after_one_two_and_four_seconds(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.answers(TIER_1_CHANNEL, *[Unreached("no route")] * 3)
            tries: list[timedelta] = []
            while (at := await bot.deliver()) is not None:
                tries += [clock.now() - NOW for post in bot.slack.take() if post.channel == TIER_1_CHANNEL]
                clock.move_to(at)
            tries += [clock.now() - NOW for _ in bot.slack.take()]
            assert tries == [seconds(0), seconds(1), seconds(3), seconds(7)]
            assert (await bot.promise(PAGE)).state == "sent"
            assert bot.slack.searches == [], "what never reached Slack need not be looked for"

    async def test_in_doubt_is_looked_for_after_the_quiet_and_adopted_when_it_is_there(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            incident = await bot.open()
            bot.slack.answers(TIER_1_CHANNEL, InDoubt("no answer"))
            bot.slack.found[TIER_1_CHANNEL] = Delivered("17.9")
            assert await bot.deliver() == NOW + QUIET
            bot.slack.take()
            clock.advance(seconds=14.9)
            await bot.deliver()
            assert bot.slack.searches == []
            clock.advance(seconds=0.1)
            assert await bot.deliver() is None
            key = delivery_key(WORKSPACE, PAGE)
            assert bot.slack.searches == [Search(channel=TIER_1_CHANNEL, key=key, since=NOW, thread_ts=None)]
            assert bot.slack.take() == [], "it is not posted a second time"
            assert await bot.promise(PAGE) == Promised(key=PAGE, state="sent", ts="17.9", attempts=2, error=None)
            async with database.read() as tx:
                assert (await cards.of_incidents(tx, [incident.id]))[incident.id, "tier:1:0"] == "17.9"
            await bot.edit()
            assert [edit.ts for edit in bot.slack.edits] == ["17.9"], "what an adopted card shows is not known"

    async def test_in_doubt_is_posted_again_once_when_it_is_not_there(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.answers(TIER_1_CHANNEL, InDoubt("no answer"))
            await bot.deliver()
            clock.advance(seconds=15)
            assert await bot.deliver() is None
            pages = [post.key for post in bot.slack.take() if post.channel == TIER_1_CHANNEL]
            assert pages == [delivery_key(WORKSPACE, PAGE)] * 2
            assert (await bot.promise(PAGE)).state == "sent"

    @pytest.mark.parametrize("answer", [Limited(seconds(20)), Unreached("no route"), InDoubt("no answer")])
    async def test_while_the_channel_cannot_be_read_nothing_is_posted_again(
        self, database: Database, clock: ManualClock, answer: Limited | Unreached | InDoubt
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.answers(TIER_1_CHANNEL, InDoubt("no answer"))
            await bot.deliver()
            bot.slack.take()
            clock.advance(seconds=15)
            bot.slack.found[TIER_1_CHANNEL] = answer
            at = await bot.deliver()
            assert at == clock.now() + (seconds(20) if isinstance(answer, Limited) else seconds(2))
            assert bot.slack.take() == []
            assert (await bot.promise(PAGE)).state == "unknown"
            clock.move_to(at)
            bot.slack.found[TIER_1_CHANNEL] = Delivered("17.9")
            await bot.deliver()
            assert (await bot.promise(PAGE)).ts == "17.9"

    async def test_a_channel_that_may_not_be_read_does_not_swallow_the_page(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.answers(TIER_1_CHANNEL, InDoubt("no answer"))
            await bot.deliver()
            bot.slack.take()
            clock.advance(seconds=15)
            bot.slack.found[TIER_1_CHANNEL] = Refused("missing_scope")
            await bot.deliver()
            assert [post.channel for post in bot.slack.take()] == [TIER_1_CHANNEL]

    async def test_a_page_that_is_refused_goes_to_the_fallback_channel_and_into_the_timeline(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.answers(TIER_1_CHANNEL, Refused("is_archived"))
            await bot.deliver_all()
            [instead] = [post for post in bot.slack.take() if post.channel == FALLBACK_CHANNEL]
            assert "INC-1" in instead.text
            assert "<!subteam^S0FIRSTLN1>" in instead.text, "those whom the page was for are still paged"
            refused = await bot.promise(PAGE)
            assert (refused.state, refused.error, refused.ts) == ("failed", "is_archived", None)
            assert (await bot.promise(f"{PAGE}/fallback")).state == "sent"
            assert (await bot.story())[1:] == [
                TimelineEvent(
                    seq=2,
                    at=NOW,
                    by=THE_BOT,
                    fact=timeline.DeliveryFailed(
                        promise=PAGE, channel=TIER_1_CHANNEL, error="is_archived", told=FALLBACK_CHANNEL
                    ),
                )
            ]

    async def test_a_fallback_channel_that_refuses_too_is_not_told_about_itself(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.answers(TIER_1_CHANNEL, Refused("is_archived"))
            bot.slack.answers(FALLBACK_CHANNEL, Refused("channel_not_found"))
            await bot.deliver_all()
            assert (await bot.story())[-1].fact == timeline.DeliveryFailed(
                promise=f"{PAGE}/fallback", channel=FALLBACK_CHANNEL, error="channel_not_found", told=None
            )
            assert [promise.state for promise in await bot.promises()] == ["failed", "sent", "failed"]

    async def test_a_stakeholder_message_that_is_refused_is_told_to_the_fallback_channel(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.answers(STAKEHOLDER_CHANNEL, Refused("is_archived"))
            await bot.deliver_all()
            posts = {post.channel for post in bot.slack.take()}
            assert posts == {TIER_1_CHANNEL, STAKEHOLDER_CHANNEL, FALLBACK_CHANNEL}
            assert (await bot.story())[-1].fact == timeline.DeliveryFailed(
                promise=PARENT, channel=STAKEHOLDER_CHANNEL, error="is_archived", told=FALLBACK_CHANNEL
            )

    async def test_where_the_bot_is_not_in_the_channel_it_joins_and_posts(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.answers(TIER_1_CHANNEL, Refused("not_in_channel"))
            assert await bot.deliver() is None
            assert bot.slack.joins == [TIER_1_CHANNEL]
            assert (await bot.promise(PAGE)).state == "sent"

    async def test_a_private_channel_cannot_be_joined_so_the_page_goes_elsewhere(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.answers(TIER_1_CHANNEL, Refused("not_in_channel"))
            bot.slack.join_outcome = Refused("method_not_supported_for_channel_type")
            await bot.deliver_all()
            assert bot.slack.joins == [TIER_1_CHANNEL]
            assert (await bot.promise(PAGE)).error == "not_in_channel"
            assert (await bot.promise(f"{PAGE}/fallback")).state == "sent"

    async def test_a_channel_that_throws_the_bot_out_each_time_is_given_up(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.answers(TIER_1_CHANNEL, *[Refused("not_in_channel")] * 50)
            await bot.deliver_all()
            assert len(bot.slack.joins) == 1
            assert (await bot.promise(f"{PAGE}/fallback")).state == "sent"

    @pytest.mark.parametrize(
        ("answer", "again_after"),
        [(Limited(seconds(20)), seconds(20)), (Unreached("no route"), seconds(1)), (InDoubt("no answer"), seconds(1))],
    )
    async def test_a_channel_that_could_not_be_joined_just_now_is_tried_again(
        self, database: Database, clock: ManualClock, answer: Outcome, again_after: timedelta
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.answers(TIER_1_CHANNEL, Refused("not_in_channel"))
            bot.slack.join_outcome = answer
            assert await bot.deliver() == NOW + again_after
            assert (await bot.promise(PAGE)).state == "pending"
            clock.move_to(NOW + again_after)
            assert await bot.deliver() is None
            assert (await bot.promise(PAGE)).state == "sent"
            assert bot.slack.searches == []

    @pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long"])
    async def test_a_message_that_slack_does_not_take_goes_out_once_more_as_a_short_text(
        self, database: Database, clock: ManualClock, error: str
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.answers(TIER_1_CHANNEL, Refused(error))
            await bot.deliver()
            whole, plain = [post for post in bot.slack.take() if post.channel == TIER_1_CHANNEL]
            assert whole.key == plain.key
            assert (whole.blocks > 1, plain.blocks) == (True, 1)
            assert "<!subteam^S0FIRSTLN1>" in plain.text
            assert (await bot.promise(PAGE)).state == "sent"

    async def test_a_short_text_that_is_refused_as_well_is_given_up(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            bot.slack.answers(TIER_1_CHANNEL, Refused("invalid_blocks"), Refused("invalid_blocks"))
            await bot.deliver_all()
            assert len([post for post in bot.slack.take() if post.channel == TIER_1_CHANNEL]) == 2
            assert (await bot.promise(PAGE)).state == "failed"
            assert (await bot.promise(f"{PAGE}/fallback")).state == "sent"


class TestNotices:
    """What is about the workspace is about no incident, and has no story to be written into."""

    REPORT = StartUpReport(away_since=NOW - minutes(30), back_at=NOW, passed=())

    async def promise_report(self, bot: Bench) -> None:
        promise = Promise(
            key="start-up/1", lane=Lane.REPORT, channel=FALLBACK_CHANNEL, deliver_at=NOW, message=self.REPORT
        )
        async with bot.database.write() as tx:
            await outbox.promise(tx, WORKSPACE, None, promise)

    async def test_a_report_is_posted_once(self, database: Database, clock: ManualClock) -> None:
        async with bench(database, clock) as bot:
            await self.promise_report(bot)
            await bot.deliver_all()
            [report] = bot.slack.take()
            assert "30 min" in report.text
            assert (report.thread_ts, report.broadcast) == (None, False)
            assert (await bot.promise("start-up/1")).state == "sent"

    async def test_a_report_that_slack_does_not_take_goes_out_as_a_short_text(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await self.promise_report(bot)
            bot.slack.answers(FALLBACK_CHANNEL, Refused("invalid_blocks"))
            await bot.deliver_all()
            assert [post.channel for post in bot.slack.take()] == [FALLBACK_CHANNEL] * 2
            assert (await bot.promise("start-up/1")).state == "sent"

    async def test_a_report_that_the_fallback_channel_refuses_is_given_up(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await self.promise_report(bot)
            bot.slack.answers(FALLBACK_CHANNEL, Refused("is_archived"))
            await bot.deliver_all()
            assert [(promise.state, promise.error) for promise in await bot.promises()] == [("failed", "is_archived")]

    async def test_a_report_in_doubt_is_looked_for_before_it_is_posted_again(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await self.promise_report(bot)
            bot.slack.answers(FALLBACK_CHANNEL, InDoubt("no answer"))
            bot.slack.found[FALLBACK_CHANNEL] = Delivered("17.9")
            await bot.deliver_all()
            assert len(bot.slack.take()) == 1
            assert (await bot.promise("start-up/1")).ts == "17.9"
