"""One bot of a story: the services as they are, in loops that look as often as in earnest, until it is killed."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, NoReturn

import structlog

from bot.domain.delivery import LEASE, Delivered, Outcome, Unreached
from bot.domain.ids import UserId
from bot.notifier import Address, Notifier
from bot.scheduler import APART_SECONDS, LONGEST_WAIT
from bot.services.cards import CardKeeper
from bot.services.delivery import Delivery
from bot.services.elsewhere import Elsewhere
from bot.services.errands import Errands
from bot.services.giving_up import GivingUp
from bot.services.health import Health
from bot.services.incidents import IncidentDesk
from bot.services.last_look import LastLook, Situation
from bot.services.on_call import OnCallBook
from bot.services.people import Names
from bot.services.policies import CurrentPolicy, PolicyBook
from bot.services.signal import Signal
from bot.services.sweep import Sweep
from bot.services.tick import Tick
from bot.slack.gateway import SlackGateway
from bot.slack.marks import delivery_key
from bot.slack.workspace import SlackWorkspace
from storage.database import Database
from storage.outbox import Claim
from tests.builders import WORKSPACE
from tests.faults.chance import Fault, Recovery
from tests.faults.client import client_of
from tests.faults.database import FaultyDatabase
from tests.faults.stage import Stage
from tests.faults.troubles import A_CLAIM_LOST
from tests.services.bench import NoCalendars

log = structlog.get_logger()

LOOKS_EVERY: Final = LONGEST_WAIT.total_seconds()
FAR: Final = 1_000_000.0
"""In seconds: later than any story."""

STOPS_WITHIN: Final = 2.0

Work = Callable[[], Awaitable[datetime | None]]


class Bot:
    """Dead, it does nothing any more, not even what a cancelled task would do; paused, it goes on later."""

    def __init__(self, name: str, real: Database, stage: Stage, current: CurrentPolicy) -> None:
        self.name = name
        self.is_dead = False
        self.is_stopping = False
        self.paused_until = 0.0
        self._stage = stage
        self._chance = stage.chance
        self._loops: list[_Loop] = []
        self._stop = asyncio.Event()
        self._errands = Errands()
        database = FaultyDatabase(real, self, stage.chance, stage.troubles, stage.committed)
        book = PolicyBook(current)
        changed, health, clock = Signal(), Health(), stage.clock
        client = client_of(self, stage.slack, stage.chance, stage.troubles)
        slack = SlackGateway(client)
        on_call = OnCallBook(database, WORKSPACE, book, NoCalendars(), clock)
        letters = _Letters(self, stage)
        elsewhere = Elsewhere(database, WORKSPACE, book, letters, clock, self._errands, health, changed)
        look = _WatchedLook(database, book, on_call, clock)
        look.watch(self, stage)
        self.desk = IncidentDesk(database, WORKSPACE, book, _NoGroups(), clock, changed)
        delivery = Delivery(
            database, WORKSPACE, look, GivingUp(book, elsewhere), slack, Names(SlackWorkspace(client), clock), clock,
            self._errands, health, changed,
        )  # fmt: skip
        cards = CardKeeper(database, WORKSPACE, book, on_call, slack, clock, self._errands, changed)
        self._works: dict[str, Work] = {
            "tick": Tick(database, WORKSPACE, book, clock, changed),
            "delivery": delivery,
            "cards": cards,
            "elsewhere": elsewhere,
            "sweep": Sweep(database, WORKSPACE, slack, clock),
        }
        changed.subscribe(self._wake)
        self._task = asyncio.ensure_future(self._run())

    @property
    def acts(self) -> bool:
        return not (self.is_dead or self.is_stopping)

    @property
    def has_claimed(self) -> bool:
        return any(loop.name == "delivery" and loop.task is asyncio.current_task() for loop in self._loops)

    def sleeps(self) -> None:
        longer = self._chance.between(2, 25)
        self.paused_until = asyncio.get_running_loop().time() + LEASE.total_seconds() + longer
        self._stage.troubles.note(LEASE + timedelta(seconds=longer) + A_CLAIM_LOST)

    @property
    def has_just_slept(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self.paused_until > 0 and now - self.paused_until < LEASE.total_seconds()

    def posts(self, key: str) -> None:
        if self._stage.leases[self.name, key] <= self._stage.clock.now():
            self._stage.broken.append(f"{self.name} posted {key}, which was not its own any more")

    def is_told_to_stop(self) -> None:
        self._stage.told_to_stop(self.name)

    async def lives(self) -> None:
        while not self.is_dead:
            wait = self.paused_until - asyncio.get_running_loop().time()
            if wait <= 0:
                return
            await asyncio.sleep(wait)
        await self.dies()

    async def calls(self) -> None:
        if self.is_dead:
            await self.dies()

    async def hears(self, killed: Fault | None = None) -> None:
        await self.lives()
        if killed is not None and self._chance.happens(killed):
            await self.dies()

    async def dies(self) -> NoReturn:
        """Never returns: what is killed runs nothing any more."""
        if not self.is_dead:
            self.is_dead = True
            self._stage.died(self.name)
        await asyncio.get_running_loop().create_future()
        raise AssertionError("the dead do not wake")

    async def stop(self) -> None:
        """As at a SIGTERM: what is under way has a moment, and is handed back then."""
        self.is_stopping = True
        self._stop.set()
        self._wake()
        await asyncio.wait((self._task,))

    async def bury(self) -> None:
        """At the end of the story, so that nothing is left behind."""
        self.is_dead = True
        self._errands.hurry(0)
        for task in (*(loop.task for loop in self._loops), *self.desk._commits._left, self._task):
            task.cancel()
        await asyncio.wait((self._task,))

    def look_again(self) -> None:
        """Somebody committed something: in earnest the next look is at most a second away."""
        for loop in self._loops:
            loop.look_within_a_second()

    def _wake(self) -> None:
        for loop in self._loops:
            loop.wake()

    async def _run(self) -> None:
        async with self._errands as errands:
            self._loops = [_Loop(name, work, self, self._stage) for name, work in self._works.items()]
            await self._stop.wait()
            running = [loop.task for loop in self._loops]
            _, late = await asyncio.wait(running, timeout=STOPS_WITHIN)
            for task in late:
                task.cancel()
            await self.desk.finish()
            errands.hurry(STOPS_WITHIN)


_APART: Final = {"cards": 0.5, "elsewhere": 1.0, "sweep": 1.0}
"""Looks of those for which tenths of a second mean nothing are dear, and most find nothing."""


class _Loop:
    """As `bot.scheduler.Loop`, without a run that would find what the last one left."""

    def __init__(self, name: str, work: Work, bot: Bot, stage: Stage) -> None:
        self.name = name
        self._work = work
        self._bot = bot
        self._stage = stage
        self._woken = asyncio.Event()
        self._soon_at = FAR
        self.task = asyncio.ensure_future(self._run())

    def wake(self) -> None:
        self._soon_at = 0.0
        self._woken.set()

    def look_within_a_second(self) -> None:
        self._soon_at = min(self._soon_at, asyncio.get_running_loop().time() + LOOKS_EVERY)
        self._woken.set()

    async def _run(self) -> None:
        while not self._bot.is_stopping:
            await self._bot.lives()
            self._soon_at = FAR
            try:
                next_at = await self._work()
            except Exception as error:  # noqa: BLE001 — as in earnest: whatever it was, a loop goes on
                log.warning("loop.failed", loop=self.name, error=repr(error))
                next_at = self._stage.clock.now() + timedelta(seconds=LOOKS_EVERY)
            await asyncio.sleep(_APART.get(self.name, APART_SECONDS))
            await self._rest(next_at)

    async def _rest(self, until: datetime | None) -> None:
        """Returns when it is time for the next run, or the bot stops."""
        loop = asyncio.get_running_loop()
        while not self._bot.is_stopping:
            wait = (until - self._stage.clock.now()).total_seconds() if until is not None else FAR
            wait = min(wait, self._soon_at - loop.time())
            if wait <= 0:
                break
            self._woken.clear()
            timer = loop.call_later(wait, self._woken.set)
            await self._woken.wait()
            timer.cancel()


class _WatchedLook(LastLook):
    """Notices who looks at a claim, and whose it was before."""

    def watch(self, bot: Bot, stage: Stage) -> None:
        self._bot = bot
        self._stage = stage

    async def __call__(self, claim: Claim) -> Situation:
        before = self._stage.holders.get((claim.key, claim.fence - 1))
        if claim.in_doubt_since is not None and (before is None or before in self._stage.dead):
            self._stage.chance.mends(Recovery.TAKEN_OVER)
        self._stage.holders[claim.key, claim.fence] = self._bot.name
        self._stage.leases[self._bot.name, delivery_key(WORKSPACE, claim.key)] = claim.leased_until
        return await super().__call__(claim)


class _NoGroups:
    def groups_of(self, user: UserId) -> Collection[str]:
        return ()


class _Letters:
    """The other way to reach people; not every letter is taken."""

    def __init__(self, bot: Bot, stage: Stage) -> None:
        self._addresses = Notifier([Address(url="json://elsewhere.test")])
        self._bot = bot
        self._stage = stage

    def chosen(self, name: str | None) -> Sequence[Address]:
        return self._addresses.chosen(name)

    def way_of(self, address_id: str) -> str:
        return self._addresses.way_of(address_id)

    async def send(self, address_id: str, *, subject: str, body: str) -> Outcome:
        await self._bot.calls()
        await asyncio.sleep(self._stage.chance.between(0.1, 2))
        await self._bot.hears()
        if self._stage.chance.happens(Fault.LETTER_FAILED):
            return Unreached("not taken")
        self._stage.chance.mends(Recovery.LETTER_SENT)
        return Delivered("")
