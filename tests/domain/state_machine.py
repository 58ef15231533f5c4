"""One incident under a random policy; each rule is something that a person does, or time that passes."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.clocks import expiry_due_at
from bot.domain.policy import Policy, Severity
from bot.domain.verbs import (
    acknowledge,
    assign,
    cancel,
    change_severity,
    confirm_still_on_it,
    escalate,
    follow,
    hold,
    note,
    pass_on,
    pin,
    reopen,
    resolve,
    resume,
    tell_stakeholders,
    unfollow,
)
from tests.domain.agreements import SERVICES, SEVERITIES, policies
from tests.domain.history import History, Verb, history
from tests.domain.invariants import INVARIANTS
from tests.domain.lives import VERBS, WATCHED, act, instants

LATE_CLICKS: Final = tuple(verb for verb in VERBS if verb not in (reopen, note, pin, follow, unfollow))


def is_over(machine: "IncidentMachine") -> bool:
    return machine.life.incident.is_over


def is_not_over(machine: "IncidentMachine") -> bool:
    return not machine.life.incident.is_over


def may_expire(machine: "IncidentMachine") -> bool:
    """Who may be asked whether they are still on it."""
    return expiry_due_at(machine.life.incident, machine.life.policy) is not None


class IncidentMachine(RuleBasedStateMachine):
    """`done` counts the steps by rule, over all examples; a verb that was refused is counted as that."""

    done: ClassVar[Counter[str]] = Counter()

    life: History

    @initialize(policy=policies(), severity=st.sampled_from(SEVERITIES), service=st.sampled_from(SERVICES))
    def opens(self, policy: Policy, severity: Severity, service: str) -> None:
        self.life = history(policy, severity=severity, service=service)
        self.done["open"] += 1

    @rule(data=st.data())
    def time_passes(self, data: st.DataObject) -> None:
        self._wait(data.draw(instants(self.life)))

    @rule(length=st.integers(1, 90))
    def minutes_pass(self, length: int) -> None:
        self._wait(self.life.now + timedelta(minutes=length))

    @rule(data=st.data())
    def the_bot_is_away(self, data: st.DataObject) -> None:
        """Nobody asks the clocks until then."""
        self.life.ask(data.draw(instants(self.life)))
        self.done["away"] += 1

    @precondition(is_not_over)
    @rule(data=st.data())
    def somebody_acknowledges(self, data: st.DataObject) -> None:
        self._do(acknowledge, data)

    @precondition(is_not_over)
    @rule(data=st.data())
    def somebody_escalates(self, data: st.DataObject) -> None:
        self._do(escalate, data)

    @precondition(is_not_over)
    @rule(data=st.data())
    def somebody_says_it_is_not_theirs(self, data: st.DataObject) -> None:
        self._do(pass_on, data)

    @precondition(is_not_over)
    @rule(data=st.data())
    def somebody_assigns_it(self, data: st.DataObject) -> None:
        self._do(assign, data)

    @precondition(is_not_over)
    @rule(data=st.data())
    def somebody_holds_it(self, data: st.DataObject) -> None:
        self._do(hold, data)

    @precondition(is_not_over)
    @rule(data=st.data(), length=st.integers(1, 60))
    def it_rests_for_a_while(self, data: st.DataObject, length: int) -> None:
        self._do(hold, data)
        self._wait(self.life.now + timedelta(minutes=length))
        self._do(resume, data)

    @precondition(lambda machine: machine.life.incident.is_on_hold)
    @rule(data=st.data())
    def somebody_resumes_it(self, data: st.DataObject) -> None:
        self._do(resume, data)

    @precondition(is_not_over)
    @rule(data=st.data())
    def somebody_changes_the_severity(self, data: st.DataObject) -> None:
        self._do(change_severity, data)

    @precondition(may_expire)
    @rule()
    def nothing_is_heard_of_who_has_it(self) -> None:
        """Until they are asked whether they are still on it, and a second time until they lose it."""
        until = expiry_due_at(self.life.incident, self.life.policy)
        assert until is not None
        self._wait(max(until, self.life.now))

    @precondition(may_expire)
    @rule(data=st.data())
    def somebody_is_still_on_it(self, data: st.DataObject) -> None:
        """Asked before, or else just now."""
        if self.life.incident.still_asked_at is None:
            self.nothing_is_heard_of_who_has_it()
        self._do(confirm_still_on_it, data)

    @precondition(is_not_over)
    @rule(data=st.data())
    def somebody_tells_stakeholders(self, data: st.DataObject) -> None:
        self._do(tell_stakeholders, data)

    @rule(data=st.data())
    def somebody_notes_something(self, data: st.DataObject) -> None:
        """Also when it is over."""
        self._do(note, data)

    @rule(data=st.data())
    def somebody_pins_a_message(self, data: st.DataObject) -> None:
        """Also when it is over."""
        self._do(pin, data)

    @rule(data=st.data())
    def somebody_follows_it(self, data: st.DataObject) -> None:
        """Also when it is over."""
        self._do(follow, data)

    @precondition(lambda machine: bool(machine.life.incident.followers))
    @rule(data=st.data())
    def somebody_does_not_follow_it_any_more(self, data: st.DataObject) -> None:
        self._do(unfollow, data)

    @precondition(is_not_over)
    @rule(data=st.data())
    def somebody_resolves_it(self, data: st.DataObject) -> None:
        self._do(resolve, data)

    @precondition(is_not_over)
    @rule(data=st.data())
    def somebody_cancels_it(self, data: st.DataObject) -> None:
        self._do(cancel, data)

    @precondition(is_over)
    @rule(data=st.data())
    def somebody_reopens_it(self, data: st.DataObject) -> None:
        self._do(reopen, data)

    @precondition(is_over)
    @rule(data=st.data(), verb=st.sampled_from(LATE_CLICKS))
    def a_late_click_changes_nothing(self, data: st.DataObject, verb: Verb) -> None:
        before = self.life.incident
        self._do(verb, data)
        assert self.life.incident == before

    @invariant()
    def everything_holds(self) -> None:
        for each in INVARIANTS:
            each(self.life)

    def _wait(self, until: datetime) -> None:
        self.life.wait(min(until, self.life.now + WATCHED))
        self.done["time"] += 1

    def _do(self, verb: Callable[..., Any], data: st.DataObject) -> None:
        life = self.life
        act(life, verb, life.now, data.draw)
        refused = life.steps[-1].refusal is not None
        self.done[f"{verb.__name__}, refused" if refused else verb.__name__] += 1
