"""Errands: they run beside each other, a failing one harms no other, and leaving waits for all."""

import asyncio

import pytest

from bot.services.errands import Errands


async def test_leaving_waits_for_what_is_under_way() -> None:
    may_end, done = asyncio.Event(), []

    async def errand() -> None:
        await may_end.wait()
        done.append(True)

    async with Errands() as errands:
        errands.start(errand())
        assert errands.busy
        may_end.set()
    assert done == [True]
    assert not errands.busy


async def test_one_that_fails_stops_no_other() -> None:
    done = []

    async def fail() -> None:
        raise RuntimeError("a bug")

    async def errand() -> None:
        done.append(True)

    async with Errands() as errands:
        errands.start(fail())
        errands.start(errand())
        await errands.idle()
        assert not errands.busy
    assert done == [True]


async def test_an_error_of_the_block_stays_itself_and_lets_errands_end() -> None:
    done = []

    async def errand() -> None:
        done.append(True)

    async def start_and_fail() -> None:
        async with Errands() as errands:
            errands.start(errand())
            raise LookupError

    with pytest.raises(LookupError):
        await start_and_fail()
    assert done == [True]
