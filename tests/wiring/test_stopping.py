"""A stop waits for what runs, but not for ever: what hangs is given up, and the database has it still."""

import asyncio

import pytest

from bot import scheduler as scheduling
from bot.clock import SystemClock
from bot.scheduler import Loop, Scheduler
from bot.services.errands import Errands

PATIENCE = 30.0


class Hanging:
    """Work that waits for an answer that does not come."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.given_up = False

    async def __call__(self) -> None:
        self.began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.given_up = True
            raise


async def test_a_run_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "FINISH_WITHIN_SECONDS", 0.05)
    hanging = Hanging()
    loop = Loop("hangs", hanging, SystemClock())
    scheduler = Scheduler([loop])
    scheduler.start()
    async with asyncio.timeout(PATIENCE):
        await hanging.began.wait()
        await scheduler.stop()
    assert hanging.given_up
    assert not loop.running


async def test_a_run_that_ends_soon_is_waited_for() -> None:
    began, may_end = asyncio.Event(), asyncio.Event()
    done = []

    async def work() -> None:
        began.set()
        await may_end.wait()
        done.append(True)

    scheduler = Scheduler([Loop("works", work, SystemClock())])
    scheduler.start()
    async with asyncio.timeout(PATIENCE):
        await began.wait()
        stopping = asyncio.ensure_future(scheduler.stop())
        await asyncio.sleep(0)
        may_end.set()
        await stopping
    assert done == [True]


async def test_every_run_is_observed_with_how_it_ended() -> None:
    seen: list[tuple[str, bool]] = []
    runs: asyncio.Queue[int] = asyncio.Queue()

    def observe(name: str, seconds: float, *, failed: bool) -> None:
        assert seconds >= 0
        seen.append((name, failed))
        runs.put_nowait(len(seen))

    async def work() -> None:
        if not seen:
            raise RuntimeError("a bug")

    loop = Loop("work", work, SystemClock())
    made_at = loop.finished_at
    scheduler = Scheduler([loop], observe)
    scheduler.start()
    async with asyncio.timeout(PATIENCE):
        while await runs.get() < 2:
            pass
    await scheduler.stop()
    assert seen[:2] == [("work", True), ("work", False)]
    assert loop.finished_at > made_at


async def test_errands_that_hang_are_given_up_when_they_are_hurried() -> None:
    hanging, done = Hanging(), []

    async def works() -> None:
        await hanging.began.wait()
        done.append(True)

    async with asyncio.timeout(PATIENCE):
        async with Errands() as errands:
            errands.start(hanging())
            errands.start(works())
            errands.hurry(0.05)
    assert hanging.given_up
    assert done == [True]
    assert not errands.busy


async def test_an_errand_given_up_before_it_began_leaves_nothing_behind() -> None:
    async with Errands() as errands:
        errands.start(Hanging()()).cancel()
    assert not errands.busy
