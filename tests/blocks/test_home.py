"""App Home."""

from datetime import timedelta

from bot.domain.ids import IncidentId, UserId
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Severity
from bot.slack.blocks.home import home_view
from bot.slack.blocks.rendered import View
from tests.blocks.conftest import Picture
from tests.blocks.limits import block_types, problems_of_view
from tests.builders import ANA, BEN, NOW, an_incident, minutes


def test_home_shows_mine_and_what_else_is_open(picture: Picture) -> None:
    incidents = [
        _incident(1, title="Search is slow", severity=Severity.SEV3, service="search"),
        _incident(2, title="Payments are refused", breach_count=1, tier=2),
        _incident(3, title="Mine", state=IncidentState.ACKNOWLEDGED, assignee=ANA),
        _incident(4, title="Over", state=IncidentState.RESOLVED, assignee=ANA, resolved_at=NOW, resolved_by=ANA),
    ]
    due = {IncidentId(1): NOW + minutes(60), IncidentId(2): NOW + minutes(1), IncidentId(3): None}
    picture(home_view(incidents, user=ANA, now=NOW + minutes(2), next_due=due))


def test_home_of_a_quiet_day(picture: Picture) -> None:
    picture(home_view([], user=ANA, now=NOW, next_due={}))


def test_breached_comes_first_then_what_nobody_has_then_the_worst_then_the_oldest() -> None:
    incidents = [
        _incident(1, severity=Severity.SEV2, opened_at=NOW + timedelta(minutes=1)),
        _incident(2, severity=Severity.SEV2),
        _incident(3),
        _incident(4, state=IncidentState.ACKNOWLEDGED, assignee=BEN),
        _incident(5, severity=Severity.SEV4, breach_count=1),
    ]
    assert _keys(home_view(incidents, user=ANA, now=NOW, next_due={})) == ["INC-5", "INC-3", "INC-2", "INC-1", "INC-4"]


def test_home_of_a_very_bad_day_stays_within_the_limits() -> None:
    mine = [_incident(n, state=IncidentState.ACKNOWLEDGED, assignee=ANA, title="x" * 200) for n in range(1, 201)]
    others = [_incident(n, title="&" * 200, service="s" * 80) for n in range(201, 501)]
    view = home_view([*mine, *others], user=ANA, now=NOW, next_due={})
    assert problems_of_view(view) == []
    assert [block["elements"][0]["text"] for block in view["blocks"] if block["type"] == "context"] == [
        "180 more: `/incident list` shows them.",
        "260 more: `/incident list` shows them.",
    ]
    assert block_types(view["blocks"]).count("section") == 60


def test_home_is_drawn_for_whoever_looks() -> None:
    taken = _incident(1, state=IncidentState.ACKNOWLEDGED, assignee=ANA)
    assert _headings(home_view([taken], user=ANA, now=NOW, next_due={})) == ["Yours: 1 incident", "Open"]
    assert _headings(home_view([taken], user=UserId("U0DEV00001"), now=NOW, next_due={})) == [
        "Yours",
        "Open: 1 incident",
    ]


def _incident(number: int, **changes: object) -> Incident:
    return an_incident(id=IncidentId(number), number=number, **changes)


def _keys(view: View) -> list[str]:
    rows = [block["text"]["text"] for block in view["blocks"] if block["type"] == "section"]
    return [row.split("*")[1] for row in rows]


def _headings(view: View) -> list[str]:
    return [block["text"]["text"] for block in view["blocks"] if block["type"] == "header"]
