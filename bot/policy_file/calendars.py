"""The keys of a calendar, and its public holidays as dates."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from bot.policy_file.entry import Entry, Like, left_out
from bot.policy_file.errors import shown
from bot.policy_file.public_holidays import country_fix, known_country, known_part, part_fix, public_holidays
from bot.policy_file.times import Day, ZoneName
from bot.policy_file.values import Reading, refused
from bot.policy_file.week import Week

YEARS_BEFORE, YEARS_AHEAD = 1, 5
"""An incident that is open for longer than that is counted as if there were no public holidays."""


class HolidaysEntry(Entry):
    """Days on which a calendar is closed: those of a country or a part of it, and your own."""

    country: Annotated[str | None, Like("FR")] = left_out(None)
    """The country whose public holidays count, by its two letters."""
    subdivision: Annotated[str | None, WithJsonSchema({"type": ["string", "integer"]}), Like('"57"')] = left_out(None)
    """The part of the country, when it has holidays of its own; by its ISO 3166-2 code."""
    extra: Annotated[tuple[Day, ...], Like("[2026-12-24]")] = left_out(())
    """Days that are closed too."""
    open_on: Annotated[tuple[Day, ...], Like("[2026-05-25]")] = Field(
        default=(), alias="except", exclude_if=lambda days: not days
    )
    """Public holidays on which you work."""

    @field_validator("country")
    @classmethod
    def _known_country(cls, country: str | None, info: ValidationInfo) -> str | None:
        if country is None or _stored(info):
            return country
        if known_country(country):
            return country
        raise refused(f'there are no public holidays for "{shown(country)}"; {country_fix(country)}')

    @model_validator(mode="after")
    def _known_subdivision(self, info: ValidationInfo) -> Self:
        if self.subdivision is None or _stored(info):
            return self
        if self.country is None:
            raise refused('a "subdivision" needs its country; add it, like country: FR.')
        if not known_part(self.country, self.subdivision):
            where = f'there is no part "{shown(self.subdivision)}" of {self.country} with holidays of its own'
            raise refused(f"{where}; {part_fix(self.country, self.subdivision)}")
        return self

    def dates(self, years: Iterable[int]) -> Sequence[date]:
        """All days that are closed, in order; your own whatever their year."""
        public: frozenset[date] = frozenset()
        if self.country is not None:
            public = public_holidays(self.country, self.subdivision, years)
        return sorted((public - set(self.open_on)) | set(self.extra))


class CalendarEntry(Entry):
    """When a target's time counts."""

    zone: Annotated[ZoneName, Like("Europe/Paris")]
    """The time zone of the hours, by its name in the IANA database."""
    week: Annotated[Week, Like('{mon-fri: "08:00-17:00"}')]
    """The open hours of each day; a day that is not here is closed."""
    holidays: Annotated[HolidaysEntry | None, Like("{country: FR}")] = left_out(None)
    """Days that are closed whatever their weekday."""


def holiday_dates(calendars: Mapping[str, CalendarEntry], today: date) -> Mapping[str, tuple[date, ...]]:
    """The closed days of each calendar that has any, from last year to five years ahead."""
    years = range(today.year - YEARS_BEFORE, today.year + YEARS_AHEAD + 1)
    return {name: tuple(calendar.holidays.dates(years)) for name, calendar in calendars.items() if calendar.holidays}


def _stored(info: ValidationInfo) -> bool:
    return isinstance(info.context, Reading) and info.context.stored
