"""The keys of who is on call: people who take turns, or a calendar kept elsewhere."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from bot.policy_file.entry import Entry, Like, left_out
from bot.policy_file.times import Day, Moment, WallTime, ZoneName
from bot.policy_file.values import Count, PersonName, refused

LONGEST_NAME = 200


class OverrideEntry(Entry):
    """Somebody takes over for a while."""

    start: Annotated[Moment, Like("2026-12-24 09:00"), Field(alias="from")]
    """From this day and time on, in the zone of the rotation."""
    end: Annotated[Moment, Like("2026-12-26 09:00"), Field(alias="until")]
    """Before this day and time, in the zone of the rotation."""
    person: Annotated[PersonName, Like('"@ben"')]
    """Who takes over."""

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.end <= self.start:
            raise refused('"until" is not after "from"; write the day and time at which the turn ends.')
        return self


class RotationEntry(Entry):
    """People who take turns."""

    people: Annotated[tuple[PersonName, ...], Field(min_length=1), Like('["@ana", "@ben"]')]
    """In the order of their turns; after the last comes the first again."""
    zone: Annotated[ZoneName, Like("Europe/Paris")]
    """The time zone of the hand-over and of the overrides."""
    first_day: Annotated[Day, Like("2026-01-05")]
    """The day on which the first person begins; hand-overs are on its weekday."""
    hand_over: Annotated[WallTime, Like('"09:00"')]
    """The time of the day at which the next one takes over."""
    weeks: Annotated[Count, Like("1")] = left_out(1)
    """How many weeks a turn lasts."""
    overrides: Annotated[
        tuple[OverrideEntry, ...], Like('[{from: 2026-12-24 09:00, until: 2026-12-26 09:00, person: "@ben"}]')
    ] = left_out(())
    """Who takes over in between; of two at the same time the later written counts."""


_NOT_AN_ADDRESS = "this is not the address of a calendar; copy its secret address in iCal format, like https://calendar.example.com/….ics."
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def _address(url: str) -> str:
    """Nothing of it is told but the host: whoever has the address can read the calendar."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise refused(_NOT_AN_ADDRESS) from error
    if not host or any(letter.isspace() for letter in url):
        raise refused(_NOT_AN_ADDRESS)
    scheme = "https" if parts.scheme == "webcal" else parts.scheme
    if scheme != "https" and not (scheme == "http" and host in _THIS_MACHINE):
        raise refused(f"the calendar at {host} would be read over {scheme}; write its address with https://.")
    return parts._replace(scheme=scheme).geturl()


class IcalEntry(Entry):
    """A calendar kept elsewhere, whose events say who is on call."""

    url: Annotated[
        str,
        AfterValidator(_address),
        Field(repr=False),
        WithJsonSchema({"type": "string", "pattern": "^(https|http|webcal)://"}),
        Like("https://calendar.example.com/….ics"),
    ]
    """Its address in iCal format; keep it secret."""
    people: Annotated[
        dict[Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)], PersonName],
        Field(min_length=1),
        Like('{"Ana Silva": "@ana", "ben@example.com": "@ben"}'),
    ]
    """Who is meant by the names and e-mail addresses of its events."""


class OnCallEntry(Entry):
    """One source of who is on call: a rotation or a calendar."""

    rotation: Annotated[
        RotationEntry | None,
        Like('{people: ["@ana", "@ben"], zone: Europe/Paris, first_day: 2026-01-05, hand_over: "09:00"}'),
    ] = left_out(None)
    """People who take turns."""
    ical: Annotated[
        IcalEntry | None, Like('{url: "https://calendar.example.com/….ics", people: {"Ana Silva": "@ana"}}')
    ] = left_out(None)
    """A calendar kept elsewhere."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.rotation is None and self.ical is None:
            raise refused('an entry of "on_call" is empty; write "rotation" or "ical" in it.')
        if self.rotation is not None and self.ical is not None:
            raise refused('an entry of "on_call" holds "rotation" or "ical"; make two entries of it.')
        return self
