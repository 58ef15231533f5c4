"""Lanes and pace: what is urgent goes next however much waits, and a backlog goes out as fast as Slack takes it."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from bot.domain.delivery import Delivered, Limited, Outcome
from bot.domain.ids import ChannelId
from bot.domain.message import StakeholderUpdate, UpdateReason
from bot.domain.promise import Lane, Promise
from bot.slack.blocks.rendered import Rendered
from bot.slack.marks import delivery_key
from storage.database import Database, open_database
from tests.builders import NOW, STAKEHOLDER_CHANNEL, WORKSPACE
from tests.clock import ManualClock
from tests.services.bench import Bench, RecordingSlack, another_bench
from tests.storage.stored import a_page, a_workspace, an_incident_in, promised, seconds

POST_EVERY = seconds(1)
LATENCY = timedelta(milliseconds=30)
CHANNELS = tuple(ChannelId(f"C0BACKLOG{number}") for number in range(5))
ALLOWED_SHARE = 0.95


class PacedSlack(RecordingSlack):
    """Takes one post a second in each channel, and stores it at once; in a slow one it answers later."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self.stored_at: dict[ChannelId, list[datetime]] = defaultdict(list)
        self.limited = 0
        self.slow: ChannelId | None = None
        self._clock = clock

    async def post(
        self, channel: ChannelId, message: Rendered, *, key: str, thread_ts: str | None = None, broadcast: bool = False
    ) -> Outcome:
        now, before = self._clock.now(), self.stored_at[channel]
        if before and now < before[-1] + POST_EVERY:
            self.limited += 1
            return Limited(before[-1] + POST_EVERY - now)
        before.append(now)
        self.answers(channel, Delivered(f"{now.timestamp():.6f}"))
        answer = await super().post(channel, message, key=key, thread_ts=thread_ts, broadcast=broadcast)
        if channel == self.slow:
            self._clock.advance(seconds=LATENCY.total_seconds())
        return answer


@pytest.fixture
def slack(clock: ManualClock) -> PacedSlack:
    return PacedSlack(clock)


@pytest.fixture
async def sqlite(sqlite_database_url: str) -> AsyncIterator[Database]:
    database = open_database(sqlite_database_url)
    yield database
    await database.close()


async def test_a_page_is_the_next_post_although_five_hundred_updates_wait(
    database: Database, clock: ManualClock, slack: PacedSlack
) -> None:
    await a_workspace(database)
    slack.slow = STAKEHOLDER_CHANNEL
    async with another_bench(database, clock, slack=slack) as bot:
        await promised(database, await an_incident_in(database), *updates(500, STAKEHOLDER_CHANNEL))
        paged = await an_incident_in(database, 2)
        async with bot.posting(STAKEHOLDER_CHANNEL):
            clock.advance(milliseconds=400)
            await promised(database, paged, a_page("the page", channel=STAKEHOLDER_CHANNEL))
        await deliver_until(bot, posts=4)
    keys = [f"{STAKEHOLDER_CHANNEL}/0", "the page", f"{STAKEHOLDER_CHANNEL}/1", f"{STAKEHOLDER_CHANNEL}/2"]
    assert [post.key for post in slack.posts] == [delivery_key(WORKSPACE, key) for key in keys]
    assert slack.stored_at[STAKEHOLDER_CHANNEL] == [NOW + seconds(second) for second in range(4)]
    assert slack.limited == 0


async def test_a_backlog_goes_out_at_the_pace_that_slack_allows_and_no_faster(
    sqlite: Database, clock: ManualClock, slack: PacedSlack
) -> None:
    await a_workspace(sqlite)
    slack.slow = CHANNELS[0]
    async with another_bench(sqlite, clock, slack=slack) as bot:
        incident = await an_incident_in(sqlite)
        for channel in CHANNELS:
            await promised(sqlite, incident, *updates(30, channel))
        await deliver_until(bot, posts=150)
        assert {promise.state for promise in await bot.promises()} == {"sent"}
    assert slack.limited == 0
    assert len({post.key for post in slack.posts}) == len(slack.posts)
    for channel in CHANNELS:
        at = slack.stored_at[channel]
        assert len(at) == 30
        assert min(later - earlier for earlier, later in pairwise(at)) >= POST_EVERY
        assert (len(at) - 1) * POST_EVERY / (at[-1] - NOW) >= ALLOWED_SHARE


def updates(count: int, channel: ChannelId) -> Sequence[Promise]:
    """What stakeholders are to hear, in its order; none of it tells what another one tells."""
    message = StakeholderUpdate(number=1, reason=UpdateReason.ESCALATED, since_seq=1, until_seq=2)
    return [
        Promise(key=f"{channel}/{number}", lane=Lane.UPDATE, channel=channel, deliver_at=NOW, message=message)
        for number in range(count)
    ]


async def deliver_until(bot: Bench, *, posts: int) -> None:
    """Moves the clock from one look to the next; fails when nothing waits any more before."""
    while len(bot.slack.posts) < posts:
        at = await bot.deliver()
        if len(bot.slack.posts) < posts:
            assert at is not None
            bot.clock.move_to(max(at, bot.clock.now()))
