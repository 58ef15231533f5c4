"""What somebody is about to do: whether they may begin, and whether it is still as they saw it when they send it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.errors import IncidentAlreadyOver, NoNextTier, NotAllowed
from bot.domain.incident import IncidentState, Pause
from bot.domain.intent import CONCERNS, Aspect, Glance, Overtaken, admit, refuse_if_overtaken
from bot.domain.policy import DEFAULT_ROLES, Role, Severity, Verb
from tests.builders import ANA, BEN, NOW, a_policy, a_tier, an_escalation, an_incident

POLICY = a_policy(roles={**DEFAULT_ROLES, **dict.fromkeys(Verb, frozenset({Role.ANYONE}))})
RESOLVED = an_incident(state=IncidentState.RESOLVED, resolved_at=NOW, resolved_by=ANA)

CHANGES: Mapping[Aspect, Mapping[str, Any]] = {
    Aspect.TOLD: {"told_at": NOW, "told_by": BEN},
    Aspect.ETA: {"eta": NOW},
    Aspect.SEVERITY: {"severity": Severity.SEV2},
    Aspect.HOLDER: {"assignee": BEN},
    Aspect.HOLD: {"hold_until": NOW},
    Aspect.PLACE: {"routed_to": "search"},
    Aspect.PAGE: {"cycle": 1},
    Aspect.STANDSTILL: {"pauses": (Pause(NOW, NOW + timedelta(minutes=1)),)},
}


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("aspect", Aspect)
def test_only_what_the_verb_would_overrule_stands_in_its_way(verb: Verb, aspect: Aspect) -> None:
    seen, now = an_incident(), an_incident(**CHANGES[aspect])
    if aspect not in CONCERNS.get(verb, ()):
        refuse_if_overtaken(verb, now, POLICY, Glance.at(seen))
        return
    with pytest.raises(Overtaken) as refused:
        refuse_if_overtaken(verb, now, POLICY, Glance.at(seen))
    assert (refused.value.incident, refused.value.policy, refused.value.changed) == (now, POLICY, (aspect,))
    assert str(refused.value) == f"INC-7 has changed: {aspect}"


def test_what_each_verb_would_overrule() -> None:
    assert CONCERNS == {
        Verb.UPDATE: (Aspect.TOLD, Aspect.ETA),
        Verb.RESOLVE: (Aspect.TOLD, Aspect.STANDSTILL),
        Verb.CANCEL: (Aspect.HOLDER, Aspect.STANDSTILL),
        Verb.ESCALATE: (Aspect.PLACE, Aspect.PAGE, Aspect.HOLDER),
        Verb.ASSIGN: (Aspect.HOLDER,),
        Verb.HOLD: (Aspect.HOLD,),
        Verb.SEVERITY: (Aspect.SEVERITY,),
    }


def test_who_comes_to_another_tier_pages_it_which_is_not_said_twice() -> None:
    seen, now = an_incident(), an_incident(tier=2, cycle=1, assignee=BEN)
    with pytest.raises(Overtaken) as refused:
        refuse_if_overtaken(Verb.ESCALATE, now, POLICY, Glance.at(seen))
    assert refused.value.changed == (Aspect.PLACE, Aspect.HOLDER)
    assert str(refused.value) == "INC-7 has changed: place, holder"


def test_who_saw_nothing_is_not_overtaken() -> None:
    refuse_if_overtaken(Verb.SEVERITY, an_incident(severity=Severity.SEV2), POLICY, None)


def test_what_is_over_is_left_to_the_verb() -> None:
    refuse_if_overtaken(Verb.RESOLVE, RESOLVED.but(told_at=NOW), POLICY, Glance.at(an_incident()))


def test_after_another_look_it_is_decided_on_what_is_so_now() -> None:
    now = an_incident(severity=Severity.SEV2, told_at=NOW, cycle=3)
    for verb in Verb:
        refuse_if_overtaken(verb, now, POLICY, Glance.at(now))


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb is not Verb.NOTE])
def test_nobody_begins_to_write_about_what_is_over(verb: Verb) -> None:
    with pytest.raises(IncidentAlreadyOver):
        admit(verb, RESOLVED, POLICY, by=ANA)
    admit(verb, an_incident(), POLICY, by=ANA)


def test_a_note_can_be_begun_when_it_is_over() -> None:
    admit(Verb.NOTE, RESOLVED, POLICY, by=ANA)


def test_nobody_begins_to_write_who_may_not_send_it() -> None:
    policy = a_policy(roles={**DEFAULT_ROLES, Verb.CANCEL: frozenset({Role.ASSIGNEE})})
    with pytest.raises(NotAllowed):
        admit(Verb.CANCEL, an_incident(assignee=BEN), policy, by=ANA)
    admit(Verb.CANCEL, an_incident(assignee=ANA), policy, by=ANA)


def test_by_a_group_of_the_policy_somebody_may_begin() -> None:
    admit(Verb.CANCEL, an_incident(), a_policy(), by=ANA, groups=("S0FIRSTLN1",))


def test_an_incident_that_can_go_nowhere_is_not_begun_to_be_escalated() -> None:
    only = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1),))})
    with pytest.raises(NoNextTier):
        admit(Verb.ESCALATE, an_incident(), only, by=ANA)
    admit(Verb.ASSIGN, an_incident(), only, by=ANA)
