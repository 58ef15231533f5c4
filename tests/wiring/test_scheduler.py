"""The loops: woken, never twice at once, and not stopped by an error."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot import clock as machine
from bot.clock import SystemClock
from bot.scheduler import LONGEST_WAIT, Loop, Scheduler, Work
from bot.services.errands import Errands

PATIENCE = 30.0


@asynccontextmanager
async def running(work: Work) -> AsyncIterator[Loop]:
    loop = Loop("work", work, SystemClock())
    scheduler = Scheduler([loop])
    scheduler.start()
    async with asyncio.timeout(PATIENCE):
        await loop.rested()
        yield loop
    await scheduler.stop()


async def test_a_woken_loop_runs_at_once() -> None:
    runs: list[datetime] = []

    async def work() -> None:
        runs.append(machine.now())

    async with running(work) as loop:
        began = machine.now()
        loop.wake()
        await loop.rested()
        assert began <= runs[-1] < began + LONGEST_WAIT


async def test_a_loop_that_is_woken_while_it_runs_runs_again_and_never_twice_at_once() -> None:
    at_once = most_at_once = runs = 0
    loops: list[Loop] = []

    async def work() -> None:
        nonlocal at_once, most_at_once, runs
        at_once, runs = at_once + 1, runs + 1
        most_at_once = max(most_at_once, at_once)
        if loops and runs < 5:
            loops[0].wake()
            loops[0].wake()
        await asyncio.sleep(0)
        at_once -= 1

    async with running(work) as loop:
        loops.append(loop)
        loop.wake()
        await loop.rested()
    assert (runs, most_at_once) == (5, 1)


async def test_a_loop_runs_at_the_instant_it_asked_for() -> None:
    asked = machine.now() + timedelta(seconds=0.3)
    ran_at: asyncio.Queue[datetime] = asyncio.Queue()

    async def work() -> datetime | None:
        now = machine.now()
        ran_at.put_nowait(now)
        return asked if now < asked else None

    async with running(work):
        while (ran := await ran_at.get()) < asked:
            pass
        assert ran - asked < timedelta(seconds=0.5), "not only at the next full second"


async def test_an_error_in_the_work_does_not_stop_the_loop() -> None:
    runs: asyncio.Queue[int] = asyncio.Queue()
    count = 0

    async def work() -> None:
        nonlocal count
        count += 1
        runs.put_nowait(count)
        if count == 1:
            raise RuntimeError("a bug")

    async with running(work):
        assert [await runs.get(), await runs.get()] == [1, 2]


async def test_errands_run_side_by_side_and_one_that_fails_harms_no_other() -> None:
    done: list[str] = []
    gate = asyncio.Event()

    async def waits() -> None:
        await gate.wait()
        done.append("waited")

    async def fails() -> None:
        gate.set()
        raise RuntimeError("a bug")

    async with Errands() as errands:
        errands.start(waits())
        errands.start(fails())
        assert errands.busy
        await errands.idle()
    assert done == ["waited"]
