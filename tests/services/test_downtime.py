"""A bot that was away: it says so once, whatever kills it meanwhile, and rings once for very many incidents."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.domain.delivery import Refused
from bot.domain.message import PageTier
from bot.domain.notice import CatchUpPages, PassedDeadline, StartUpReport
from bot.domain.promise import Lane
from bot.domain.timeline import Target
from bot.services.downtime import BEAT, LOOK_AGAIN, Heartbeat, bundle
from bot.services.policies import CurrentPolicy, PolicyBook
from bot.services.signal import Signal
from storage import presence, tables
from storage.database import Database
from storage.errors import NotStored
from storage.records import message_of
from tests.builders import (
    ANA,
    FALLBACK_CHANNEL,
    NOW,
    TIER_2_CHANNEL,
    WORKSPACE,
    a_policy,
    minutes,
)
from tests.clock import ManualClock
from tests.services.bench import Bench, bench
from tests.storage.stored import FIRST_VERSION, a_page, an_incident_in, promised


class WallClock(ManualClock):
    """Moves without a word, as the machine's clock does while its process is stopped."""

    def real_delay(self, until: datetime) -> timedelta | None:
        return until - self.now()

    def on_jump(self, listener: Callable[[], None]) -> None:
        """Never."""


@pytest.fixture
def clock() -> WallClock:
    return WallClock(NOW)


def a_heartbeat(database: Database, clock: ManualClock, changed: Signal | None = None) -> Heartbeat:
    """Of a process that has just started."""
    book = PolicyBook(CurrentPolicy(version_id=FIRST_VERSION, policy=a_policy()))
    return Heartbeat(database, WORKSPACE, book, clock, changed or Signal())


async def mark(database: Database) -> datetime | None:
    async with database.read() as tx:
        return await presence.checked_until(tx, WORKSPACE)


async def reports(database: Database) -> list[StartUpReport]:
    async with database.read() as tx:
        rows = (await tx.execute(select(tables.outbox).where(tables.outbox.c.kind == "start_up"))).mappings().all()
    found = [message_of(row) for row in rows]
    return [report for report in found if isinstance(report, StartUpReport)]


class TestBeating:
    async def test_the_very_first_start_is_no_absence(self, database: Database, clock: WallClock) -> None:
        async with bench(database, clock):
            assert await a_heartbeat(database, clock)() == NOW + BEAT
            assert await mark(database) == NOW
            assert await reports(database) == []

    async def test_every_beat_stores_how_far_the_checks_have_come(self, database: Database, clock: WallClock) -> None:
        async with bench(database, clock):
            beat = a_heartbeat(database, clock)
            for _ in range(3):
                clock.move_to(await beat())
            assert await mark(database) == NOW + 2 * BEAT

    async def test_a_restart_within_a_minute_is_no_absence(self, database: Database, clock: WallClock) -> None:
        async with bench(database, clock):
            await a_heartbeat(database, clock)()
            clock.advance(seconds=60)
            assert await a_heartbeat(database, clock)() == clock.now() + BEAT
            assert await mark(database) == clock.now()
            assert await reports(database) == []

    async def test_a_clock_that_says_that_it_was_moved_is_no_absence(self, database: Database) -> None:
        clock = ManualClock(NOW)
        async with bench(database, clock):
            beat = a_heartbeat(database, clock)
            await beat()
            clock.advance(hours=1)
            await beat()
            assert await mark(database) == clock.now()
            assert await reports(database) == []


