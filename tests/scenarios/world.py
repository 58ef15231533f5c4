"""A world for stories: the whole bot in the playground over the real protocol, and a clock that the story moves."""

import re
import socket
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import yaml

from bot import clock as machine
from bot.app import Bot, running_bot
from bot.playground import Answer, Channel, HttpDelivery, Message, Playground, View
from bot.playground.delivery import Ack, Envelope
from bot.settings import Settings
from tests.clock import ManualClock

Json = dict[str, Any]
Transport = Literal["socket", "http"]
ROOT = Path(__file__).resolve().parents[2]
PLAIN_POLICY = ROOT / "tests" / "plain_policy.yml"
HOUSEKEEPING = ("heartbeat", "policy", "on_call", "memberships", "auditor", "retention")
"""Loops that run whenever the clock moves; a story need not stop for each of their turns."""

NOTHING_MORE: Mapping[str, str] = {}
ACK_WITHIN = 120.0
"""Real seconds: a busy machine is no part of a story."""

SIGNING_SECRET = "a-signing-secret-of-the-tests"
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text())


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the bot as people find it.

    `place` is `#channel`, `#channel thread`, `#channel broadcast`, or `@name` for a direct message.
    """

    place: str
    text: str


class World:
    """Verbs of a story. What the bot says must be taken with `said`; what is left over fails the story at its end."""

    def __init__(
        self, slack: Playground, bot: Bot, clock: ManualClock, taken: Collection[tuple[str, str]] = ()
    ) -> None:
        self.slack = slack
        self.bot = bot
        self.clock = clock
        self._taken = set(taken)
        self._forged: list[Envelope] = []

    @property
    def taken(self) -> Collection[tuple[str, str]]:
        """The messages that were read with `said`, by channel and timestamp."""
        return frozenset(self._taken)

    async def advance(self, **duration: float) -> None:
        """Moves the clock, stopping at every instant at which the bot asked to be woken, as real time would."""
        await self.bot.settled()
        target = self.clock.now() + timedelta(**duration)
        while (step := self._next_stop()) is not None and step < target:
            self.clock.move_to(step)
            await self.bot.settled()
        self.clock.move_to(target)
        await self.bot.settled()

    def a_second_goes_by(self) -> None:
        """Of the machine's own time: then each loop has its turn, whatever it waits for."""
        for loop in self.bot.scheduler.loops:
            loop.wake()

    async def command(self, user: str, text: str, channel: str = "general") -> Answer:
        answer = await self.slack.command(user, channel, text)
        await self.bot.settled()
        return answer

    async def opened(self, title: str = "Checkout is down", *, severity: str = "sev1") -> None:
        """One more incident of checkout, with everything said about its opening taken."""
        answer = await self.command("sam", f"/incident open {severity} checkout: {title}")
        assert answer.text, "something similar is open already, so that a form asks: give it another title"
        await self.advance(seconds=2)
        self.said()

    async def forged(self, change: Callable[[Json], object]) -> Ack:
        """A request like the last that Slack sent, changed; a click or a form has an identity of its own."""
        last = next(envelope for envelope in reversed(self.slack.envelopes) if envelope not in self._forged)
        payload = deepcopy(last.payload)
        for action in payload.get("actions", ()):
            action["action_ts"] += str(len(self._forged))
        if "hash" in payload.get("view", {}):
            payload["view"]["hash"] += str(len(self._forged))
        change(payload)
        self._forged.append(replace(last, payload=payload))
        ack = await self.slack.send_again(self._forged[-1])
        await self.bot.settled()
        return ack

    async def click(
        self, user: str, channel: str, button: str, *, ts: str | None = None, stale: bool = False
    ) -> Answer:
        """A button of the newest card in the channel, or of the message at `ts`."""
        message_ts = ts or self.card(channel).ts
        value = self._value(channel, message_ts, button) if stale else None
        answer = await self.slack.click(user, channel, message_ts, button, value=value, stale=stale)
        await self.bot.settled()
        return answer

    async def choose(self, user: str, channel: str, choice: str) -> Answer:
        """From the menu of the newest card in the channel, by the words it is offered with."""
        answer = await self.slack.click(user, channel, self.card(channel).ts, "more", value=choice)
        await self.bot.settled()
        return answer

    async def submit(self, user: str, **values: object) -> Answer:
        """The form that the person has open, with these values entered into its fields."""
        view = self.slack.workspace.modal(user)
        assert view is not None, "no form is open"
        answer = await self.slack.submit(user, view.id, values)
        await self.bot.settled()
        return answer

    async def resolve(self, user: str, channel: str) -> None:
        """The button of the newest card, and its form sent in as it is."""
        assert (await self.click(user, channel, "resolve")).view is not None
        assert (await self.submit(user)).view is None

    def card(self, channel: str) -> Message:
        """The newest message with buttons, or else the newest message, in the channel itself."""
        roots = [message for message in self._channel(channel).visible() if not message.is_reply]
        with_buttons = [message for message in roots if any(block["type"] == "actions" for block in message.blocks)]
        return (with_buttons or roots)[-1]

    def said(self) -> Sequence[Said]:
        """Everything the bot said since the last time it was asked: channel by channel, each in the order of its posts.

        Instants are shown as `03:05`, as a reader sees them.
        """
        news = []
        for channel in self.slack.workspace.channels.values():
            for message in channel.visible():
                if message.bot and (channel.id, message.ts) not in self._taken:
                    self._taken.add((channel.id, message.ts))
                    kind = " broadcast" if message.broadcast else " thread" if message.is_reply else ""
                    place = self._place(channel)
                    news.append((place, message.ts, Said(f"{place}{kind}", readable(message.text))))
        return [said for _, _, said in sorted(news, key=lambda one: (one[0], float(one[1])))]

    def shows(self, channel: str) -> str:
        """The text of the newest card as it is now."""
        return readable(self.card(channel).text)

    def ephemerals(self, user: str, channel: str) -> Sequence[str]:
        """What only `user` was told in the channel."""
        user_id = self.slack.workspace.user(user).id
        told = [message for message in self._channel(channel).ephemerals if message.ephemeral_to == user_id]
        return [readable(message.text) for message in told]

    def notified(self) -> Mapping[str, int]:
        """How often each person was mentioned in a message, by name; edits ring nobody."""
        counts = {user.name: self.slack.workspace.mentions(user.id) for user in self.slack.workspace.users.values()}
        return {name: count for name, count in counts.items() if count}

    def limited(self) -> Sequence[str]:
        """The methods that Slack answered with 429."""
        return [call.method for call in self.slack.workspace.calls if call.outcome == "ratelimited"]

    def _channel(self, name: str) -> Channel:
        return self.slack.workspace.channel(name)

    def _place(self, channel: Channel) -> str:
        if channel.name:
            return f"#{channel.name}"
        people = self.slack.workspace.users
        return "".join(f"@{people[member].name}" for member in channel.members if not people[member].is_bot)

    def _value(self, channel: str, ts: str, button: str) -> str | None:
        """What the button carried while it was there: also an edited card was seen by somebody before."""
        message = self._channel(channel).find(ts)
        assert message is not None
        versions = [message.blocks, *(version.blocks for version in reversed(message.edited_versions))]
        for blocks in versions:
            for block in blocks:
                for element in block.get("elements", ()) if block["type"] == "actions" else ():
                    if element["action_id"] == button:
                        return str(element["value"])
        return None

    def _next_stop(self) -> Any:
        now = self.clock.now()
        loops = [loop for loop in self.bot.scheduler.loops if loop.name not in HOUSEKEEPING]
        return min((loop.next_at for loop in loops if loop.next_at is not None and loop.next_at > now), default=None)


