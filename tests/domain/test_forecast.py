"""What will happen is what the rules do, asked ahead of the time."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from bot.domain import verbs
from bot.domain.errors import IncidentAlreadyAcknowledged
from bot.domain.forecast import Hearing, Moment, PlannedAct, forecast, hearings, simulate
from bot.domain.ids import IncidentId, PolicyVersionId
from bot.domain.incident import Incident, Report
from bot.domain.on_call import Shift
from bot.domain.policy import Mention, OnCallFeed, Policy, Repeat, Rotation, Severity, Targets
from bot.domain.timeline import Acknowledged, Breached, Escalated, Exhausted, PagedAgain
from bot.domain.transition import Act, Transition, evaluate
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    FALLBACK_CHANNEL,
    GRACE,
    NOW,
    PLATFORM,
    SAM,
    STAKEHOLDER_CHANNEL,
    TIER_1_CHANNEL,
    TIER_2_CHANNEL,
    WORKSPACE,
    a_policy,
    a_tier,
    a_user,
    an_escalation,
    minutes,
)


def opened(policy: Policy) -> Transition:
    return verbs.open_incident(
        Report(title="Checkout is down", severity=Severity.SEV1, service="checkout"),
        policy,
        incident_id=IncidentId(7),
        workspace_id=WORKSPACE,
        number=7,
        policy_version_id=PolicyVersionId(1),
        by=SAM,
        now=NOW,
    )


def two_tiers(**changes: object) -> Policy:
    """Five minutes each, one repeat after five more; updates so seldom that they do not come into it."""
    escalation = an_escalation(
        tiers=(a_tier(1, managers=()), a_tier(2)), repeat=Repeat(every=minutes(5), times=1), **changes
    )
    targets = Targets(ack_within=minutes(5), update_every=timedelta(days=30))
    return a_policy(severities={Severity.SEV1: targets}, services={"checkout": escalation})


def kinds(moment: Moment) -> tuple[timedelta, list[type]]:
    return moment.at - NOW, [type(event.fact) for event in moment.transition.events]


def by_ana(at: datetime) -> PlannedAct:
    return PlannedAct(at=at, act=_acknowledge)


def _acknowledge(incident: Incident, policy: Policy, now: datetime) -> Transition:
    return verbs.acknowledge(incident, policy, by=ANA, now=now)


def test_a_forecast_tells_the_ladder_to_its_end() -> None:
    policy = two_tiers()
    moments = forecast(opened(policy).incident, policy, until=NOW + timedelta(days=1), most=100)
    assert [kinds(moment) for moment in moments] == [
        (minutes(5), [Breached, Escalated]),
        (minutes(10), [Breached]),
        (minutes(15), [PagedAgain]),
        (minutes(20), [Exhausted]),
    ]


def test_a_forecast_is_what_the_bot_does_later() -> None:
    policy = two_tiers()
    incident = opened(policy).incident
    first = next(forecast(incident, policy, until=NOW + timedelta(days=1), most=1))
    assert first == Moment(at=NOW + minutes(5), transition=evaluate(incident, policy, NOW + minutes(5)))


@pytest.mark.parametrize(("until", "most", "told"), [(minutes(10), 100, 2), (minutes(9), 100, 1), (minutes(60), 3, 3)])
def test_a_forecast_ends_where_it_is_told_to(until: timedelta, most: int, told: int) -> None:
    policy = two_tiers()
    moments = list(forecast(opened(policy).incident, policy, until=NOW + until, most=most))
    assert len(moments) == told


def test_what_is_overdue_comes_now_and_counts_as_late() -> None:
    policy = two_tiers()
    now = NOW + minutes(42)
    moments = list(forecast(opened(policy).incident, policy, until=now + minutes(5), most=100, now=now))
    assert [moment.at for moment in moments] == [now, now + minutes(5)]
    assert moments[0].transition.incident.catching_up


def test_nothing_happens_to_what_is_over() -> None:
    policy = two_tiers()
    over = verbs.resolve(opened(policy).incident, policy, by=ANA, now=NOW).incident
    assert list(forecast(over, policy, until=NOW + timedelta(days=1), most=100)) == []


def test_a_simulation_begins_with_the_opening_and_has_people_act() -> None:
    policy = two_tiers()
    moments = list(simulate(opened(policy), policy, [by_ana(NOW + minutes(7))], until=NOW + timedelta(days=1)))
    assert [moment.at - NOW for moment in moments] == [minutes(0), minutes(5), minutes(7)]
    assert kinds(moments[2]) == (minutes(7), [Acknowledged])
    assert moments[2].transition.incident.assignee == ANA


def test_acts_come_in_the_order_of_their_instants() -> None:
    policy = two_tiers()
    resolve: Act = lambda incident, policy, now: verbs.resolve(incident, policy, by=BEN, now=now)  # noqa: E731
    acts = [PlannedAct(at=NOW + minutes(4), act=resolve), by_ana(NOW + minutes(2))]
    moments = list(simulate(opened(policy), policy, acts, until=NOW + timedelta(days=1)))
    assert [moment.refused for moment in moments] == [None, None, None]
    assert moments[-1].transition.incident.resolved_by == BEN


def test_a_clock_that_ran_out_at_that_instant_comes_before_the_act() -> None:
    policy = two_tiers()
    moments = list(simulate(opened(policy), policy, [by_ana(NOW + minutes(5))], until=NOW + minutes(6)))
    assert [kinds(moment) for moment in moments[1:]] == [
        (minutes(5), [Breached, Escalated]),
        (minutes(5), [Acknowledged]),
    ]


def test_a_refused_act_is_told_and_changes_nothing() -> None:
    policy = two_tiers()
    acts = [by_ana(NOW + minutes(1)), by_ana(NOW + minutes(2))]
    moments = list(simulate(opened(policy), policy, acts, until=NOW + minutes(6)))
    refused = moments[2]
    assert isinstance(refused.refused, IncidentAlreadyAcknowledged)
    assert refused.at == NOW + minutes(2)
    assert (refused.transition.incident, refused.transition.events) == (moments[1].transition.incident, [])


def test_an_act_after_the_end_of_the_simulation_does_not_come() -> None:
    policy = two_tiers()
    moments = list(simulate(opened(policy), policy, [by_ana(NOW + minutes(7))], until=NOW + minutes(6)))
    assert [moment.at - NOW for moment in moments] == [minutes(0), minutes(5)]


def test_an_act_at_the_end_of_the_simulation_still_comes() -> None:
    policy = two_tiers()
    *_, last = simulate(opened(policy), policy, [by_ana(NOW + minutes(4))], until=NOW + minutes(4))
    assert kinds(last) == (minutes(4), [Acknowledged])


def test_who_hears_of_a_breach_and_of_the_page_after_it() -> None:
    policy = two_tiers()
    policy = replace(policy, services={"checkout": an_escalation(tiers=(a_tier(1), a_tier(2)))})
    breached = next(forecast(opened(policy).incident, policy, until=NOW + minutes(5), most=1))
    assert hearings(breached, policy) == [
        Hearing(channel=TIER_1_CHANNEL, people=(a_user(GRACE, "grace"),)),
        Hearing(channel=TIER_2_CHANNEL, people=(PLATFORM,)),
        Hearing(channel=STAKEHOLDER_CHANNEL, people=()),
    ]


def test_the_alarm_reaches_every_manager_at_the_fallback() -> None:
    policy = two_tiers()
    *_, exhausted = forecast(opened(policy).incident, policy, until=NOW + timedelta(days=1), most=100)
    assert hearings(exhausted, policy) == [Hearing(channel=FALLBACK_CHANNEL, people=(a_user(GRACE, "grace"),))]


def test_a_page_repeated_reaches_the_tier() -> None:
    policy = two_tiers()
    moments = list(forecast(opened(policy).incident, policy, until=NOW + minutes(15), most=100))
    assert hearings(moments[2], policy) == [Hearing(channel=TIER_2_CHANNEL, people=(PLATFORM,))]


def on_duty(*sources: Rotation | OnCallFeed) -> Policy:
    escalation = an_escalation(tiers=(a_tier(1, people=(), on_call=sources),))
    return replace(two_tiers(), services={"checkout": escalation})


ANA_AND_BEN = Rotation(
    people=(a_user(ANA, "ana"), a_user(BEN, "ben")), zone="UTC", first_day=date(2026, 11, 9), hand_over=time(9)
)
FEED = OnCallFeed(url="https://calendar.example.com/secret.ics", people={"Chloe": a_user(CHLOE, "chloe")})


def test_a_page_reaches_whoever_is_on_duty_then() -> None:
    policy = on_duty(ANA_AND_BEN)
    moment = Moment(at=NOW, transition=opened(policy))
    by_the_rotation = Hearing(channel=TIER_1_CHANNEL, people=(a_user(ANA, "ana"),))
    assert hearings(moment, policy)[0] == by_the_rotation
    assert hearings(moment, policy, shifts_of=lambda _url: [])[0] == by_the_rotation


def test_a_calendar_that_is_not_known_is_named() -> None:
    policy = on_duty(FEED)
    moment = Moment(at=NOW, transition=opened(policy))
    assert hearings(moment, policy)[0] == Hearing(channel=TIER_1_CHANNEL, people=(), feeds=(FEED,))


def test_a_calendar_that_is_known_says_who() -> None:
    policy = on_duty(FEED)
    moment = Moment(at=NOW, transition=opened(policy))
    shift = Shift(start=NOW - minutes(5), end=NOW + minutes(5), who="Chloe")
    heard = hearings(moment, policy, shifts_of=lambda url: [shift] if url == FEED.url else [])
    assert heard[0] == Hearing(channel=TIER_1_CHANNEL, people=(a_user(CHLOE, "chloe"),))


def person(slack_id: str) -> Mention:
    return a_user(slack_id, slack_id)  # type: ignore[arg-type]


def test_a_warning_reaches_who_has_it_or_else_the_tier() -> None:
    targets = Targets(
        ack_within=minutes(20), update_every=timedelta(days=30), resolve_within=minutes(40), warn_at=(50,)
    )
    policy = replace(two_tiers(), severities={Severity.SEV1: targets})
    waiting, *_ = forecast(opened(policy).incident, policy, until=NOW + minutes(10), most=1)
    assert hearings(waiting, policy)[0].people == a_tier(1).people
    taken = verbs.acknowledge(opened(policy).incident, policy, by=ANA, now=NOW).incident
    warned, *_ = forecast(taken, policy, until=NOW + minutes(20), most=1)
    assert hearings(warned, policy) == [Hearing(channel=TIER_1_CHANNEL, people=(person(ANA),))]


def test_who_has_it_is_asked_whether_they_are_still_on_it() -> None:
    targets = Targets(ack_within=minutes(5), update_every=timedelta(days=30), ack_expires_after=minutes(30))
    policy = replace(two_tiers(), severities={Severity.SEV1: targets})
    taken = verbs.acknowledge(opened(policy).incident, policy, by=ANA, now=NOW).incident
    asked, expired = forecast(taken, policy, until=NOW + minutes(35), most=2)
    assert hearings(asked, policy) == [Hearing(channel=TIER_1_CHANNEL, people=(person(ANA),))]
    assert hearings(expired, policy)[0] == Hearing(channel=TIER_1_CHANNEL, people=a_tier(1).people)
