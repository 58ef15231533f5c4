"""On-call calendars as the products export them, around the night at which the tests begin, and who reads them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.services.on_call import AT_ONCE


@dataclass(slots=True)
class Calendars:
    """What is at each address; an error is raised. Readings of a `hanging` reader wait."""

    content: dict[str, bytes | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    hanging: asyncio.Event | None = None
    full: asyncio.Event = field(default_factory=asyncio.Event)
    """As many as may be are being read."""
    at_once: int = 0
    most_at_once: int = 0

    async def read(self, url: str) -> bytes:
        self.asked.append(url)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if self.at_once == AT_ONCE:
            self.full.set()
        if self.hanging is not None:
            await self.hanging.wait()
        self.at_once -= 1
        content = self.content[url]
        if isinstance(content, Exception):
            raise content
        return content

    def newly_asked(self) -> list[str]:
        """Since this was asked last."""
        asked, self.asked = self.asked, []
        return asked


def calendar(*events: str, head: Sequence[str] = ()) -> bytes:
    """A calendar of events, each given by its lines, which end as the format demands."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *head]
    for event in events:
        lines += ["BEGIN:VEVENT", *(line.strip() for line in event.strip().splitlines()), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def an_event(*more: str, start: str = "20261114T000000Z", end: str = "20261114T080000Z", who: str = "Ana Silva") -> str:
    return "\n".join([f"UID:{who}-{start}", f"DTSTART:{start}", f"DTEND:{end}", f"SUMMARY:{who}", *more])


PAGERDUTY: Final = calendar(
    """
    DTEND;VALUE=DATE-TIME:20261114T080000Z
    DTSTART;VALUE=DATE-TIME:20261113T200000Z
    ATTENDEE:ana@example.com
    UID:Q2F7PAYMENTS01
    URL:https://example.pagerduty.com/schedules#PAYMENT
    SUMMARY:On Call - Ana Silva - Payments
    """,
    """
    DTEND;VALUE=DATE-TIME:20261114T200000Z
    DTSTART;VALUE=DATE-TIME:20261114T080000Z
    ATTENDEE:ben@example.com
    UID:Q2F7PAYMENTS02
    URL:https://example.pagerduty.com/schedules#PAYMENT
    SUMMARY:On Call - Ben Okafor - Payments
    """,
    head=["CALSCALE:GREGORIAN", "X-WR-CALNAME:On Call Schedule for Payments"],
)

OPSGENIE: Final = calendar(
    """
    DTSTAMP:20261114T020000Z
    UID:9d6cf5a2-0001-rotation
    DTSTART:20261113T200000Z
    DTEND:20261114T080000Z
    SUMMARY:ana@example.com
    DESCRIPTION:Payments_schedule / Rota1
    """,
    """
    DTSTAMP:20261114T020000Z
    UID:9d6cf5a2-0002-rotation
    DTSTART:20261114T080000Z
    DTEND:20261114T200000Z
    SUMMARY:ben@example.com
    DESCRIPTION:Payments_schedule / Rota1
    """,
    head=["PRODID:-//Opsgenie//Opsgenie Schedule//EN", "METHOD:PUBLISH", "X-WR-CALNAME:Payments_schedule"],
)

GRAFANA: Final = calendar(
    """
    SUMMARY:[L1] ana
    DTSTART;VALUE=DATE-TIME:20261113T200000Z
    DTEND;VALUE=DATE-TIME:20261114T080000Z
    DTSTAMP;VALUE=DATE-TIME:20261114T020000Z
    UID:O2XWPAYMENTS-U1-E0-S0
    LAST-MODIFIED;VALUE=DATE-TIME:20261101T090000Z
    RRULE:FREQ=DAILY;INTERVAL=2;WKST=SU
    """,
    """
    SUMMARY:[L1] ben
    DTSTART;VALUE=DATE-TIME:20261114T080000Z
    DTEND;VALUE=DATE-TIME:20261114T200000Z
    DTSTAMP;VALUE=DATE-TIME:20261114T020000Z
    UID:O2XWPAYMENTS-U2-E0-S0
    """,
    head=["PRODID:-//My calendar product//grafana//", "CALSCALE:GREGORIAN"],
)

GOOGLE: Final = calendar(
    """
    DTSTART;TZID=Europe/Paris:20261107T080000
    DTEND;TZID=Europe/Paris:20261107T200000
    RRULE:FREQ=DAILY
    EXDATE;TZID=Europe/Paris:20261113T080000
    DTSTAMP:20261114T020000Z
    ORGANIZER;CN=Payments:mailto:c_payments@group.calendar.example.com
    UID:day-shift@google.com
    ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Ben
      Okafor;X-NUM-GUESTS=0:mailto:ben@example.com
    ATTENDEE;CUTYPE=RESOURCE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=War Room
     ;X-NUM-GUESTS=0:mailto:c_room@resource.calendar.example.com
    STATUS:CONFIRMED
    SUMMARY:Day shift
    """.replace("CN=Ben\n      Okafor", "CN=Ben Okafor").replace("War Room\n     ;", "War Room;"),
    """
    DTSTART:20261115T090000Z
    DTEND:20261115T210000Z
    RECURRENCE-ID;TZID=Europe/Paris:20261115T080000
    DTSTAMP:20261114T020000Z
    UID:day-shift@google.com
    STATUS:CONFIRMED
    SUMMARY:Day shift: Ana Silva
    """,
    """
    DTSTART;VALUE=DATE:20261114
    DTEND;VALUE=DATE:20261116
    DTSTAMP:20261114T020000Z
    UID:weekend@google.com
    STATUS:CONFIRMED
    SUMMARY:Weekend: Ana Silva
    TRANSP:TRANSPARENT
    """,
    head=[
        "PRODID:-//Google Inc//Google Calendar 70.9054//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:On call",
        "X-WR-TIMEZONE:Europe/Paris",
    ],
)
