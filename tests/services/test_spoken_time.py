"""An instant as people say it is always the next one that they mean."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.services.spoken_time import NotAnInstant, read_instant

PARIS = ZoneInfo("Europe/Paris")
WEDNESDAY = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)
"""13:00 in Paris."""


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("now", WEDNESDAY),
        ("", WEDNESDAY),
        ("sat 03:00", datetime(2026, 11, 14, 2, tzinfo=UTC)),
        ("Saturday 3am", datetime(2026, 11, 14, 2, tzinfo=UTC)),
        ("wed 14:00", datetime(2026, 11, 11, 13, tzinfo=UTC)),
        ("wed 09:00", datetime(2026, 11, 18, 8, tzinfo=UTC)),
        ("14:00", datetime(2026, 11, 11, 13, tzinfo=UTC)),
        ("09:00", datetime(2026, 11, 12, 8, tzinfo=UTC)),
        ("tomorrow 09:00", datetime(2026, 11, 12, 8, tzinfo=UTC)),
        ("today 18:30", datetime(2026, 11, 11, 17, 30, tzinfo=UTC)),
        ("2026-07-01 09:00", datetime(2026, 7, 1, 7, tzinfo=UTC)),
        ("2026-11-14T03:00+00:00", datetime(2026, 11, 14, 3, tzinfo=UTC)),
    ],
)
def test_the_next_one_is_meant(text: str, at: datetime) -> None:
    assert read_instant(text, now=WEDNESDAY, zone=PARIS) == at


def test_a_time_that_the_clocks_skip_is_the_first_after_the_gap() -> None:
    spring = datetime(2026, 3, 27, 12, tzinfo=UTC)
    assert read_instant("sun 02:30", now=spring, zone=PARIS) == datetime(2026, 3, 29, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "sat", "sat 25:00", "99999999999999:00", "2026-13-40 03:00"])
def test_what_is_no_instant_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NotAnInstant, match="write it like sat 03:00"):
        read_instant(text, now=WEDNESDAY, zone=PARIS)
