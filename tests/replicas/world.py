"""A world for replicas: one playground, one database on a server of its own, and as many bots as a story starts."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

import asyncpg

from bot import clock as machine
from bot.clock import monotonic_seconds
from bot.demo import clock_url
from bot.domain.delivery import UNSETTLED, PromiseState
from bot.playground import Answer, HttpDelivery, Playground, SpeedClock
from tests.builders import NOW, minutes
from tests.crash.stored import Facts, Stored
from tests.crash.world import MANIFEST, PATIENCE, ROOT, TIER_1, Opened, World, opened_by
from tests.databases import PostgresServer
from tests.replicas.balancer import balancing
from tests.replicas.replica import Replica
from tests.scenarios.world import SIGNING_SECRET, free_port
from tests.unhurried import LONG

Transport = Literal["socket", "http"]

POLICY: Final = ROOT / "tests" / "plain_policy.yml"

OPEN: Final = "/incident open sev2 checkout: {}"
TARGET: Final = minutes(15)
"""So long a tier has to answer: enough that nobody is late because the clock ran while the machine was busy."""
ACTIVITY: Final = """
    SELECT pid, pg_blocking_pids(pid) AS waits_for, state, wait_event_type, wait_event, query_start, xact_start,
           left(query, 200) AS query
    FROM pg_stat_activity WHERE datname = current_database()
"""
TERMINATE: Final = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'tierline'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What people were told: of these incidents that they are open, and so often that it failed or may have."""

    opened: Sequence[Opened]
    failures: Sequence[str]


class Fleet(World):
    """Verbs of a story with several bots. Every story ends with `check`."""

    look_every = 0.1

    def __init__(
        self,
        server: PostgresServer,
        database_url: str,
        slack: Playground,
        clock: SpeedClock,
        stored: Stored,
        make: Callable[[timedelta | None], Replica],
    ) -> None:
        self._make = make
        self.server = server
        self.replicas: list[Replica] = []
        self._first = make(None)
        super().__init__(database_url, slack, clock, self._first, stored)

    async def add(self, count: int, *, ahead: timedelta | None = None) -> Sequence[Replica]:
        """So many more bots, as soon as they take what Slack sends."""
        fresh = [self._make(ahead) for _ in range(count)]
        self.replicas.extend(fresh)
        await asyncio.gather(*(each.start() for each in fresh))
        return fresh

    @property
    def ports(self) -> Sequence[int]:
        return [replica.port for replica in self.replicas if replica.running and replica.port is not None]

    async def open_many(self, titles: Sequence[str]) -> Heard:
        """So many people at once."""
        answers = await asyncio.gather(*(self.slack.command("sam", "general", OPEN.format(each)) for each in titles))
        return heard_of(answers)

    async def acknowledge(self, incident: Opened) -> None:
        """By the button of its page."""
        (page,) = self.copies(incident.page())
        answer = await self.slack.click("ana", TIER_1, page.ts, "acknowledge")
        assert answer.ok, answer.error

    def move_to_the_breach(self, facts: Facts) -> None:
        """To the instant at which the first of them has been at its tier for as long as it may."""
        breach = min(incident.opened_at for incident in facts.incidents.values()) + TARGET
        self.move_to(max(breach, self.clock.now()))

    async def all_said(self, *, tiers: int) -> Facts:
        """Lets the clock run until everybody who has to hear of the first `tiers` tiers has heard it.

        A bot that slept may have said a thing twice by then; the second copy is taken away within a minute or two.
        """

        def said(facts: Facts) -> bool:
            reached = all(one.tier >= tiers or one.assignee is not None for one in facts.incidents.values())
            settled = reached and all(promise.settled for promise in facts.promises.values())
            return settled and all(len(self.copies(key)) <= 1 for key in facts.promises)

        return await self.run_until(said)

    async def next_call(self) -> None:
        """Returns when a bot has asked Slack for something once more."""
        calls = len(self.slack.workspace.calls)
        await self.slack.wait_for(lambda: len(self.slack.workspace.calls) > calls, within=PATIENCE)

    async def next_request(self) -> None:
        """Returns when Slack has sent a bot something once more."""
        sent = len(self.slack.envelopes)
        await self.slack.wait_for(lambda: len(self.slack.envelopes) > sent)

    async def hang_up(self) -> int:
        """The server ends every connection of every bot, whatever it is in the middle of; how many there were."""
        connection = await asyncpg.connect(self.database_url)
        try:
            return int(await connection.fetchval(TERMINATE))
        finally:
            await connection.close()

    def check_told(self, facts: Facts, heard: Sequence[Heard]) -> None:
        """What people were told is so; what failed, as far as they know, is not there more often than they tried."""
        told = [incident.number for one in heard for incident in one.opened]
        assert len(told) == len(set(told))
        assert set(told) <= set(facts.incidents)
        assert len(facts.incidents) <= len(told) + sum(len(one.failures) for one in heard)

    def check(self, facts: Facts) -> None:
        """Everything promised was said once, where it was recorded, and each story is whole."""
        assert not [promise for promise in facts.promises.values() if promise.state in UNSETTLED]
        assert all(replica.alive for replica in self.replicas)
        self._assert_whole(facts)
        for promise in facts.promises.values():
            sent = promise.state is PromiseState.SENT
            assert (len(self.copies(promise.key)), sent) in ((1, True), (0, False)), f"otherwise: {promise}"

    def check_breached(self, facts: Facts, incidents: Sequence[Opened]) -> None:
        """Each moved on from tier to tier, and those of the second were rung for it."""
        for incident in incidents:
            breaches = [(breach.tier, breach.cycle) for breach in facts.breaches[incident.number]]
            assert breaches, f"{incident.name} was forgotten"
            assert breaches == [(number, number - 1) for number in range(1, len(breaches) + 1)], incident.name
            assert self.rung("chloe", incident.page(2)), f"nobody heard of {incident.name}"

    async def what_is_missing(self) -> str:
        """Also what every connection does, and which others it waits for."""
        connection = await asyncpg.connect(self.database_url)
        try:
            lines = [str(dict(row)) for row in await connection.fetch(ACTIVITY)]
        finally:
            await connection.close()
        return "\n".join([await super().what_is_missing(), *lines])

    def last_words(self) -> str:
        return "\n".join(f"--- {replica.name}:\n{replica.last_words()}" for replica in self.replicas)


