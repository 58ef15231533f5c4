"""Cards: each shows the newest state, in as few edits as that takes."""

from bot.domain import timeline
from bot.domain.delivery import EDITS, LEASE, QUIET, WINDOW, Delivered, InDoubt, Limited, Refused, Unreached
from bot.services.cards import EDIT_SAME_CARD_EVERY
from storage.database import Database
from tests.builders import ANA, NOW, TIER_1_CHANNEL, minutes
from tests.clock import ManualClock
from tests.services.bench import another_bench, bench
from tests.storage.stored import seconds

PAGE, PARENT = "INC-1/page/tier:1/cycle:0", "INC-1/stakeholders"


async def test_each_card_of_a_changed_incident_is_edited_in_place(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.deliver_all()
        await bot.desk.acknowledge(1, by=ANA)
        assert await bot.edit() is None
        assert {edit.ts for edit in bot.slack.edits} == {(await bot.promise(key)).ts for key in (PAGE, PARENT)}
        assert all("<@U0ANA00001>" in edit.text for edit in bot.slack.edits)


async def test_ten_changes_are_one_edit(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.deliver_all()
        await bot.desk.acknowledge(1, by=ANA)
        for _ in range(8):
            clock.advance(minutes=20)
            await bot.tick()
        await bot.desk.resolve(1, by=ANA)
        assert (await bot.incident()).version == 11
        await bot.edit()
        assert [edit.channel for edit in bot.slack.edits].count(TIER_1_CHANNEL) == 1
        assert len(bot.slack.edits) == 2
        assert all("esolved" in edit.text for edit in bot.slack.edits)


async def test_a_card_is_edited_at_most_once_a_second(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.deliver_all()
        await bot.desk.acknowledge(1, by=ANA)
        await bot.edit()
        await bot.desk.resolve(1, by=ANA)
        assert await bot.edit() == clock.now() + EDIT_SAME_CARD_EVERY
        assert len(bot.slack.edits) == 2
        clock.advance(seconds=1)
        assert await bot.edit() is None
        assert len(bot.slack.edits) == 4


async def test_there_are_no_more_edits_a_minute_than_slack_allows(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        for _ in range(EDITS.calls // 2 + 3):
            await bot.open()
        await bot.deliver_all()
        clock.advance(minutes=1)
        for number in range(1, EDITS.calls // 2 + 4):
            await bot.desk.resolve(number, by=ANA)
        start = clock.now()
        assert await bot.edit() == start + WINDOW + minutes(1) / 60
        assert len(bot.slack.edits) == EDITS.calls
        clock.move_to(start + WINDOW + minutes(1) / 60)
        assert await bot.edit() is None
        assert len(bot.slack.edits) == 2 * (EDITS.calls // 2 + 3)


async def test_when_slack_asks_for_a_pause_every_edit_rests(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.deliver_all()
        await bot.desk.acknowledge(1, by=ANA)
        bot.slack.edit_answers.extend([Limited(seconds(30)), Limited(seconds(30))])
        assert await bot.edit() == NOW + seconds(30)
        clock.advance(seconds=29.9)
        await bot.edit()
        assert len(bot.slack.edits) == 2
        clock.advance(seconds=0.1)
        assert await bot.edit() is None
        assert len(bot.slack.edits) == 4


async def test_an_edit_in_doubt_is_made_again_and_once_more_after_the_quiet(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.deliver_all()
        await bot.desk.acknowledge(1, by=ANA)
        bot.slack.edit_answers.extend([Unreached("no route"), InDoubt("no answer")])
        assert await bot.edit() == NOW + seconds(1)
        clock.advance(seconds=1)
        assert await bot.edit() == clock.now() + QUIET
        assert len(bot.slack.edits) == 4
        clock.advance(seconds=QUIET.total_seconds())
        assert await bot.edit() is None
        assert len(bot.slack.edits) == 6


async def test_a_card_whose_message_was_deleted_is_let_go_and_the_timeline_says_so(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.deliver_all()
        await bot.desk.acknowledge(1, by=ANA)
        bot.slack.edit_answers.extend([Refused("message_not_found"), Delivered("")])
        assert await bot.edit() is None
        [gone] = [event.fact for event in await bot.story() if isinstance(event.fact, timeline.DeliveryFailed)]
        assert (gone.error, gone.told) == ("message_not_found", None)
        clock.advance(minutes=5)
        await bot.desk.resolve(1, by=ANA)
        await bot.edit()
        assert len(bot.slack.edits) == 3


async def test_what_a_killed_process_was_editing_is_edited_after_its_lease(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.deliver_all()
        await bot.desk.acknowledge(1, by=ANA)
        assert len((await bot.cards._claim(NOW))[0]) == 2
        async with another_bench(database, clock) as other:
            assert await other.edit() == NOW + LEASE
            assert other.slack.edits == []
            clock.move_to(NOW + LEASE)
            assert await other.edit() == NOW + LEASE + QUIET
            assert len(other.slack.edits) == 2
            clock.advance(seconds=QUIET.total_seconds())
            assert await other.edit() is None
            assert len(other.slack.edits) == 4


async def test_a_process_that_slept_shows_nothing_old(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await bot.deliver_all()
        await bot.desk.acknowledge(1, by=ANA)
        claimed, _ = await bot.cards._claim(clock.now())
        leased_until = clock.now() + LEASE
        clock.move_to(leased_until)
        for card in claimed:
            await bot.cards._edit(card, leased_until=leased_until)
        assert bot.slack.edits == []


async def test_a_change_while_the_card_is_being_posted_is_not_missed(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        async with bot.posting(TIER_1_CHANNEL):
            await bot.desk.acknowledge(1, by=ANA)
        await bot.deliver_all()
        clock.advance(minutes=1)
        await bot.edit()
        assert TIER_1_CHANNEL in {edit.channel for edit in bot.slack.edits}


async def test_with_every_card_current_there_is_nothing_to_look_for(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        assert await bot.edit() is None
        clock.move_to(NOW + minutes(1))
        assert await bot.edit() is None
