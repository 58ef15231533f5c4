"""Which incidents somebody asks for."""

from bot.domain.policy import Severity
from bot.domain.wanted import EVERYTHING, Wanted


def test_who_names_nothing_asks_for_everything() -> None:
    assert Wanted() == EVERYTHING
    assert Wanted(severities=(Severity.SEV1,)) != EVERYTHING
    assert Wanted(breached=True) != EVERYTHING
