"""The main job in one command: a local Slack, a bot in it, and two incidents that nobody answers."""

import errno
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from bot.app import running_bot
from bot.clock import monotonic_seconds, now
from bot.playground import Playground, SpeedClock
from bot.settings import Settings
from bot.start import CannotStart

PACKAGE = Path(__file__).resolve().parent
SAMPLES = (
    ("sam", "general", "/incident open sev1 checkout: Checkout shows a blank page after payment"),
    ("ana", "tier-1-support", "/incident open sev2 website: Search is slow for customers in Asia"),
)


def shipped(name: str) -> Path:
    """A file of the repository, which an installed package has in a folder of its own."""
    installed = PACKAGE / "shipped" / name
    return installed if installed.exists() else PACKAGE.parent / name


@asynccontextmanager
async def local_slack(port: int, speed: float) -> AsyncIterator[Playground]:
    """The playground with a clock that people can speed up. Raises `CannotStart` when the port is taken."""
    clock = SpeedClock(monotonic_seconds, now(), speed)
    manifest: dict[str, Any] = yaml.safe_load(shipped("manifest.yml").read_text())
    playground = Playground(clock, port=port, manifest=manifest)
    try:
        await playground.__aenter__()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise CannotStart(f"port {port} is taken; choose another with --port.") from error
    try:
        yield playground
    finally:
        await playground.__aexit__(None, None, None)


def bot_settings(playground: Playground, database: Path) -> Settings:
    """A bot that lives in this playground and follows its clock."""
    return Settings.model_validate(
        {
            "SLACK_BOT_TOKEN": playground.bot_token,
            "SLACK_APP_TOKEN": playground.app_token,
            "SLACK_SIGNING_SECRET": playground.signing_secret,
            "TIERLINE_MODE": "socket",
            "TIERLINE_SLACK_API_URL": playground.api_url,
            "TIERLINE_CLOCK_URL": clock_url(playground),
            "TIERLINE_DATABASE_URL": f"sqlite:///{database}",
            "TIERLINE_POLICY_FILE": str(shipped("policy.yml")),
        }
    )


def clock_url(playground: Playground) -> str:
    return f"{playground.url.replace('http://', 'ws://', 1)}/playground/clock/live"


@asynccontextmanager
async def running_demo(port: int, speed: float) -> AsyncIterator[str]:
    """Gives the page's address once the samples are open; what the bot stores goes when the block ends."""
    with tempfile.TemporaryDirectory(prefix="tierline-demo-") as folder:
        database = Path(folder) / "demo.sqlite3"
        async with local_slack(port, speed) as playground, running_bot(bot_settings(playground, database)):
            for user, channel, text in SAMPLES:
                answer = await playground.command(user, channel, text)
                if not answer.ok:
                    raise CannotStart(f"the sample incident was not opened: {answer.error}")
            yield playground.url
