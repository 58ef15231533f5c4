"""A clock at another speed."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.playground import SpeedClock

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_it_runs_at_its_speed_and_keeps_what_has_passed(seconds: Seconds) -> None:
    clock = SpeedClock(seconds, START, speed=60)
    seconds.now += 2
    assert clock.now() == START + timedelta(minutes=2)
    clock.set_speed(1)
    seconds.now += 2
    assert clock.now() == START + timedelta(minutes=2, seconds=2)


def test_it_can_be_paused_and_moved_forward(seconds: Seconds) -> None:
    clock = SpeedClock(seconds, START, speed=0)
    seconds.now += 1000
    assert (clock.now(), clock.real_delay(START + timedelta(1))) == (START, None)
    clock.advance(timedelta(hours=1))
    assert clock.now() == START + timedelta(hours=1)


def test_it_says_how_long_to_wait(seconds: Seconds) -> None:
    clock = SpeedClock(seconds, START, speed=60)
    assert clock.real_delay(START + timedelta(minutes=5)) == timedelta(seconds=5)
    assert clock.real_delay(START - timedelta(minutes=5)) == timedelta(0)


def test_it_tells_of_jumps_and_of_changes_of_speed(seconds: Seconds) -> None:
    clock = SpeedClock(seconds, START)
    told: list[datetime] = []
    clock.on_jump(lambda: told.append(clock.now()))
    clock.set_speed(2)
    clock.advance(timedelta(minutes=1))
    assert told == [START, START + timedelta(minutes=1)]


def test_it_never_goes_back(seconds: Seconds) -> None:
    clock = SpeedClock(seconds, START)
    with pytest.raises(ValueError, match="only advances"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="speed"):
        clock.set_speed(-1)
    with pytest.raises(ValueError, match="aware"):
        SpeedClock(seconds, START.replace(tzinfo=None))
