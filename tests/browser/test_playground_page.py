"""What a person sees and does in the browser, with the whole bot behind it."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.clock import ManualClock
from tests.scenarios.world import PLAIN_POLICY, World, world

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
        await expect(form).to_contain_text("Resolve INC-1")
        await form.get_by_label("None: somebody made sure").check()
        await page.locator("[data-key=modal-submit]").click()
        await expect(form).to_have_count(0)
        await expect(card).to_contain_text("Resolved")

        await story.advance(seconds=5)
        story.said()
        assert story.notified() == {"ana": 1, "ben": 1}, "the title mentions nobody"


async def test_a_form_that_others_were_faster_than_says_so_and_keeps_what_was_written(
    clock: ManualClock, sqlite_database_url: str, page: Page
) -> None:
    async with world(clock, sqlite_database_url) as story:
        await story.opened()
        await _visit(page, story, "U0ANA00001", "C0FIRSTLN1")
        card = page.locator("#messages .message:not(.ephemeral)", has_text="Checkout is down")
        await card.get_by_role("button", name="Update INC-1").click()
        form = page.locator("#modal[open]")
        await form.get_by_label("What is new?").fill("it is the database")
        await form.get_by_role("combobox", name="How far are you?").click()
        await page.get_by_role("option", name=re.compile("Identified")).click()
        await form.get_by_role("combobox", name="Who does it?").click()
        await page.get_by_role("option", name=re.compile("Ben Okafor")).click()
        await form.get_by_role("combobox", name="Who does it?: Ben Okafor").click()
        await page.get_by_role("option", name="Clear selection").click()
        await expect(form.get_by_role("combobox", name="Who does it?")).to_have_text("Choose a person")
        await story.command("ben", "/incident update INC-1 we see it too")
        await page.locator("[data-key=modal-submit]").click()

        await expect(form).to_contain_text("has changed since this form was opened")
        await expect(form).to_contain_text("we see it too")
        await expect(form.get_by_label("What is new?")).to_have_value("it is the database")
        await page.locator("[data-key=modal-submit]").click()
        await expect(form).to_have_count(0)
        await story.advance(seconds=5)
        told = [said.text for said in story.said() if said.place == "#incident-updates thread"]
        assert "Identified, says Ana Ruiz: it is the database. Expected to be solved: not known yet." in told[-1]


async def test_the_menu_of_a_card_opens_its_forms_and_answers(
    clock: ManualClock, sqlite_database_url: str, page: Page
) -> None:
    async with world(clock, sqlite_database_url) as story:
        await story.opened()
        await _visit(page, story, "U0ANA00001", "C0FIRSTLN1")
        card = page.locator("#messages .message:not(.ephemeral)", has_text="Checkout is down")
        await card.get_by_role("combobox", name="More…").click()
        await page.get_by_role("option", name="Change severity…").click()
        form = page.locator("#modal[open]")
        await form.get_by_role("combobox", name="Severity").click()
        await page.get_by_role("option", name=re.compile("sev3")).click()
        await page.locator("[data-key=modal-submit]").click()
        await expect(form).to_have_count(0)
        await expect(card).to_contain_text("sev3")
        await card.get_by_role("combobox", name="More…").click()
        await page.get_by_role("option", name="Why is it here?").click()
        await expect(page.locator("#messages .message.ephemeral").last).to_contain_text("Checkout is down")
        await story.advance(seconds=5)
        story.said()


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


async def test_a_channel_that_the_bot_makes_appears_with_its_topic_and_leads_to_the_card(
    clock: ManualClock, sqlite_database_url: str, page: Page, tmp_path: Path
) -> None:
    policy_file = tmp_path / "policy.yml"
    policy_file.write_text(PLAIN_POLICY.read_text() + "incident_channel: {severities: [sev1]}\n")
    async with world(clock, sqlite_database_url, policy_file=policy_file) as story:
        await _visit(page, story, "U0ANA00001", "C0FIRSTLN1")
        await story.opened()
        await story.advance(seconds=3)
        story.said()
        await page.locator("#sidebar").get_by_text("inc-1-checkout-is-down").click()
        header = page.locator("#place")
        await expect(header).to_contain_text("sev1 checkout · nobody has it yet · tier 1 (First line)")
        await expect(page.locator("#messages .message", has_text="This channel is for INC-1 alone")).to_be_visible()
        await header.get_by_role("link", name="INC-1: how it stands").click()
        await expect(header).to_contain_text("tier-1-support")
