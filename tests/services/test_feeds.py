"""On-call calendars: what the products write is read as shifts, and what goes wrong tells nobody the address."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from bot.domain.on_call import Shift
from bot.services import feeds
from bot.services.feeds import FeedError, HttpFeedReader, feed_session, shifts_in
from tests.builders import NOW
from tests.services.calendars import GOOGLE, GRAFANA, OPSGENIE, PAGERDUTY, an_event, calendar

SINCE: Final = NOW - timedelta(days=1)
UNTIL: Final = NOW + timedelta(days=2)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def read(content: bytes) -> list[tuple[str, str, str]]:
    """Each shift as `13 20:00`, until when and by whom."""
    shifts = shifts_in(content, since=SINCE, until=UNTIL)
    return [(f"{shift.start:%d %H:%M}", f"{shift.end:%d %H:%M}", shift.who) for shift in shifts]


def test_pagerduty_invites_by_address_and_names_in_the_summary() -> None:
    assert read(PAGERDUTY) == [
        ("13 20:00", "14 08:00", "ana@example.com\nOn Call - Ana Silva - Payments"),
        ("14 08:00", "14 20:00", "ben@example.com\nOn Call - Ben Okafor - Payments"),
    ]


def test_opsgenie_names_in_the_summary() -> None:
    assert read(OPSGENIE) == [
        ("13 20:00", "14 08:00", "ana@example.com"),
        ("14 08:00", "14 20:00", "ben@example.com"),
    ]


def test_grafana_repeats_its_shifts_and_names_in_the_summary() -> None:
    assert read(GRAFANA) == [
        ("13 20:00", "14 08:00", "[L1] ana"),
        ("14 08:00", "14 20:00", "[L1] ben"),
        ("15 20:00", "16 08:00", "[L1] ana"),
    ]


def test_google_has_days_zones_exceptions_and_moved_occurrences() -> None:
    """The 13th is left out, the 15th was moved and given to somebody else; the weekend is one of Paris."""
    assert read(GOOGLE) == [
        ("13 23:00", "15 23:00", "Weekend: Ana Silva"),
        ("14 07:00", "14 19:00", "Ben Okafor <ben@example.com>\nDay shift"),
        ("15 09:00", "15 21:00", "Day shift: Ana Silva"),
    ]


def test_a_weekly_shift_keeps_its_wall_clock_when_the_clocks_change() -> None:
    weekly = "UID:1\nDTSTART;TZID=Europe/Paris:20261019T090000\nDURATION:PT8H\nRRULE:FREQ=WEEKLY\nSUMMARY:Ana"
    shifts = shifts_in(calendar(weekly), since=at("2026-10-18"), until=at("2026-11-01"))
    assert [shift.start for shift in shifts] == [at("2026-10-19 07:00"), at("2026-10-26 08:00")]


def test_times_without_a_zone_are_those_of_the_calendar_or_of_utc() -> None:
    floating = an_event(start="20261114T090000", end="20261114T170000")
    assert read(calendar(floating, head=["X-WR-TIMEZONE:Europe/Paris"])) == [("14 08:00", "14 16:00", "Ana Silva")]
    assert read(calendar(floating)) == [("14 09:00", "14 17:00", "Ana Silva")]
    whole_day = "UID:1\nDTSTART;VALUE=DATE:20261114\nSUMMARY:Ana Silva"
    assert read(calendar(whole_day)) == [("14 00:00", "15 00:00", "Ana Silva")]


def test_only_shifts_within_the_window_are_kept() -> None:
    long_ago = an_event(start="20201114T000000Z", end="20201114T080000Z")
    far_ahead = an_event(start="20281114T000000Z", end="20281114T080000Z")
    under_way = an_event(start="20261101T000000Z", end="20261201T000000Z")
    assert read(calendar(long_ago, under_way, far_ahead)) == [("01 00:00", "01 00:00", "Ana Silva")]


@pytest.mark.parametrize(
    "event",
    [
        an_event("STATUS:CANCELLED"),
        an_event(end="20261114T000000Z"),
        an_event(who=""),
    ],
)
def test_what_is_cancelled_or_takes_no_time_or_names_nobody_is_no_shift(event: str) -> None:
    assert read(calendar(event)) == []


def test_who_declined_is_not_on_call() -> None:
    ana, ben = "ATTENDEE;PARTSTAT=DECLINED;CN=Ana:mailto:ana@example.com", "ATTENDEE;CN=Ben:MAILTO:ben@example.com"
    assert [who for *_, who in read(calendar(an_event(ana, ben, who="Shift")))] == ["Ben <ben@example.com>\nShift"]


def test_what_is_said_of_a_shift_is_cut_to_a_line_each() -> None:
    (shift,) = read(calendar(an_event(who="Ana\\nSilva " + "x" * 1_000)))
    assert shift[2] == ("Ana Silva " + "x" * 1_000)[: feeds.LONGEST_LINE]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><title>Sign in</title>",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        calendar("UID:1\nSUMMARY:Without a start"),
        calendar("UID:1\nDTSTART;VALUE=DATE:20261114\nSUMMARY:Ana", head=["X-WR-TIMEZONE:Europe/Atlantis"]),
    ],
)
def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(FeedError, match=r"^it is not a calendar that can be read \(\w+\)$"):
        read(content)


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=DAILY;BYSECOND=1,2", "FREQ=DAILY;BYMINUTE=1,2"]
)
def test_what_recurs_too_often_is_refused_before_it_is_expanded(rule: str) -> None:
    with pytest.raises(FeedError, match="recurs every minute or more often"):
        read(calendar(an_event(f"RRULE:{rule}")))


def test_too_many_shifts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_SHIFTS", 20)
    hourly = an_event("RRULE:FREQ=HOURLY;COUNT={}", end="20261114T003000Z")
    assert len(read(calendar(hourly.format(20)))) == 20
    with pytest.raises(FeedError, match="more than 20 shifts"):
        read(calendar(hourly.format(21)))


def test_a_calendar_without_events_is_one() -> None:
    assert shifts_in(calendar(), since=SINCE, until=UNTIL) == ()
    one = shifts_in(calendar(an_event()), since=SINCE, until=UNTIL)
    assert one == (Shift(start=at("2026-11-14 00:00"), end=at("2026-11-14 08:00"), who="Ana Silva"),)


class Web:
    """A server that answers as the path says."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        match request.path.split("/")[1:]:
            case ["ok", *_]:
                return web.Response(body=PAGERDUTY, content_type="text/calendar")
            case ["status", status, *_]:
                return web.Response(status=int(status))
            case ["redirect", times, *_]:
                left = int(times) - 1
                raise web.HTTPFound(f"/redirect/{left}/secret.ics" if left else "/ok/secret.ics")
            case ["large", *_]:
                return web.Response(body=b"x" * 2_000)
            case ["broken", *_]:
                response = web.StreamResponse(headers={"Content-Length": "100"})
                await response.prepare(request)
                await response.write(b"half")
                raise ConnectionResetError
            case _:
                await self.over.wait()
                return web.Response()


