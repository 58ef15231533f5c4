"""`python -m tests.gallery [--only NAME] [--dark]`: pictures into build/gallery, with a page that shows them all."""

import argparse
import asyncio
import html
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect
from structlog.testing import capture_logs

from storage.database import open_database
from storage.schema import migrate
from tests.builders import NOW
from tests.clock import ManualClock
from tests.databases import sqlite_url
from tests.gallery.camera import HIGH, Camera, Picture
from tests.gallery.scenes import SCENES
from tests.scenarios.world import ROOT, world
from tests.setup_machine import system_chromium

FOLDER = ROOT / "build" / "gallery"
SHIPPED = ROOT / "policy.yml"
WIDE = 1_280

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Tierline: what people see</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>
  body {{ font: 16px/1.4 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }}
  figure {{ margin: 0 0 2.5rem }} figcaption {{ margin-bottom: .5rem; font-weight: 600 }}
  img {{ max-width: 100%; border: 1px solid #8884; border-radius: 6px }}
</style>
<h1>What people see</h1>
{figures}
</html>
"""
FIGURE = '<figure><figcaption>{caption}</figcaption><img src="{file}" alt="{caption}" loading="lazy"></figure>'


async def take(scene: str, browser: Browser, *, dark: bool) -> Sequence[Picture]:
    """One scene in a world of its own."""
    page = await browser.new_page(
        viewport={"width": WIDE, "height": HIGH},
        timezone_id="UTC",
        locale="en-GB",
        color_scheme="dark" if dark else "light",
        bypass_csp=True,  # the camera unfolds what would scroll
    )
    clock = ManualClock(NOW)
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "gallery.sqlite3")
        database = open_database(url)
        await migrate(database)
        await database.close()
        async with world(clock, url, policy_file=SHIPPED) as story:
            camera = Camera(page, story, FOLDER, scene)
            await SCENES[scene](story, camera)
            story.said()
    await page.close()
    return camera.taken


async def take_all(scenes: Sequence[str], *, dark: bool) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=30_000)
    pictures: list[Picture] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=system_chromium(), args=["--no-sandbox"])
        for scene in scenes:
            taken = await take(scene, browser, dark=dark)
            pictures.extend(taken)
            sys.stdout.write(f"{scene}: {len(taken)}\n")
        await browser.close()
    figures = [FIGURE.format(file=each.file, caption=html.escape(each.caption)) for each in pictures]
    (FOLDER / "index.html").write_text(PAGE.format(figures="\n".join(figures)))
    sys.stdout.write(f"{len(pictures)} pictures: {FOLDER / 'index.html'}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=SCENES, action="append", help="a scene; may be given several times")
    parser.add_argument("--dark", action="store_true", help="as who likes it dark sees it")
    wanted = parser.parse_args()
    with capture_logs():
        asyncio.run(take_all(wanted.only or list(SCENES), dark=wanted.dark))


if __name__ == "__main__":
    main()
