"""Time that passes only when nobody has anything to do, and a SQLite without threads: a seed is the whole story."""

import asyncio
import selectors
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

A_REAL_WAIT: Final = 30.0
"""A database server that says nothing for so long, in real seconds, is stuck."""


class Stuck(Exception):
    """Nothing can happen any more, and the story is not over."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its clock jumps to the next timer as soon as nothing is left to do at this instant.

    While a transaction is under way nothing jumps: a server answers in real time, and takes none of the story's.
    """

    def __init__(self) -> None:
        self._seconds = 0.0
        self._transactions = 0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self._seconds

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._transactions += 1
        try:
            yield
        finally:
            self._transactions -= 1

    def wait(self, selector: selectors.BaseSelector, seconds: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """What to do next; without anything, the clock is `seconds` further."""
        ready = selector.select(0)
        if ready or seconds == 0:
            return ready
        if self._transactions:
            ready = selector.select(A_REAL_WAIT)
            if not ready:
                raise Stuck("the database does not answer")
            return ready
        if seconds is None:
            raise Stuck("everybody waits for somebody else")
        self._seconds += max(seconds, 0.0)
        return []


class _Selector(selectors.BaseSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        self._real = selectors.DefaultSelector()
        self._loop = loop

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return self._loop.wait(self._real, timeout)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()


@contextmanager
def sqlite_without_threads() -> Iterator[None]:
    """What a connection is asked is done where it is asked, instead of by a thread of its own."""
    with patch("aiosqlite.core.SimpleQueue", _DoneAtOnce), patch("aiosqlite.core.Thread", _NoThread):
        yield


class _DoneAtOnce:
    """Stands in for the queue between a connection and its thread."""

    def put_nowait(self, item: "tuple[asyncio.Future[Any] | None, Callable[[], Any]]") -> None:
        future, function = item
        try:
            result = function()
        except Exception as error:
            if future is None:
                raise
            future.set_exception(error)
        else:
            if future is not None:
                future.set_result(result)


class _NoThread:
    """Stands in for the thread, which has nothing to do."""

    daemon = True

    def __init__(self, **_given: object) -> None:
        pass

    def start(self) -> None:
        pass
