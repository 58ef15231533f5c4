"""The forms of the single values: durations, percents, names, ids and words of a closed set."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, TypeVar

import durationpy
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from bot.domain.policy import MINIMUM_TARGET, Role, Severity, Verb
from bot.policy_file.errors import Marks, nearest, shown

LONGEST_DURATION = timedelta(days=365)
LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a document is validated. What was `stored` was checked when it was read, and is not refused again."""

    allow_short: bool = False
    stored: bool = False
    marks: Marks = field(default_factory=Marks)


T = TypeVar("T")


def written(kind: type[T], parse: Callable[[str], T]) -> Callable[[object], T]:
    """A validator for what is written as text and is a `kind` ever after."""

    def read(value: object) -> T:
        if isinstance(value, kind):
            return value
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        return parse(value.strip())

    return read


def wrong(value: object, fix: str) -> PydanticCustomError:
    return PydanticCustomError("wrong", '"{value}" {fix}', {"value": shown(value), "fix": fix})


def refused(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("refused", "{sentence}", {"sentence": sentence})


_DURATION = re.compile(r"(\d+(\.\d+)?[wdhms])+")


def _duration(value: object, info: ValidationInfo) -> timedelta:
    duration = written(timedelta, _parsed_duration)(value)
    if duration <= timedelta(0):
        raise wrong(value, "is no time at all; write 1m or more.")
    if duration < MINIMUM_TARGET and not (isinstance(info.context, Reading) and info.context.allow_short):
        raise wrong(value, "is too short for a person to read a page; write 1m or more.")
    if duration > LONGEST_DURATION:
        raise wrong(value, "is too long; write 365d or less.")
    return duration


def _parsed_duration(text: str) -> timedelta:
    """Stricter than durationpy, for which `5mm` is five months and what stands between two parts is nothing."""
    if not _DURATION.fullmatch(text):
        raise wrong(text, "is not a duration; write it like 5m, 1h30m or 2h.")
    try:
        duration: timedelta = durationpy.from_str(text)
    except durationpy.DurationError as error:
        raise wrong(text, "is too long; write 365d or less.") from error
    if duration % timedelta(seconds=1):
        raise wrong(text, "is not a duration in whole seconds; write it like 5m, 1h30m or 2h.")
    return duration


_PERCENT = re.compile(r"(?P<percent>[1-9]\d?)%|0?\.(?P<hundredths>\d{1,2})")


def percent(text: str) -> int | None:
    """`75%` and `0.75` are 75."""
    match = _PERCENT.fullmatch(text)
    if match is None:
        return None
    return int(match["percent"] or match["hundredths"].ljust(2, "0")) or None


def _percent(text: str) -> int:
    number = percent(text)
    if number is None:
        raise wrong(text, "is not a percent from 1% to 99%; write it like 75% or 0.75.")
    return number


def checked(pattern: str, fix: str) -> Callable[[str], str]:
    form = re.compile(pattern)

    def check(value: str) -> str:
        if not form.fullmatch(value):
            raise wrong(value, fix)
        return value

    return check


W = TypeVar("W", bound=StrEnum)


def _word(kind: type[W], what: str) -> BeforeValidator:
    """One of the words of a closed set."""

    def parse(text: str) -> W:
        try:
            return kind(text)
        except ValueError as error:
            raise wrong(text, f"is not {what}; {nearest(text, list(kind))}") from error

    return BeforeValidator(written(kind, parse))


def _listed(value: object) -> object:
    """A list may be written as its only entry."""
    return [value] if isinstance(value, str) and value.strip() else value


CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{8,}")
PERSON_ID = re.compile(r"[UWS][A-Z0-9]{8,}")
THE_WORD_CHANNEL = "channel"
"""Among the people of a tier it is everybody in the tier's channel."""
TIER_MANAGERS = "tier managers"
"""Among those a rule tells it is the managers of the tier at which the incident is."""

_CHANNEL = rf"#[^\s#@,A-Z]{{1,80}}|{CHANNEL_ID.pattern}"
_EVERYBODY = ("@channel", "@here", "@everyone")
_PERSON = rf"@[^\s#@,]([^#@,\n]{{0,78}}[^\s#@,])?|{PERSON_ID.pattern}"
_A_PERSON = checked(
    _PERSON,
    'is not a person or a user group; write the name as in Slack, like "@ana" in quotes, '
    "or the id, like U0123ABCD or S0123ABCD.",
)


def _person(value: str) -> str:
    if value in _EVERYBODY:
        raise wrong(
            value, "is nobody in particular; name people, or write channel, without the @, as people of a tier."
        )
    return _A_PERSON(value)


def _paged(value: str) -> str:
    return value if value == THE_WORD_CHANNEL else _person(value)


def _told(value: str) -> str:
    return value if value == TIER_MANAGERS else _person(value)


def _text_like(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})$"})


