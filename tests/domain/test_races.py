"""Two people at once: one wins, the other is told who, and changed nothing. Resolve wins over hold, hold over all."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import pytest

from bot.domain.errors import (
    IncidentAlreadyAcknowledged,
    IncidentAlreadyOver,
    IncidentNotFound,
    IncidentNotOnHold,
    IncidentNotOver,
    IncidentOnHold,
    InvalidDuplicate,
    InvalidHold,
    NothingAsked,
    NotTheirs,
    Refusal,
)
from bot.domain.incident import IncidentState, Pause
from bot.domain.policy import Severity
from bot.domain.timeline import PageReason
from bot.domain.transition import Transition, decide
from bot.domain.verbs import (
    LONGEST_HOLD,
    Seen,
    acknowledge,
    assign,
    cancel,
    change_severity,
    confirm_still_on_it,
    escalate,
    hold,
    pass_on,
    reopen,
    resolve,
    resume,
)
from tests.builders import ANA, BEN, CHLOE, NOW, a_policy, minutes
from tests.domain.agreed import agreed
from tests.domain.history import MOMENT, History, Verb, history

LATER: Final = NOW + minutes(3)
MUCH_LATER: Final = NOW + minutes(90)

SAID: Final[Mapping[Verb, Mapping[str, Any]]] = {
    hold: {"until": MUCH_LATER, "reason": "waits for a part"},
    assign: {"to": CHLOE},
    change_severity: {"severity": Severity.SEV2, "reason": "less"},
    escalate: {"seen": Seen(tier=9, cycle=9)},
}

WHILE_OPEN: Final = (acknowledge, escalate, pass_on, confirm_still_on_it, assign, hold, resume, change_severity,
                     resolve, cancel)  # fmt: skip


def raced(first: Verb, second: Verb) -> tuple[History, Refusal | None]:
    """Ana does the first and Ben at the same moment the second; what he is told."""
    life = history(a_policy())
    life.do(first, by=ANA, at=LATER, **SAID.get(first, {}))
    before = life.incident
    try:
        life.do(second, by=BEN, at=LATER, **SAID.get(second, {}))
    except Refusal as refusal:
        assert life.incident == before
        return life, refusal
    return life, None


@pytest.mark.parametrize("late", WHILE_OPEN)
@pytest.mark.parametrize(("ending", "word"), [(resolve, "resolved"), (cancel, "cancelled")])
def test_what_is_over_stays_over_and_says_who_did_it(ending: Verb, word: str, late: Verb) -> None:
    life, refusal = raced(ending, late)

    assert life.incident.is_over
    assert isinstance(refusal, IncidentAlreadyOver)
    assert str(refusal) == f"INC-7 was {word} by {ANA} at 03:03 UTC"
    assert (refusal.key, refusal.ending, refusal.by, refusal.at) == ("INC-7", word, ANA, LATER)


@pytest.mark.parametrize(
    ("first", "second", "state", "has_it"),
    [
        (acknowledge, hold, IncidentState.ON_HOLD, ANA),
        (hold, resolve, IncidentState.RESOLVED, ANA),
        (hold, cancel, IncidentState.CANCELLED, ANA),
        (acknowledge, resolve, IncidentState.RESOLVED, ANA),
        (acknowledge, cancel, IncidentState.CANCELLED, ANA),
        (escalate, acknowledge, IncidentState.ACKNOWLEDGED, BEN),
        (change_severity, acknowledge, IncidentState.ACKNOWLEDGED, BEN),
    ],
)
def test_the_stronger_word_wins_also_as_the_second(
    first: Verb, second: Verb, state: IncidentState, has_it: str
) -> None:
    life = history(a_policy())
    life.do(first, by=ANA, at=LATER, **({} if first is escalate else SAID.get(first, {})))
    life.do(second, by=BEN, at=LATER, **SAID.get(second, {}))

    assert (life.incident.state, life.incident.assignee) == (state, has_it)


def test_of_two_who_acknowledge_the_second_is_told_who_was_faster() -> None:
    _, refusal = raced(acknowledge, acknowledge)

    assert isinstance(refusal, IncidentAlreadyAcknowledged)
    assert str(refusal) == f"INC-7 was acknowledged by {ANA} at 03:03 UTC"
    assert (refusal.key, refusal.by, refusal.at) == ("INC-7", ANA, LATER)


def test_an_acknowledgement_does_not_end_a_hold() -> None:
    _, refusal = raced(hold, acknowledge)

    assert isinstance(refusal, IncidentOnHold)
    assert str(refusal) == f"INC-7 is on hold by {ANA} until 04:30 UTC"
    assert (refusal.key, refusal.by, refusal.until) == ("INC-7", ANA, MUCH_LATER)


def test_a_clock_that_ran_out_a_moment_before_counts() -> None:
    life = history(agreed())
    life.do(acknowledge, by=ANA, at=NOW + minutes(5))

    assert [line for _, line in life.story] == ["breached tier 1", "escalated 2", "acknowledged"]
    assert life.incident.tier == 2


def test_an_old_button_after_it_is_told_where_it_is_although_nobody_saw_to_it_yet() -> None:
    life = history(agreed())

    def escalated(incident: Any, policy: Any, now: Any) -> Transition:
        return escalate(incident, policy, by=ANA, seen=Seen(tier=1, cycle=0), now=now)

    with pytest.raises(Refusal, match="INC-7 is at tier 2"):
        decide(life.incident, life.policy, NOW + minutes(5), escalated)


def test_the_decision_is_one_with_what_the_clocks_decided_before_it() -> None:
    life = history(agreed())
    done = decide(
        life.incident, life.policy, NOW + minutes(5), lambda incident, policy, now: acknowledge(
            incident, policy, by=ANA, now=now
        )
    )  # fmt: skip

    assert [event.seq for event in done.events] == [2, 3, 4]
    assert len(done.breaches) == 1
    assert done.incident.assignee == ANA


@pytest.mark.parametrize(
    ("until", "refused"),
    [
        (timedelta(0), True),
        (-minutes(1), True),
        (MOMENT, False),
        (LONGEST_HOLD, False),
        (LONGEST_HOLD + MOMENT, True),
    ],
)
def test_a_review_lies_ahead_but_not_too_far(until: timedelta, refused: bool) -> None:
    life = history(agreed())
    if not refused:
        life.do(hold, by=ANA, at=NOW, until=NOW + until, reason="waits")
        assert life.incident.hold_until == NOW + until
        return
    with pytest.raises(InvalidHold, match="INC-7 cannot be held until then") as told:
        life.do(hold, by=ANA, at=NOW, until=NOW + until, reason="waits")
    assert (told.value.key, told.value.longest) == ("INC-7", LONGEST_HOLD)


def test_only_what_is_on_hold_is_resumed() -> None:
    with pytest.raises(IncidentNotOnHold, match="INC-7 is not on hold") as refused:
        history(agreed()).do(resume, by=ANA, at=NOW)

    assert refused.value.key == "INC-7"


def test_only_who_has_it_is_still_on_it() -> None:
    life = history(agreed(ack_expires_after=minutes(30)))
    with pytest.raises(NothingAsked, match="nobody has INC-7") as nobody:
        life.do(confirm_still_on_it, by=ANA, at=NOW)
    life.do(acknowledge, by=ANA, at=NOW)
    with pytest.raises(NotTheirs, match=f"{ANA} has INC-7") as theirs:
        life.do(confirm_still_on_it, by=BEN, at=NOW)

    assert nobody.value.key == "INC-7"
    assert (theirs.value.key, theirs.value.assignee) == ("INC-7", ANA)


def test_who_is_still_on_it_may_say_so_without_being_asked() -> None:
    life = history(agreed(ack_expires_after=minutes(30)))
    life.do(acknowledge, by=ANA, at=NOW)
    life.do(confirm_still_on_it, by=ANA, at=NOW + minutes(29))

    assert life.incident.active_at == NOW + minutes(29)
    assert life.events[-1].by == ANA


def test_a_duplicate_names_another_incident() -> None:
    life = history(agreed())
    with pytest.raises(InvalidDuplicate, match="INC-7 cannot be a duplicate of INC-7") as refused:
        life.do(cancel, by=ANA, at=LATER, duplicate_of=7)
    assert (refused.value.key, refused.value.of) == ("INC-7", 7)

    life.do(cancel, by=ANA, at=LATER, duplicate_of=5)
    assert (life.incident.state, life.incident.duplicate_of) == (IncidentState.CANCELLED, 5)


def test_a_cancellation_keeps_its_reason_and_when_it_was() -> None:
    life = history(agreed())
    life.do(cancel, by=ANA, at=LATER, reason="a false alarm")

    assert (life.incident.cancel_reason, life.incident.updated_at) == ("a false alarm", LATER)


@pytest.mark.parametrize("ending", [resolve, cancel])
def test_nobody_has_to_say_why_it_is_over(ending: Verb) -> None:
    life = history(agreed())
    life.do(ending, by=ANA, at=LATER)

    assert (life.incident.resolution, life.incident.cancel_reason) == ("", "")


def test_only_what_is_over_is_reopened() -> None:
    with pytest.raises(IncidentNotOver, match="INC-7 is not over") as refused:
        history(agreed()).do(reopen, by=ANA, at=NOW, reason="it is back")

    assert refused.value.key == "INC-7"


@pytest.mark.parametrize("ending", [resolve, cancel])
def test_reopened_it_goes_on_at_the_tier_where_it_ended_and_that_tier_is_paged(ending: Verb) -> None:
    life = history(agreed())
    life.wait(NOW + minutes(6))
    life.do(ending, by=ANA, at=NOW + minutes(7))
    life.do(reopen, by=BEN, at=NOW + minutes(27), reason="it is back")

    incident = life.incident
    assert (incident.state, incident.tier, incident.cycle, incident.card_cycle) == (IncidentState.OPEN, 2, 2, 1)
    assert (incident.over_at, incident.over_by, incident.assignee, incident.duplicate_of) == (None, None, None, None)
    assert (incident.resolution, incident.cancel_reason) == ("", "")
    assert incident.pauses == (Pause(NOW + minutes(7), NOW + minutes(27)),)
    page = life.promises[-2]
    assert (page.key, page.channel) == ("INC-7/page/tier:2/cycle:2", life.policy.escalation("checkout").channel(2))
    assert getattr(page.message, "reason", None) is PageReason.REOPENED
    assert life.due_at == NOW + minutes(32)


def test_reopened_after_its_tier_had_breached_it_can_breach_again() -> None:
    life = history(agreed())
    life.wait(NOW + minutes(38))
    life.do(resolve, by=ANA, at=NOW + minutes(39))
    life.do(reopen, by=BEN, at=NOW + minutes(50), reason="it is back")
    life.wait(NOW + minutes(60))

    assert life.story[-3:] == [(50, "reopened"), (55, "breached tier 4"), (60, "paged again 1")]
    keys = [promise.key for promise in life.promises]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("ending", [resolve, cancel])
def test_ended_on_hold_the_pauses_follow_one_another(ending: Verb) -> None:
    life = history(agreed())
    life.do(hold, by=ANA, at=NOW + minutes(1), until=MUCH_LATER, reason="waits")
    life.do(ending, by=ANA, at=NOW + minutes(4))
    assert (life.incident.held_at, life.incident.hold_reason) == (None, "")
    life.do(reopen, by=BEN, at=NOW + minutes(9), reason="it is none")

    marks: Sequence[float] = (1, 4, 9)
    first, second, third = (NOW + minutes(mark) for mark in marks)
    assert life.incident.pauses == (Pause(first, second), Pause(second, third))


def test_an_unknown_incident_is_named() -> None:
    refused = IncidentNotFound("INC-99")

    assert (refused.key, str(refused)) == ("INC-99", "there is no INC-99")
