"""A story: people, bots and faults for an hour, then calm until everything is settled; and what is wrong at the end."""

import asyncio
import itertools
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, cast

import structlog
from sqlalchemy import func, or_, select

from bot.clock import SteadyClock
from bot.domain.delivery import UNSETTLED
from bot.domain.ids import THE_BOT, ChannelId, UserId
from bot.domain.wanted import EVERYTHING
from bot.policy_file import Directory, PolicyDocument, read
from bot.services.policies import CurrentPolicy, policy_of
from bot.slack.gateway import CLOCK_SLACK
from storage import incidents, lists, policies, tables
from storage.database import Database, open_database
from tests.builders import NOW, WORKSPACE, a_user
from tests.faults.bot import Bot
from tests.faults.chance import Chance, Fault
from tests.faults.invariants import Remains, wrongs
from tests.faults.people import People
from tests.faults.slack import FakeSlack
from tests.faults.stage import SetClock, Stage
from tests.faults.troubles import A_CLAIM_LOST, AGAIN, DOUBT, EVERY_CHANNEL, Troubles
from tests.faults.virtual_time import VirtualLoop, sqlite_without_threads

POLICY: Final = Path(__file__).parent / "policy.yml"
LASTS: Final = 300.0
"""Seconds in which people act and things fail."""

SETTLES_WITHIN: Final = 1800
A_LOOK: Final = 5

MOST_AHEAD: Final = CLOCK_SLACK - timedelta(seconds=1)
"""Were the bots' clock further ahead of Slack's, the read-back would begin after the message that it looks for."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of a seed. Without `wrong`, everything is as it must be."""

    seed: int
    wrong: Sequence[str]
    chance: Chance
    messages: int

    def __str__(self) -> str:
        told = "\n".join(f"{at:9.3f} {what}" for at, what in self.chance.told)
        return f"{told}\n{self.summary}"

    @property
    def summary(self) -> str:
        return f"seed {self.seed}:\n" + "\n".join(f"- {each}" for each in self.wrong)


def ending_of(seed: int, url: str, *, lasts: float = LASTS) -> Ending:
    """Tells the story of the seed on the migrated database at `url`: the same one each time on SQLite."""
    with sqlite_without_threads(), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_Story(seed, url, lasts).told())


