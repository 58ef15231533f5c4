"""The clock that never goes back, whatever the machine's clock does."""

from datetime import datetime, timedelta

import structlog

from bot.clock import SteadyClock
from tests.builders import NOW, minutes
from tests.clock import ManualClock


class WildClock(ManualClock):
    """May be set to any instant."""

    def show(self, instant: datetime) -> None:
        self._now = instant

    def real_delay(self, until: datetime) -> timedelta | None:
        return until - self.now()


def test_it_shows_the_time_of_the_other_clock() -> None:
    inner = WildClock(NOW)
    clock = SteadyClock(inner, None)
    assert clock.now() == NOW
    inner.show(NOW + minutes(1))
    assert clock.now() == NOW + minutes(1)
    assert clock.real_delay(NOW + minutes(3)) == minutes(2)


def test_it_stands_still_while_the_other_one_is_behind() -> None:
    inner = WildClock(NOW)
    clock = SteadyClock(inner, None)
    inner.show(NOW - minutes(60))
    assert clock.now() == NOW
    inner.show(NOW - minutes(1))
    assert clock.now() == NOW
    inner.show(NOW + minutes(1))
    assert clock.now() == NOW + minutes(1)


def test_it_is_never_behind_what_was_checked_before_the_start() -> None:
    clock = SteadyClock(WildClock(NOW), NOW + minutes(10))
    assert clock.now() == NOW + minutes(10)
    assert SteadyClock(WildClock(NOW), NOW - minutes(10)).now() == NOW


def test_each_time_the_other_one_went_back_is_logged_once() -> None:
    inner = WildClock(NOW)
    clock = SteadyClock(inner, None)
    with structlog.testing.capture_logs() as logs:
        for shown in (-60, -59, 1, -60, -60):
            inner.show(NOW + minutes(shown))
            clock.now()
    assert [(entry["event"], entry["seconds"]) for entry in logs] == [
        ("clock.went_back", 3_600.0),
        ("clock.went_back", 3_660.0),
    ]


def test_it_passes_on_that_the_other_clock_jumped() -> None:
    inner = WildClock(NOW)
    jumps: list[datetime] = []
    clock = SteadyClock(inner, None)
    clock.on_jump(lambda: jumps.append(clock.now()))
    inner.advance(minutes=5)
    assert jumps == [NOW + minutes(5)]
