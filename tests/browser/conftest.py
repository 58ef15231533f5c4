"""A page in a real Chromium, on a playground with a real bot in it."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.setup_machine import system_chromium

expect.set_options(timeout=30_000)  # milliseconds: a starved machine shows it later, and shows it

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=system_chromium(), args=QUIET)
        yield chromium
        await chromium.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page on which an error in the script fails the test."""
    errors: list[str] = []
    page = await browser.new_page(viewport={"width": 1280, "height": 800}, timezone_id="UTC", locale="en-GB")
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    await page.close()
    assert not errors, f"the page's script failed: {errors}"
