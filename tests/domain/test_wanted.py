"""Which incidents somebody asks for, and on how many pages they are shown."""

import pytest

from bot.domain.policy import Severity
from bot.domain.wanted import EVERYTHING, Listed, Wanted


def test_who_names_nothing_asks_for_everything() -> None:
    assert Wanted() == EVERYTHING
    assert Wanted(severities=(Severity.SEV1,)) != EVERYTHING
    assert Wanted(breached=True) != EVERYTHING
    assert Wanted(over=True) != EVERYTHING


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (10, 1), (11, 2), (20, 2), (21, 3), (1_000, 100)])
def test_ten_are_shown_on_a_page(total: int, pages: int) -> None:
    assert Listed(wanted=EVERYTHING, page=1, incidents=(), total=total).pages == pages
