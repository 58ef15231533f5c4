"""Why, in sentences: each kind of incident as a picture, and each fact with its reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.domain import verbs
from bot.domain.explanation import Explanation, explain
from bot.domain.forecast import Moment, PlannedAct, simulate
from bot.domain.ids import THE_BOT, ChannelId
from bot.domain.on_call import FeedStatus
from bot.domain.policy import Repeat, Severity, SlowerUpdates
from bot.domain.timeline import (
    DeliveryFailed,
    Exhausted,
    Fact,
    Noted,
    NotSent,
    Opened,
    Pinned,
    Reopened,
    StillOnIt,
    Target,
    TimelineEvent,
    UpdateDue,
    Warned,
)
from bot.domain.transition import Breach, Transition
from bot.explain_cli import show
from bot.slack.blocks.explanation import PAST_SHOWN, account, why
from bot.slack.blocks.foreseen import calendar_at
from bot.slack.blocks.reasons import reason
from bot.slack.blocks.simulation import policy_shown, rows, simulated, since
from bot.slack.blocks.standing import at_the_end, counted, standings
from bot.slack.blocks.voice import Plain
from bot.tools import output
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.stories import Situation
from tests.builders import ANA, BEN, NOW, SAM, TIER_1_CHANNEL, a_policy, a_tier, an_escalation, minutes
from tests.domain.test_explanation import WEEKDAYS
from tests.domain.test_forecast import ANA_AND_BEN, FEED, on_duty

VOICE = Plain(zone=UTC, names={ANA: "@ana", SAM: "@sam", TIER_1_CHANNEL: "#tier-1"})


def explained(situation: Situation, *, later: timedelta = timedelta(0)) -> Explanation:
    """The ledger is told by the story, as far as the clocks need it."""
    ledger = [
        Breach(
            number=event.fact.number,
            target=event.fact.target,
            route=event.fact.route,
            tier=event.fact.tier,
            cycle=event.fact.cycle,
            due_at=event.fact.due_at,
            breached_at=event.at,
            told=event.fact.told,
        )
        for event in situation.story
        if event.fact.kind == "breached"
    ]
    return explain(situation.incident, situation.policy, situation.story, ledger, situation.now + later)


SITUATIONS: list[Callable[[], Situation]] = [
    stories.opened,
    stories.escalated_by_the_clock,
    stories.exhausted,
    stories.asked_still_on_it,
    stories.expired,
    stories.held,
    stories.reviewed,
    stories.resolution_breached,
    stories.catching_up,
    stories.routed,
    stories.passed_on_to_a_person,
    stories.given_back_to_the_tier,
    stories.asked_to_take_it,
    stories.given,
    stories.upgraded,
    stories.told_by_hand,
    stories.noted,
    stories.cancelled,
    stories.duplicate,
    stories.resolved,
]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
def test_why_tells_what_happened_each_clock_and_what_is_next(
    situation: Callable[[], Situation], picture: Picture
) -> None:
    picture(why(explained(situation(), later=minutes(1))))


@pytest.mark.parametrize("situation", [stories.escalated_by_the_clock, stories.held, stories.exhausted])
def test_a_terminal_reads_the_same_sentences(situation: Callable[[], Situation], snapshot: SnapshotAssertion) -> None:
    told = account(explained(situation(), later=minutes(1)))
    lines = [told.headline, told.now, *told.clocks, *(line.text for line in (*told.past, *told.next)), told.afterwards]
    assert "\n".join(VOICE.read(line) for line in lines) == snapshot


def test_nothing_of_a_title_or_a_reason_is_a_mention() -> None:
    situation = stories.opened(title="<!channel> & <@U0ANA00001>")
    rendered = why(explained(situation))
    assert "<!channel>" not in rendered.text
    assert "&lt;!channel&gt; &amp;" in rendered.text
    assert "<!channel> & <@U0ANA00001>" in VOICE.read(rendered.text)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Is it back?", ": Is it back?"),
        ("It is back.", ": It is back."),
        ("It is back", ": It is back."),
        ("we wait…", ": we wait…"),
        ("", "."),
        ("x" * 400, f": {'x' * 299}…"),
    ],
)
def test_a_sentence_that_a_person_ended_gets_no_second_end(said: str, shown: str) -> None:
    situation = stories.opened()
    before = at_the_end(situation.story, situation.policy)
    fact = Reopened(tier=1, reason=said)
    event = TimelineEvent(seq=9, at=NOW, by=SAM, fact=fact)
    assert reason(event, before) == f"<@{SAM}> reopened it{shown} Tier 1 (first line) was paged again."


def test_a_terminal_has_room_for_all_that_a_person_wrote() -> None:
    long, situation = "The disk is full. " * 40, stories.opened()
    noted = TimelineEvent(seq=2, at=NOW + minutes(1), by=SAM, fact=Noted(text=long.strip()))
    told = account(explained(replace(situation, story=(*situation.story, noted))))
    assert [line.more for line in told.past] == [(), (f"> {long.strip()}",)]
    with output.capture() as shown:
        show(told, VOICE)
    assert " ".join(shown.get().split()).count("The disk is full.") >= 40


def test_a_star_in_the_name_of_a_tier_does_not_end_the_bold_of_its_clock() -> None:
    starred = a_policy(services={"checkout": an_escalation(tiers=(replace(a_tier(1), name="A*Team"),))})
    [clock, *_] = account(explained(stories.opened(starred))).clocks
    assert clock.startswith("Time to acknowledge at tier 1 (A*Team): running")


def test_a_long_story_keeps_its_beginning_and_its_end() -> None:
    situation = stories.opened()
    noise = [
        TimelineEvent(seq=seq, at=NOW + minutes(seq), by=SAM, fact=StillOnIt()) for seq in range(2, PAST_SHOWN + 12)
    ]
    past = account(explained(replace(situation, story=(*situation.story, *noise)))).past
    assert len(past) == PAST_SHOWN + 1
    assert past[0].text.startswith(f"<@{SAM}> opened it")
    assert past[1].text == "… and 11 more in between …"


def test_updates_of_the_cadence_are_counted() -> None:
    situation = stories.opened()
    updates = [TimelineEvent(seq=seq, at=NOW, by=THE_BOT, fact=UpdateDue(number=seq)) for seq in (2, 3)]
    past = account(explained(replace(situation, story=(*situation.story, *updates)))).past
    assert past[-1].text == "Stakeholders got 2 updates because it was time for one."


FACTS: list[tuple[Fact, str]] = [
    (StillOnIt(), "@ana said that they are still on it."),
    (UpdateDue(number=3), "Stakeholder update 3 was due."),
    (
        Pinned(text="it is the cache", author=BEN, said_at=NOW, link="https://acme.slack.com/p1"),
        "@ana pinned what U0BEN00001 said Sat 2026-11-14 03:00 (https://acme.slack.com/p1): it is the cache.",
    ),
    (Reopened(tier=1, reason="again"), "@ana reopened it: again. Tier 1 (first line) was paged again."),
    (
        NotSent(promise="INC-7/page/tier:1/cycle:0", reason="acknowledged"),
        "A page was no longer true and not sent: acknowledged.",
    ),
    (
        DeliveryFailed(promise="INC-7/page/tier:1/cycle:0", channel=TIER_1_CHANNEL, error="is_archived", told=None),
        "A page could not be posted in #tier-1: is_archived.",
    ),
    (
        DeliveryFailed(
            promise="INC-7/page/tier:1/cycle:0", channel=ChannelId("C2"), error="is_archived", told=TIER_1_CHANNEL
        ),
        "A page could not be posted in C2: is_archived. #tier-1 was told instead.",
    ),
    (
        Warned(target=Target.RESOLUTION, percent=50, tier=1, due_at=NOW, told=()),
        "Half of the time to resolve was over Sat 2026-11-14 03:00 while Tierline was away; nobody was warned "
        "afterwards.",
    ),
]


@pytest.mark.parametrize(("fact", "said"), FACTS)
def test_each_fact_has_its_sentence(fact: Fact, said: str) -> None:
    before = at_the_end(stories.opened().story, stories.opened().policy)
    event = TimelineEvent(seq=9, at=NOW + minutes(9), by=ANA, fact=fact)
    assert VOICE.read(reason(event, before)) == said


def test_a_story_that_does_not_begin_with_the_opening_is_none() -> None:
    event = TimelineEvent(seq=1, at=NOW, by=SAM, fact=StillOnIt())
    with pytest.raises(TypeError, match="begins with the opening"):
        list(standings([event], a_policy()))
    with pytest.raises(ValueError, match="begins with the opening"):
        at_the_end([], a_policy())


def test_many_managers_are_counted() -> None:
    situation = stories.exhausted()
    fact = Exhausted(tier=4, told=tuple(f"U{number}" for number in range(20)))
    many = replace(situation.story[-1], fact=fact)
    before = at_the_end(situation.story[:-1], situation.policy)
    assert reason(many, before).endswith("<@U11> and 8 more.")


def test_skipped_tiers_are_named() -> None:
    fact = situation_opened(stories.opened())
    event = replace(stories.opened().story[0], fact=replace(fact, skipped=(1,), tier=2))
    _, before = next(iter(standings([event], a_policy())))
    said = VOICE.read(reason(event, before))
    assert "Tier 1 (first line) has no channel and was passed over. Tier 2 (platform)" in said


def situation_opened(situation: Situation) -> Opened:
    fact = situation.story[0].fact
    assert isinstance(fact, Opened)
    return fact


@pytest.mark.parametrize(
    ("span", "said"),
    [(0, "0 minutes"), (59, "59 minutes"), (60, "1 hour"), (90, "1 hour and 30 minutes"), (2700, "45 hours")],
)
def test_business_time_is_told_in_hours(span: int, said: str) -> None:
    assert counted(minutes(span)) == said


def test_of_a_calendar_only_the_host_is_told() -> None:
    assert calendar_at(FEED) == "whoever the calendar at calendar.example.com says"
    assert calendar_at(replace(FEED, url="nowhere")) == "whoever the calendar at an unknown place says"


def test_a_voice_reads_every_mark() -> None:
    voice = Plain(zone=ZoneInfo("Europe/Paris"), names={"S1": "@first-line"})
    marks = (
        "<!date^1794700805^{date}|later> <!subteam^S1> <!channel> <https://a.example/?b=1> <https://b.example|there>"
    )
    text = f"{marks} &lt;@U1&gt; &amp;"
    assert voice.read(text) == (
        "Sun 2026-11-15 01:00:05 @first-line everybody in the channel https://a.example/?b=1 https://b.example <@U1> &"
    )


def simulation(situation: Situation, until: timedelta, *acts: PlannedAct) -> list[Moment]:
    birth = Transition(incident=situation.incident, events=situation.story)
    return list(simulate(birth, situation.policy, acts, until=NOW + until))


@pytest.mark.parametrize("hours", [1, 30])
def test_a_simulation_tells_each_moment(hours: int, picture: Picture) -> None:
    situation = stories.opened(stories.full_policy())
    moments = simulation(situation, timedelta(hours=hours))
    picture(simulated(moments, situation.policy, title="sev1 of checkout"))


def test_what_people_do_in_a_simulation_is_told_too(picture: Picture) -> None:
    situation = stories.opened(stories.full_policy())
    until = NOW + timedelta(hours=2)

    def by_ana(after: float, verb: Callable[..., Transition], **said: Any) -> PlannedAct:
        return PlannedAct(
            at=NOW + minutes(after), act=lambda incident, policy, now: verb(incident, policy, by=ANA, now=now, **said)
        )

    acts = (
        by_ana(1, verbs.escalate),
        by_ana(2, verbs.acknowledge),
        by_ana(3, verbs.acknowledge),
        by_ana(4, verbs.hold, until=until, reason="the vendor"),
        by_ana(300, verbs.resolve),
    )
    moments = simulation(situation, timedelta(hours=8), *acts)
    picture(simulated(moments, situation.policy, title="sev1 of checkout"))


def test_a_tier_that_is_passed_over_is_told_in_advance() -> None:
    situation = stories.opened(stories.full_policy(), service="search")
    moments = simulation(situation, minutes(6))
    told = [VOICE.read(row.what) for row in rows(moments, situation.policy)]
    assert told[-1].endswith(
        "It moves to tier 3 (experts) in C0EXPERTS1, which has 5 minutes to acknowledge. "
        "Tier 2 (search lead) is passed over: no channel."
    )


def test_a_simulation_that_goes_on_says_so() -> None:
    escalation = an_escalation(tiers=(a_tier(1),), repeat=Repeat(every=minutes(1), times=100))
    situation = stories.opened(a_policy(services={"checkout": escalation}))
    rendered = simulated(simulation(situation, timedelta(hours=3)), situation.policy, title="sev1 of checkout")
    assert "and so on" in str(rendered.blocks)


def test_nothing_simulated_is_nothing_told() -> None:
    assert list(rows([], a_policy())) == []


def test_updates_in_a_row_are_one_row() -> None:
    situation = stories.acknowledged()
    moments = simulation(situation, minutes(70))
    told = [VOICE.read(row.what) for row in rows(moments, situation.policy)]
    assert told[-1].startswith("Stakeholders get 3 updates in C0STATUS01, the last")


@pytest.mark.parametrize(
    ("elapsed", "said"),
    [(minutes(5), "+0:05"), (timedelta(hours=2, minutes=3, seconds=4), "+2:03:04"), (minutes(1590), "+1d 02:30")],
)
def test_the_time_since_the_opening_is_short(elapsed: timedelta, said: str) -> None:
    assert since(elapsed) == said


def test_the_policy_as_people_read_it(picture: Picture) -> None:
    policy = stories.full_policy()
    search = replace(policy.escalation("search"), name="search")
    slower = SlowerUpdates(after=timedelta(hours=2), every=timedelta(hours=1))
    sev4 = replace(policy.targets(Severity.SEV4), calendar=WEEKDAYS, slower_updates=slower)
    own = a_tier(1, ack_within={Severity.SEV1: minutes(3)}, people=())
    picture(
        policy_shown(
            replace(
                policy,
                services={**policy.services, "search": search, "data": an_escalation(name="data", tiers=(own,))},
                severities={**policy.severities, Severity.SEV4: sev4},
            ),
            feeds=(),
            now=NOW,
        )
    )


def test_the_policy_names_who_is_on_call(picture: Picture) -> None:
    policy = on_duty(ANA_AND_BEN, FEED)
    slow = replace(policy.targets(Severity.SEV1), resolve_within=None)
    read = FeedStatus(host="pager.example.com", key="1", fetched_at=NOW - minutes(3), failed_at=None, error=None)
    stale = replace(read, fetched_at=NOW - minutes(150), failed_at=NOW, error="it answered with status 503")
    never = replace(stale, fetched_at=None)
    feeds = (read, stale, never)
    picture(policy_shown(replace(policy, severities={Severity.SEV1: slow}), feeds=feeds, now=NOW))
