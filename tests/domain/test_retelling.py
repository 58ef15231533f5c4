"""A story told again: it gives what was stored with it, whatever people and clocks did."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis.stateful import invariant

from bot.domain import timeline
from bot.domain.actions import (
    Action,
    AskStillOnIt,
    Assign,
    ConfirmStillOnIt,
    Exhaust,
    ExpireAcknowledgement,
    InformManagers,
    NudgeForUpdate,
    Reopen,
    RepeatPage,
    ReportOverdue,
)
from bot.domain.policy import Severity
from bot.domain.retelling import DoesNotFollow, Told, _action, retell
from bot.domain.timeline import TimelineEvent
from bot.domain.verbs import acknowledge, pass_on, resolve
from tests.builders import ANA, BEN, NOW, a_policy, an_incident, minutes
from tests.domain.history import History, history
from tests.domain.state_machine import IncidentMachine
from tests.examples import up_to

NOBODY = an_incident(title="another", tier=3, state="resolved", last_seq=99)
"""Only the identity is taken of it."""


class RetoldIncident(IncidentMachine):
    @invariant()
    def everything_holds(self) -> None:
        life = self.life
        told = retell(life.events, life.policy, of=NOBODY)
        assert replace(told.incident, version=1) == replace(life.incident, version=1)
        assert list(told.breaches) == list(life.breaches)
        assert [(each.key, each.channel, each.lane) for each in told.promises] == [
            (each.key, each.channel, each.lane) for each in life.promises
        ]


TestRetold = RetoldIncident.TestCase
TestRetold.settings = settings(max_examples=up_to(30), stateful_step_count=20)


def a_life() -> History:
    life = history(a_policy(), severity=Severity.SEV1, service="checkout")
    life.wait(life.now + minutes(6))
    life.do(acknowledge, by=ANA, at=life.now)
    return life


def test_what_became_of_a_message_changes_only_the_number_of_entries() -> None:
    life = a_life()
    note = TimelineEvent(
        seq=len(life.events) + 1, at=life.now, by=BEN, fact=timeline.NotSent(promise="INC-7/page", reason="resolved")
    )
    told = retell([*life.events, note], life.policy, of=NOBODY)
    assert told.incident == life.incident.but(last_seq=note.seq, version=told.incident.version)


def test_an_entry_that_says_another_tier_does_not_follow() -> None:
    life = a_life()
    events = list(life.events)
    at = next(index for index, event in enumerate(events) if isinstance(event.fact, timeline.Acknowledged))
    events[at] = replace(events[at], fact=timeline.Acknowledged(tier=3))
    with pytest.raises(DoesNotFollow) as refused:
        retell(events, life.policy, of=NOBODY)
    assert refused.value.seq == at + 1


def test_a_breach_of_another_number_does_not_follow() -> None:
    life = a_life()
    events = [
        replace(event, fact=replace(event.fact, number=2)) if isinstance(event.fact, timeline.Breached) else event
        for event in life.events
    ]
    with pytest.raises(DoesNotFollow):
        retell(events, life.policy, of=NOBODY)


def test_what_nobody_could_have_done_does_not_follow() -> None:
    life = a_life()
    life.do(resolve, by=ANA, at=life.now)
    at = life.now + timedelta(minutes=1)
    fact = timeline.SeverityChanged(before=Severity.SEV1, after=Severity.SEV2, reason="")
    late = TimelineEvent(seq=len(life.events) + 1, at=at, by=BEN, fact=fact)
    with pytest.raises(DoesNotFollow, match=f"entry {late.seq} does not follow"):
        retell([*life.events, late], life.policy, of=NOBODY)


def test_somebody_who_is_asked_by_name_is_told_by_the_story() -> None:
    life = a_life()
    life.do(pass_on, by=ANA, at=life.now)
    assert retell(life.events, life.policy, of=NOBODY).incident.assignee is None


@pytest.mark.parametrize(
    ("fact", "action"),
    [
        (timeline.ManagersInformed(told=("U0GRACE001",)), InformManagers),
        (timeline.PagedAgain(tier=4, cycle=4, number=1), RepeatPage),
        (timeline.Exhausted(tier=4, told=()), Exhaust),
        (timeline.StillAsked(assignee=ANA, answer_by=NOW), AskStillOnIt),
        (timeline.StillOnIt(), ConfirmStillOnIt),
        (timeline.UpdateNudged(assignee=ANA, due_at=NOW), NudgeForUpdate),
        (timeline.UpdateOverdue(assignee=ANA, since=NOW, told=("U0GRACE001",)), ReportOverdue),
        (timeline.AcknowledgementExpired(assignee=ANA, tier=1), ExpireAcknowledgement),
        (timeline.Assigned(to=BEN, accepted=True), Assign),
        (timeline.Reopened(tier=1, reason=""), Reopen),
    ],
)
def test_a_fact_is_the_action_that_made_it(fact: Told, action: type[Action]) -> None:
    assert isinstance(_action(fact, TimelineEvent(seq=2, at=NOW, by=ANA, fact=fact)), action)
