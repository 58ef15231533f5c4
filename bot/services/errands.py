"""Calls to Slack that run beside the loops, so that a slow channel holds up no other."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType

import structlog

log = structlog.get_logger()


class Errands:
    """Started, never awaited one by one; leaving the block waits for all of them."""

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._given_up_at: float | None = None

    async def __aenter__(self) -> "Errands":
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            async with asyncio.timeout_at(self._given_up_at):
                # The block's own error is its own: it cancels no errand and is not wrapped in a group.
                await self._group.__aexit__(None, None, None)
        except TimeoutError:
            log.warning("errands.given_up")

    def hurry(self, seconds: float) -> None:
        """The block is about to end: what is under way has so many seconds left, and is then given up."""
        self._given_up_at = asyncio.get_running_loop().time() + seconds

    def start(self, errand: Coroutine[None, None, None]) -> asyncio.Task[None]:
        self._under_way += 1
        self._idle.clear()
        task = self._group.create_task(_noting_failure(errand))

        def ended(_: asyncio.Task[None]) -> None:
            errand.close()  # it was never begun when the task was cancelled before its first step
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

        task.add_done_callback(ended)
        return task

    @property
    def busy(self) -> bool:
        return self._under_way > 0

    async def idle(self) -> None:
        await self._idle.wait()


async def _noting_failure(errand: Coroutine[None, None, None]) -> None:
    try:
        await errand
    except Exception:
        # What an errand leaves undone has a lease in the database, and is taken up again when that runs out.
        log.exception("errand.failed")
