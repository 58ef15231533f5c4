"""On-call calendars in iCal format: fetched within bounds, and read as shifts. No error tells their address."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp

from bot.domain.calendar import instant_of
from bot.domain.on_call import Shift

PATIENCE = timedelta(seconds=10)
"""In real time, for the whole of an answer."""

MOST_BYTES = 2_000_000
REFUSED_REDIRECT = 4
"""The one at which is given up; three are followed."""

MOST_SHIFTS = 5_000
LONGEST_LINE = 300

TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})
"""No shift recurs like that, and to expand it would take minutes."""


class FeedError(Exception):
    """A calendar gave nothing that can be used; the text says why and has nothing of its address."""


def feed_session() -> aiohttp.ClientSession:
    """The connections for `HttpFeedReader`; it keeps no cookies. Closed by the wiring."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())


class HttpFeedReader:
    """Reads feeds over HTTP."""

    def __init__(
        self, session: aiohttp.ClientSession, *, patience: timedelta = PATIENCE, most_bytes: int = MOST_BYTES
    ) -> None:
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=patience.total_seconds())
        self._most_bytes = most_bytes

    async def read(self, url: str) -> bytes:
        """Raises `FeedError`."""
        try:
            async with self._session.get(url, timeout=self._timeout, max_redirects=REFUSED_REDIRECT) as response:
                if response.status != 200:
                    raise FeedError(f"it answered with status {response.status}")
                return await self._content_of(response)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # Not even as the cause: what these errors say has the address in it.
            raise FeedError(_reason(error)) from None

    async def _content_of(self, response: aiohttp.ClientResponse) -> bytes:
        content = bytearray()
        async for chunk in response.content.iter_chunked(1 << 16):
            content += chunk
            if len(content) > self._most_bytes:
                raise FeedError(f"it is larger than {self._most_bytes:,} bytes")
        return bytes(content)


def _reason(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "it did not answer in time"
        case aiohttp.TooManyRedirects():
            return "it redirects too often"
        case aiohttp.ClientSSLError():
            return "it offers no connection that can be trusted"
        case aiohttp.ClientConnectionError():
            return "it cannot be reached"
        case _:
            return f"it cannot be read ({type(error).__name__})"


def shifts_in(content: bytes, *, since: datetime, until: datetime) -> tuple[Shift, ...]:
    """The shifts between the two instants, recurring ones one by one, by their start. Raises `FeedError`.

    A large calendar takes seconds: not for the event loop.
    """
    from icalendar import Calendar  # two slow imports, for those who have such a calendar

    try:
        calendar = Calendar.from_ical(content)
        shifts = _bounded(_shifts_of(calendar, since, until))
    except FeedError:
        raise
    except Exception as error:
        # Whatever a parser says about content from elsewhere, it means the same here.
        raise FeedError(f"it is not a calendar that can be read ({type(error).__name__})") from error
    return tuple(sorted(shifts, key=lambda shift: (shift.start, shift.end, shift.who)))


def _bounded(shifts: Iterator[Shift]) -> list[Shift]:
    kept: list[Shift] = []
    for shift in shifts:
        if len(kept) == MOST_SHIFTS:
            raise FeedError(f"it has more than {MOST_SHIFTS:,} shifts")
        kept.append(shift)
    return kept


def _shifts_of(calendar: Any, since: datetime, until: datetime) -> Iterator[Shift]:
    for event in calendar.walk("VEVENT"):
        _refuse_too_often(event)
    import recurring_ical_events  # type: ignore[import-untyped]

    zone = str(calendar.get("X-WR-TIMEZONE", "UTC"))
    for event in recurring_ical_events.of(calendar).between(since, until):
        start, end, who = _instant(event.start, zone), _instant(event.end, zone), _who(event)
        if start < end and who and str(event.get("STATUS", "")).upper() != "CANCELLED":
            yield Shift(start=start, end=end, who=who)


def _refuse_too_often(event: Any) -> None:
    for rule in _several(event.get("RRULE")):
        frequent = any(str(frequency).upper() in TOO_OFTEN for frequency in _several(rule.get("FREQ")))
        if frequent or "BYSECOND" in rule or len(_several(rule.get("BYMINUTE"))) > 1:
            raise FeedError("it has an event that recurs every minute or more often")


def _instant(value: date, zone: str) -> datetime:
    """Days and times without a zone are meant in that of the calendar."""
    if not isinstance(value, datetime):
        return instant_of(value, time(0), ZoneInfo(zone))
    if value.tzinfo is None:
        return instant_of(value.date(), value.time(), ZoneInfo(zone))
    return value.astimezone(UTC)


def _who(event: Any) -> str:
    """The people invited, who are named more surely than in the summary, and below them the summary."""
    invited = ", ".join(_name(one) for one in _several(event.get("ATTENDEE")) if _takes_part(one))
    lines = (invited, str(event.get("SUMMARY", "")))
    return "\n".join(line for line in (" ".join(line.split())[:LONGEST_LINE] for line in lines) if line)


def _takes_part(attendee: Any) -> bool:
    """Not a room, and not somebody who said no."""
    params = attendee.params
    return params.get("PARTSTAT", "").upper() != "DECLINED" and params.get("CUTYPE", "").upper() not in (
        "ROOM",
        "RESOURCE",
    )


def _name(attendee: Any) -> str:
    """With the address: either may be what the policy knows the person by."""
    address = str(attendee)
    address = address[len("mailto:") :] if address.lower().startswith("mailto:") else address
    name = str(attendee.params.get("CN", ""))
    return f"{name} <{address}>" if name and name != address else address


def _several(value: Any) -> list[Any]:
    """A property that may be missing, there once, or more often."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
