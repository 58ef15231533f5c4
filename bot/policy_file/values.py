"""The forms of the single values: durations, names and ids."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

import durationpy
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, ValidationInfo
from pydantic_core import PydanticCustomError, PydanticKnownError

from bot.domain.policy import MINIMUM_TARGET
from bot.policy_file.errors import Marks

LONGEST_DURATION = timedelta(days=365)
LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a document is validated."""

    allow_short: bool = False
    marks: Marks = field(default_factory=Marks)


_DURATION = re.compile(r"(\d+(\.\d+)?[wdhms])+")


def _duration(value: object, info: ValidationInfo) -> timedelta:
    if isinstance(value, timedelta):
        duration = value
    elif isinstance(value, str):
        duration = _parsed_duration(value)
    else:
        raise PydanticKnownError("string_type")
    if duration <= timedelta(0):
        raise _wrong(value, "is no time at all; write 1m or more.")
    if duration < MINIMUM_TARGET and not (isinstance(info.context, Reading) and info.context.allow_short):
        raise _wrong(value, "is too short for a person to read a page; write 1m or more.")
    if duration > LONGEST_DURATION:
        raise _wrong(value, "is too long; write 365d or less.")
    return duration


def _parsed_duration(text: str) -> timedelta:
    """Stricter than durationpy, for which `5mm` is five months and what stands between two parts is nothing."""
    if not _DURATION.fullmatch(text.strip()):
        raise _wrong(text, "is not a duration; write it like 5m, 1h30m or 2h.")
    try:
        duration: timedelta = durationpy.from_str(text.strip())
    except durationpy.DurationError as error:
        raise _wrong(text, "is too long; write 365d or less.") from error
    if duration % timedelta(seconds=1):
        raise _wrong(text, "is not a duration in whole seconds; write it like 5m, 1h30m or 2h.")
    return duration


def _wrong(value: object, fix: str) -> PydanticCustomError:
    return PydanticCustomError("wrong", '"{value}" {fix}', {"value": shown(value), "fix": fix})


def shown(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"


def _checked(pattern: str, fix: str) -> Callable[[str], str]:
    form = re.compile(pattern)

    def check(value: str) -> str:
        if not form.fullmatch(value):
            raise _wrong(value, fix)
        return value

    return check


CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{8,}")
PERSON_ID = re.compile(r"[UWS][A-Z0-9]{8,}")

Duration = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(durationpy.to_str, return_type=str)]
ChannelName = Annotated[
    str,
    AfterValidator(
        _checked(
            rf"#[^\s#@,A-Z]{{1,80}}|{CHANNEL_ID.pattern}",
            'is not a channel; write its name as in Slack, like "#tier-1" in quotes, or its id, like C0123ABCD.',
        )
    ),
]
PersonName = Annotated[
    str,
    AfterValidator(
        _checked(
            rf"@[^\s#@,]([^#@,\n]{{0,78}}[^\s#@,])?|{PERSON_ID.pattern}",
            'is not a person or a user group; write the name as in Slack, like "@ana" in quotes, '
            "or the id, like U0123ABCD or S0123ABCD.",
        )
    ),
]
ServiceName = Annotated[
    str,
    AfterValidator(
        _checked(
            r"(?![_-])((?![A-Z])[\w-])+",
            "is not a service that people can type; use small letters, digits, - and _, like check-out.",
        )
    ),
    Field(max_length=LONGEST_LABEL),
]
Label = Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL)]
