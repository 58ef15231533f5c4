"""What a person may say is wrong, and what is kept of it."""

import pytest

from bot.domain.errors import InvalidIncident
from bot.domain.incident import DESCRIPTION_LIMIT, TITLE_LIMIT, IncidentState, Report
from bot.domain.policy import Severity
from tests.builders import an_incident


def a_report(title: str, description: str = "") -> Report:
    return Report(title=title, severity=Severity.SEV1, service="checkout", description=description)


@pytest.mark.parametrize("title", ["", " ", "\n\t "])
def test_an_incident_needs_a_title(title: str) -> None:
    with pytest.raises(InvalidIncident, match="needs a title"):
        a_report(title)


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Checkout is down", "Checkout is down"),
        ("  Checkout \n is\tdown  ", "Checkout is down"),
        ("x" * TITLE_LIMIT, "x" * TITLE_LIMIT),
    ],
)
def test_a_title_is_one_line(title: str, kept: str) -> None:
    assert (a_report(title).title, a_report(title).description) == (kept, "")


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("x" * (TITLE_LIMIT + 1), "x" * (TITLE_LIMIT - 1) + "…"),
        ("x" * (TITLE_LIMIT - 2) + " and more", "x" * (TITLE_LIMIT - 2) + "…"),
    ],
)
def test_a_long_title_is_shortened_and_the_description_holds_all_of_it(title: str, kept: str) -> None:
    assert (a_report(title).title, a_report(title).description) == (kept, title)
    assert a_report(title, "What I saw.").description == f"{title}\n\nWhat I saw."


def test_a_description_is_trimmed_and_limited() -> None:
    assert a_report("Down", "  since noon\n").description == "since noon"
    assert a_report("Down", "x" * (DESCRIPTION_LIMIT + 1)).description == "x" * DESCRIPTION_LIMIT


@pytest.mark.parametrize(
    ("state", "is_open", "is_over"),
    [
        (IncidentState.OPEN, True, False),
        (IncidentState.ACKNOWLEDGED, False, False),
        (IncidentState.RESOLVED, False, True),
    ],
)
def test_the_states(state: IncidentState, is_open: bool, is_over: bool) -> None:
    incident = an_incident(state=state)

    assert (incident.key, incident.is_open, incident.is_over) == ("INC-7", is_open, is_over)
