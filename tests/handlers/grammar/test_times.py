"""How long and until when, in the words of people, on the clocks of their zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.grammar.times import duration, read_until

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 14, 3, 0, tzinfo=UTC)
"""A Saturday, four in the morning in Paris."""


def paris(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


DURATIONS = [
    ("20m", timedelta(minutes=20)),
    ("2h", timedelta(hours=2)),
    ("1h30m", timedelta(minutes=90)),
    ("1h 30m", timedelta(minutes=90)),
    ("1.5h", timedelta(minutes=90)),
    ("2 hours", timedelta(hours=2)),
    ("2hours", timedelta(hours=2)),
    ("1 hour 5 mins", timedelta(minutes=65)),
    ("90 Seconds", timedelta(seconds=90)),
    ("3 days", timedelta(days=3)),
    ("1w", timedelta(weeks=1)),
    ("2H", timedelta(hours=2)),
    ("1h30", timedelta(minutes=90)),
    ("2 hours and 30 minutes", timedelta(minutes=150)),
    ("1d and 2h", timedelta(hours=26)),
]
NO_DURATIONS = [
    "",
    "2",
    "h",
    "5mm",
    "2h75",
    "2h3",
    "2h300",
    "1d30",
    "2h and 3d",
    "30m2h",
    "2 months",
    "1y",
    "٣h",
    "-2h",
    "2h3d",
    "2hx",
]

INSTANTS = [
    ("14:00", paris(14, 14)),
    ("until 14:00", paris(14, 14)),
    ("till 2pm", paris(14, 14)),
    ("at 2 PM", paris(14, 14)),
    ("until 3:30", paris(15, 3, 30)),
    ("noon", paris(14, 12)),
    ("until midnight", paris(15, 0)),
    ("tomorrow 9:00", paris(15, 9)),
    ("until tomorrow at 9:00", paris(15, 9)),
    ("tomorrow", paris(15, 9)),
    ("tomorrow morning", paris(15, 9)),
    ("tomorrow at 14", paris(15, 14)),
    ("tomorrow 14h", paris(15, 14)),
    ("tomorrow 9h30", paris(15, 9, 30)),
    ("until 14h", paris(14, 14)),
    ("by 14h30", paris(14, 14, 30)),
    ("9:00 tomorrow", paris(15, 9)),
    ("today 18:00", paris(14, 18)),
    ("today 3:00", paris(14, 3)),
    ("friday", paris(20, 9)),
    ("until Fri 14:00", paris(20, 14)),
    ("monday", paris(16, 9)),
    ("next monday 8:30", paris(16, 8, 30)),
    ("on wednesday, 7:00", paris(18, 7)),
    ("thurs 7am", paris(19, 7)),
    ("14:00 on tuesday", paris(17, 14)),
    ("sat 03:00", paris(21, 3)),
    ("sat 05:00", paris(14, 5)),
    ("2026-11-20 10:00", paris(20, 10)),
    ("2026-11-20T10:00", paris(20, 10)),
    ("until 2026-12-24", paris(24, 9, month=12)),
    ("14:00 UTC", datetime(2026, 11, 14, 14, tzinfo=UTC)),
    ("2026-11-14T14:00:05Z", datetime(2026, 11, 14, 14, 0, 5, tzinfo=UTC)),
    ("14:00+02:00", datetime(2026, 11, 14, 12, tzinfo=UTC)),
]
NO_INSTANTS = [
    "",
    "dawn",
    "sunny days",
    "25:00",
    "14:75",
    "2026-13-45",
    "until",
    "for",
    "mondays",
    "1:2",
    "99:99pm",
    "tomorrow 14 they sleep",
    "tomorrow 14.30",
    "tomorrow 25",
    "monday 9-17",
    "friday afternoon",
    "tomorrow in the evening",
    "until 99h",
]


@pytest.mark.parametrize(("text", "span"), DURATIONS)
def test_a_duration_is_read(text: str, span: timedelta) -> None:
    assert duration(text) == span
    read = read_until(f"for {text}, the supplier", now=NOW, zone=PARIS)
    assert read is not None
    assert (read.at, read.said, read.rest) == (NOW + span, text, "the supplier")


@pytest.mark.parametrize("text", NO_DURATIONS)
def test_what_is_almost_a_duration_is_none(text: str) -> None:
    assert duration(text) is None


@pytest.mark.parametrize(("text", "at"), INSTANTS)
def test_an_instant_is_the_next_that_is_meant(text: str, at: datetime) -> None:
    for words in (text, f"{text} the supplier  sleeps", f"{text}: the supplier  sleeps"):
        read = read_until(words, now=NOW, zone=PARIS)
        assert read is not None
        assert read.at == at
        assert read.rest in ("", "the supplier  sleeps")


@pytest.mark.parametrize("text", NO_INSTANTS)
def test_what_is_almost_an_instant_is_none(text: str) -> None:
    assert read_until(text, now=NOW, zone=PARIS) is None


def test_the_parts_of_a_duration_go_down_and_the_rest_is_the_reason() -> None:
    read = read_until("2h 3d printers are broken", now=NOW, zone=PARIS)
    assert read is not None
    assert (read.at, read.rest) == (NOW + timedelta(hours=2), "3d printers are broken")


@pytest.mark.parametrize(
    ("now", "text", "at"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), "tomorrow 2:30", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), "sunday 2:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 3, 28, 22, tzinfo=UTC), "12h", datetime(2026, 3, 29, 10, tzinfo=UTC)),
    ],
)
def test_when_the_clocks_are_changed_a_wall_time_is_one_that_there_is(now: datetime, text: str, at: datetime) -> None:
    read = read_until(text, now=now, zone=PARIS)
    assert read is not None
    assert read.at == at


@pytest.mark.parametrize("text", ["tomorrow 14", "monday 14: ", "until tomorrow, 14"])
def test_a_number_alone_after_a_day_is_an_hour(text: str) -> None:
    read = read_until(text, now=NOW, zone=PARIS)
    assert read is not None
    assert f"{read.at.astimezone(PARIS):%H:%M}" == "14:00"
    assert read.rest == ""


def test_the_zone_decides() -> None:
    read = read_until("14:00", now=NOW, zone=ZoneInfo("America/New_York"))
    assert read is not None
    assert read.at == datetime(2026, 11, 14, 19, tzinfo=UTC)


@pytest.mark.parametrize("text", ["999999999w", "99999999d"])
def test_what_no_clock_holds_is_the_latest_there_is(text: str) -> None:
    read = read_until(text, now=NOW, zone=PARIS)
    assert read is not None
    assert read.at == datetime.max.replace(tzinfo=UTC)