def heard_of(answers: Sequence[Answer]) -> Heard:
    texts = [answer.text or "" if answer.ok else f"Slack: {answer.error}" for answer in answers]
    opened = [opened_by(text) for text in texts if " is open" in text]
    return Heard(opened=opened, failures=[text for text in texts if " is open" not in text])


@asynccontextmanager
async def a_fleet(
    server: PostgresServer,
    folder: Path,
    *,
    transport: Transport = "socket",
    database_url: str | None = None,
    by_way: str | None = None,
    real_time: bool = False,
    answers_within: float = LONG,
) -> AsyncIterator[Fleet]:
    """No bot runs yet. `by_way` is the address of the database for the bots, where it is not `database_url`.

    In `real_time` the bots are not told of the playground's clock, and have to know what time it is. `answers_within`
    as of `Forked`; people wait for as long as it takes.
    """
    url = database_url or server.fresh_url()
    async with AsyncExitStack() as stack:
        clock = SpeedClock(monotonic_seconds, machine.now() if real_time else NOW, speed=1 if real_time else 0)
        slack = await stack.enter_async_context(Playground(clock, manifest=MANIFEST, wall=_wall, ack_within=PATIENCE))
        stored = Stored(url)
        stack.push_async_callback(stored.close)
        names = itertools.count(1)

        def make(ahead: timedelta | None) -> Replica:
            place = folder / f"replica-{next(names)}"
            place.mkdir()
            port = free_port() if transport == "http" else None
            followed = {} if real_time else {"TIERLINE_CLOCK_URL": clock_url(slack)}
            environment = _environment(slack, by_way or url, port) | followed
            return Replica(environment, place, port=port, ahead=ahead, answers_within=answers_within)

        fleet = Fleet(server, url, slack, clock, stored, make)
        if transport == "http":
            address = await stack.enter_async_context(balancing(lambda: fleet.ports))
            await slack.deliver_by(HttpDelivery(url=address, signing_secret=SIGNING_SECRET))
        try:
            yield fleet
        finally:
            fleet.stand_still()
            print(fleet.last_words())  # noqa: T201 — shown when the test failed
            for replica in fleet.replicas:
                if replica.running:
                    await replica.kill()


def _wall() -> float:
    return machine.now().timestamp()


def _environment(slack: Playground, database_url: str, port: int | None) -> dict[str, str]:
    common = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "TIERLINE_SLACK_API_URL": slack.api_url,
        "TIERLINE_DATABASE_URL": database_url,
        "TIERLINE_POLICY_FILE": str(POLICY),
    }
    if port is None:
        return common | {"SLACK_APP_TOKEN": slack.app_token}
    http = {"TIERLINE_MODE": "http", "TIERLINE_HTTP_BIND": f"127.0.0.1:{port}", "SLACK_SIGNING_SECRET": SIGNING_SECRET}
    return common | http
