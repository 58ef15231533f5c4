"""A world for stories: the whole bot in the playground over the real protocol, and a clock that the story moves."""

import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import yaml

from bot.app import Bot, running_bot
from bot.playground import Answer, HttpDelivery, Message, Playground
from bot.settings import Settings
from tests.clock import ManualClock

Transport = Literal["socket", "http"]
ROOT = Path(__file__).resolve().parents[2]
SIGNING_SECRET = "a-signing-secret-of-the-tests"
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text())


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the bot as people find it: `place` is `#channel`, `#channel thread` or `#channel broadcast`."""

    place: str
    text: str


class World:
    """Verbs of a story. What the bot says must be taken with `said`; what is left over fails the story at its end."""

    def __init__(self, slack: Playground, bot: Bot, clock: ManualClock) -> None:
        self.slack = slack
        self.bot = bot
        self.clock = clock
        self._taken: set[tuple[str, str]] = set()

    async def advance(self, **duration: float) -> None:
        """Moves the clock, stopping at every instant at which the bot asked to be woken, as real time would."""
        await self.bot.settled()
        target = self.clock.now() + timedelta(**duration)
        while (step := self._next_stop()) is not None and step < target:
            self.clock.move_to(step)
            await self.bot.settled()
        self.clock.move_to(target)
        await self.bot.settled()

    async def command(self, user: str, text: str, channel: str = "general") -> Answer:
        answer = await self.slack.command(user, channel, text)
        await self.bot.settled()
        return answer

    async def click(self, user: str, channel: str, button: str, *, ts: str | None = None, stale: bool = False) -> Answer:
        """A button of the newest card in the channel, or of the message at `ts`."""
        message_ts = ts or self.card(channel).ts
        value = self._value(channel, message_ts, button) if stale else None
        answer = await self.slack.click(user, channel, message_ts, button, value=value, stale=stale)
        await self.bot.settled()
        return answer

    def card(self, channel: str) -> Message:
        """The newest message with buttons, or else the newest message, in the channel itself."""
        roots = [message for message in self._channel(channel).visible() if not message.is_reply]
        with_buttons = [message for message in roots if any(block["type"] == "actions" for block in message.blocks)]
        return (with_buttons or roots)[-1]

    def said(self) -> Sequence[Said]:
        """Everything the bot said since the last time it was asked, in the order of its posts."""
        news = []
        for channel in self.slack.workspace.channels.values():
            for message in channel.visible():
                if message.bot and (channel.id, message.ts) not in self._taken:
                    self._taken.add((channel.id, message.ts))
                    kind = " broadcast" if message.broadcast else " thread" if message.is_reply else ""
                    news.append((message.ts, Said(f"#{channel.name}{kind}", message.text)))
        return [said for _, said in sorted(news, key=lambda one: float(one[0]))]

    def shows(self, channel: str) -> str:
        """The text of the newest card as it is now."""
        return self.card(channel).text

    def ephemerals(self, user: str, channel: str) -> Sequence[str]:
        """What only `user` was told in the channel."""
        user_id = self.slack.workspace.user(user).id
        return [message.text for message in self._channel(channel).ephemerals if message.ephemeral_to == user_id]

    def posts(self) -> int:
        return sum(call.method == "chat.postMessage" for call in self.slack.workspace.calls)

    def _channel(self, name: str) -> Any:
        return self.slack.workspace.channel(name)

    def _value(self, channel: str, ts: str, button: str) -> str | None:
        """What the button carried while it was there: also an edited card was seen by somebody before."""
        message = self._channel(channel).find(ts)
        versions = [message.blocks, *(version.blocks for version in reversed(message.edited_versions))]
        for blocks in versions:
            for block in blocks:
                for element in block.get("elements", ()) if block["type"] == "actions" else ():
                    if element["action_id"] == button:
                        return str(element["value"])
        return None

    def _next_stop(self) -> Any:
        now = self.clock.now()
        stops = [loop.next_at for loop in self.bot.scheduler.loops if loop.next_at is not None and loop.next_at > now]
        return min(stops, default=None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_for(
    slack: Playground, database_url: str, *, transport: Transport, port: int = 0, policy_file: Path | None = None
) -> Settings:
    return Settings.model_validate(
        {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "TIERLINE_MODE": transport,
            "TIERLINE_HTTP_BIND": f"127.0.0.1:{port}",
            "TIERLINE_SLACK_API_URL": slack.api_url,
            "TIERLINE_DATABASE_URL": database_url,
            "TIERLINE_POLICY_FILE": str(policy_file or ROOT / "policy.yml"),
        }
    )


@asynccontextmanager
async def playground(clock: ManualClock, transport: Transport, port: int) -> AsyncIterator[Playground]:
    delivery = HttpDelivery(f"http://127.0.0.1:{port}/slack/events", SIGNING_SECRET) if transport == "http" else "socket"
    async with Playground(clock, delivery=delivery, manifest=MANIFEST, wall=time.time) as slack:  # noqa: TID251 - signatures
        yield slack


@asynccontextmanager
async def world(
    clock: ManualClock, database_url: str, *, transport: Transport = "socket", policy_file: Path | None = None
) -> AsyncIterator[World]:
    port = free_port() if transport == "http" else 0
    async with playground(clock, transport, port) as slack:
        settings = settings_for(slack, database_url, transport=transport, port=port, policy_file=policy_file)
        async with running_bot(settings, clock) as bot:
            story = World(slack, bot, clock)
            await bot.settled()
            yield story
            leftover = story.said()
            assert not leftover, f"nobody expected: {leftover}"