def percent_or(pattern: str) -> WithJsonSchema:
    """A percent that is written as a fraction is a number to an editor."""
    fraction = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
    return WithJsonSchema({"anyOf": [{"type": "string", "pattern": f"^({pattern})$"}, fraction]})


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(durationpy.to_str, return_type=str),
    _text_like(_DURATION.pattern),
]
Percent = Annotated[
    int,
    BeforeValidator(written(int, _percent)),
    Field(ge=1, le=99),
    PlainSerializer(lambda number: f"{number}%", return_type=str),
    percent_or("[1-9][0-9]?%"),
]
ChannelName = Annotated[
    str,
    AfterValidator(
        checked(
            _CHANNEL,
            'is not a channel; write its name as in Slack, like "#tier-1" in quotes, or its id, like C0123ABCD.',
        )
    ),
    _text_like(_CHANNEL),
]
PersonName = Annotated[str, AfterValidator(_person), _text_like(_PERSON)]
PagedName = Annotated[str, AfterValidator(_paged), _text_like(f"{_PERSON}|{THE_WORD_CHANNEL}")]
ToldName = Annotated[str, AfterValidator(_told), _text_like(f"{_PERSON}|{TIER_MANAGERS}")]
SERVICE_WORDS = frozenset(
    (
        *("private", "mine", "me", "my"),
        *("all", "open", "unresolved", "incidents", "everything", "breached", "breach", "late", "overdue"),
        *("closed", "resolved", "cancelled", "canceled", "over", "ended", "done", "past"),
    )
)
"""What `/incident open` and `/incident list` take for something else than a service."""
_LIKE_A_NUMBER = re.compile(r"(inc-?)?[0-9]+|sev[-_]?[0-9].*")
"""An incident, a tier or a severity."""


def _free(value: str, info: ValidationInfo) -> str:
    stored = isinstance(info.context, Reading) and info.context.stored
    if not stored and (value in SERVICE_WORDS or _LIKE_A_NUMBER.fullmatch(value)):
        raise wrong(value, "means something else in what people type after /incident; name this service otherwise.")
    return value


ServiceName = Annotated[
    str,
    AfterValidator(
        checked(
            r"(?![_-])((?![A-Z])[\w-])+",
            "is not a service that people can type; use small letters, digits, - and _, like check-out.",
        )
    ),
    AfterValidator(_free),
    Field(max_length=LONGEST_LABEL),
]
NOTIFIER = r"[A-Za-z0-9][\w-]*"
NotifierName = Annotated[
    str,
    AfterValidator(checked(NOTIFIER, "is not a notifier; write one of the names in TIERLINE_FALLBACK_URLS.")),
    Field(max_length=LONGEST_LABEL),
    _text_like(NOTIFIER),
]
Label = Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL)]
Count = Annotated[int, Field(ge=1, le=1000)]
SeverityName = Annotated[Severity, _word(Severity, "a severity")]
RoleName = Annotated[Role, _word(Role, "a role")]
VerbName = Annotated[Verb, _word(Verb, "something that can be kept to some")]
_Roles = Annotated[tuple[RoleName, ...], Field(min_length=1)]
RoleNames = Annotated[_Roles, BeforeValidator(_listed, json_schema_input_type=RoleName | _Roles)]


def _tier_targets(value: object, info: ValidationInfo) -> object:
    return dict.fromkeys(Severity, _duration(value, info)) if isinstance(value, str | timedelta) else value


def _in_order(targets: dict[Severity, timedelta]) -> dict[Severity, timedelta]:
    return {severity: targets[severity] for severity in Severity if severity in targets}


_TierTargets = Annotated[dict[SeverityName, Duration], Field(min_length=1)]
TierTargets = Annotated[
    _TierTargets,
    BeforeValidator(_tier_targets, json_schema_input_type=Duration | _TierTargets),
    AfterValidator(_in_order),
]
"""One duration for all severities, or one for each of some."""
