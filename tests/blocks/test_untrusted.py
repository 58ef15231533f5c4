"""Whatever people type: nobody is mentioned by it, no link is disguised by it, and Slack takes the message."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import IncidentNotFound, InvalidIncident
from bot.domain.ids import ChannelId, UserId
from bot.domain.incident import Incident
from bot.domain.intent import Aspect, Overtaken
from bot.domain.message import (
    AssignmentNotice,
    BreachNotice,
    ExhaustedAlarm,
    FollowNotice,
    HoldReview,
    ManagersNotice,
    Message,
    OpenedHere,
    OverdueNotice,
    PageAgain,
    PageTier,
    RoomFarewell,
    RoomWelcome,
    StakeholderParent,
    StakeholderUpdate,
    StillOnItQuestion,
    Undeliverable,
    UpdateNudge,
    UpdateReason,
    WarningNotice,
)
from bot.domain.on_call import FeedStatus
from bot.domain.policy import Policy, Severity, Verb
from bot.domain.similarity import SHOWN
from bot.domain.timeline import (
    Cancelled,
    DeliveryFailed,
    Escalated,
    Fact,
    Held,
    NotSent,
    Pinned,
    Reopened,
    Resolved,
    SeverityChanged,
    Target,
    TimelineEvent,
)
from bot.domain.wanted import ROWS, Listed, Wanted
from bot.slack.blocks import answers, asides, detail, listing, similar
from bot.slack.blocks.fields_about_one import Subject
from bot.slack.blocks.forms import Draft, open_form
from bot.slack.blocks.forms_about_one import FORMS, form_about
from bot.slack.blocks.home import HomePage, home_view
from bot.slack.blocks.home_row import GoingOn
from bot.slack.blocks.layout import sentence
from bot.slack.blocks.message import render, render_card, render_plain
from bot.slack.blocks.overtaken import overtaken_text
from bot.slack.blocks.refusals import refusal_text
from bot.slack.blocks.rendered import Rendered, View
from bot.slack.ids import FormField
from tests.blocks import stories
from tests.blocks.limits import links, problems_of_message, problems_of_view, references
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    FALLBACK_CHANNEL,
    GRACE,
    HUGO,
    IRIS,
    NOW,
    SAM,
    STAKEHOLDER_CHANNEL,
    TIER_1_CHANNEL,
    TIER_2_CHANNEL,
    TIER_3_CHANNEL,
    TIER_4_CHANNEL,
    a_policy,
    a_tier,
    a_user,
    an_escalation,
    minutes,
)
from tests.examples import up_to

CHANNELS = (TIER_1_CHANNEL, TIER_2_CHANNEL, TIER_3_CHANNEL, TIER_4_CHANNEL, stories.SEARCH_CHANNEL)

OURS = (
    {f"<@{user}" for user in (ANA, BEN, CHLOE, GRACE, HUGO, IRIS, SAM)}
    | {f"<!subteam^{group}" for group in ("S0FIRSTLN1", "S0PLATFRM1", "S0EXPERTS1")}
    | {f"<#{channel}" for channel in (*CHANNELS, FALLBACK_CHANNEL, STAKEHOLDER_CHANNEL)}
)

ATTACKS = [
    "<!channel>", "<!here>", "<!everyone>", "<!here|nothing>", "<@U0EVIL0001>", "<!subteam^S0EVIL001|@x>",
    "<#C0EVIL0001>",
    "<https://evil.example|your bank>", "&lt;!channel&gt;", "<", "<!", "!channel>", "```", "*", "\u202e", "\x00",
    "\ud83d", "🔥", "👩\u200d🚒", "שלום", "مرحبا", "\n", "&", "https://a.example/<!channel>", "|", "{time}", "^",
]  # fmt: skip

typed = st.one_of(
    st.text(max_size=300),
    st.lists(st.one_of(st.sampled_from(ATTACKS), st.text(max_size=5)), max_size=40).map("".join),
    st.builds(lambda unit, times: unit * times, st.sampled_from(ATTACKS), st.sampled_from([40, 400])),
)

LONGEST = ["x" * 10_000, "🔥" * 10_000, "&" * 10_000, "<!channel> " * 1_000, "שלום " * 2_000, "a\n" * 5_000]


def every_message(incident: Incident, policy: Policy) -> list[Message]:
    tier, cycle, card, route = incident.tier, incident.cycle, incident.card_cycle, incident.routed_to
    managers = policy.escalation(route).tier(tier).managers
    due = NOW + minutes(5)
    return [
        PageTier(tier=tier, cycle=card),
        PageTier(tier=1, cycle=999),
        PageAgain(tier=tier, cycle=cycle, number=1),
        WarningNotice(target=Target.RESPONSE, percent=75, tier=tier, card=card, breach_at=due, told=managers),
        WarningNotice(target=Target.RESOLUTION, percent=75, tier=tier, card=card, breach_at=due, told=managers),
        *(
            BreachNotice(
                target=target,
                tier=tier,
                cycle=cycle,
                card=card,
                route=route,
                number=1,
                since=NOW,
                due_at=due,
                breached_at=due,
                told=managers,
            )
            for target in Target
            for card in (0, incident.card_cycle)
        ),
        ManagersNotice(tier=tier, card=card, told=managers),
        StillOnItQuestion(tier=tier, card=card, assignee=ANA, asked_at=NOW, answer_by=due),
        HoldReview(tier=tier, card=card, assignee=ANA, held_at=NOW),
        *(AssignmentNotice(tier=tier, card=card, to=ANA, by=SAM, accepted=accepted) for accepted in (True, False)),
        UpdateNudge(tier=tier, card=card, assignee=ANA, number=1, due_at=due),
        OverdueNotice(tier=tier, card=card, assignee=ANA, since=NOW, told=managers),
        RoomWelcome(),
        RoomFarewell(),
        OpenedHere(ts="1794625200.000001"),
        ExhaustedAlarm(tier=tier),
        StakeholderParent(),
        FollowNotice(who=BEN, by=ANA),
        StakeholderUpdate(number=1, reason=UpdateReason.CADENCE, since_seq=0, until_seq=999, audience=ChannelId(BEN)),
        *(StakeholderUpdate(number=1, reason=reason, since_seq=0, until_seq=999) for reason in UpdateReason),
        Undeliverable(
            promise="INC-7/page/tier:1/cycle:0", channel=TIER_1_CHANNEL, error="is_archived", tier=1, route=route
        ),
    ]


def everything_about(situation: stories.Situation) -> Iterator[Rendered | View]:
    """Each message of each kind, each card, each answer."""
    incident, policy, story, now = situation.incident, situation.policy, situation.story, situation.now
    for message in every_message(incident, policy):
        yield render(message, incident, policy, rings=True, story=story, now=now)
        yield render(message, incident, policy, rings=False, story=story, now=now)
        yield render_plain(message, incident, policy)
    yield from (render_card(slot, incident, policy) for slot in ("tier:1:999", "stakeholders"))
    yield render_card(f"tier:{incident.tier}:{incident.card_cycle}", incident, policy)
    listed = Listed(wanted=Wanted(over=incident.is_over), page=2, incidents=[incident] * ROWS, total=99)
    yield listing.incident_list(listed, policy, me=ANA)
    yield detail.incident_detail(incident, policy, story, now)
    yield detail.detail_view(incident, policy, story, now)
    yield detail.timeline(incident, policy, story, page=1)
    yield detail.timeline(incident, policy, story)
    yield similar.opened_beside(incident, policy, [incident] * SHOWN, now)
    yield from (answer(incident, policy) for answer in EVERY_ANSWER)
    yield asides.resolve_question(incident)
    yield asides.too_late(incident.title, now)
    yield asides.form_offered("", "x" * 2_000)
    yield home_of(incident, policy, now)


def home_of(incident: Incident, policy: Policy, now: datetime) -> View:
    """With it in each of the groups."""
    own, near, other = (
        GoingOn(incident=incident.but(id=number, number=number), policy=policy, breached_at=now) for number in (1, 2, 3)
    )
    feed = FeedStatus(host="calendar.example", key="k", fetched_at=None, failed_at=now, error="gone")
    return home_view(
        HomePage(
            own=[own],
            near=[near],
            others=[other],
            is_wide=True,
            policy=policy,
            shifts_of=lambda _: (),
            feeds=[feed],
            now=now,
        )
    )


EVERY_ANSWER = [
    answers.opened, answers.acknowledged, answers.escalated, answers.held, answers.resumed, answers.severity_changed,
    answers.assigned, answers.passed_on, answers.still_on_it, answers.resolved, answers.cancelled, answers.reopened,
]  # fmt: skip

OPENED = stories.opened()
ESCALATED = stories.escalated_by_ben()
EVERY_STATE = [
    OPENED,
    ESCALATED,
    stories.resolved(stories.acknowledged(ESCALATED)),
    stories.breached_at_the_last_tier(),
    stories.held(),
    stories.warned(),
    stories.asked_still_on_it(),
    stories.resolution_breached(),
    stories.cancelled(),
    stories.passed_on_to_a_person(),
]

LONGEST_CARDS = [stories.held(), stories.resolution_breached(), stories.resolved()]
"""With the most lines, and one that is over."""


def saying(words: str, situation: stories.Situation) -> stories.Situation:
    """The same incident with these words wherever a person's words go, past the limits of the domain's own."""
    said: list[Fact] = [
        Escalated(from_tier=1, to_tier=2, reason=words),
        Held(until=NOW, reason=words, assignee=ANA),
        SeverityChanged(before=Severity.SEV1, after=Severity.SEV2, reason=words),
        Cancelled(reason=words, duplicate_of=None),
        Reopened(tier=1, reason=words),
        Resolved(summary=words),
        NotSent(promise=words, reason=words),
        DeliveryFailed(promise=words, channel=TIER_1_CHANNEL, error=words, told=None),
        Pinned(text=words, author=ANA, said_at=NOW),
    ]
    events = [TimelineEvent(seq=90 + n, at=situation.now, by=ANA, fact=fact) for n, fact in enumerate(said)]
    incident = replace(situation.incident, title=words, description=words, resolution=words,
                       hold_reason=words, cancel_reason=words)  # fmt: skip
    return replace(situation, incident=incident, story=(*situation.story, *events))


def assert_harmless(rendered: Rendered | View) -> None:
    assert references(rendered) <= OURS
    assert [link for link in links(rendered) if "|" in link] == []
    problems = problems_of_message(rendered) if isinstance(rendered, Rendered) else problems_of_view(rendered)
    assert problems == []


@settings(max_examples=up_to(40))
@given(words=typed, situation=st.sampled_from(EVERY_STATE))
def test_no_words_mention_anybody_or_pass_a_limit(words: str, situation: stories.Situation) -> None:
    for rendered in everything_about(saying(words, situation)):
        assert_harmless(rendered)


@given(words=typed)
def test_no_words_in_a_form_or_an_answer_mention_anybody_or_pass_a_limit(words: str) -> None:
    draft = Draft(title=words, description=words, service=words)
    assert_harmless(open_form(a_policy(), draft=draft, problem=words, private_metadata=""))
    for verb in FORMS:
        assert_harmless(a_form_about(verb, saying(words, stories.told_by_hand()), words))
    assert_harmless(listing.not_understood("What?", words))
    assert_harmless(sentence(refusal_text(InvalidIncident(words))))
    assert_harmless(sentence(refusal_text(IncidentNotFound(words))))


def a_form_about(verb: Verb, situation: stories.Situation, words: str) -> View:
    """Shown again, with everything in it that a person wrote."""
    incident, policy = situation.incident.but(told=words, impact=words), situation.policy
    overtaken = Overtaken(incident, policy, changed=(Aspect.TOLD, Aspect.HOLDER, Aspect.SEVERITY))
    of = Subject(incident=incident, policy=policy, zone=ZoneInfo("Europe/Paris"), may_resolve=True)
    people = {FormField.OWNER: ANA, FormField.ASSIGNEE: BEN}
    entries = {**dict.fromkeys(FormField, words), **people}
    return form_about(verb, of, entries=entries, problem=overtaken_text(overtaken), private_metadata="{}")


@pytest.mark.parametrize("words", LONGEST, ids=["letters", "emoji", "entities", "mentions", "right to left", "lines"])
@pytest.mark.parametrize("situation", LONGEST_CARDS, ids=lambda situation: situation.incident.state.value)
def test_the_longest_words_in_every_place_at_once_fit(words: str, situation: stories.Situation) -> None:
    for rendered in everything_about(saying(words, situation)):
        assert_harmless(rendered)


def test_a_policy_of_long_names_and_many_people_fits() -> None:
    situation = stories.acknowledged(stories.exhausted(_crowded_policy()))
    waiting = stories.opened(_crowded_policy(), title="x" * 10_000, description="&" * 10_000)
    for each in (situation, waiting):
        for rendered in everything_about(each):
            problems = problems_of_message(rendered) if isinstance(rendered, Rendered) else problems_of_view(rendered)
            assert problems == []


def _crowded_policy() -> Policy:
    crowd = tuple(a_user(UserId(f"U{number:010}"), "n" * 300) for number in range(500))
    tiers = tuple(a_tier(number, name="t" * 300, people=crowd, managers=crowd) for number in (1, 2, 3, 4))
    return a_policy(services={"checkout": an_escalation(tiers=tiers)})
