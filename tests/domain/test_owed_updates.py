"""Who has it is reminded before an update is due, and managers hear when people owe one, by examples."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from bot.domain import timeline
from bot.domain.clocks import nudge_due_at, overdue_due_at, update_due_at
from bot.domain.explanation import ClockName, explain
from bot.domain.forecast import Hearing, Moment, forecast, hearings
from bot.domain.ids import THE_BOT
from bot.domain.incident import Incident
from bot.domain.message import OverdueNotice, UpdateNudge
from bot.domain.policy import EscalationPolicy, OwedUpdates, Policy, Severity
from bot.domain.progress import StatusReport
from bot.domain.promise import Lane, Promise
from bot.domain.truth import untrue_because
from bot.domain.verbs import (
    acknowledge,
    assign,
    change_severity,
    escalate,
    follow,
    hold,
    note,
    pass_on,
    reopen,
    resolve,
    resume,
    tell_stakeholders,
    unfollow,
)
from tests.builders import (
    ANA,
    BEN,
    GRACE,
    HUGO,
    IRIS,
    NOW,
    TIER_1_CHANNEL,
    a_tier,
    a_user,
    an_escalation,
    an_incident,
    minutes,
)
from tests.domain.agreed import agreed
from tests.domain.history import MOMENT, History, history
from tests.domain.test_business_time import OFFICE

BOTH: Final = OwedUpdates(nudge_before=minutes(5), overdue_after=50)
NEWS: Final = {"report": StatusReport(changed="the cause is known")}
ONE_MORE_TIER: Final = an_escalation(tiers=(a_tier(1), a_tier(2)), repeat=None)

Told = tuple[float, str]
"""Minutes since the opening, and what kind of fact."""


def policy(updates: OwedUpdates = BOTH, escalation: EscalationPolicy = ONE_MORE_TIER, **targets: Any) -> Policy:
    return replace(agreed(escalation, **({"update_every": minutes(20)} | targets)), updates=updates)


def taken(updates: OwedUpdates = BOTH, escalation: EscalationPolicy = ONE_MORE_TIER, **targets: Any) -> History:
    """Ana has it from its opening on."""
    life = history(policy(updates, escalation, **targets))
    life.do(acknowledge, by=ANA, at=NOW)
    return life


def told(life: History, until: float) -> list[Told]:
    """What the clocks do from now on."""
    known = len(life.events)
    life.wait(NOW + minutes(until))
    return [((event.at - NOW) / minutes(1), event.fact.kind) for event in life.events[known:]]


def messages(life: History) -> list[Promise]:
    return [each for each in life.promises if isinstance(each.message, UpdateNudge | OverdueNotice)]


def test_each_update_is_reminded_of_and_managers_hear_once_that_nobody_writes() -> None:
    assert told(taken(), 75) == [
        (15, "update_nudged"), (20, "update_due"), (30, "update_overdue"),
        (35, "update_nudged"), (40, "update_due"), (55, "update_nudged"), (60, "update_due"), (75, "update_nudged"),
    ]  # fmt: skip


def test_the_reminder_is_for_who_has_it_and_the_news_for_the_managers_of_the_tier() -> None:
    life = taken()
    told(life, 30)
    facts = [event for event in life.events if isinstance(event.fact, timeline.UpdateNudged | timeline.UpdateOverdue)]
    assert [(event.by, event.fact) for event in facts] == [
        (THE_BOT, timeline.UpdateNudged(assignee=ANA, due_at=NOW + minutes(20))),
        (THE_BOT, timeline.UpdateOverdue(assignee=ANA, since=NOW + minutes(20), told=(GRACE,))),
    ]
    assert messages(life) == [
        Promise(
            key="INC-7/nudge/3", lane=Lane.CARD, channel=TIER_1_CHANNEL, deliver_at=NOW + minutes(15),
            message=UpdateNudge(tier=1, card=0, assignee=ANA, number=2, due_at=NOW + minutes(20)),
        ),
        Promise(
            key="INC-7/overdue/5", lane=Lane.CARD, channel=TIER_1_CHANNEL, deliver_at=NOW + minutes(30),
            message=OverdueNotice(
                tier=1, card=0, assignee=ANA, since=NOW + minutes(20), told=(a_user(GRACE, "grace"),)
            ),
        ),
    ]  # fmt: skip
    assert life.incident.managers_told == (GRACE,)


def test_an_update_of_the_cadence_says_who_owed_it() -> None:
    life = taken()
    told(life, 40)
    due = [event.fact for event in life.events if isinstance(event.fact, timeline.UpdateDue)]
    assert due == [timeline.UpdateDue(number=2, owed_by=ANA), timeline.UpdateDue(number=3, owed_by=ANA)]
    assert life.incident.overdue_since == NOW + minutes(20)


@pytest.mark.parametrize(
    ("updates", "course"),
    [
        (OwedUpdates(), [(20, "update_due"), (40, "update_due")]),
        (OwedUpdates(nudge_before=minutes(1)), [
            (19, "update_nudged"), (20, "update_due"), (39, "update_nudged"), (40, "update_due"),
        ]),
        (OwedUpdates(overdue_after=5), [(20, "update_due"), (21, "update_overdue"), (40, "update_due")]),
    ],
)  # fmt: skip
def test_what_the_policy_does_not_ask_for_is_not_done(updates: OwedUpdates, course: list[Told]) -> None:
    assert told(taken(updates), 45) == course


@pytest.mark.parametrize(
    ("every", "before", "at"),
    [(20, 5, 15), (20, 10, 10), (20, 15, 10), (8, 5, 4), (1, 5, 0.5), (60, 45, 30)],
)
def test_a_reminder_never_comes_in_the_first_half_of_the_time(every: float, before: float, at: float) -> None:
    life = taken(OwedUpdates(nudge_before=minutes(before)), update_every=minutes(every))
    assert life.due_at == NOW + minutes(at)
    assert told(life, at) == [(at, "update_nudged")]


def test_nobody_is_reminded_of_what_nobody_has_or_what_rests() -> None:
    waiting = history(policy(ack_within=timedelta(days=9)))
    assert told(waiting, 45) == [(20, "update_due"), (40, "update_due")]
    resting = taken()
    resting.do(hold, by=ANA, at=NOW + minutes(2), until=NOW + timedelta(days=9), reason="waits")
    assert told(resting, 45) == [(22, "update_due"), (42, "update_due")]
    assert resting.incident.overdue_since is None


def test_business_time_counts_for_reminders_too() -> None:
    life = taken(update_every=timedelta(hours=4), calendar=OFFICE)
    monday = 54 * 60  # from Saturday at three
    assert told(life, monday + 24 * 60 + 2) == [
        (monday + 4 * 60 - 5, "update_nudged"), (monday + 4 * 60, "update_due"), (monday + 6 * 60, "update_overdue"),
        (monday + 8 * 60 - 5, "update_nudged"), (monday + 8 * 60, "update_due"),
    ]  # fmt: skip


def test_a_bot_that_was_away_reminds_nobody_late_but_says_what_is_still_owed() -> None:
    life = taken()
    life.ask(NOW + minutes(16) - MOMENT)
    assert len(messages(life)) == 1

    life = taken()
    life.ask(NOW + minutes(16))
    assert life.events[-1].fact == timeline.UpdateNudged(assignee=ANA, due_at=NOW + minutes(20), missed=True)
    assert messages(life) == []
    assert told(life, 25) == [(20, "update_due")]
    life.ask(NOW + minutes(39))
    assert [event.fact.kind for event in life.steps[-1].transition.events] == ["update_overdue", "update_nudged"]
    assert [type(each.message) for each in messages(life)] == [OverdueNotice]


def test_of_an_update_that_is_due_nobody_is_reminded() -> None:
    life = taken()
    life.ask(NOW + minutes(20))
    assert [event.fact.kind for event in life.steps[-1].transition.events] == ["update_due"]


SETTLED: Final[list[tuple[Any, dict[str, Any]]]] = [
    (tell_stakeholders, NEWS),
    (hold, {"until": NOW + timedelta(days=2), "reason": "waits"}),
    (change_severity, {"severity": Severity.SEV2, "reason": "less"}),
    (escalate, {}),
    (pass_on, {}),
    (assign, {"to": BEN}),
    (resolve, {}),
]


@pytest.mark.parametrize(("verb", "said"), SETTLED, ids=[verb.__name__ for verb, _ in SETTLED])
def test_what_a_person_does_settles_what_was_owed(verb: Any, said: dict[str, Any]) -> None:
    life = taken()
    told(life, 36)
    owed = life.incident
    assert (owed.nudged_at, owed.overdue_since, owed.overdue_told_at) == (
        NOW + minutes(35), NOW + minutes(20), NOW + minutes(30),
    )  # fmt: skip
    life.do(verb, by=ANA, at=NOW + minutes(37), **said)
    assert _owed(life.incident) == (None, None, None)


def test_words_of_anybody_settle_it_and_the_next_silence_is_told_again() -> None:
    life = taken()
    told(life, 36)
    life.do(tell_stakeholders, by=BEN, at=NOW + minutes(37), **NEWS)
    assert told(life, 68) == [(52, "update_nudged"), (57, "update_due"), (67, "update_overdue")]


def test_words_in_time_owe_nothing() -> None:
    life = taken()
    told(life, 16)
    life.do(tell_stakeholders, by=ANA, at=NOW + minutes(17), **NEWS)
    assert told(life, 33) == [(32, "update_nudged")]
    life.do(tell_stakeholders, by=ANA, at=NOW + minutes(36), **NEWS)
    assert life.incident.overdue_since is None


def test_a_note_for_colleagues_settles_nothing() -> None:
    life = taken()
    told(life, 25)
    life.do(note, by=ANA, at=NOW + minutes(26), text="the log is full")
    assert told(life, 30) == [(30, "update_overdue")]


def test_whoever_is_given_it_late_is_reminded_then_and_owes_anew() -> None:
    life = taken()
    told(life, 35)
    life.do(assign, by=ANA, at=NOW + minutes(37), to=BEN)
    assert told(life, 50) == [(37, "update_nudged"), (40, "update_due"), (50, "update_overdue")]
    assert [event.fact.assignee for event in life.events if isinstance(event.fact, timeline.UpdateNudged)] == (
        [ANA, ANA, BEN]
    )
    keys = [each.key for each in messages(life)]
    assert len(set(keys)) == len(keys) == 5


def test_after_a_hold_and_after_the_end_it_begins_anew() -> None:
    life = taken()
    told(life, 25)
    life.do(hold, by=ANA, at=NOW + minutes(26), until=NOW + timedelta(days=2), reason="waits")
    life.do(resume, by=ANA, at=NOW + minutes(30))
    assert told(life, 60) == [(45, "update_nudged"), (50, "update_due"), (60, "update_overdue")]
    life.do(resolve, by=ANA, at=NOW + minutes(61))
    assert told(life, 500) == []
    life.do(reopen, by=BEN, at=NOW + minutes(501), reason="it is back")
    assert _owed(life.incident) == (None, None, None)


@pytest.mark.parametrize(
    ("tiers", "heard"),
    [
        ((a_tier(1),), (GRACE,)),
        ((a_tier(1, managers=(a_user(ANA, "ana"), a_user(HUGO, "hugo"))),), (HUGO,)),
        ((a_tier(1, managers=()), a_tier(2, managers=(a_user(IRIS, "iris"),))), (IRIS,)),
        ((a_tier(1, managers=(a_user(ANA, "ana"),)), a_tier(2, managers=(a_user(IRIS, "iris"),))), (IRIS,)),
        ((a_tier(1, managers=(a_user(ANA, "ana"),)),), ()),
        ((a_tier(1, managers=()),), ()),
    ],
)
def test_the_managers_of_the_tier_hear_it_or_else_those_of_the_policy(tiers: Any, heard: tuple[str, ...]) -> None:
    life = taken(escalation=an_escalation(tiers=tiers, repeat=None))
    assert told(life, 30)[-1] == (30, "update_overdue")
    assert life.events[-1].fact == timeline.UpdateOverdue(assignee=ANA, since=NOW + minutes(20), told=heard)
    notices = [each.message for each in messages(life) if isinstance(each.message, OverdueNotice)]
    assert [tuple(who.slack_id for who in notice.told) for notice in notices] == ([heard] if heard else [])
    assert told(life, 45) == [(35, "update_nudged"), (40, "update_due")]


def test_who_would_hear_it_is_foreseen() -> None:
    life = taken()
    told(life, 30)
    foreseen = [
        hearings(Moment(at=step.at, transition=step.transition), life.policy)
        for step in life.steps
        if any(isinstance(each.message, UpdateNudge | OverdueNotice) for each in step.transition.promises)
    ]
    assert foreseen == [
        [Hearing(channel=TIER_1_CHANNEL, people=(a_user(ANA, ANA),))],
        [Hearing(channel=TIER_1_CHANNEL, people=(a_user(GRACE, "grace"),))],
    ]


def test_a_reminder_is_true_until_the_update_is_made() -> None:
    life = taken()
    told(life, 15)
    [nudge] = [each.message for each in messages(life)]
    assert isinstance(nudge, UpdateNudge)
    assert untrue_because(nudge, life.incident) is None
    told(life, 20)
    assert untrue_because(nudge, life.incident) == "an update went out"


def test_that_an_update_is_owed_is_true_until_a_person_writes_it() -> None:
    life = taken()
    told(life, 41)
    [notice] = [each.message for each in messages(life) if isinstance(each.message, OverdueNotice)]
    assert untrue_because(notice, life.incident) is None
    given = life.incident.but(assignee=BEN)
    assert untrue_because(notice, given) == f"acknowledged by {BEN}"
    life.do(tell_stakeholders, by=GRACE, at=NOW + minutes(42), **NEWS)
    assert untrue_because(notice, life.incident) == "stakeholders were told"


def unread(updates: OwedUpdates = BOTH) -> History:
    """Private, and Ana has it from its opening on; nobody follows it."""
    life = history(replace(policy(updates), private_services=frozenset({"checkout"})))
    life.do(acknowledge, by=ANA, at=NOW)
    return life


def test_where_nobody_reads_no_update_is_owed() -> None:
    life = unread()
    assert told(life, 300) == []
    assert life.due_at is None
    assert update_due_at(life.incident, life.policy) is None
    assert list(forecast(life.incident, life.policy, until=NOW + timedelta(days=9), most=9)) == []
    names = [reading.name for reading in explain(life.incident, life.policy, life.events, (), life.now).clocks]
    assert not {ClockName.UPDATE, ClockName.OVERDUE} & set(names)


def test_the_cadence_begins_when_somebody_follows() -> None:
    life = unread()
    told(life, 100)
    life.do(follow, by=ANA, at=NOW + minutes(100), who=BEN)
    assert told(life, 130) == [(115, "update_nudged"), (120, "update_due"), (130, "update_overdue")]
    life.do(follow, by=ANA, at=NOW + minutes(131), who=GRACE)
    assert told(life, 140) == [(135, "update_nudged"), (140, "update_due")], "a second one changes nothing"


def test_when_the_last_reader_leaves_nothing_is_owed_any_more() -> None:
    life = unread()
    for reader in (BEN, GRACE):
        life.do(follow, by=ANA, at=NOW, who=reader)
    told(life, 41)
    notice, nudge = (each.message for each in messages(life)[-2:])
    assert isinstance(notice, OverdueNotice)
    assert isinstance(nudge, UpdateNudge)
    life.do(unfollow, by=BEN, at=NOW + minutes(41))
    assert _owed(life.incident) != (None, None, None)
    life.do(unfollow, by=GRACE, at=NOW + minutes(41))
    assert _owed(life.incident) == (None, None, None)
    assert [untrue_because(each, life.incident) for each in (nudge, notice)] == ["nobody follows it"] * 2
    assert told(life, 300) == []


def test_no_clock_runs_where_nothing_is_asked() -> None:
    incident = taken().incident
    assert nudge_due_at(incident, policy(OwedUpdates(overdue_after=50))) is None
    assert overdue_due_at(incident.but(overdue_since=NOW), policy(OwedUpdates(nudge_before=minutes(5)))) is None
    assert overdue_due_at(incident, policy()) is None


def test_nobody_owes_what_was_not_due() -> None:
    assert an_incident(overdue_since=NOW).owed_since == NOW
    with pytest.raises(ValueError, match="nobody owes an update on INC-7"):
        _ = an_incident().owed_since


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"nudge_before": timedelta(0)}, "a reminder comes before the update"),
        ({"overdue_after": 0}, "before the next one is due"),
        ({"overdue_after": 100}, "before the next one is due"),
    ],
)
def test_what_could_not_be_kept_is_no_agreement(values: dict[str, Any], refusal: str) -> None:
    with pytest.raises(ValueError, match=refusal):
        OwedUpdates(**values)


def _owed(incident: Incident) -> tuple[object, object, object]:
    return incident.nudged_at, incident.overdue_since, incident.overdue_told_at
