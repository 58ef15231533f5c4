"""The form that was filled in becomes a report, or says at its fields what is wrong."""

from dataclasses import replace
from typing import cast

import pytest
from structlog.testing import capture_logs

from bot.domain.errors import InvalidIncident
from bot.domain.incident import Report
from bot.domain.policy import Impact, Policy, Severity, Urgency
from bot.services.incidents import IncidentDesk
from bot.services.lists import Similar
from handlers.opening import DISAGREES, HALF_OF_IT, NO_SEVERITY, NO_SEVERITY_MATRIX, report_of, similar_open
from handlers.submissions import form_request
from storage.errors import NotStored
from tests.builders import a_policy
from tests.handlers import payloads

FILLED_IN = form_request(payloads.FORM)
PLAIN = a_policy()
WITH_MATRIX = a_policy(
    matrix={
        (impact, urgency): Severity.SEV2 if impact is Impact.HIGH else Severity.SEV3
        for impact in Impact
        for urgency in Urgency
    }
)


@pytest.mark.parametrize(
    ("policy", "severity", "impact", "urgency", "expected"),
    [
        (PLAIN, Severity.SEV1, None, None, Severity.SEV1),
        (WITH_MATRIX, Severity.SEV1, None, None, Severity.SEV1),
        (WITH_MATRIX, None, Impact.HIGH, Urgency.LOW, Severity.SEV2),
        (WITH_MATRIX, Severity.SEV2, Impact.HIGH, Urgency.LOW, Severity.SEV2),
        (PLAIN, None, None, None, {"severity": NO_SEVERITY}),
        (PLAIN, None, Impact.HIGH, Urgency.LOW, {"severity": NO_SEVERITY}),
        (WITH_MATRIX, None, None, None, {"severity": NO_SEVERITY_MATRIX}),
        (WITH_MATRIX, None, Impact.HIGH, None, {"urgency": HALF_OF_IT}),
        (WITH_MATRIX, Severity.SEV1, None, Urgency.LOW, {"impact": HALF_OF_IT}),
        (WITH_MATRIX, Severity.SEV1, Impact.HIGH, Urgency.LOW, {"severity": DISAGREES.format(made="sev2")}),
    ],
)
def test_the_severity_is_chosen_or_made_of_impact_and_urgency(
    policy: Policy,
    severity: Severity | None,
    impact: Impact | None,
    urgency: Urgency | None,
    expected: Severity | dict[str, str],
) -> None:
    request = replace(FILLED_IN, severity=severity, impact=impact, urgency=urgency)
    report = report_of(request, policy)
    if isinstance(expected, Severity):
        assert report == Report(title="Checkout is down", severity=expected, service="checkout")
    else:
        assert report == expected


@pytest.mark.parametrize("title", ["", "   ", "\n"])
def test_a_form_without_a_title_is_refused_in_words(title: str) -> None:
    with pytest.raises(InvalidIncident, match="An incident needs a title"):
        report_of(replace(FILLED_IN, title=title), PLAIN)


class Unreadable:
    """A desk whose database cannot be read."""

    async def similar(self, report: Report, *, cause: str | None = None) -> Similar:
        raise NotStored("locked")


async def test_whether_something_similar_is_open_is_not_worth_failing_for() -> None:
    report = Report(title="Checkout is down", severity=Severity.SEV1, service="checkout")
    with capture_logs() as logs:
        assert await similar_open(cast(IncidentDesk, Unreadable()), report, None) == Similar()
    assert [entry["event"] for entry in logs] == ["similar.not_read"]
