"""What a bot that stops has in its hands goes back at once: nobody waits for the lease."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Never

from structlog.testing import capture_logs

from bot.domain.delivery import QUIET, Delivered, InDoubt, NextState, Outcome, PromiseState
from bot.domain.ids import ChannelId, UserId
from bot.services.hand_back import hand_back
from bot.slack.gateway import NotFound
from storage import outbox
from storage.database import Database, open_database
from tests.builders import NOW, STAKEHOLDER_CHANNEL, TIER_1_CHANNEL, WORKSPACE
from tests.clock import ManualClock
from tests.services.bench import Promised, RecordingSlack, another_bench, bench
from tests.storage.stored import a_page, an_incident_in, promised, seconds

PAGE = "INC-1/page/tier:1/cycle:0"


class HangsBeforeThePost(RecordingSlack):
    """What Slack is asked before it is given a message, it does not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def name_of(self, user: UserId) -> str | None:
        return await self._never()

    async def find(self, channel: ChannelId, *, key: str, since: datetime, thread_ts: str | None) -> NotFound | Outcome:
        return await self._never()

    async def _never(self) -> Never:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError("it was answered")


async def test_a_post_on_its_way_is_looked_for_once_it_is_quiet(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as next_one:
        async with another_bench(database, clock) as stopping:
            await stopping.open()
            stopping.slack.hanging = {TIER_1_CHANNEL: asyncio.Event(), STAKEHOLDER_CHANNEL: asyncio.Event()}
            await stopping.delivery()
            await stopping.slack.reached[TIER_1_CHANNEL].wait()
            await stopping.slack.reached[STAKEHOLDER_CHANNEL].wait()
            clock.advance(seconds=3)
            stopping.errands.hurry(0)
        assert [(promise.state, promise.error) for promise in await next_one.promises()] == [
            ("unknown", "the sender stopped")
        ] * 2
        assert await next_one.deliver() == NOW + seconds(3) + QUIET
        clock.move_to(NOW + seconds(3) + QUIET)
        next_one.slack.found[TIER_1_CHANNEL] = Delivered("17.9")
        await next_one.deliver()
        assert {search.since for search in next_one.slack.searches} == {NOW}
        assert [post.channel for post in next_one.slack.take()] == [STAKEHOLDER_CHANNEL]
        assert {promise.state for promise in await next_one.promises()} == {"sent"}


async def test_what_was_not_posted_yet_is_posted_by_the_next_one_at_once(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as next_one:
        await promised(database, await an_incident_in(database), a_page(PAGE))
        slack = HangsBeforeThePost()
        async with another_bench(database, clock, slack=slack) as stopping:
            await stopping.delivery()
            await slack.asked.wait()
            stopping.errands.hurry(0)
        assert slack.posts == []
        assert await next_one.promise(PAGE) == Promised(
            key=PAGE, state="pending", ts=None, attempts=1, error="the sender stopped"
        )
        assert await next_one.deliver() is None
        assert [post.channel for post in next_one.slack.take()] == [TIER_1_CHANNEL]
        assert next_one.slack.searches == [], "nothing of it can be in a channel"
        assert clock.now() == NOW


async def test_an_older_doubt_stays_one(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as next_one:
        await next_one.open()
        next_one.slack.answers(TIER_1_CHANNEL, InDoubt("no answer"))
        await next_one.deliver()
        next_one.slack.take()
        clock.advance(seconds=QUIET.total_seconds())
        slack = HangsBeforeThePost()
        async with another_bench(database, clock, slack=slack) as stopping:
            await stopping.delivery()
            await slack.asked.wait()
            stopping.errands.hurry(0)
        assert (await next_one.promise(PAGE)).state == "unknown"
        next_one.slack.found[TIER_1_CHANNEL] = Delivered("17.9")
        assert await next_one.deliver() is None
        assert (await next_one.promise(PAGE)).ts == "17.9"
        assert next_one.slack.take() == []


async def test_what_cannot_be_recorded_keeps_its_lease(database: Database, clock: ManualClock, tmp_path: Path) -> None:
    broken = open_database(f"sqlite:///{tmp_path}/empty.sqlite3")
    async with bench(database, clock) as bot:
        await bot.open()
        async with database.write() as tx:
            [claim, *_] = await outbox.claim(tx, WORKSPACE, now=NOW, limit=50)
        with capture_logs() as logs:
            await hand_back(broken, claim, clock, posting_since=None)
        assert [(entry["event"], entry["promise"]) for entry in logs] == [("delivery.not_handed_back", PAGE)]
        assert (await bot.promise(PAGE)).state == "sending"
        await bot.deliver_all()
        assert (await bot.promise(PAGE)).state == "sent"
    await broken.close()


async def test_what_was_recorded_already_stays_as_it_is(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        async with database.write() as tx:
            [claim, *_] = await outbox.claim(tx, WORKSPACE, now=NOW, limit=50)
            sent = NextState(state=PromiseState.SENT, message_ts="17.9")
            assert await outbox.record(tx, claim, sent, said="", now=NOW)
        await hand_back(database, claim, clock, posting_since=NOW)
        assert (await bot.promise(PAGE)).state == "sent"