def answer_text(answer: Answer) -> str | None:
    """What the person reads."""
    assert answer.ok, f"Slack showed an error: {answer.error}"
    return None if answer.text is None else readable(answer.text)


def filled_in(view: View | None) -> Mapping[str, str | None]:
    """What stands in each field of a form, and at `form_problem` why it is shown."""
    assert view is not None, "no form is open"
    held: dict[str, str | None] = {}
    for block in view.blocks:
        element = block.get("element") or {}
        chosen = (element.get("initial_option") or {}).get("value") or element.get("initial_user")
        held[block["block_id"]] = (block.get("text") or {}).get("text") or element.get("initial_value") or chosen
    return held


def readable(text: str) -> str:
    """Slack's dates as a reader in UTC sees them."""
    return re.sub(r"<!date\^\d+\^[^|]*\|[^>]*?(\d\d:\d\d)[^>]*>", r"\1", text)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_for(
    slack: Playground,
    database_url: str,
    *,
    transport: Transport,
    port: int = 0,
    policy_file: Path | None = None,
    more: Mapping[str, str] = NOTHING_MORE,
) -> Settings:
    """`more` are settings that few stories need."""
    return Settings.model_validate(
        {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "TIERLINE_MODE": transport,
            "TIERLINE_HTTP_BIND": f"127.0.0.1:{port}",
            "TIERLINE_SLACK_API_URL": slack.api_url,
            "TIERLINE_DATABASE_URL": database_url,
            "TIERLINE_POLICY_FILE": str(policy_file or PLAIN_POLICY),
            **more,
        }
    )


def _wall() -> float:
    """Signatures are checked against the machine's own time."""
    return machine.now().timestamp()


@asynccontextmanager
async def playground(clock: ManualClock, transport: Transport = "socket", port: int = 0) -> AsyncIterator[Playground]:
    delivery: Literal["socket"] | HttpDelivery = "socket"
    if transport == "http":
        delivery = HttpDelivery(url=f"http://127.0.0.1:{port}/slack/events", signing_secret=SIGNING_SECRET)
    async with Playground(clock, delivery=delivery, manifest=MANIFEST, wall=_wall, ack_within=ACK_WITHIN) as slack:
        yield slack


@asynccontextmanager
async def world(
    clock: ManualClock,
    database_url: str,
    *,
    transport: Transport = "socket",
    policy_file: Path | None = None,
    more: Mapping[str, str] = NOTHING_MORE,
) -> AsyncIterator[World]:
    port = free_port() if transport == "http" else 0
    async with (
        playground(clock, transport, port) as slack,
        running_world(
            slack, clock, database_url, transport=transport, port=port, policy_file=policy_file, more=more
        ) as story,
    ):
        yield story


@asynccontextmanager
async def running_world(
    slack: Playground,
    clock: ManualClock,
    database_url: str,
    *,
    transport: Transport = "socket",
    port: int = 0,
    policy_file: Path | None = None,
    after: World | None = None,
    more: Mapping[str, str] = NOTHING_MORE,
) -> AsyncIterator[World]:
    """The bot in a playground that was prepared for it, or one more bot `after` that of an earlier world stopped."""
    settings = settings_for(slack, database_url, transport=transport, port=port, policy_file=policy_file, more=more)
    async with running_bot(settings, clock) as bot:
        story = World(slack, bot, clock, taken=after.taken if after is not None else ())
        await bot.settled()
        yield story
        leftover = story.said()
        assert not leftover, f"nobody expected: {leftover}"
