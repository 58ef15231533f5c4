"""What a person sees and does in the browser, with the whole bot behind it."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.clock import ManualClock
from tests.scenarios.world import World, world

pytestmark = pytest.mark.browser


async def _visit(page: Page, story: World, user: str, channel: str) -> None:
    await page.goto(f"{story.slack.url}/#/{user}/{channel}")


async def test_an_unanswered_incident_is_seen_climbing_and_is_acknowledged_with_a_click(
    clock: ManualClock, sqlite_database_url: str, page: Page
) -> None:
    async with world(clock, sqlite_database_url) as story:
        await _visit(page, story, "U0CHLOE001", "C0PLATFRM1")
        await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        await story.advance(minutes=5, seconds=2)
        story.said()

        card = page.locator("#messages .message", has_text="Checkout is down")
        await expect(card).to_be_visible()
        await expect(card).to_contain_text("@platform")
        await card.get_by_role("button", name="Acknowledge").click()
        await expect(card.get_by_role("button", name="Acknowledge")).to_have_count(0)
        await expect(card).to_contain_text("Chloé Martin")

        await story.advance(seconds=2)
        story.said()


async def test_an_incident_is_opened_with_the_form_and_resolved(
    clock: ManualClock, sqlite_database_url: str, page: Page
) -> None:
    async with world(clock, sqlite_database_url) as story:
        await _visit(page, story, "U0ANA00001", "C0FIRSTLN1")
        composer = page.locator("[data-testid=composer-input]")
        await composer.fill("/incident")
        await composer.press("Enter")

        form = page.locator("#modal[open]")
        await expect(form).to_be_visible()
        await form.get_by_label("What is wrong?").fill("Payments <!channel> time out & fail")
        await form.get_by_role("combobox", name="Severity").click()
        await page.get_by_role("option", name=re.compile("sev2")).click()
        await form.get_by_role("combobox", name="Service").click()
        await page.get_by_role("option", name="payments").click()
        await page.locator("[data-key=modal-submit]").click()
        await expect(form).to_have_count(0)

        card = page.locator("#messages .message:not(.ephemeral)", has_text="time out & fail")
        await expect(card).to_be_visible()
        await card.get_by_role("button", name="Resolve").click()
        await page.locator("dialog.confirm").get_by_role("button", name="Resolve").click()
        await expect(card).to_contain_text("Resolved")

        await story.advance(seconds=5)
        story.said()
        assert story.notified() == {"ana": 1, "ben": 1}, "the title mentions nobody"


async def test_a_refusal_is_shown_to_the_one_who_asked(
    clock: ManualClock, sqlite_database_url: str, page: Page
) -> None:
    async with world(clock, sqlite_database_url) as story:
        await _visit(page, story, "U0ANA00001", "C0GENERAL1")
        composer = page.locator("[data-testid=composer-input]")
        await composer.fill("/incident ack INC-99")
        await composer.press("Enter")
        await expect(page.locator("#messages .message.ephemeral")).to_contain_text("There is no INC-99 here")
        assert not story.said()
