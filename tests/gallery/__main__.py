"""`python -m tests.gallery [--only NAME] [--dark] [--out FOLDER]`: pictures of everything people see, on one page."""

import argparse
import asyncio
import html
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect
from structlog.testing import capture_logs

from storage.database import open_database
from storage.schema import migrate
from tests.builders import NOW
from tests.databases import sqlite_url
from tests.gallery.camera import HIGH, Camera, NappingClock
from tests.gallery.scenes import POLICIES, SCENES
from tests.gallery.seen import missing
from tests.scenarios.world import ROOT, world
from tests.setup_machine import system_chromium

FOLDER = ROOT / "build" / "gallery"
SHIPPED = ROOT / "policy.yml"
WIDE = 1_280
ZONE = "Europe/Paris"
"""Where the people of the playground are, by their profiles and by the calendar of the policy."""
THREE_AT_NIGHT = NOW - timedelta(hours=1)

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


async def take(scene: str, browser: Browser, folder: Path, *, dark: bool) -> Camera:
    """One scene in a world of its own."""
    page = await browser.new_page(
        viewport={"width": WIDE, "height": HIGH},
        timezone_id=ZONE,
        locale="en-GB",
        color_scheme="dark" if dark else "light",
        bypass_csp=True,  # the camera unfolds what would scroll
    )
    clock = NappingClock(THREE_AT_NIGHT)
    with tempfile.TemporaryDirectory() as temporary:
        url = sqlite_url(Path(temporary) / "gallery.sqlite3")
        policy_file = Path(temporary) / "policy.yml"
        policy_file.write_text(SHIPPED.read_text() + POLICIES.get(scene, ""))
        database = open_database(url)
        await migrate(database)
        await database.close()
        async with world(clock, url, policy_file=policy_file) as story:
            camera = Camera(page, story, clock, folder, scene)
            await SCENES[scene](story, camera)
            story.said()
    await page.close()
    return camera


async def take_all(scenes: Sequence[str], folder: Path, *, dark: bool) -> Sequence[Camera]:
    """The cameras with which they were taken."""
    expect.set_options(timeout=30_000)
    cameras: list[Camera] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=system_chromium(), args=["--no-sandbox"])
        for scene in scenes:
            cameras.append(await take(scene, browser, folder, dark=dark))
            sys.stdout.write(f"{scene}: {len(cameras[-1].taken)}\n")
        await browser.close()
    return cameras


def clear(folder: Path, scenes: Sequence[str]) -> None:
    """Of the pictures that are taken again; a scene may have had more of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for scene in scenes:
        for old in (*folder.glob(f"{scene}-[0-9].png"), *folder.glob(f"{scene}-[0-9][0-9].png")):
            old.unlink()


def bind(cameras: Sequence[Camera], folder: Path) -> None:
    """The page that shows them all."""
    pictures = [picture for camera in cameras for picture in camera.taken]
    figures = [FIGURE.format(file=each.file, caption=html.escape(each.caption)) for each in pictures]
    (folder / "index.html").write_text(PAGE.format(figures="\n".join(figures)))
    sys.stdout.write(f"{len(pictures)} pictures: {folder / 'index.html'}\n")


def lacking(cameras: Sequence[Camera]) -> Sequence[str]:
    """What a gallery of every scene has to show and does not."""
    return missing(
        [text for camera in cameras for text in camera.cards],
        [name for camera in cameras for name in camera.forms],
        [tab for camera in cameras for tab in camera.homes],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=SCENES, action="append", help="a scene; may be given several times")
    parser.add_argument("--dark", action="store_true", help="as who likes it dark sees it")
    parser.add_argument("--out", type=Path, default=FOLDER, help="where to, instead of build/gallery")
    wanted = parser.parse_args()
    scenes = wanted.only or list(SCENES)
    clear(wanted.out, scenes)
    with capture_logs():
        cameras = asyncio.run(take_all(scenes, wanted.out, dark=wanted.dark))
    bind(cameras, wanted.out)
    if not wanted.only and (lacks := lacking(cameras)):
        sys.exit(f"There is no picture of {', '.join(lacks)}.")


if __name__ == "__main__":
    main()
