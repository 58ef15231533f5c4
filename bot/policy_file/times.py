"""The forms of days, times and time zones."""

import re
import zoneinfo
from datetime import date, datetime, time
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from bot.policy_file.errors import likely, shown
from bot.policy_file.values import refused, written, wrong

WALL_TIME = r"([01]?\d|2[0-3]):[0-5]\d"
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T]+(\d\d?:\d\d)")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise wrong(text, "is not a day; write it like 2026-12-24.") from error


def _wall_time(text: str) -> time:
    if not re.fullmatch(WALL_TIME, text):
        raise wrong(text, 'is not a time of the day; write it like "09:00".')
    return wall_time(text)


def wall_time(text: str) -> time:
    return time.fromisoformat(text.rjust(5, "0"))


def _moment(text: str) -> datetime:
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise wrong(text, "is not a day and a time; write it like 2026-12-24 09:00.")
    return datetime.combine(_day(match[1]), _wall_time(match[2]))


def _zone(name: str) -> str:
    if name in _zones():
        return name
    close = _nearest_zone(name)
    fix = f'did you mean "{close}"?' if close else "write it like Europe/Paris."
    raise refused(f'there is no time zone "{shown(name)}"; {fix}')


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _nearest_zone(name: str) -> str | None:
    """By the place alone too: most people write `Paris`."""
    small = {zone.casefold(): zone for zone in sorted(_zones())}
    places = {zone.casefold().rpartition("/")[2]: zone for zone in sorted(_zones(), reverse=True)}
    written_small = name.casefold().replace(" ", "_")
    full = likely(written_small, small)
    if full and ("/" in name or full == written_small):
        return small[full]
    place = likely(written_small.rpartition("/")[2], places)
    return places[place] if place else None


Day = Annotated[
    date,
    BeforeValidator(written(date, _day)),
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}),
]
WallTime = Annotated[
    time,
    BeforeValidator(written(time, _wall_time)),
    PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{WALL_TIME}$"}),
]
Moment = Annotated[
    datetime,
    BeforeValidator(written(datetime, _moment)),
    PlainSerializer(lambda at: f"{at:%Y-%m-%d %H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": rf"^\d{{4}}-\d\d-\d\d[ T]+{WALL_TIME}$"}),
]
"""By the wall clock of a time zone that is named elsewhere."""
ZoneName = Annotated[str, AfterValidator(_zone)]
