"""Random lives: an incident under a random policy, with people who do everything at any instant."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from bot.domain.errors import Refusal
from bot.domain.ids import UserId
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.progress import Progress, Quotation, StatusReport
from bot.domain.verbs import (
    Destination,
    Seen,
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
from tests.builders import ANA, BEN, CHLOE
from tests.domain.agreements import SERVICES, SEVERITIES, policies
from tests.domain.history import MOMENT, History, Verb, history

WATCHED: Final = timedelta(hours=8)
"""A longer time is only ever passed in one leap: each step is checked with all that came before it."""

people = st.sampled_from((ANA, BEN, CHLOE))

Said = st.SearchStrategy[dict[str, Any]]
"""What a verb is told beside who says it and when."""


def _nothing(_incident: Incident, _policy: Policy, _at: datetime) -> Said:
    return st.just({})


def _expectation(_incident: Incident, _policy: Policy, at: datetime) -> Said:
    """When it is solved, if that is said."""
    return st.sampled_from((None, at + timedelta(minutes=20))).map(lambda eta: {"eta": eta})


def _follower(_incident: Incident, _policy: Policy, _at: datetime) -> Said:
    return people.map(lambda person: {"who": person})


def _seen(incident: Incident, _policy: Policy, _at: datetime) -> Said:
    """Buttons of the present page, or of an older one."""
    present = Seen(tier=incident.tier, cycle=incident.cycle)
    old = Seen(tier=incident.tier, cycle=incident.cycle - 1)
    return st.sampled_from((None, present, present, old)).map(lambda seen: {"seen": seen})


def _destination(incident: Incident, policy: Policy, at: datetime) -> Said:
    places = [
        Destination(route=service, tier=tier.number)
        for service in SERVICES
        for tier in policy.escalation(service).tiers
        if tier.channel is not None
    ]
    named = st.sampled_from(places).map(lambda place: {"to": place, "reason": "it is theirs"})
    return named | _seen(incident, policy, at)


def _pause(_incident: Incident, _policy: Policy, at: datetime) -> Said:
    lengths = st.sampled_from((0, 1, 10, 60, 240, 3 * 24 * 60)).map(lambda count: timedelta(minutes=count))
    return lengths.map(lambda length: {"until": at + length, "reason": "waits for a part"})


def _severity(_incident: Incident, _policy: Policy, _at: datetime) -> Said:
    return st.sampled_from(SEVERITIES).map(lambda severity: {"severity": severity, "reason": "it turned out so"})


def _somebody(_incident: Incident, _policy: Policy, _at: datetime) -> Said:
    return people.map(lambda person: {"to": person})


def _cause(incident: Incident, _policy: Policy, _at: datetime) -> Said:
    others = st.sampled_from((None, incident.number - 1, incident.number))
    return others.map(lambda number: {"reason": "a false alarm", "duplicate_of": number})


def _reason(_incident: Incident, _policy: Policy, _at: datetime) -> Said:
    return st.just({"reason": "it is back"})


def _report(_incident: Incident, _policy: Policy, at: datetime) -> Said:
    """Sometimes nothing is said of the impact, nor of when it will be solved."""
    reports = st.builds(
        StatusReport,
        progress=st.sampled_from((None, *Progress)),
        changed=st.just("the cause is known"),
        impact=st.sampled_from(("", "nobody can pay")),
        eta=st.sampled_from((None, at + timedelta(hours=1))),
    )
    return reports.map(lambda report: {"report": report})


def _words(_incident: Incident, _policy: Policy, _at: datetime) -> Said:
    return st.sampled_from((" ", "a log line")).map(lambda text: {"text": text})


def _message(_incident: Incident, _policy: Policy, at: datetime) -> Said:
    """What somebody said before."""
    said = st.builds(Quotation, text=st.just("it is the cache"), author=people, said_at=st.just(at - MOMENT))
    return said.map(lambda message: {"message": message})


def _ending(_incident: Incident, _policy: Policy, _at: datetime) -> Said:
    return st.sampled_from(({}, {"summary": "rolled back", "impact": "nobody could pay", "data_loss": "none"}))


VERBS: Final[Mapping[Verb, Callable[[Incident, Policy, datetime], Said]]] = {
    acknowledge: _expectation,
    escalate: _destination,
    pass_on: _seen,
    confirm_still_on_it: _nothing,
    assign: _somebody,
    hold: _pause,
    resume: _nothing,
    change_severity: _severity,
    tell_stakeholders: _report,
    note: _words,
    pin: _message,
    resolve: _ending,
    cancel: _cause,
    reopen: _reason,
    follow: _follower,
    unfollow: _nothing,
}

# What ends a life is rarer than what it is made of.
LIKELY: Final[Sequence[Verb]] = (
    *[acknowledge] * 3, escalate, pass_on, confirm_still_on_it, assign, *[hold] * 2, resume,
    *[change_severity] * 2, tell_stakeholders, note, pin, resolve, cancel, *[reopen] * 2,
    *[follow] * 2, unfollow,
)  # fmt: skip


@st.composite
def lives(draw: st.DrawFn, longest: int = 12) -> History:
    """Between the acts time passes: with the clocks asked on time, or with nobody there to ask them."""
    policy = draw(policies())
    life = history(policy, severity=draw(st.sampled_from(SEVERITIES)), service=draw(st.sampled_from(SERVICES)))
    for _ in range(draw(st.integers(0, longest))):
        at = draw(instants(life))
        if draw(st.booleans()):
            life.wait(min(at, life.now + WATCHED))
        else:
            life.ask(at)
        if draw(st.booleans()):
            act(life, draw(st.sampled_from(LIKELY)), life.now, draw)
    return life


def act(life: History, verb: Verb, at: datetime, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
    """A person does it, and may be refused."""
    life.ask(at)
    said = draw(VERBS[verb](life.incident, life.policy, at))
    with suppress(Refusal):
        life.do(verb, by=draw(actors(life.incident)), at=at, **said)


def actors(incident: Incident) -> st.SearchStrategy[UserId]:
    """Often who has it: some things only they can do."""
    return people if incident.assignee is None else people | st.just(incident.assignee)


def instants(life: History) -> st.SearchStrategy[datetime]:
    """From now on, and often just when something is due: there the rules change their mind."""
    now, due_at = life.now, life.due_at
    seconds = st.integers(0, 2 * 60 * 60) | st.integers(0, 4 * 24 * 60 * 60)
    later = seconds.map(lambda count: now + timedelta(seconds=count))
    if due_at is None:
        return later
    return later | st.sampled_from([max(now, due_at + shift) for shift in (timedelta(0), -MOMENT, MOMENT)])


waits: Final = st.integers(0, 3 * 24 * 60 * 60).map(lambda seconds: timedelta(seconds=seconds))
