"""The hours of a week: days and ranges of days as people write them, and each day on its own ever after."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError, PydanticKnownError

from bot.policy_file.errors import Loc
from bot.policy_file.times import WALL_TIME
from bot.policy_file.values import refused, wrong

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
END_OF_DAY = "24:00"
_HOURS = re.compile(rf"(?P<opens>{WALL_TIME})\s*[-–]\s*(?P<closes>{WALL_TIME}|{END_OF_DAY})")  # noqa: RUF001
_DAY = f"({'|'.join(DAYS)})"


def _week(value: object) -> Mapping[str, Sequence[str]]:
    """`mon-fri: "8:00-17:00"` as `{"mon": ["08:00-17:00"], …}`."""
    if not isinstance(value, Mapping):
        raise PydanticKnownError("dict_type")
    week: dict[str, tuple[str, list[str]]] = {}
    problems: list[InitErrorDetails] = []
    for key, hours in value.items():
        try:
            days = _days(str(key))
            twice = next((day for day in days if day in week), None)
            if twice:
                raise refused(f'{twice} is in "{week[twice][0]}" already; keep one of them.')
        except PydanticCustomError as error:
            problems.append(InitErrorDetails(type=error, loc=(key,), input=key))
            continue
        good, bad = _hours_of_day(key, hours)
        problems += bad
        week |= dict.fromkeys(days, (key, good))
    if problems:
        raise ValidationError.from_exception_data("week", problems)
    if not any(hours for _, hours in week.values()):
        raise refused('the week has no hours; give it some, like mon-fri: "08:00-17:00".')
    return {day: week[day][1] for day in DAYS if day in week and week[day][1]}


def _days(key: str) -> Sequence[str]:
    """Those of a range go on from Sunday to Monday: `sun-thu`."""
    first, dash, last = (part.strip() for part in key.lower().partition("-"))
    if first not in DAYS or (dash and last not in DAYS):
        raise wrong(key, f"is not a day; write one of {', '.join(DAYS)}, or a range like mon-fri.")
    start = DAYS.index(first)
    count = (DAYS.index(last) - start) % len(DAYS) + 1 if dash else 1
    return [DAYS[(start + index) % len(DAYS)] for index in range(count)]


def _hours_of_day(key: str, value: object) -> tuple[list[str], list[InitErrorDetails]]:
    """What is open on a day in its order, and what is wrong with it."""
    if not isinstance(value, list | tuple):
        entries: Iterator[tuple[Loc, object]] = iter([((key,), value)])
    else:
        entries = (((key, index), entry) for index, entry in enumerate(value))
    good: list[str] = []
    bad: list[InitErrorDetails] = []
    for loc, entry in entries:
        try:
            good.append(_beside(_hours(entry), good))
        except PydanticCustomError as error:
            bad.append(InitErrorDetails(type=error, loc=loc, input=entry))
    return sorted(good), bad


def _hours(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise refused('there are no hours here; write them like "08:00-17:00".')
    match = _HOURS.fullmatch(value.strip())
    if match is None:
        raise wrong(value, 'are not hours; write them like "08:00-17:00", until 24:00 at the latest.')
    opens, closes = match["opens"].rjust(5, "0"), match["closes"].rjust(5, "0")
    if closes == opens:
        raise wrong(value, "is no time at all; write 00:00-24:00 for the whole day.")
    if closes < opens:
        rest = "" if closes == "00:00" else f" and 00:00-{closes} on the next day"
        raise wrong(value, f"goes past midnight; write {opens}-{END_OF_DAY} here{rest}.")
    return f"{opens}-{closes}"


def _beside(hours: str, others: Sequence[str]) -> str:
    for other in others:
        if hours[:5] < other[6:] and other[:5] < hours[6:]:
            raise wrong(hours, f'overlaps "{other}" on the same day; make one of the two, or end the first earlier.')
    return hours


def _schema() -> dict[str, Any]:
    hours = {"type": "string", "pattern": f"^({WALL_TIME})\\s*-\\s*({WALL_TIME}|{END_OF_DAY})$"}
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{_DAY}(-{_DAY})?$"},
        "additionalProperties": {"anyOf": [hours, {"type": "array", "items": hours}]},
    }


Week = Annotated[dict[str, tuple[str, ...]], BeforeValidator(_week), WithJsonSchema(_schema())]
