"""The clock that follows another one: the playground's, which people speed up."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot import clock as machine
from bot.clock import FollowedClock
from bot.demo import clock_url
from bot.playground import Playground, SpeedClock

START = datetime(2026, 11, 14, 3, 0, tzinfo=UTC)


async def test_a_followed_clock_shows_the_other_ones_time_and_hears_of_its_jumps() -> None:
    theirs = SpeedClock(machine.monotonic_seconds, START, speed=0)
    async with Playground(theirs) as slack:
        ours = FollowedClock()
        jumped = asyncio.Event()
        ours.on_jump(jumped.set)
        following = asyncio.create_task(ours.follow(clock_url(slack)))
        async with asyncio.timeout(30):
            await ours.synchronised()
            assert ours.now() == START
            assert ours.real_delay(START + timedelta(minutes=1)) is None, "a stopped clock gets nowhere by itself"

            jumped.clear()
            theirs.advance(timedelta(hours=1))
            await jumped.wait()
            assert ours.now() == START + timedelta(hours=1)

            jumped.clear()
            theirs.set_speed(60)
            await jumped.wait()
            in_an_hour = ours.real_delay(ours.now() + timedelta(hours=1))
            assert in_an_hour is not None
            assert timedelta(seconds=55) < in_an_hour <= timedelta(minutes=1)
        following.cancel()
        await asyncio.wait((following,))


async def test_a_followed_clock_never_goes_back() -> None:
    theirs = SpeedClock(machine.monotonic_seconds, START, speed=0)
    async with Playground(theirs) as slack:
        ours = FollowedClock()
        following = asyncio.create_task(ours.follow(clock_url(slack)))
        async with asyncio.timeout(30):
            await ours.synchronised()
        following.cancel()
        await asyncio.wait((following,))
        ours._set({"now": (START - timedelta(hours=1)).isoformat(), "speed": 1.0})
        assert ours.now() >= START
