"""A world for crashes: the playground in the test, the bot in a process of its own that follows the playground's clock.

The clock stands still until the test moves it or lets everything settle; what the bot did is known from its database.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from bot.clock import monotonic_seconds
from bot.demo import clock_url
from bot.domain.delivery import POST_EVERY, UNSETTLED, PromiseState
from bot.playground import Fault, Message, Playground, SpeedClock
from bot.slack.marks import delivery_key
from tests.builders import NOW, WORKSPACE
from tests.crash.process import BotProcess
from tests.crash.stored import Facts, Stored

ROOT: Final = Path(__file__).resolve().parents[2]
MANIFEST: Final[dict[str, Any]] = yaml.safe_load((ROOT / "manifest.yml").read_text())
TIER_1: Final = "tier-1-support"
TIER_2: Final = "tier-2-platform"
STAKEHOLDERS: Final = "incident-updates"

PATIENCE: Final = 180.0
"""Real seconds a fact is given to come true; enough for a machine that has hardly any time for us."""
SPEEDS: Final = ((0.0, 10.0), (15.0, 3.0), (45.0, 1.0))
"""After so many real seconds the clock runs so fast. At first fast enough that a second between two posts costs little,
and slow enough that a call takes a fraction of its lease; where the machine is so busy that the lease runs out before,
and the next one's too, it takes a slower clock for anything to be said at all."""

CLOCKS_APART: Final = timedelta(seconds=1)
"""The bot hears a moment later that the clock was stopped; by this much it may have run ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An incident of a test, and the keys of what is promised about it."""

    number: int

    @property
    def name(self) -> str:
        return f"INC-{self.number}"

    @property
    def parent(self) -> str:
        return f"{self.name}/stakeholders"

    def page(self, tier: int = 1, *, cycle: int | None = None) -> str:
        """By the clock alone each tier is paged once, so that the pages before are those of the tiers before."""
        return f"{self.name}/page/tier:{tier}/cycle:{tier - 1 if cycle is None else cycle}"

    def breach(self, tier: int = 1) -> str:
        return f"{self.name}/breach/tier:{tier}/cycle:{tier - 1}"

    def update(self, number: int) -> str:
        return f"{self.name}/update/{number}"


