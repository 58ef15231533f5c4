"""What people tell: the update in their words, and notes; and what an ending says of impact and losses."""

import pytest

from bot.domain.errors import IncidentAlreadyOver, InvalidIncident
from bot.domain.ids import UserId
from bot.domain.incident import IncidentState
from bot.domain.message import StakeholderUpdate, UpdateReason
from bot.domain.progress import WORDS_LIMIT, Progress, StatusReport
from bot.domain.timeline import Noted, Resolved, StakeholdersTold
from bot.domain.truth import superseded_because
from bot.domain.verbs import note, reopen, resolve, tell_stakeholders
from tests.builders import ANA, BEN, NOW, a_policy, an_incident, minutes

TAKEN = {"state": IncidentState.ACKNOWLEDGED, "assignee": ANA, "acknowledged_at": NOW, "active_at": NOW}
LATER = NOW + minutes(4)
REPORT = StatusReport(
    progress=Progress.IDENTIFIED, changed=" a bad deploy ", impact="nobody can pay", action="roll back", owner=BEN,
    eta=LATER + minutes(30),
)  # fmt: skip
SHORT = StatusReport(progress=Progress.MONITORING, changed="rolled back")


def test_an_update_is_a_fact_told_at_once_and_restarts_the_cadence() -> None:
    before = an_incident(**TAKEN)
    told = tell_stakeholders(before, a_policy(), by=BEN, report=REPORT, now=LATER)
    [event], [promise] = told.events, told.promises
    assert event.fact == StakeholdersTold(
        progress=Progress.IDENTIFIED, changed="a bad deploy", impact="nobody can pay", action="roll back", owner=BEN,
        eta=LATER + minutes(30),
    )  # fmt: skip
    assert promise.message == StakeholderUpdate(
        number=before.updates_sent + 1, reason=UpdateReason.TOLD, since_seq=before.updated_seq, until_seq=event.seq
    )
    after = told.incident
    assert (after.progress, after.impact, after.eta) == (Progress.IDENTIFIED, "nobody can pay", LATER + minutes(30))
    assert (after.told, after.told_at, after.told_by) == ("a bad deploy", LATER, BEN)
    assert (after.updated_at, after.active_at) == (LATER, NOW), "only who has it shows a sign of life"


def test_without_words_of_the_impact_the_last_ones_stay_and_the_end_is_unknown_again() -> None:
    first = tell_stakeholders(an_incident(**TAKEN), a_policy(), by=ANA, report=REPORT, now=NOW).incident
    after = tell_stakeholders(first, a_policy(), by=ANA, report=SHORT, now=LATER).incident
    assert (after.progress, after.impact, after.eta) == (Progress.MONITORING, "nobody can pay", None)


@pytest.mark.parametrize("by_whom", [ANA, BEN])
def test_who_has_it_and_says_something_is_still_on_it(by_whom: UserId) -> None:
    asked = an_incident(**TAKEN, still_asked_at=NOW)
    for step in (
        tell_stakeholders(asked, a_policy(), by=by_whom, report=SHORT, now=LATER),
        note(asked, a_policy(), by=by_whom, text="a log line", now=LATER),
    ):
        heard = (step.incident.active_at, step.incident.still_asked_at)
        assert heard == ((LATER, None) if by_whom == ANA else (NOW, NOW))


def test_a_note_tells_nobody_and_may_come_when_it_is_over() -> None:
    over = resolve(an_incident(**TAKEN), a_policy(), by=ANA, now=NOW).incident
    noted = note(over, a_policy(), by=ANA, text=" for the review ", now=LATER)
    assert [event.fact for event in noted.events] == [Noted(text="for the review")]
    assert not noted.promises
    assert noted.incident.active_at == over.active_at, "nobody works on it any more"


def test_when_it_is_over_there_is_no_update() -> None:
    over = resolve(an_incident(**TAKEN), a_policy(), by=ANA, now=NOW).incident
    with pytest.raises(IncidentAlreadyOver):
        tell_stakeholders(over, a_policy(), by=ANA, report=SHORT, now=LATER)


@pytest.mark.parametrize("words", ["", " \n "])
def test_nothing_is_no_news(words: str) -> None:
    with pytest.raises(InvalidIncident, match="An update needs words"):
        StatusReport(progress=Progress.MONITORING, changed=words)
    with pytest.raises(InvalidIncident, match="A note needs words"):
        note(an_incident(), a_policy(), by=ANA, text=words, now=NOW)


def test_words_have_an_end() -> None:
    report = StatusReport(progress=Progress.MONITORING, changed="x" * 9_000, impact="x" * 9_000, action="x" * 9_000)
    [event] = note(an_incident(), a_policy(), by=ANA, text="x" * 9_000, now=NOW).events
    assert isinstance(event.fact, Noted)
    words = (report.changed, report.impact, report.action, event.fact.text)
    assert [len(text) for text in words] == [WORDS_LIMIT] * 4
    assert {text[-1] for text in words} == {"…"}, "what is cut shows that it was"


def test_an_ending_keeps_the_impact_that_was_told_unless_it_says_another() -> None:
    told = tell_stakeholders(an_incident(**TAKEN), a_policy(), by=ANA, report=REPORT, now=NOW).incident
    assert resolve(told, a_policy(), by=ANA, now=LATER).incident.impact == "nobody can pay"
    ended = resolve(told, a_policy(), by=ANA, impact="12 people", data_loss="1 order", now=LATER)
    assert (ended.incident.impact, ended.incident.data_loss) == ("12 people", "1 order")
    assert [event.fact for event in ended.events] == [Resolved(summary="", impact="12 people", data_loss="1 order")]
    again = reopen(ended.incident, a_policy(), by=ANA, reason="it is back", now=LATER).incident
    assert (again.progress, again.eta, again.data_loss) == (None, None, "")


def test_what_a_person_wrote_is_not_left_out_for_a_later_update() -> None:
    incident = an_incident(updates_sent=5)
    by_hand = StakeholderUpdate(number=3, reason=UpdateReason.TOLD, since_seq=1, until_seq=2)
    by_clock = StakeholderUpdate(number=3, reason=UpdateReason.CADENCE, since_seq=1, until_seq=2)
    assert superseded_because(by_hand, incident) is None
    assert superseded_because(by_clock, incident) == "a later update tells it"
