"""What the tests need beyond the project's environment: a Chromium. Finds one, or installs one; says so when it cannot.

PostgreSQL needs nothing: it comes from a wheel, and the tests start it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LONGEST_INSTALL_SECONDS = 900


def system_chromium() -> str | None:
    """The machine's own Chromium; None means that Playwright's is used."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def has_chromium() -> bool:
    if system_chromium() is not None:
        return True
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def install_chromium() -> None:
    """With the system's packages where we may, else with Playwright's own download, which needs no rights."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-color-emoji")
    if not has_chromium():
        _run(sys.executable, "-m", "playwright", "install", "chromium-headless-shell", "chromium")


def _run(*command: str) -> None:
    subprocess.run(command, check=False, timeout=LONGEST_INSTALL_SECONDS, stdout=subprocess.DEVNULL)


def main() -> int:
    if not has_chromium():
        install_chromium()
    if not has_chromium():
        sys.stderr.write("The browser tests need Chromium, and it could not be installed: please install it.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
