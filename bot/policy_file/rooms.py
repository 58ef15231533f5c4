"""The key of a policy file about channels that are made for one incident alone."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from bot.domain.policy import DEFAULT_ARCHIVE_AFTER, DEFAULT_ROOM_NAME
from bot.domain.rooms import PLACES
from bot.policy_file.entry import Entry, Like, left_out
from bot.policy_file.errors import nearest
from bot.policy_file.values import LONGEST_LABEL, Duration, SeverityName, wrong

_PLACE = re.compile(r"\{([^{}]*)\}")
_PATTERN = rf"([a-z0-9_-]|\{{({'|'.join(PLACES)})\}})+"


def _room_name(value: str) -> str:
    for place in _PLACE.findall(value):
        if place not in PLACES:
            raise wrong(f"{{{place}}}", f"is nothing that an incident has; {nearest(place, PLACES)}")
    if not re.fullmatch(_PATTERN, value):
        raise wrong(
            value,
            "is no name for a channel; use small letters, digits, - and _, and in braces "
            f"{', '.join(PLACES[:-1])} or {PLACES[-1]}, like {DEFAULT_ROOM_NAME}.",
        )
    return value


RoomName = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_LABEL),
    AfterValidator(_room_name),
    WithJsonSchema({"type": "string", "pattern": f"^{_PATTERN}$", "maxLength": LONGEST_LABEL}),
]


class IncidentChannelEntry(Entry):
    """Incidents of some severities get a channel of their own."""

    severities: Annotated[tuple[SeverityName, ...], Field(min_length=1), Like("[sev1, sev2]")]
    """Those that get one."""
    name: Annotated[RoomName, Like(f'"{DEFAULT_ROOM_NAME}"')] = left_out(DEFAULT_ROOM_NAME)
    """How it is called. In braces: number, title, severity, service or date of the incident."""
    private: Annotated[bool, Like("true")] = left_out(default=False)
    """Whether only those who are invited can see it. That of a private incident always is."""
    archive_after: Annotated[Duration, Like("24h")] = left_out(DEFAULT_ARCHIVE_AFTER)
    """So long after the incident is over it is archived."""

    @property
    def is_archived_soon(self) -> bool:
        return self.archive_after < timedelta(hours=1)
