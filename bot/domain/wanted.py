"""Which of the incidents that are not over somebody asks for."""

from dataclasses import dataclass

from bot.domain.ids import UserId
from bot.domain.policy import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Those that fit everything said; of several severities, services or people who have it, any."""

    severities: tuple[Severity, ...] = ()
    services: tuple[str, ...] = ()
    people: tuple[UserId, ...] = ()
    breached: bool = False


EVERYTHING = Wanted()