@pytest.fixture
async def server() -> AsyncIterator[BaseTestServer]:
    site = Web()
    app = web.Application()
    app.router.add_get("/{path:.*}", site.answer)
    async with TestServer(app) as server:
        yield server
        site.over.set()


async def fetched(url: str, *, patience: float = 30, most_bytes: int = 10_000) -> bytes:
    async with feed_session() as session:
        return await HttpFeedReader(session, patience=timedelta(seconds=patience), most_bytes=most_bytes).read(url)


@pytest.mark.parametrize("path", ["/ok/secret.ics", "/redirect/1/secret.ics", "/redirect/3/secret.ics"])
async def test_a_calendar_is_fetched_over_a_few_redirects(server: BaseTestServer, path: str) -> None:
    assert await fetched(str(server.make_url(path))) == PAGERDUTY


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/status/403/secret.ics", "it answered with status 403"),
        ("/status/204/secret.ics", "it answered with status 204"),
        ("/status/500/secret.ics", "it answered with status 500"),
        ("/redirect/9/secret.ics", "it redirects too often"),
        ("/large/secret.ics", "it is larger than 1,000 bytes"),
        ("/broken/secret.ics", "it cannot be read (ClientPayloadError)"),
        ("/silent/secret.ics", "it did not answer in time"),
    ],
)
async def test_what_goes_wrong_is_told_without_the_address(server: BaseTestServer, path: str, reason: str) -> None:
    with pytest.raises(FeedError) as refused:
        await fetched(str(server.make_url(path)), patience=0.3 if "silent" in path else 30, most_bytes=1_000)
    assert str(refused.value) == reason
    assert "secret" not in "".join(traceback.format_exception_only(refused.value))
    assert refused.value.__cause__ is None


async def test_a_host_that_is_not_there_is_told_without_the_address(unused_tcp_port: int) -> None:
    with pytest.raises(FeedError, match=r"^it cannot be reached$"):
        await fetched(f"http://127.0.0.1:{unused_tcp_port}/secret.ics")
    with pytest.raises(FeedError, match=r"^it cannot be read \(InvalidUrlClientError\)$"):
        await fetched("http:///secret.ics")


async def test_a_host_that_does_not_speak_tls_is_not_trusted(server: BaseTestServer) -> None:
    with pytest.raises(FeedError, match=r"^it offers no connection that can be trusted$"):
        await fetched(str(server.make_url("/ok/secret.ics").with_scheme("https")))
