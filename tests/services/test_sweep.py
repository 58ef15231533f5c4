"""The sweep: of two copies the oldest stays, and a channel is looked at twice before it is left alone."""

from bot.domain.delivery import QUIET, SWEEPS, Delivered, InDoubt, Limited, Refused
from bot.slack.marks import delivery_key
from storage import cards
from storage.database import Database
from tests.builders import NOW, TIER_1_CHANNEL, WORKSPACE
from tests.clock import ManualClock
from tests.services.bench import Bench, bench
from tests.storage.stored import seconds

PAGE = "INC-1/page/tier:1/cycle:0"
KEY = delivery_key(WORKSPACE, PAGE)


async def posted_after_a_doubt(bot: Bench) -> str:
    """The `ts` of a page that was tried twice; delivered a quiet period after the opening."""
    await bot.open()
    bot.slack.answers(TIER_1_CHANNEL, InDoubt("timeout"), Delivered("20.000200"))
    await bot.deliver()
    bot.clock.move_to(NOW + QUIET)
    await bot.deliver()
    return (await bot.promise(PAGE)).ts or ""


async def test_what_was_delivered_at_once_is_never_looked_at(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.deliver_all()
        assert await bot.sweep() is None


async def test_a_later_copy_is_deleted_and_the_card_is_the_oldest(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        assert await posted_after_a_doubt(bot) == "20.000200"
        delivered_at = NOW + QUIET
        assert await bot.sweep() == delivered_at + SWEEPS[0]
        bot.slack.there[KEY] = ["20.000100", "20.000200"]
        clock.move_to(delivered_at + SWEEPS[0])
        await bot.sweep()
        assert bot.slack.deleted == [(TIER_1_CHANNEL, "20.000200")]
        assert (await bot.promise(PAGE)).ts == "20.000100"
        incident = await bot.incident()
        async with database.read() as tx:
            assert (await cards.of_incidents(tx, [incident.id]))[incident.id, "tier:1:0"] == "20.000100"
        await bot.edit()
        assert [edit.ts for edit in bot.slack.edits] == ["20.000100"], "it may have been posted before the last change"


async def test_it_is_looked_at_once_more_after_five_minutes_and_then_no_more(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        ts = await posted_after_a_doubt(bot)
        bot.slack.there[KEY] = [ts]
        for after in SWEEPS:
            assert await bot.sweep() == NOW + QUIET + after
            clock.move_to(NOW + QUIET + after)
            await bot.sweep()
        assert (await bot.sweep(), bot.slack.deleted) == (None, [])


async def test_what_slack_does_not_answer_is_asked_again(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        ts = await posted_after_a_doubt(bot)
        bot.slack.there[KEY] = Limited(seconds(40))
        clock.move_to(NOW + QUIET + SWEEPS[0])
        await bot.sweep()
        bot.slack.there[KEY] = [ts, "20.000300"]
        clock.advance(seconds=39)
        await bot.sweep()
        assert bot.slack.deleted == [], "Slack asked to wait"
        bot.slack.delete_answers.append(InDoubt("timeout"))
        clock.advance(seconds=1)
        await bot.sweep()
        clock.advance(seconds=30)
        await bot.sweep()
        assert bot.slack.deleted == [(TIER_1_CHANNEL, "20.000300")] * 2, "a deletion in doubt is done again"
        assert await bot.sweep() == NOW + QUIET + SWEEPS[1]


async def test_a_channel_that_cannot_be_read_is_left_alone(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        ts = await posted_after_a_doubt(bot)
        bot.slack.there[KEY] = Refused("missing_scope")
        for after in SWEEPS:
            clock.move_to(NOW + QUIET + after)
            await bot.sweep()
        assert (await bot.sweep(), (await bot.promise(PAGE)).ts) == (None, ts)
