"""Public holidays of countries and their parts. Each function imports the package itself: it takes half a second."""

from collections.abc import Iterable, Mapping
from datetime import date

from bot.policy_file.errors import likely


def public_holidays(country: str, part: str | None, years: Iterable[int]) -> frozenset[date]:
    from holidays import country_holidays

    return frozenset(country_holidays(country, subdiv=part, years=years))


def known_country(code: str) -> bool:
    return code in _countries().values()


def country_fix(name: str) -> str:
    countries = _countries()
    close = likely(name.casefold(), countries)
    if close:
        return f'did you mean "{countries[close]}" ({close.title()})?'
    letters = likely(name.upper(), countries.values())
    return f'did you mean "{letters}"?' if letters else "write the two letters of the country, like FR."


def known_part(country: str, part: str) -> bool:
    return part in _parts(country)


def part_fix(country: str, name: str) -> str:
    parts = _parts(country)
    if not parts:
        return "leave it out: the whole country has the same."
    names = {full: code for code, fulls in parts.items() for full in fulls}
    meant = likely(name, names)
    close = names[meant] if meant else likely(name, parts)
    return f'did you mean "{close}"?' if close else f"known here: {', '.join(parts)}."


def _countries() -> Mapping[str, str]:
    """Their two letters by their English names in small letters."""
    from holidays.registry import COUNTRIES

    return {name.replace("_", " "): codes[1] for name, codes in COUNTRIES.items()}


def _parts(country: str) -> Mapping[str, list[str]]:
    """The codes of those that can be named, each with the names that people may use."""
    from holidays import country_holidays

    known = country_holidays(country)
    names = known.subdivisions_aliases.items()
    return {code: [str(name) for name, meant in names if meant == code] for code in known.subdivisions}
