"""What several people ask at the same moment, done in one transaction: they share its beginning, its statements and
its way to the disk."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from bot.services.commits import Commits
from bot.services.errors import CommitUnknown
from storage.database import Transaction

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

DoOne = Callable[[Transaction, Asked], Awaitable[Answer]]
DoAll = Callable[[Transaction, Sequence[Asked]], Awaitable[Sequence[Answer | None]]]


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Asked, Answer]):
    asked: Asked
    answer: "asyncio.Future[Answer | None]"


class Together(Generic[Asked, Answer]):
    """While a transaction waits for its turn to write, whatever else is asked joins it.

    Only for a database with one writer, where those who are done together would wait for each other anyway.
    """

    def __init__(self, commits: Commits, *, one: DoOne[Asked, Answer], several: DoAll[Asked, Answer]) -> None:
        """`several` leaves out, with None, what it stored nothing of."""
        self._commits = commits
        self._one = one
        self._several = several
        self._waiting: list[_Waiting[Asked, Answer]] = []
        self._under_way: set[asyncio.Task[None]] = set()

    async def __call__(self, asked: Asked) -> Answer | None:
        """The answer, once it is on disk. None when nothing was stored, and it must be asked alone.

        Raises `CommitUnknown`; and what it raises by itself when nobody else was there.
        """
        waiting: _Waiting[Asked, Answer] = _Waiting(asked, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if len(self._waiting) == 1:
            task = asyncio.create_task(self._begin())
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return await waiting.answer

    async def finish(self) -> None:
        """Returns when everybody was answered."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _begin(self) -> None:
        """For the first who waits, within the time that they have; those who join have more."""
        taken: list[_Waiting[Asked, Answer]] = []
        try:
            answers = await self._commits.store(partial(self._do, taken))
        except Exception as error:  # noqa: BLE001 - raised again, or met again by those who then ask alone
            self._take(taken)  # its turn may never have come
            for one in taken:
                _fail(one, error, alone=len(taken) == 1)
        else:
            for one, answer in zip(taken, answers, strict=True):
                if not one.answer.done():
                    one.answer.set_result(answer)

    async def _do(self, taken: list[_Waiting[Asked, Answer]], tx: Transaction) -> Sequence[Answer | None]:
        self._take(taken)
        match taken:
            case []:
                return []
            case [only]:
                return [await self._one(tx, only.asked)]
            case _:
                return await self._several(tx, [one.asked for one in taken])

    def _take(self, taken: list[_Waiting[Asked, Answer]]) -> None:
        """Without those who went away while they waited."""
        taken += [one for one in self._waiting if not one.answer.done()]
        self._waiting.clear()


def _fail(one: _Waiting[Asked, Answer], error: Exception, *, alone: bool) -> None:
    if one.answer.done():
        return
    if alone:
        one.answer.set_exception(error)
    elif isinstance(error, CommitUnknown):
        one.answer.set_exception(CommitUnknown(str(error)))
    else:
        one.answer.set_result(None)
