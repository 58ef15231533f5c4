"""What is said about many incidents at once."""

from datetime import timedelta

import pytest

from bot.domain.ids import IncidentId
from bot.domain.incident import Incident, IncidentState
from bot.domain.notice import CatchUpPages, ChannelsRefused, Notice, PassedDeadline, StartUpReport
from bot.domain.policy import Severity
from bot.domain.timeline import Target
from bot.slack.blocks.workspace import people_paged, render_notice, render_plain_notice
from tests.blocks.conftest import Picture
from tests.blocks.limits import problems_of_message, references
from tests.builders import (
    ANA,
    FIRST_LINE,
    NOW,
    PLATFORM,
    a_policy,
    a_tier,
    a_user,
    an_escalation,
    an_incident,
    minutes,
)


def _report(passed: tuple[PassedDeadline, ...] = ()) -> StartUpReport:
    return StartUpReport(away_since=NOW, back_at=NOW + timedelta(hours=2, minutes=10), passed=passed)


def test_a_start_up_report_says_how_long_and_which_deadlines_passed(picture: Picture) -> None:
    passed = (
        PassedDeadline(number=7, target=Target.RESPONSE, tier=1, due_at=NOW + minutes(5)),
        PassedDeadline(number=8, target=Target.RESOLUTION, tier=2, due_at=NOW + minutes(50)),
        PassedDeadline(number=99, target=Target.RESPONSE, tier=1, due_at=NOW + minutes(60)),
    )
    picture(render_notice(_report(passed), _incidents(7, 8), a_policy()))


def test_a_start_up_report_of_a_quiet_time(picture: Picture) -> None:
    picture(render_notice(_report(), {}, a_policy()))


def test_of_many_passed_deadlines_the_first_are_listed() -> None:
    passed = tuple(PassedDeadline(number=number, target=Target.RESPONSE, tier=1, due_at=NOW) for number in range(1, 43))
    report = render_notice(_report(passed), {}, a_policy())
    listed = [line for block in report.blocks for line in block["text"]["text"].split("\n")]
    assert (sum(line.startswith("• INC-") for line in listed), listed[-2]) == (30, "… and 12 more")
    spoken = report.text.split("\n")
    told = sum(line.startswith("• INC-") for line in spoken)
    assert spoken[-2] == f"… and {42 - told} more"
    assert told > 15
    assert "42 deadlines passed meanwhile:" in report.text
    assert references(report) == set()


def test_what_waits_in_a_channel_is_one_message_that_rings_once(picture: Picture) -> None:
    incidents = _incidents(7, 8, 9)
    incidents[IncidentId(8)] = an_incident(
        id=IncidentId(8), number=8, title="Search is <!channel> slow", severity=Severity.SEV2, service="search"
    )
    pages = render_notice(CatchUpPages(incidents=(IncidentId(8), IncidentId(9), IncidentId(7))), incidents, a_policy())
    assert pages.text.count("<!subteam^S0FIRSTLN1>") == 1
    picture(pages)


def test_what_was_taken_meanwhile_is_not_listed() -> None:
    incidents = _incidents(7, 8)
    incidents[IncidentId(8)] = an_incident(number=8, state=IncidentState.ACKNOWLEDGED, assignee=ANA)
    pages = CatchUpPages(incidents=(IncidentId(7), IncidentId(8), IncidentId(5)))
    told = render_notice(pages, incidents, a_policy())
    assert "INC-7" in told.text
    assert "INC-8" not in told.text
    assert "1 incident waits for somebody here." in told.text


def test_when_all_was_taken_nobody_is_rung() -> None:
    taken = {IncidentId(7): an_incident(state=IncidentState.ACKNOWLEDGED, assignee=ANA)}
    pages = CatchUpPages(incidents=(IncidentId(7),))
    assert people_paged(pages, taken, a_policy()) == ()
    assert render_notice(pages, taken, a_policy()).text == (
        "Tierline was away. What waited here meanwhile has been taken or has moved on."
    )


def test_the_people_of_each_tier_are_rung_once() -> None:
    incidents = {**_incidents(7, 8), IncidentId(9): an_incident(tier=2, opened_at=NOW + minutes(9))}
    pages = CatchUpPages(incidents=(IncidentId(7), IncidentId(8), IncidentId(9)))
    assert people_paged(pages, incidents, a_policy()) == (FIRST_LINE, PLATFORM)
    assert people_paged(_report(), incidents, a_policy()) == ()


def test_an_incident_of_a_tier_that_the_policy_has_no_more_is_listed_all_the_same() -> None:
    policy = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1),))})
    incidents = {IncidentId(7): an_incident(tier=3), IncidentId(8): an_incident(number=8, routed_to="gone")}
    pages = CatchUpPages(incidents=(IncidentId(7), IncidentId(8)))
    assert people_paged(pages, incidents, policy) == ()
    assert "2 incidents wait" in render_notice(pages, incidents, policy).text


@pytest.mark.parametrize("words", ["x" * 10_000, "<!channel> " * 1_000, "🔥" * 10_000])
def test_a_notice_of_very_much_fits(words: str) -> None:
    crowd = tuple(a_user(ANA, "n") for _ in range(3)) + tuple(a_user(ANA, words[:9]) for _ in range(500))
    policy = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1, people=crowd),))})
    many = {IncidentId(n): an_incident(id=IncidentId(n), number=n, title=words) for n in range(1, 200)}
    passed = tuple(PassedDeadline(number=n, target=Target.RESOLUTION, tier=1, due_at=NOW) for n in range(1, 200))
    notices: list[Notice] = [CatchUpPages(incidents=tuple(many)), _report(passed)]
    for notice in notices:
        for rendered in (render_notice(notice, many, policy), render_plain_notice(notice, many, policy)):
            assert problems_of_message(rendered) == []
            assert references(rendered) <= {f"<@{ANA}"}


def test_a_plain_notice_is_one_short_paragraph() -> None:
    plain = render_plain_notice(_report(), {}, a_policy())
    assert [block["type"] for block in plain.blocks] == ["section"]
    assert len(plain.text) < 1_000


def _incidents(*numbers: int) -> dict[IncidentId, Incident]:
    return {
        IncidentId(number): an_incident(id=IncidentId(number), number=number, opened_at=NOW + minutes(number))
        for number in numbers
    }


@pytest.mark.parametrize("method", ["conversations.create", "bookmarks.add"])
def test_what_slack_does_not_let_the_bot_do_is_said_with_what_mends_it(method: str, picture: Picture) -> None:
    refused = ChannelsRefused(method=method, error="missing_scope")
    assert people_paged(refused, {}, a_policy()) == ()
    picture(render_notice(refused, {}, a_policy()))
