"""What a person may say is wrong, and what is kept of it."""

from dataclasses import replace

import pytest

from bot.domain.errors import InvalidIncident
from bot.domain.incident import DESCRIPTION_LIMIT, TITLE_LIMIT, Incident, IncidentState, Report
from bot.domain.policy import Severity
from tests.builders import ANA, BEN, NOW, an_incident


def a_report(title: str, description: str = "") -> Report:
    return Report(title=title, severity=Severity.SEV1, service="checkout", description=description)


@pytest.mark.parametrize("title", ["", " ", "\n\t "])
def test_an_incident_needs_a_title(title: str) -> None:
    with pytest.raises(InvalidIncident, match=r"^An incident needs a title: say in a few words what is wrong\.$"):
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
        (IncidentState.ON_HOLD, False, False),
        (IncidentState.RESOLVED, False, True),
        (IncidentState.CANCELLED, False, True),
    ],
)
def test_the_states(state: IncidentState, is_open: bool, is_over: bool) -> None:
    incident = an_incident(state=state)

    assert (incident.key, incident.is_open, incident.is_over) == ("INC-7", is_open, is_over)


def test_nobody_holds_what_nobody_has() -> None:
    assert an_incident(assignee=ANA).holder == ANA
    with pytest.raises(ValueError, match="nobody has INC-7"):
        _ = an_incident().holder


def test_who_ended_it_and_when() -> None:
    resolved = an_incident(state=IncidentState.RESOLVED, resolved_at=NOW, resolved_by=ANA)
    cancelled = an_incident(state=IncidentState.CANCELLED, cancelled_at=NOW, cancelled_by=BEN)

    assert (resolved.over_at, resolved.over_by) == (NOW, ANA)
    assert (cancelled.over_at, cancelled.over_by) == (NOW, BEN)
    assert (an_incident().over_at, an_incident().over_by) == (None, None)


def test_a_copy_differs_in_the_facts_that_are_named_and_only_in_those() -> None:
    incident = an_incident()
    copy = incident.but(tier=2, assignee=ANA)

    assert copy == replace(incident, tier=2, assignee=ANA)
    assert incident == an_incident()


def test_an_incident_is_made_of_its_facts() -> None:
    facts = dict(vars(an_incident()))
    incident = Incident.of(facts)
    facts["tier"] = 3
    assert incident == an_incident()


def test_what_is_no_fact_of_an_incident_or_misses_one_is_refused_by_name() -> None:
    facts = vars(an_incident())
    with pytest.raises(TypeError, match=r"^not the facts of an incident: \['colour'\]$"):
        an_incident().but(colour="red")
    with pytest.raises(TypeError, match=r"^not the facts of an incident: \['tier'\]$"):
        Incident.of({name: value for name, value in facts.items() if name != "tier"})
