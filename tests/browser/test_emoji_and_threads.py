"""An emoji on a card, a pin, and the bot spoken to in a thread, as a person does and sees it."""

import pytest
from playwright.async_api import Page, expect

from tests.clock import ManualClock
from tests.scenarios.world import World, world

pytestmark = pytest.mark.browser


async def _visit(page: Page, story: World, user: str) -> None:
    await page.goto(f"{story.slack.url}/#/{user}/C0FIRSTLN1")


async def test_an_emoji_on_the_card_acknowledges_and_another_one_asks(
    clock: ManualClock, sqlite_database_url: str, page: Page
) -> None:
    async with world(clock, sqlite_database_url) as story:
        await story.opened()
        await _visit(page, story, "U0ANA00001")
        card = page.locator("#messages .message:not(.ephemeral)", has_text="Checkout is down")
        await card.hover()
        await card.get_by_role("button", name="Add a reaction").click()
        await page.get_by_role("option", name=":eyes:").click()
        await expect(card.locator(".reaction")).to_have_count(1)
        await story.bot.settled()
        await story.advance(seconds=2)
        await expect(card.get_by_role("button", name="Acknowledge")).to_have_count(0)
        await expect(card).to_contain_text("Ana Ruiz")

        await card.hover()
        await card.get_by_role("button", name="Add a reaction").click()
        await page.get_by_role("option", name=":white_check_mark:").click()
        question = page.locator("#messages .message.ephemeral", has_text="Is INC-1 over")
        await expect(question).to_be_visible()
        await question.get_by_role("button", name="Resolve INC-1").click()
        await page.locator("dialog.confirm").get_by_role("button", name="Resolve").click()
        await expect(page.locator("#messages .message.ephemeral", has_text="Resolved")).to_be_visible()
        await story.advance(seconds=3)
        await expect(card).to_contain_text("Resolved")
        story.said()


async def test_the_bot_is_spoken_to_in_a_thread_and_a_message_is_pinned(
    clock: ManualClock, sqlite_database_url: str, page: Page
) -> None:
    async with world(clock, sqlite_database_url) as story:
        await story.opened()
        await _visit(page, story, "U0ANA00001")
        card = page.locator("#messages .message:not(.ephemeral)", has_text="Checkout is down")
        await card.hover()
        await card.get_by_role("button", name="Reply in thread").click()
        thread = page.locator("#thread")
        reply = thread.get_by_placeholder("Reply…")
        await reply.fill("@Tierline ack")
        await reply.press("Enter")
        await expect(thread.locator(".message.ephemeral", has_text="You have INC-1")).to_be_visible()

        await reply.fill("It is the cache")
        await reply.press("Enter")
        said = thread.locator(".message", has_text="It is the cache")
        await said.hover()
        await said.get_by_role("button", name="Pin to channel").click()
        await expect(said).to_contain_text("Pinned by Ana Ruiz")
        await expect(thread.locator(".message.ephemeral", has_text="Noted in the story of INC-1")).to_be_visible()
        await story.advance(seconds=3)
        story.said()