class _Story:
    def __init__(self, seed: int, url: str, lasts: float) -> None:
        self._seed = seed
        self._lasts = lasts
        self._url = url
        self._chance = Chance(seed)
        self._bots: list[Bot] = []
        self._all: list[Bot] = []
        self._names = itertools.count(1)
        self._databases: list[Database] = []
        self._beside: set[asyncio.Task[None]] = set()

    async def told(self) -> Ending:
        self._prepare()
        with self._heard():
            try:
                await self._begin()
                await self._go_on()
                await self._calm_down()
                wrong = await self._wrong()
            finally:
                await self._close()
        return Ending(self._seed, wrong, self._chance, len(self._stage.slack.ever))

    def _prepare(self) -> None:
        machine = SetClock()
        clock = SteadyClock(machine, None)
        self._stage = Stage(
            chance=self._chance,
            machine=machine,
            clock=clock,
            slack=FakeSlack(NOW, self._chance),
            troubles=Troubles(clock),
            committed=self._committed,
            died=self._died,
            told_to_stop=self._told_to_stop,
        )
        self._people = People(self._stage, lambda: self._bots)

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """What the bots log goes into the story."""
        configured = structlog.get_config()["processors"]
        before = configured.copy()
        configured[:] = [self._stage.hear]
        try:
            yield
        finally:
            configured[:] = before

    async def _begin(self) -> None:
        self._database = self._opened()
        document = read(POLICY, allow_short=True)
        directory = _directory(document)
        with self._loop.transaction():
            async with self._database.write() as tx:
                await incidents.make_workspace(tx, WORKSPACE)
                version = await policies.add(
                    tx, WORKSPACE, document=document.canonical_json(), directory=directory, by=THE_BOT, now=NOW
                )
        self._current = CurrentPolicy(version_id=version.id, policy=policy_of(version))
        for _ in range(self._chance.random.choice((1, 2))):
            self._start_bot()

    async def _go_on(self) -> None:
        trouble = asyncio.ensure_future(self._make_trouble())
        await self._people.act(until=self._lasts)
        trouble.cancel()

    async def _make_trouble(self) -> None:
        while True:
            await asyncio.sleep(self._chance.between(10, 120))
            self._have(self._chance.next_trouble())

    def _have(self, fault: Fault) -> None:
        troubles, lasting = self._stage.troubles, self._chance.between(5, 60)
        match fault:
            case Fault.PAUSED:
                for bot in self._bots[:1]:
                    bot.paused_until = self._loop.time() + lasting
                troubles.note(timedelta(seconds=lasting) + A_CLAIM_LOST)
            case Fault.SLACK_AWAY:
                self._stage.slack.away_until = self._loop.time() + 2 * lasting
                troubles.note(timedelta(seconds=2 * lasting) + DOUBT + AGAIN, EVERY_CHANNEL)
            case Fault.CLOCK_FORWARD:
                forward = min(timedelta(seconds=lasting), MOST_AHEAD - self._stage.machine.ahead)
                troubles.note(forward + A_CLAIM_LOST)
                self._stage.machine.ahead += forward
                self._committed()
            case Fault.CLOCK_BACK:
                self._stage.machine.ahead -= timedelta(seconds=lasting / 4)
            case _:
                raise AssertionError(fault)
        self._chance.comes(fault, f"{lasting:.1f} s")

    async def _calm_down(self) -> None:
        """Nothing fails any more; people end what they began, and the bots have time for the rest."""
        self._chance.tell("= from here on nothing fails")
        self._chance.calm = True
        self._stage.slack.away_until = 0
        self._stage.slack.archived_until.clear()
        for bot in self._bots:
            bot.paused_until = 0
        await asyncio.sleep(60)
        await self._people.end_everything(await self._open_numbers())
        for _ in range(SETTLES_WITHIN // A_LOOK):
            if await self._is_settled():
                break
            await asyncio.sleep(A_LOOK)

    async def _open_numbers(self) -> Sequence[int]:
        with self._loop.transaction():
            async with self._database.read() as tx:
                found = await lists.some(tx, WORKSPACE, EVERYTHING, after=0, limit=100)
        return [incident.number for incident in found]

    async def _is_settled(self) -> bool:
        out, cards = tables.outbox.c, tables.cards.c
        waiting = or_(out.state.in_(UNSETTLED), out.sweep_at.is_not(None))
        with self._loop.transaction():
            async with self._database.read() as tx:
                left = await tx.scalar(select(func.count()).select_from(tables.outbox).where(waiting))
                stale = await tx.scalar(select(func.count()).where(cards.shown_version < cards.wanted_version))
        return not (left or stale)

    async def _wrong(self) -> Sequence[str]:
        self._chance.tell("= everything is settled, or never will be")
        with self._loop.transaction():
            return await wrongs(
                Remains(
                    database=self._database,
                    slack=self._stage.slack,
                    troubles=self._stage.troubles,
                    asked=self._people.requests,
                    broken=self._stage.broken,
                    policy=self._current.policy,
                )
            )

    def _start_bot(self) -> None:
        """On PostgreSQL each has its own connections; a SQLite file belongs to one process, whose bots share them."""
        database = self._opened() if self._database.is_shared else self._database
        bot = Bot(f"bot {next(self._names)}", database, self._stage, self._current)
        self._bots.append(bot)
        self._all.append(bot)

    def _died(self, name: str) -> None:
        self._stage.dead.add(name)
        bot = next((each for each in self._bots if each.name == name), None)
        if bot is None:
            return  # it was about to stop, and another one is there already
        self._bots.remove(bot)
        away = self._chance.between(1, 40)
        self._stage.troubles.note(timedelta(seconds=away) + A_CLAIM_LOST)
        self._do_beside(self._start_later(away))

    def _told_to_stop(self, name: str) -> None:
        for bot in [each for each in self._bots if each.name == name]:
            self._bots.remove(bot)
            self._stage.troubles.note(A_CLAIM_LOST)
            self._do_beside(bot.stop())
            self._start_bot()

    async def _start_later(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._start_bot()

    def _committed(self) -> None:
        for bot in self._bots:
            bot.look_again()

    def _do_beside(self, what: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(what)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    def _opened(self) -> Database:
        database = open_database(self._url)
        self._databases.append(database)
        return database

    async def _close(self) -> None:
        self._chance.calm = self._chance.is_over = True
        self._people.forget()
        for task in self._beside:
            task.cancel()
        for bot in self._all:
            await bot.bury()
        with self._loop.transaction():
            for database in self._databases:
                await database.close()

    @property
    def _loop(self) -> VirtualLoop:
        return cast(VirtualLoop, asyncio.get_running_loop())


def _directory(document: PolicyDocument) -> str:
    names = document.names()
    channels = {name: ChannelId("C" + name.removeprefix("#").upper()) for name in sorted(names.channels)}
    people = {name: a_user(UserId("U" + name[1:].upper()), name[1:]) for name in sorted(names.people)}
    return Directory(channels=channels, people=people).to_json()
