"""What is said of updates that people owe, wherever a story is told; and that no update says what the last one said."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import timeline, verbs
from bot.domain.forecast import PlannedAct, simulate
from bot.domain.ids import THE_BOT
from bot.domain.message import OverdueNotice, StakeholderUpdate, UpdateNudge
from bot.domain.policy import OwedUpdates
from bot.domain.progress import StatusReport
from bot.domain.timeline import Fact, TimelineEvent
from bot.domain.transition import Transition
from bot.slack.blocks import story
from bot.slack.blocks.card import tier_card
from bot.slack.blocks.explanation import account, why
from bot.slack.blocks.foreseen import step
from bot.slack.blocks.message import render
from bot.slack.blocks.mrkdwn import time_of
from bot.slack.blocks.reasons import reason
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.simulation import Row, policy_shown, rows
from bot.slack.blocks.stakeholders import stakeholder_update
from bot.slack.blocks.standing import at_the_end
from bot.slack.ids import ActionId
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import button_labels, references
from tests.blocks.test_explanation import VOICE, explained
from tests.builders import ANA, BEN, GRACE, NOW, minutes

BOTH = OwedUpdates(nudge_before=minutes(5), overdue_after=50)
NEWS = StatusReport(changed="The cause is known.")
THEN = time_of(NOW)
_TIMES = re.compile(r"<!date\^\d+\^[^>]*>")


def rendered(situation: stories.Situation, kind: type[UpdateNudge | OverdueNotice]) -> Rendered:
    (message,) = (message for message in situation.messages if isinstance(message, kind))
    return render(
        message, situation.incident, situation.policy, rings=True, story=situation.story, now=situation.now
    )  # fmt: skip


def test_who_has_it_is_reminded_and_can_write_at_once(picture: Picture) -> None:
    told = rendered(stories.nudged(), UpdateNudge)
    picture(told)
    assert references(told) == {"<@U0ANA00001"}
    assert button_labels(told.blocks) == ["Update"]
    assert told.blocks[-1]["elements"][0]["action_id"] == ActionId.UPDATE


def test_managers_hear_who_has_it_and_that_nobody_wrote(picture: Picture) -> None:
    told = rendered(stories.overdue(), OverdueNotice)
    picture(told)
    assert references(told) == {"<@U0ANA00001", "<@U0GRACE001"}
    assert button_labels(told.blocks) == ["Update"]


def test_managers_hear_since_when_nobody_wrote(picture: Picture) -> None:
    picture(rendered(stories.overdue_again(), OverdueNotice))


def test_the_card_says_that_an_update_is_waited_for_until_a_person_writes_it() -> None:
    situation = stories.overdue()
    card = tier_card(situation.incident, situation.policy, tier=1, card=0, rings=False)
    since = situation.incident.owed_since
    assert f"📭 Stakeholders wait for an update by a person since {time_of(since)}." in card.text
    written = stories.done(situation, verbs.tell_stakeholders, by=ANA, report=NEWS)
    assert "📭" not in tier_card(written.incident, written.policy, tier=1, card=0, rings=False).text


NUDGED = timeline.UpdateNudged(assignee=ANA, due_at=NOW)
MISSED = timeline.UpdateNudged(assignee=ANA, due_at=NOW, missed=True)
OVERDUE = timeline.UpdateOverdue(assignee=ANA, since=NOW, told=(GRACE,))
UNTOLD = timeline.UpdateOverdue(assignee=ANA, since=NOW, told=())


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (NUDGED, f"<@{ANA}> was reminded of the update that was due {THEN}"),
        (MISSED, f"an update was due {THEN}, but Tierline was away when it was time for the reminder"),
        (OVERDUE, f"<@{ANA}> had owed stakeholders an update since {THEN}; told: <@{GRACE}>"),
        (UNTOLD, f"<@{ANA}> had owed stakeholders an update since {THEN}"),
    ],
)
def test_the_story_tells_it(fact: Fact, told: str) -> None:
    situation = stories.owing()
    event = TimelineEvent(seq=9, at=NOW, by=THE_BOT, fact=fact)
    assert story.lines([event], situation.incident, situation.policy, limit=2_000) == f"• {THEN}: {told}"
    news = story.news([event], situation.incident, situation.policy, since_seq=0, until_seq=99, limit=2_000)
    assert news == ""


@pytest.mark.parametrize(
    ("fact", "was", "will_be"),
    [
        (
            timeline.UpdateDue(number=3, owed_by=ANA),
            f"Stakeholder update 3 was due and <@{ANA}> had not written it, so Tierline did.",
            "Stakeholders get an update in <#C0STATUS01>.",
        ),
        (
            NUDGED,
            f"<@{ANA}> was reminded of the stakeholder update due {THEN}.",
            f"<@{ANA}> is reminded of the stakeholder update due {THEN}.",
        ),
        (
            MISSED,
            f"Tierline was away when it was time to remind of the update due {THEN}; nobody was.",
            f"<@{ANA}> is reminded of the stakeholder update due {THEN}.",
        ),
        (
            OVERDUE,
            f"<@{ANA}> had owed stakeholders an update since {THEN}. Told: <@{GRACE}>.",
            f"<@{ANA}> still owes stakeholders the update due {THEN}: managers hear of it.",
        ),
        (
            UNTOLD,
            f"<@{ANA}> had owed stakeholders an update since {THEN}. There is no manager to tell.",
            f"<@{ANA}> still owes stakeholders the update due {THEN}: there is no manager to tell.",
        ),
    ],
)
def test_why_it_was_and_what_will_be(fact: Fact, was: str, will_be: str) -> None:
    situation = stories.owing()
    before = at_the_end(situation.story, situation.policy)
    event = TimelineEvent(seq=9, at=NOW, by=THE_BOT, fact=fact)
    assert (reason(event, before), step(event, before)) == (was, will_be)


def test_why_counts_the_reminders_and_shows_until_when_managers_do_not_know(picture: Picture) -> None:
    situation = stories.until(stories.owing(), lambda incident: incident.overdue_since is not None)
    explanation = explained(situation, later=minutes(1))
    assert "Whoever had it got 1 reminder that an update was due." in [line.text for line in account(explanation).past]
    picture(why(explanation))


def simulated(*acts: PlannedAct) -> Sequence[Row]:
    opened = stories.opened(replace(stories.taken_for_long().policy, updates=BOTH))
    transition = Transition(incident=opened.incident, events=opened.story)
    moments = simulate(transition, opened.policy, acts, until=NOW + timedelta(hours=1, minutes=50))
    return list(rows(moments, opened.policy))


def test_a_reminder_before_the_end_stands_alone() -> None:
    taken = PlannedAct(
        at=NOW + minutes(1), act=lambda incident, policy, now: verbs.acknowledge(incident, policy, by=ANA, now=now)
    )
    over = PlannedAct(
        at=NOW + minutes(18), act=lambda incident, policy, now: verbs.resolve(incident, policy, by=ANA, now=now)
    )
    assert [VOICE.read(row.what) for row in simulated(taken, over)[2:]] == [
        "@ana is reminded of the stakeholder update due Sat 2026-11-14 03:21.",
        "@ana resolves it.",
    ]


def test_a_simulation_tells_reminders_with_their_updates_and_that_one_is_owed() -> None:
    taken = PlannedAct(
        at=NOW + minutes(1), act=lambda incident, policy, now: verbs.acknowledge(incident, policy, by=ANA, now=now)
    )
    told = simulated(taken)
    assert [(row.elapsed / minutes(1), VOICE.read(row.what), row.hears, row.clock) for row in told[2:]] == [
        (
            16,
            "@ana is reminded of the stakeholder update due Sat 2026-11-14 03:21. "
            "Stakeholders get an update in C0STATUS01.",
            (f"<@{ANA}> in <#C0FIRSTLN1>",),
            "update",
        ),
        (
            31,
            "@ana still owes stakeholders the update due Sat 2026-11-14 03:21: managers hear of it.",
            [f"<@{GRACE}> in <#C0FIRSTLN1>"],
            "update",
        ),
        (
            36,
            "@ana is reminded of 4 stakeholder updates. Stakeholders get 4 updates in C0STATUS01, the last "
            "Sat 2026-11-14 04:41.",
            (f"<@{ANA}> in <#C0FIRSTLN1>",),
            "update",
        ),
    ]


def test_a_policy_says_what_it_asks_of_people() -> None:
    said = str(policy_shown(replace(stories.full_policy(), updates=BOTH), feeds=(), now=NOW).blocks[-1])
    assert "Whoever has an incident is reminded of its next update 5 minutes before it is due." in said
    assert "When nobody has written one, managers hear of it once half of the time to the next is over." in said
    assert "reminded" not in str(policy_shown(stories.full_policy(), feeds=(), now=NOW).blocks)


def updates_after(situation: stories.Situation, count: int) -> Sequence[Rendered]:
    """Those of the cadence that follow, if nobody acts."""
    found: list[Rendered] = []
    while len(found) < count:
        situation = stories.next_deadline(situation)
        found += [
            stakeholder_update(situation.incident, situation.policy, message, situation.story, situation.now)
            for message in situation.messages
            if isinstance(message, StakeholderUpdate)
        ]
    return found


def test_successive_updates_without_news(picture: Picture) -> None:
    for update in updates_after(stories.overdue(), 2):
        picture(update)


def test_updates_without_news_after_words_of_a_person(picture: Picture) -> None:
    for update in updates_after(stories.overdue_again(), 2):
        picture(update)


def test_an_update_of_what_rests(picture: Picture) -> None:
    picture(updates_after(stories.held(), 1)[0])


@pytest.mark.parametrize(
    "situation",
    [
        stories.owing,
        stories.overdue_again,
        stories.taken_for_long,
        stories.exhausted,
        stories.held,
        stories.told_by_hand,
    ],
)
def test_no_update_says_what_one_before_it_said_and_each_is_short(situation: Callable[[], stories.Situation]) -> None:
    """Not even to somebody who does not look at the instants in it."""
    updates = updates_after(situation(), 12)
    said = [_TIMES.sub("", update.text) for update in updates]
    assert len(set(said)) == len(said)
    still = [text for text in said if "Nothing has changed" in text]
    assert still
    assert all(len(text) < 450 for text in still)


def test_who_wrote_is_said_without_a_word_of_how_far_it_is_when_that_began_anew() -> None:
    situation = stories.until(stories.overdue(), lambda incident: incident.nudged_at is not None)
    reopened = replace(situation, incident=situation.incident.but(told_at=NOW, told_by=BEN, told="mended"))
    [update] = updates_after(reopened, 1)
    assert "The last words are by <@U0BEN00001>, 43 minutes ago." in update.text