class World:
    """Verbs of a crash story. Every test ends with `finish`; a world that did not is not used again."""

    look_every = 0.02

    def __init__(
        self, database_url: str, slack: Playground, clock: SpeedClock, bot: BotProcess, stored: Stored
    ) -> None:
        self.database_url = database_url
        self.slack = slack
        self.clock = clock
        self.bot = bot
        self._stored = stored
        self._slower: list[asyncio.TimerHandle] = []
        self.sound = True

    async def start(self) -> None:
        """Returns when the bot takes what Slack sends."""
        await self.bot.start()
        connected = asyncio.ensure_future(self.slack.wait_for(lambda: self.slack.sockets, within=PATIENCE))
        ended = asyncio.ensure_future(self.bot.ended())
        try:
            await asyncio.wait((connected, ended), return_when=asyncio.FIRST_COMPLETED)
            assert not ended.done(), f"the bot did not start:\n{self.bot.last_words()}"
            await connected
        finally:
            connected.cancel()
            ended.cancel()

    async def kill(self) -> None:
        await self.bot.kill()
        await self.slack.wait_for(lambda: not self.slack.sockets)

    async def kill_and_restart(self) -> None:
        await self.kill()
        await self.start()

    def move_to(self, instant: datetime) -> None:
        self.clock.advance(instant - self.clock.now())

    async def let_leases_run_out(self) -> None:
        """To the instant at which whatever a dead process held is taken from it."""
        facts = await self.facts()
        assert facts.leases, f"nothing was being sent; unfinished: {facts.unfinished()}"
        self.move_to(max(facts.leases))
        await self.until(lambda facts: not facts.in_state(PromiseState.SENDING))

    async def let_quiet_pass(self) -> None:
        """To the instant at which what is in doubt may be looked for."""
        doubts = (await self.facts()).in_state(PromiseState.UNKNOWN)
        assert doubts, "nothing is in doubt"
        self.move_to(max(promise.deliver_at for promise in doubts))

    async def settle(self) -> Facts:
        """Lets the clock run until there is nothing left to decide, to say or to show, and every channel is free."""
        facts = await self.run_until(lambda facts: facts.at_rest(self.clock.now()))
        self.clock.advance(POST_EVERY + CLOCKS_APART)
        return facts

    async def settle_promises(self, *keys: str) -> Facts:
        """Lets the clock run until these promises are settled; each is exactly one message by then."""
        facts = await self.run_until(lambda facts: all(facts.state(key) not in (None, *UNSETTLED) for key in keys))
        for key in keys:
            (message,) = self.copies(key)
            assert facts.promises[key].message_ts == message.ts
        return facts

    def let_run(self) -> None:
        """The clock runs until it is stopped, by `stand_still` or by what ends with it."""
        self._keep_speed()
        loop = asyncio.get_running_loop()
        self._slower = [loop.call_later(after, self.clock.set_speed, speed) for after, speed in SPEEDS]

    def stand_still(self) -> None:
        self._keep_speed()
        self.clock.set_speed(0)

    def _keep_speed(self) -> None:
        for later in self._slower:
            later.cancel()

    async def run_until(self, fact: Callable[[Facts], object]) -> Facts:
        """Lets the clock run until `fact` is true of what is stored."""
        self.let_run()
        try:
            return await self.until(fact)
        finally:
            self.stand_still()

    async def facts(self) -> Facts:
        return await self._stored.facts()

    async def until(self, fact: Callable[[Facts], object]) -> Facts:
        """What is stored, once `fact` is true of it. The clock stays as it is."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    facts = await self.facts()
                    if fact(facts):
                        return facts
                    await asyncio.sleep(self.look_every)
        except TimeoutError:
            raise AssertionError(await self.what_is_missing()) from None

    def last_words(self) -> str:
        """Of the bot, for the message of a test that failed."""
        return self.bot.last_words()

    async def what_is_missing(self) -> str:
        """For the message of a test that waited in vain."""
        facts = await self.facts()
        doubled = [key for key in facts.promises if len(self.copies(key)) > 1]
        left = "\n".join(map(str, facts.unfinished()))
        return (
            f"still not so at {self.clock.now()} (speed {self.clock.speed})\n"
            f"unfinished:\n{left}\nsaid twice: {doubled}\nthe bot said:\n{self.last_words()}"
        )

    def copies(self, key: str) -> Sequence[Message]:
        """Every message in the workspace that keeps this promise; there should be one."""
        mark = delivery_key(WORKSPACE, key)
        return [message for message in self.slack.workspace.messages() if _mark(message) == mark]

    def posts(self, key: str) -> int:
        """How often Slack was asked to post it."""
        mark = delivery_key(WORKSPACE, key)
        calls = [call for call in self.slack.workspace.calls if call.method == "chat.postMessage"]
        return sum(mark in str(call.args) for call in calls)

    def rung(self, user: str, key: str) -> int:
        """How often this promise notified somebody."""
        mark = delivery_key(WORKSPACE, key)
        return sum(_mark(message) == mark for message in self.slack.workspace.mentioned_in(user))

    async def open(self, title: str, *, severity: str = "sev1") -> Opened:
        answer = await self.slack.command("sam", "general", f"/incident open {severity} checkout: {title}")
        assert answer.ok, answer.error
        return opened_by(answer.text or "")

    async def type(self, user: str, words: str) -> None:
        answer = await self.slack.command(user, "general", f"/incident {words}")
        assert answer.ok, answer.error

    async def open_and_settle(self, title: str, *, severity: str = "sev1") -> Opened:
        incident = await self.open(title, severity=severity)
        await self.settle()
        return incident

    def strike(self, fault: Fault) -> Callable[[], Awaitable[Any]]:
        """Arms the fault; awaiting what is returned waits until it has struck."""
        self.slack.faults.add(fault)
        return lambda: self.slack.wait_for(
            lambda: any(one is fault for one in self.slack.faults.struck), within=PATIENCE
        )

    async def finish(self) -> None:
        """Resolves what is open, lets everything be said, and looks at all that was ever promised in this world."""
        for number, incident in (await self.facts()).incidents.items():
            if not incident.is_over:
                await self.type("ana", f"resolve INC-{number} over")
        facts = await self.settle()
        self._assert_whole(facts)
        self.sound = True

    def _assert_whole(self, facts: Facts) -> None:
        said = [message for message in self.slack.workspace.messages() if message.bot]
        marks = Counter(_mark(message) for message in said)
        assert not [message.text for message in said if marks[_mark(message)] > 1], "said twice"
        places = {(message.channel, message.ts): _mark(message) for message in said}
        for promise in facts.promises.values():
            assert promise.settled, f"forgotten: {promise}"
            if promise.state is PromiseState.SENT:
                found = places.pop((promise.channel, promise.message_ts or ""), None)
                assert found == delivery_key(WORKSPACE, promise.key), f"not where it was recorded: {promise}"
        assert not places, "said without a promise"
        for number, incident in facts.incidents.items():
            story = facts.stories[number]
            assert [seq for seq, _ in story] == list(range(1, incident.last_seq + 1)), (
                f"INC-{number}: gaps in the story"
            )
            assert [at for _, at in story] == sorted(at for _, at in story), f"INC-{number}: time went back"


def opened_by(answer: str) -> Opened:
    """The incident that the person who typed the command was told of."""
    found = re.match(r"INC-(\d+) is open", answer)
    assert found, f"not opened: {answer}"
    return Opened(number=int(found[1]))


@asynccontextmanager
async def a_world(database_url: str, folder: Path, *, from_disk: bool = False) -> AsyncIterator[World]:
    """A running bot with an empty, migrated database; `from_disk` as of `BotProcess`."""
    async with AsyncExitStack() as stack:
        clock = SpeedClock(monotonic_seconds, NOW, speed=0)
        slack = await stack.enter_async_context(Playground(clock, manifest=MANIFEST, ack_within=PATIENCE))
        stored = Stored(database_url)
        stack.push_async_callback(stored.close)
        bot = BotProcess(_environment(slack, database_url, _policy_in(folder)), folder, from_disk=from_disk)
        world = World(database_url, slack, clock, bot, stored)
        try:
            await world.start()
            yield world
        finally:
            world.stand_still()
            print(world.last_words())  # noqa: T201 — shown when the test failed
            if bot.running:
                await bot.kill()


def _policy_in(folder: Path) -> Path:
    """The plain one, except that who takes a sev2 is asked for a sign of life."""
    plain = (ROOT / "tests" / "plain_policy.yml").read_text()
    path = folder / "policy.yml"
    path.write_text(plain.replace("sev2: {", "sev2: {ack_expires_after: 30m, "))
    return path


def _environment(slack: Playground, database_url: str, policy: Path) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "TIERLINE_SLACK_API_URL": slack.api_url,
        "TIERLINE_CLOCK_URL": clock_url(slack),
        "TIERLINE_DATABASE_URL": database_url,
        "TIERLINE_POLICY_FILE": str(policy),
    }


def _mark(message: Message) -> str | None:
    """The opaque key that a message of the bot carries."""
    payload = (message.metadata or {}).get("event_payload", {})
    key = payload.get("key")
    return None if key is None else str(key)
