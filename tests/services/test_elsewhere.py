"""When Slack is silent or refuses: people hear of pages by another way, once, and only of what is still true."""

from dataclasses import replace

from bot.domain import timeline
from bot.domain.delivery import Refused, Unreached
from bot.domain.ids import THE_BOT
from bot.notifier import Address
from bot.services.elsewhere import LEASE
from bot.services.health import Part
from storage import outbox
from storage.database import Database
from storage.outbox import Way
from tests.builders import ANA, FALLBACK_CHANNEL, NOW, TIER_1_CHANNEL, WORKSPACE, a_policy
from tests.clock import ManualClock
from tests.services.bench import bench
from tests.storage.stored import seconds

PAGE = "INC-1/page/tier:1/cycle:0"
MAIL = Address(url="mailto://user:secret@example.com", names=frozenset({"managers"}))
HOOK = Address(url="json://example.com/hook")
PATIENCE = a_policy().fallback_after


async def test_a_page_that_slack_does_not_confirm_is_told_elsewhere_once(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        bot.letters.addresses = [MAIL]
        bot.slack.down = Unreached("down")
        await bot.open()
        await bot.deliver()
        assert await bot.look_elsewhere() == NOW + PATIENCE
        clock.move_to(NOW + PATIENCE - seconds(1))
        await bot.look_elsewhere()
        assert bot.letters.letters == []
        clock.advance(seconds=1)
        await bot.look_elsewhere()
        [letter] = bot.letters.letters
        assert letter.subject == "Tierline: Slack has not confirmed 1 page (INC-1)"
        assert "INC-1  sev1  checkout: Checkout is down\n" in letter.body
        assert "Nobody has acknowledged it." in letter.body
        told = (await bot.story())[-1]
        assert (told.by, told.fact) == (THE_BOT, timeline.ToldElsewhere(promise=PAGE, by="mailto"))
        clock.move_to(clock.now() + PATIENCE)
        await bot.look_elsewhere()
        assert len(bot.letters.letters) == 1
        assert (await bot.promise(PAGE)).state == "pending", "Slack is still to hear of it"


async def test_pages_of_the_same_moment_are_one_letter(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        bot.letters.addresses = [MAIL, HOOK]
        bot.slack.down = Unreached("down")
        for number in range(1, 4):
            await bot.open(title=f"Number {number}")
        clock.move_to(clock.now() + PATIENCE)
        await bot.look_elsewhere()
        assert sorted(letter.url for letter in bot.letters.letters) == sorted([MAIL.url, HOOK.url])
        assert {letter.subject for letter in bot.letters.letters} == {
            "Tierline: Slack has not confirmed 3 pages (INC-1, INC-2, INC-3)"
        }


async def test_what_slack_confirmed_or_somebody_took_meanwhile_is_not_told(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        bot.letters.addresses = [MAIL]
        await bot.open()
        await bot.deliver()
        bot.slack.down = Unreached("down")
        await bot.open()
        await bot.open()
        await bot.desk.acknowledge(2, by=ANA)
        clock.move_to(clock.now() + PATIENCE)
        await bot.look_elsewhere()
        assert [letter.subject for letter in bot.letters.letters] == [
            "Tierline: Slack has not confirmed 2 pages (INC-2, INC-3)"
        ], "the card of INC-2 is not in its channel yet"


async def test_a_letter_that_is_not_taken_is_tried_until_it_is(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        bot.letters.addresses = [MAIL]
        bot.slack.down = Unreached("down")
        bot.letters.answers.extend([Unreached("not taken"), Unreached("not taken")])
        await bot.open()
        clock.move_to(clock.now() + PATIENCE)
        await bot.look_elsewhere()
        for wait in (1, 2):
            clock.advance(seconds=wait)
            await bot.look_elsewhere()
        assert len(bot.letters.letters) == 3
        clock.advance(minutes=1)
        await bot.look_elsewhere()
        assert len(bot.letters.letters) == 3


async def test_a_letter_tried_again_leaves_out_what_is_over_by_then(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        bot.letters.addresses = [MAIL]
        bot.slack.down = Unreached("down")
        bot.letters.answers.append(Unreached("not taken"))
        await bot.open()
        clock.move_to(clock.now() + PATIENCE)
        await bot.look_elsewhere()
        await bot.desk.resolve(1, by=ANA)
        clock.advance(seconds=1)
        await bot.look_elsewhere()
        assert len(bot.letters.letters) == 1


async def test_a_token_that_slack_does_not_accept_is_told_at_once(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        bot.letters.addresses = [MAIL]
        bot.slack.down = Unreached("token_revoked")
        await bot.open()
        await bot.deliver()
        assert list(bot.health.problems) == [Part.SLACK]
        await bot.look_elsewhere()
        assert len(bot.letters.letters) == 1
        bot.slack.down = None
        clock.advance(seconds=1)
        await bot.deliver()
        assert not bot.health.problems
        assert (await bot.promise(PAGE)).state == "sent", "nothing was given up"


async def test_a_page_that_slack_refuses_is_told_in_the_fallback_channel_and_elsewhere_at_once(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        bot.letters.addresses = [MAIL]
        bot.slack.answers(TIER_1_CHANNEL, Refused("is_archived"))
        await bot.open()
        await bot.deliver_all()
        await bot.look_elsewhere()
        assert [post.channel for post in bot.slack.take() if "is_archived" in post.text] == [FALLBACK_CHANNEL]
        [letter] = bot.letters.letters
        assert letter.subject == "Tierline: Slack refused 1 page (INC-1)"
        assert "(is_archived)" in letter.body


async def test_the_policy_chooses_the_addresses_by_name(database: Database, clock: ManualClock) -> None:
    chosen = replace(a_policy(), fallback_notifier="managers")
    async with bench(database, clock, policy=chosen) as bot:
        bot.letters.addresses = [HOOK, MAIL]
        bot.slack.down = Unreached("down")
        await bot.open()
        clock.move_to(clock.now() + PATIENCE)
        await bot.look_elsewhere()
        assert [letter.url for letter in bot.letters.letters] == [MAIL.url]


async def test_without_an_address_nothing_is_promised(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        bot.slack.answers(TIER_1_CHANNEL, Refused("is_archived"))
        await bot.open()
        await bot.deliver()
        assert await bot.look_elsewhere() is None
        assert not [promise for promise in await bot.promises() if promise.key.startswith("elsewhere:")]


async def test_a_page_that_was_told_as_unconfirmed_can_still_be_refused_and_given_up(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        bot.letters.addresses = [MAIL]
        bot.slack.down = Unreached("down")
        await bot.open()
        clock.move_to(NOW + PATIENCE)
        await bot.look_elsewhere()
        bot.slack.down = None
        bot.slack.answers(TIER_1_CHANNEL, Refused("is_archived"))
        await bot.deliver_all()
        assert (await bot.promise(PAGE)).state == "failed"
        await bot.look_elsewhere()
        assert [letter.subject for letter in bot.letters.letters] == [
            "Tierline: Slack has not confirmed 1 page (INC-1)",
            "Tierline: Slack refused 1 page (INC-1)",
        ]


async def test_a_letter_whose_sender_was_killed_is_sent_by_the_next_one(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        bot.letters.addresses = [MAIL]
        bot.slack.answers(TIER_1_CHANNEL, Refused("is_archived"))
        await bot.open()
        await bot.deliver_all()
        async with database.write() as tx:
            assert len(await outbox.claim(tx, WORKSPACE, now=clock.now(), limit=1, way=Way.ELSEWHERE, lease=LEASE)) == 1
        assert await bot.look_elsewhere() == clock.now() + LEASE
        clock.move_to(clock.now() + LEASE)
        await bot.look_elsewhere()
        assert len(bot.letters.letters) == 1
