"""What a list or a story that is shown was asked for, as the value of its buttons carries it."""

import re
from dataclasses import dataclass, replace
from typing import Self

from bot.domain.ids import UserId
from bot.domain.policy import Severity
from bot.domain.wanted import EVERYTHING, Wanted

LONGEST = 150
"""Every row of a list carries it, and all of them have to fit into one message."""

_QUERY = re.compile(
    r"(?P<page>[1-9][0-9]{0,3})"
    r"\|(?P<severities>1?2?3?4?)"
    r"\|(?P<flags>b?o?)"
    r"\|(?P<people>(?:[UW][A-Z0-9]{1,31}(?:,[UW][A-Z0-9]{1,31})*)?)"
    r"\|(?P<services>(?:[\w-]{1,80}(?:,[\w-]{1,80})*)?)"
)
_PLACE = re.compile(r"([1-9][0-9]{0,8})\|(0|[1-9][0-9]{0,4})\|(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """A page of what is wanted."""

    wanted: Wanted = EVERYTHING
    page: int = 1

    def encode(self) -> str:
        wanted = self.wanted
        severities = "".join(severity.value.removeprefix("sev") for severity in wanted.severities)
        flags = ("b" if wanted.breached else "") + ("o" if wanted.over else "")
        return f"{self.page}|{severities}|{flags}|{','.join(wanted.people)}|{','.join(wanted.services)}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Raises `ValueError` for whatever `encode` did not make."""
        match = _QUERY.fullmatch(value) if len(value) <= LONGEST else None
        if match is None:
            raise ValueError("not what a list of ours was asked for")
        wanted = Wanted(
            severities=tuple(Severity(f"sev{digit}") for digit in match["severities"]),
            services=_parts(match["services"]),
            people=tuple(UserId(person) for person in _parts(match["people"])),
            breached="b" in match["flags"],
            over="o" in match["flags"],
        )
        return cls(wanted=wanted, page=int(match["page"]))

    @property
    def fits(self) -> bool:
        """Whether a button can carry it; one that names very many services or people is only shown."""
        return len(self.encode()) <= LONGEST

    def of_page(self, page: int) -> "ListQuery":
        return replace(self, page=page)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One incident, a page of its story, and the list that it was reached from; page 0 is the newest."""

    number: int
    page: int = 0
    back: ListQuery | None = None

    def encode(self) -> str:
        return f"{self.number}|{self.page}|{self.back.encode() if self.back is not None else ''}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Raises `ValueError` for whatever `encode` did not make."""
        match = _PLACE.fullmatch(value)
        if match is None:
            raise ValueError("not a place of ours")
        number, page, back = match.groups()
        return cls(number=int(number), page=int(page), back=ListQuery.decode(back) if back else None)

    def of_page(self, page: int) -> "Place":
        return replace(self, page=page)


def _parts(listed: str) -> tuple[str, ...]:
    return tuple(filter(None, listed.split(",")))
