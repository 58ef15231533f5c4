"""A change that somebody waits for: stored, or known not to be, while they still wait."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import structlog

from storage.database import Database, Transaction
from storage.errors import CommitUnknown, Conflict, NotStored, StorageError

log = structlog.get_logger()

ANSWER_WITHIN_SECONDS = 2.5
"""Slack waits for three, and shows an error of its own after that."""

COMMIT_LONGER_SECONDS = 0.2
"""A commit that is on its way is worth a moment more: an outcome in doubt is the worst answer."""

TRIES = 3
LOOK_AGAIN_SECONDS = 0.2

Result = TypeVar("Result")
Work = Callable[[Transaction], Awaitable[Result]]


@dataclass(slots=True)
class _Attempt:
    """`committing` once it can no longer be called back."""

    committing: bool = False


class Commits:
    """Does work in a transaction of its own, within the time in which whoever asked must have an answer.

    What is late is called back. A commit that is late is not: it goes on by itself, and its outcome is unknown.
    """

    def __init__(self, database: Database, *, within: float = ANSWER_WITHIN_SECONDS) -> None:
        self._database = database
        self._within = within
        self._left: set[asyncio.Future[Any]] = set()

    def deadline(self) -> float:
        """For whoever asks now, by the loop's time."""
        return asyncio.get_running_loop().time() + self._within

    async def store(
        self, work: Work[Result], look_up: Work[Result | None] | None = None, *, until: float | None = None
    ) -> Result:
        """`look_up` says what an earlier attempt came to, None when it stored nothing; then the work is done again.
        `until` is the deadline of whoever has waited before.

        Raises what `work` raises, `NotStored`, `Conflict`, and `CommitUnknown` when nobody could tell in time.
        """
        until = self.deadline() if until is None else until
        in_doubt = False
        for tries_left in reversed(range(TRIES)):
            try:
                return await self._in_time(partial(self._write, work), until)
            except Conflict:
                if not tries_left:
                    raise
            except CommitUnknown:
                if look_up is None or not tries_left:
                    raise
                found = await self._looked_up(look_up, until)
                if found is not None:
                    return found
                in_doubt = True
            except NotStored as error:
                if not in_doubt:
                    raise
                # This time it was not; what went out the first time may still arrive.
                raise CommitUnknown(str(error)) from error
        raise AssertionError("unreachable")

    async def read(self, work: Work[Result]) -> Result:
        """Raises what `work` raises, and `NotStored` when the database cannot be read in time."""
        return await self._in_time(partial(self._read, work), self.deadline())

    async def finish(self) -> None:
        """Returns when what nobody waits for any longer has ended too."""
        if self._left:
            await asyncio.wait(self._left)

    async def _write(self, work: Work[Result], attempt: _Attempt) -> Result:
        async with self._database.write() as tx:
            result = await work(tx)
            attempt.committing = True
        return result

    async def _read(self, work: Work[Result], _attempt: _Attempt) -> Result:
        async with self._database.read() as tx:
            return await work(tx)

    async def _looked_up(self, look_up: Work[Result | None], until: float) -> Result | None:
        """Raises `CommitUnknown` when the database does not come back in time."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await self._in_time(partial(self._read, look_up), until)
            except StorageError as error:
                if loop.time() + LOOK_AGAIN_SECONDS >= until:
                    raise CommitUnknown(str(error)) from error
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _in_time(self, act: Callable[[_Attempt], Awaitable[Result]], until: float) -> Result:
        attempt = _Attempt()
        task = asyncio.ensure_future(act(attempt))
        try:
            await asyncio.wait((task,), timeout=max(0.0, until - asyncio.get_running_loop().time()))
            if attempt.committing and not task.done():
                await asyncio.wait((task,), timeout=COMMIT_LONGER_SECONDS)
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait((task,))
            raise
        if task.done():
            return task.result()
        self._leave(task)
        if attempt.committing:
            raise CommitUnknown("the commit takes too long")
        task.cancel()
        raise NotStored("the database takes too long")

    def _leave(self, task: "asyncio.Future[Any]") -> None:
        """Nobody waits for it any longer; it is kept until it ends."""
        self._left.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Future[Any]") -> None:
        self._left.discard(task)
        failure = None if task.cancelled() else task.exception()
        log.warning(
            "database.late", outcome="called back" if task.cancelled() else repr(failure) if failure else "stored"
        )
