"""The database is ill when no beat could be stored for some seconds, and well with the next one that could."""

from datetime import datetime

import pytest

from bot.services.health import Health, Part
from bot.services.pulse import ILL_AFTER_SECONDS, Pulse
from storage.errors import NotStored
from tests.builders import NOW


class Beat:
    """Stored or not, as the test says."""

    def __init__(self) -> None:
        self.fails = False

    async def __call__(self) -> datetime:
        if self.fails:
            raise NotStored("the disk is full")
        return NOW


async def test_a_database_that_takes_no_beat_is_ill_after_some_seconds_and_well_with_the_next() -> None:
    seconds, health, beat = [100.0], Health(), Beat()
    pulse = Pulse(beat, health, monotonic=lambda: seconds[0])
    assert await pulse() == NOW
    ill = []
    beat.fails = True
    for passed in (0, ILL_AFTER_SECONDS, 0.1):
        seconds[0] += passed
        with pytest.raises(NotStored):
            await pulse()
        ill.append(Part.DATABASE in health.problems)
    assert ill == [False, False, True]
    beat.fails = False
    await pulse()
    assert health.ready


async def test_a_beat_that_is_lost_now_and_then_is_no_illness() -> None:
    seconds, health, beat = [100.0], Health(), Beat()
    pulse = Pulse(beat, health, monotonic=lambda: seconds[0])
    for beat.fails in (True, False, True):
        seconds[0] += ILL_AFTER_SECONDS + 1
        if beat.fails:
            with pytest.raises(NotStored):
                await pulse()
        else:
            await pulse()
    assert health.ready


async def test_another_error_says_nothing_of_the_database() -> None:
    async def bug() -> datetime:
        raise LookupError

    seconds, health = [100.0], Health()
    pulse = Pulse(bug, health, monotonic=lambda: seconds[0])
    for _ in range(2):
        seconds[0] += ILL_AFTER_SECONDS + 1
        with pytest.raises(LookupError):
            await pulse()
    assert health.ready
