"""What is promised to a person: paced like a channel, and a refusal is noted and alarms nobody."""

import pytest

from bot.domain.delivery import Delivered, InDoubt, Refused
from bot.domain.ids import ChannelId
from bot.domain.message import StakeholderUpdate, UpdateReason
from bot.domain.promise import Lane, Promise
from bot.domain.timeline import DeliveryFailed
from storage import outbox
from storage.database import Database
from tests.builders import BEN, NOW, WORKSPACE
from tests.clock import ManualClock
from tests.services.bench import Bench, bench

DIRECTLY = ChannelId(BEN)


def an_update(number: int, lane: Lane = Lane.UPDATE) -> Promise:
    message = StakeholderUpdate(number=number, reason=UpdateReason.TOLD, since_seq=0, until_seq=1, audience=DIRECTLY)
    return Promise(key=f"INC-1/update/{number}/{BEN}", lane=lane, channel=DIRECTLY, deliver_at=NOW, message=message)


async def promised(bot: Bench, database: Database, *promises: Promise) -> None:
    """To Ben, who follows it; what was promised at its opening is sent already."""
    incident = await bot.open()
    await bot.deliver()
    bot.slack.take()
    await bot.desk.follow(1, by=BEN, who=BEN)
    async with database.write() as tx:
        for promise in promises:
            await outbox.promise(tx, WORKSPACE, incident.id, promise)


async def test_one_a_second_goes_to_a_person_in_the_order_of_the_facts(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await promised(bot, database, an_update(1), an_update(2))
        await bot.deliver()
        [first] = bot.slack.take()
        assert (first.channel, first.thread_ts) == (DIRECTLY, None)
        clock.advance(seconds=1)
        await bot.deliver()
        assert len(bot.slack.take()) == 1


async def test_in_doubt_it_is_looked_for_where_it_was_to_go(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await promised(bot, database, an_update(1))
        bot.slack.answers(DIRECTLY, InDoubt("no answer"))
        bot.slack.found[DIRECTLY] = Delivered("17.9")
        await bot.deliver()
        clock.advance(seconds=15)
        await bot.deliver()
        assert [search.channel for search in bot.slack.searches] == [DIRECTLY]
        assert len(bot.slack.take()) == 1
        assert (await bot.promise(an_update(1).key)).ts == "17.9"


@pytest.mark.parametrize("lane", [Lane.UPDATE, Lane.PAGE])
async def test_a_refusal_is_noted_and_alarms_nobody(database: Database, clock: ManualClock, lane: Lane) -> None:
    async with bench(database, clock) as bot:
        await promised(bot, database, an_update(1, lane))
        bot.slack.answers(DIRECTLY, Refused("user_disabled"))
        before = {promise.key for promise in await bot.promises()}
        await bot.deliver()
        assert (await bot.promise(an_update(1).key)).state == "failed"
        assert {promise.key for promise in await bot.promises()} == before
        _, story = await bot.desk.show(1)
        assert story[-1].fact == DeliveryFailed(
            promise=an_update(1).key, channel=DIRECTLY, error="user_disabled", told=None
        )