class TestReport:
    async def test_it_says_how_long_the_bot_was_away_and_which_deadlines_passed(
        self, database: Database, clock: WallClock
    ) -> None:
        async with bench(database, clock) as bot:
            await a_heartbeat(database, clock)()
            await bot.open()
            clock.advance(minutes=30)
            changed, heard = Signal(), []
            changed.subscribe(lambda: heard.append(clock.now()))
            beat = a_heartbeat(database, clock, changed)
            assert await beat() == clock.now() + LOOK_AGAIN, "the tick has not decided yet"
            assert (await reports(database), heard) == ([], [])
            await bot.tick()
            clock.advance(seconds=1)
            assert await beat() == clock.now() + BEAT
            assert await reports(database) == [
                StartUpReport(
                    away_since=NOW,
                    back_at=NOW + minutes(30),
                    passed=(PassedDeadline(number=1, target=Target.RESPONSE, tier=1, due_at=NOW + minutes(5)),),
                )
            ]
            assert (await mark(database), heard) == (clock.now(), [clock.now()])
            await bot.deliver_all()
            [report] = [post for post in bot.slack.take() if post.channel == FALLBACK_CHANNEL]
            assert "away" in report.text
            assert "INC-1" in report.text

    async def test_it_is_made_once(self, database: Database, clock: WallClock) -> None:
        async with bench(database, clock):
            await a_heartbeat(database, clock)()
            clock.advance(minutes=30)
            beat = a_heartbeat(database, clock)
            clock.move_to(await beat())
            await beat()
            await a_heartbeat(database, clock)()
            assert len(await reports(database)) == 1

    async def test_a_process_that_was_suspended_reports_it_too(self, database: Database, clock: WallClock) -> None:
        async with bench(database, clock) as bot:
            beat = a_heartbeat(database, clock)
            await beat()
            await bot.open()
            clock.advance(minutes=6)
            await bot.tick()
            await beat()
            [report] = await reports(database)
            assert (report.away_since, report.back_at) == (NOW, NOW + minutes(6))
            assert [passed.number for passed in report.passed] == [1]

    async def test_killed_before_the_report_the_next_start_makes_it(self, database: Database, clock: WallClock) -> None:
        async with bench(database, clock) as bot:
            await a_heartbeat(database, clock)()
            await bot.open()
            clock.advance(minutes=30)
            await a_heartbeat(database, clock)()
            await bot.tick()
            clock.advance(seconds=20)
            await a_heartbeat(database, clock)()
            [report] = await reports(database)
            assert (report.away_since, [passed.number for passed in report.passed]) == (NOW, [1])

    async def test_killed_in_the_middle_of_it_nothing_of_it_is_stored(
        self, database: Database, clock: WallClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fail(*_: object) -> None:
            raise NotStored("killed")

        async with bench(database, clock):
            await a_heartbeat(database, clock)()
            clock.advance(minutes=30)
            with monkeypatch.context() as patch:
                patch.setattr(presence, "set_checked_until", fail)
                with pytest.raises(NotStored):
                    await a_heartbeat(database, clock)()
            assert (await mark(database), await reports(database)) == (NOW, [])
            await a_heartbeat(database, clock)()
            assert len(await reports(database)) == 1

    async def test_a_short_absence_in_which_nothing_passed_is_nobodys_concern(
        self, database: Database, clock: WallClock
    ) -> None:
        async with bench(database, clock):
            await a_heartbeat(database, clock)()
            clock.advance(minutes=4, seconds=59)
            await a_heartbeat(database, clock)()
            assert (await mark(database), await reports(database)) == (clock.now(), [])
            clock.advance(minutes=5)
            await a_heartbeat(database, clock)()
            assert [report.passed for report in await reports(database)] == [()]

    async def test_what_ran_out_before_or_after_the_absence_is_not_in_it(
        self, database: Database, clock: WallClock
    ) -> None:
        async with bench(database, clock) as bot:
            beat = a_heartbeat(database, clock)
            await bot.open()
            clock.advance(minutes=5)
            await bot.tick()
            await beat()
            clock.advance(minutes=20)
            await bot.tick()
            await beat()
            clock.advance(minutes=5)
            await bot.tick()
            [report] = await reports(database)
            assert [(passed.tier, passed.due_at) for passed in report.passed] == [(2, NOW + minutes(10))]

    async def test_one_incident_that_cannot_be_decided_does_not_hold_it_up(
        self, database: Database, clock: WallClock
    ) -> None:
        async with bench(database, clock) as bot:
            await a_heartbeat(database, clock)()
            await bot.open()
            clock.advance(minutes=30)
            beat = a_heartbeat(database, clock)
            back_at = clock.now()
            while await reports(database) == []:
                assert clock.now() <= back_at + minutes(2)
                clock.move_to(await beat())
            assert [report.passed for report in await reports(database)] == [()]


async def away_with(bot: Bench, clock: ManualClock, count: int) -> None:
    """So many incidents whose response time runs out while the bot is away; it is back, and has decided."""
    for _ in range(count):
        await bot.open()
    clock.advance(minutes=30)
    await bot.tick()
    async with bot.database.write() as tx:
        await bundle(tx, WORKSPACE, clock.now())


async def pages_of_tier_2(database: Database) -> list[tuple[PageTier, Lane]]:
    query = select(tables.outbox).where(tables.outbox.c.kind == "page", tables.outbox.c.channel == TIER_2_CHANNEL)
    async with database.read() as tx:
        rows = (await tx.execute(query.order_by(tables.outbox.c.id))).mappings().all()
    found = [(message_of(row), Lane(row["lane"])) for row in rows]
    return [(page, lane) for page, lane in found if isinstance(page, PageTier)]


async def lists(database: Database) -> list[CatchUpPages]:
    async with database.read() as tx:
        rows = (await tx.execute(select(tables.outbox).where(tables.outbox.c.kind == "catch_up"))).mappings().all()
    found = [message_of(row) for row in rows]
    return [one for one in found if isinstance(one, CatchUpPages)]


class TestManyPages:
    async def test_twenty_pages_are_twenty_pages(self, database: Database, clock: WallClock) -> None:
        async with bench(database, clock) as bot:
            await away_with(bot, clock, 20)
            assert await lists(database) == []
            pages = await pages_of_tier_2(database)
            assert len(pages) == 20
            assert all(page.catching_up and not page.silent and lane is Lane.PAGE for page, lane in pages)

    async def test_twenty_five_are_one_message_that_rings_and_a_quiet_card_each(
        self, database: Database, clock: WallClock
    ) -> None:
        async with bench(database, clock) as bot:
            await away_with(bot, clock, 25)
            [listed] = await lists(database)
            assert listed.incidents == tuple(range(1, 26))
            pages = await pages_of_tier_2(database)
            assert all(page.silent and lane is Lane.CARD for page, lane in pages)
            await bot.deliver()
            [first] = [post for post in bot.slack.take() if post.channel == TIER_2_CHANNEL]
            assert "<!subteam^S0PLATFRM1>" in first.text
            await bot.deliver_all()
            cards = [post for post in bot.slack.take() if post.channel == TIER_2_CHANNEL]
            assert len(cards) == 25
            assert not any("<!subteam" in card.text for card in cards)
            assert {(await bot.promise(f"INC-{n}/page/tier:2/cycle:1")).state for n in (1, 25)} == {"sent"}
            assert (await bot.promise("INC-1/page/tier:2/cycle:1/catch-up")).state == "sent"

    async def test_later_pages_join_the_message_as_long_as_it_waits(self, database: Database, clock: WallClock) -> None:
        async with bench(database, clock) as bot:
            await away_with(bot, clock, 25)
            await catching_up_at_tier_2(database, 99)
            async with database.write() as tx:
                await bundle(tx, WORKSPACE, clock.now())
                await bundle(tx, WORKSPACE, clock.now())
            [listed] = await lists(database)
            assert listed.incidents == (*range(1, 26), 99)

    async def test_what_was_taken_before_it_goes_out_is_not_listed_and_when_all_was_it_is_not_sent(
        self, database: Database, clock: WallClock
    ) -> None:
        async with bench(database, clock) as bot:
            await away_with(bot, clock, 21)
            for number in range(1, 22):
                await bot.desk.acknowledge(number, by=ANA)
            await bot.deliver()
            unsent = await bot.promise("INC-1/page/tier:2/cycle:1/catch-up")
            assert (unsent.state, unsent.error) == ("suppressed", "none of them waits here any more")
            assert not any("<!subteam" in post.text for post in bot.slack.take())

    async def test_a_message_that_the_channel_refuses_rings_in_the_fallback_channel(
        self, database: Database, clock: WallClock
    ) -> None:
        async with bench(database, clock) as bot:
            await away_with(bot, clock, 21)
            bot.slack.answers(TIER_2_CHANNEL, Refused("restricted_action"))
            await bot.deliver()
            await bot.deliver()
            assert (await bot.promise("INC-1/page/tier:2/cycle:1/catch-up")).state == "failed"
            [instead] = [post for post in bot.slack.take() if post.channel == FALLBACK_CHANNEL]
            assert "<!subteam^S0PLATFRM1>" in instead.text

    async def test_pages_of_an_ordinary_night_are_left_alone(self, database: Database, clock: WallClock) -> None:
        async with bench(database, clock) as bot:
            for _ in range(25):
                await bot.open()
            clock.advance(minutes=5)
            await bot.tick()
            async with database.write() as tx:
                await bundle(tx, WORKSPACE, clock.now())
            assert await lists(database) == []
            assert not any(page.catching_up for page, _ in await pages_of_tier_2(database))

    async def test_a_page_that_is_being_sent_is_not_changed_under_way(
        self, database: Database, clock: WallClock
    ) -> None:
        async with bench(database, clock) as bot:
            await away_with(bot, clock, 20)
            async with bot.posting(TIER_2_CHANNEL):
                for number in (98, 99):
                    await catching_up_at_tier_2(database, number)
                async with database.write() as tx:
                    await bundle(tx, WORKSPACE, clock.now())
            [listed] = await lists(database)
            assert listed.incidents == (*range(2, 21), 98, 99)
            assert [page.silent for page, _ in await pages_of_tier_2(database)] == [False, *[True] * 21]


CATCHING_UP = PageTier(tier=2, cycle=1, catching_up=True)


async def catching_up_at_tier_2(database: Database, number: int) -> None:
    incident = await an_incident_in(database, number, tier=2)
    page = a_page(f"INC-{number}/page/tier:2/cycle:1", channel=TIER_2_CHANNEL)
    await promised(database, incident, replace(page, message=CATCHING_UP))
