"""Tells waiting readers that something changed. Facts are waited for, never time."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class Changes:
    """A revision number that grows with every change, and a way to wait for the next one."""

    def __init__(self) -> None:
        self.rev = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def happened(self) -> None:
        self.rev += 1
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def after(self, rev: int) -> int:
        """The revision, as soon as it is beyond `rev`."""
        while self.rev <= rev:
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(waiting)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)
        return self.rev

    async def wait_for(self, predicate: Callable[[], Found]) -> Found:
        """What the predicate returns, once that is true; asked again after every change."""
        while True:
            rev = self.rev
            found = predicate()
            if found:
                return found
            await self.after(rev)
