"""The real database as one bot has it: each commit may be refused, lost, unanswered, or the last thing the bot did."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from contextvars import ContextVar
from typing import NoReturn, Protocol, cast

from storage.database import Database, Transaction
from storage.errors import CommitUnknown, NotStored
from tests.faults.chance import Chance, Fault
from tests.faults.troubles import A_CLAIM_LOST, Troubles
from tests.faults.virtual_time import VirtualLoop

unanswered: ContextVar[list[Fault]] = ContextVar("unanswered")
"""The commits without an answer of what runs in a context, for whoever set it."""


class Process(Protocol):
    """Whose transactions these are."""

    @property
    def has_claimed(self) -> bool:
        """Whether the transaction that is under way, or was, is one that claims messages."""
        ...

    def sleeps(self) -> None:
        """It does, for longer than a lease."""

    async def lives(self) -> None:
        """Returns when the process goes on, which may be never."""
        ...

    async def dies(self) -> NoReturn: ...


class _TakenBack(Exception):
    """Ends a transaction so that nothing of it stays."""


class FaultyDatabase(Database):
    """`committed` hears of every commit."""

    def __init__(
        self, real: Database, process: Process, chance: Chance, troubles: Troubles, committed: Callable[[], None]
    ) -> None:
        super().__init__(real._writer, real._reader, lambda: None)
        self._real = real
        self._process = process
        self._chance = chance
        self._troubles = troubles
        self._committed = committed

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        await self._process.lives()
        with _under_way():
            async with self._real.read() as tx:
                yield tx

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        await self._pause()
        fate: Fault | None = None
        try:
            with _under_way():
                async with self._real.write() as tx:
                    yield tx
                    fate = self._fate()
                    _take_back(fate)
        except _TakenBack:
            await self._say_lost(cast(Fault, fate))
        self._committed()
        if fate is Fault.UNKNOWN_KEPT:
            raise CommitUnknown("the line broke at the commit")
        if fate is not None:
            await self._process.dies()
        if self._process.has_claimed and self._chance.happens(Fault.PAUSED_AFTER_CLAIM):
            self._process.sleeps()
        await self._pause()

    async def _pause(self) -> None:
        """Others have their turn before and after each transaction."""
        await self._process.lives()
        await asyncio.sleep(self._chance.between(0.001, 0.03))
        await self._process.lives()

    def _fate(self) -> Fault | None:
        """What people ask is a small part of all that is stored, and fails more often for that."""
        somebody_waits = unanswered.get(None)
        for _ in range(1 if somebody_waits is None else 5):
            fate = self._chance.one_of(
                Fault.NOT_STORED,
                Fault.UNKNOWN_KEPT,
                Fault.UNKNOWN_LOST,
                Fault.CRASH_BEFORE_COMMIT,
                Fault.CRASH_AFTER_CLAIM if self._process.has_claimed else Fault.CRASH_AFTER_COMMIT,
            )
            if fate is not None:
                self._troubles.note(A_CLAIM_LOST)
                if somebody_waits is not None and fate in (Fault.UNKNOWN_KEPT, Fault.UNKNOWN_LOST):
                    somebody_waits.append(fate)
                return fate
        return None

    async def _say_lost(self, fate: Fault) -> NoReturn:
        if fate is Fault.CRASH_BEFORE_COMMIT:
            await self._process.dies()
        if fate is Fault.UNKNOWN_LOST:
            raise CommitUnknown("the line broke at the commit")
        raise NotStored("the disk is full")


def _take_back(fate: Fault | None) -> None:
    if fate in (Fault.NOT_STORED, Fault.UNKNOWN_LOST, Fault.CRASH_BEFORE_COMMIT):
        raise _TakenBack


def _under_way() -> AbstractContextManager[None]:
    return cast(VirtualLoop, asyncio.get_running_loop()).transaction()
