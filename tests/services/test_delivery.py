"""Keeping promises: each message once, in its order, at Slack's pace, and none forgotten whatever Slack answers."""

from datetime import time, timedelta

import pytest

from bot.domain import timeline
from bot.domain.delivery import LEASE, QUIET, Delivered, InDoubt, Limited, Outcome, Refused, Unreached
from bot.domain.ids import THE_BOT, ChannelId
from bot.domain.policy import Rotation
from bot.domain.promise import Lane, Promise, StartUpReport
from bot.domain.timeline import TimelineEvent
from bot.slack.gateway import delivery_key
from storage import cards, outbox
from storage.database import Database
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    FALLBACK_CHANNEL,
    GRACE,
    NOW,
    SAM,
    STAKEHOLDER_CHANNEL,
    TIER_1_CHANNEL,
    TIER_2_CHANNEL,
    WORKSPACE,
    a_policy,
    a_tier,
    a_user,
    an_escalation,
    minutes,
)
from tests.clock import ManualClock
from tests.services.bench import Bench, Promised, RecordingSlack, Search, another_bench, bench
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


class TestLastLook:
    """The facts are read once more just before a message goes out."""

    async def test_a_page_for_a_resolved_incident_is_not_sent_and_the_timeline_says_so(
        self, database: Database, clock: ManualClock
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

    async def test_a_page_of_a_tier_that_the_incident_has_left_is_not_sent(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            await bot.desk.escalate(1, by=ANA)
            await bot.deliver_all()
            assert [post.channel for post in bot.slack.take() if "subteam" in post.text] == [TIER_2_CHANNEL]
            assert (await bot.promise(PAGE)).error == "already at tier 2"

    async def test_what_was_acknowledged_meanwhile_is_shown_and_rings_nobody(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            bot.slack.names = {ANA: "Ana Rojas"}
            await bot.open()
            await bot.desk.acknowledge(1, by=ANA)
            await bot.deliver()
            [card] = [post for post in bot.slack.take() if post.channel == TIER_1_CHANNEL]
            assert "<!subteam" not in card.text
            assert "<@" not in card.text

    async def test_what_was_not_sent_takes_no_turn_of_its_channel(self, database: Database, clock: ManualClock) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            await bot.desk.resolve(1, by=GRACE)
            await bot.open()
            await bot.deliver()
            await bot.deliver()
            assert [post.channel for post in bot.slack.take() if "INC-2" in post.text] == [TIER_1_CHANNEL]
            assert clock.now() == NOW


class TestOnCall:
    """Who is on call is rung as the tier's own people are, as of the page."""

    async def test_the_page_rings_who_is_on_duty_when_the_tier_is_paged(
        self, database: Database, clock: ManualClock
    ) -> None:
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


class TestOrderAndPace:
    async def test_a_channel_takes_one_message_a_second(self, database: Database, clock: ManualClock) -> None:
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
        self, database: Database, clock: ManualClock
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
        self, database: Database, clock: ManualClock
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

    async def test_a_breach_is_told_below_the_card_and_shown_in_the_channel(
        self, database: Database, clock: ManualClock
    ) -> None:
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

    async def test_stakeholder_updates_go_into_the_thread_of_their_parent(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            await bot.deliver_all()
            bot.slack.take()
            await bot.desk.acknowledge(1, by=ANA)
            await bot.deliver_all()
            [update] = bot.slack.take()
            assert (update.channel, update.broadcast) == (STAKEHOLDER_CHANNEL, False)
            assert update.thread_ts == (await bot.promise(PARENT)).ts

    async def test_a_channel_that_hangs_holds_up_no_other(self, database: Database, clock: ManualClock) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            async with bot.posting(TIER_1_CHANNEL):
                await bot.desk.escalate(1, by=ANA)
                await bot.delivery()
                await bot.slack.reached[TIER_2_CHANNEL].wait()

    async def test_while_a_channel_takes_its_time_it_is_sent_nothing_else(
        self, database: Database, clock: ManualClock
    ) -> None:
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

    async def test_with_nothing_promised_slack_is_not_asked(self, database: Database, clock: ManualClock) -> None:
        async with bench(database, clock) as bot:
            assert await bot.deliver() is None
            assert bot.slack.posts == []

    async def test_only_those_whom_a_message_is_for_are_mentioned_in_it(
        self, database: Database, clock: ManualClock
    ) -> None:
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


class TestCrashes:
    async def test_what_a_killed_process_was_sending_is_looked_for_and_sent_once(
        self, database: Database, clock: ManualClock
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

    async def test_a_sender_that_was_given_up_on_records_nothing(self, database: Database, clock: ManualClock) -> None:
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

    async def test_a_bug_while_sending_leaves_a_promise_that_is_kept_later(
        self, database: Database, clock: ManualClock
    ) -> None:
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
        self, database: Database, clock: ManualClock
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


def promise_key(bot: Bench, key: str, incidents: int) -> str:
    """Which of the first promises of the incidents `key` stands for."""
    keys = [f"INC-{n}/{what}" for n in range(1, incidents + 1) for what in ("page/tier:1/cycle:0", "stakeholders")]
    return next(one for one in keys if delivery_key(WORKSPACE, one) == key)


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
