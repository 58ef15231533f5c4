"""What stakeholders read."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.ids import THE_BOT
from bot.domain.message import StakeholderUpdate, UpdateReason
from bot.domain.timeline import DeliveryFailed, NotSent, TimelineEvent, UpdateDue
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.stakeholders import brief_update, stakeholder_parent, stakeholder_update
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import references
from tests.builders import FALLBACK_CHANNEL, TIER_1_CHANNEL, a_policy, an_incident


def test_the_parent_of_an_open_incident(picture: Picture) -> None:
    picture(stakeholder_parent(an_incident(), a_policy()))


def test_the_parent_of_an_acknowledged_incident(picture: Picture) -> None:
    situation = stories.acknowledged()
    picture(stakeholder_parent(situation.incident, situation.policy))


def test_the_parent_of_an_exhausted_incident_does_not_gloss_over_it(picture: Picture) -> None:
    situation = stories.exhausted()
    picture(stakeholder_parent(situation.incident, situation.policy))


def test_the_parent_of_a_resolved_incident(picture: Picture) -> None:
    situation = stories.resolved()
    picture(stakeholder_parent(situation.incident, situation.policy))


def test_an_update_after_an_escalation(picture: Picture) -> None:
    picture(_update(stories.escalated_by_the_clock()))


def test_an_update_after_a_person_escalated_tells_the_reason(picture: Picture) -> None:
    picture(_update(stories.escalated_by_ben()))


def test_an_update_after_an_acknowledgement(picture: Picture) -> None:
    picture(_update(stories.acknowledged()))


def test_an_update_of_the_cadence_without_news_says_that_nothing_changed(picture: Picture) -> None:
    situation = stories.next_deadline(stories.acknowledged())
    picture(_update(situation))


def test_an_update_after_the_last_tier_ran_out(picture: Picture) -> None:
    situation = stories.exhausted()
    update = StakeholderUpdate(number=9, reason=UpdateReason.CADENCE, since_seq=1, until_seq=99)
    picture(stakeholder_update(situation.incident, situation.policy, update, situation.story, situation.now))


ON_EVERY_REASON: list[tuple[str, Callable[[], stories.Situation]]] = [
    ("expired", stories.expired),
    ("held", stories.held),
    ("resumed by the review", stories.reviewed),
    ("made worse", stories.upgraded),
    ("made less", stories.downgraded),
    ("cancelled", stories.cancelled),
    ("duplicate", stories.duplicate),
    ("reopened", stories.reopened),
    ("routed", stories.routed),
    ("not resolved in time", stories.resolution_breached),
    ("told by hand", stories.told_by_hand),
    ("told in short", stories.told_in_short),
    ("resolved with losses", stories.resolved_with_losses),
]


@pytest.mark.parametrize(("_why", "story"), ON_EVERY_REASON, ids=[why for why, _ in ON_EVERY_REASON])
def test_an_update_on_every_reason(_why: str, story: Callable[[], stories.Situation], picture: Picture) -> None:
    picture(_update(story()))


@pytest.mark.parametrize(("_why", "story"), ON_EVERY_REASON, ids=[why for why, _ in ON_EVERY_REASON])
def test_the_parent_in_every_state(_why: str, story: Callable[[], stories.Situation], picture: Picture) -> None:
    situation = story()
    picture(stakeholder_parent(situation.incident, situation.policy))


def test_what_is_no_longer_so_is_not_said() -> None:
    held, reviewed = stories.held(), stories.reviewed()
    late = StakeholderUpdate(number=3, reason=UpdateReason.RESUMED, since_seq=1, until_seq=3)
    told = stakeholder_update(held.incident, held.policy, late, held.story, held.now)
    assert "not paused any more" not in told.text
    late = StakeholderUpdate(number=3, reason=UpdateReason.EXPIRED, since_seq=1, until_seq=3)
    told = stakeholder_update(reviewed.incident, reviewed.policy, late, reviewed.story, reviewed.now)
    assert "does not have it any more" not in told.text


def test_stakeholders_are_spared_what_does_not_change_how_it_stands() -> None:
    situation = stories.asked_still_on_it()
    update = StakeholderUpdate(number=2, reason=UpdateReason.CADENCE, since_seq=0, until_seq=99)
    told = stakeholder_update(situation.incident, situation.policy, update, situation.story, situation.now)
    assert "was asked" not in told.text
    assert "managers were told" not in told.text


def test_the_last_update_says_by_whom_after_how_long_and_what_it_was(picture: Picture) -> None:
    picture(_update(stories.resolved()))


def test_the_last_update_without_a_summary_says_what_remains() -> None:
    update = _update(stories.resolved(summary=""))
    assert len(update.blocks) == 2
    assert update.text.endswith("Impact: none was reported. Data loss: none was reported.")


def test_what_a_person_wrote_is_told_even_when_it_is_over_by_then() -> None:
    told, over = stories.told_by_hand(), stories.resolved_with_losses()
    [update] = [message for message in told.messages if isinstance(message, StakeholderUpdate)]
    rendered = stakeholder_update(over.incident, over.policy, update, over.story, over.now)
    assert "The payment provider rejects our key" in rendered.text


def test_the_next_update_does_not_repeat_it_nor_tell_notes() -> None:
    for situation in (stories.told_by_hand(), stories.noted()):
        after = stories.next_deadline(situation)
        update = StakeholderUpdate(number=9, reason=UpdateReason.CADENCE, since_seq=3, until_seq=99)
        told = stakeholder_update(after.incident, after.policy, update, after.story, after.now)
        assert "Nothing has changed since the last update." in told.text


def test_what_happened_to_messages_is_no_news() -> None:
    situation = stories.acknowledged()
    noise = [
        TimelineEvent(seq=50, at=situation.now, by=THE_BOT, fact=fact)
        for fact in (
            UpdateDue(number=2),
            NotSent(promise="INC-7/page/tier:1/cycle:0", reason="resolved"),
            DeliveryFailed(
                promise="INC-7/page/tier:1/cycle:0", channel=TIER_1_CHANNEL, error="is_archived", told=FALLBACK_CHANNEL
            ),
        )
    ]
    update = StakeholderUpdate(number=2, reason=UpdateReason.CADENCE, since_seq=49, until_seq=60)
    told = stakeholder_update(situation.incident, situation.policy, update, noise, situation.now)
    assert "Nothing has changed since the last update." in told.text


def test_news_lie_after_the_update_before_and_not_after_this_one() -> None:
    situation = stories.acknowledged(stories.escalated_by_the_clock())
    opened, breached, escalated, acknowledged = situation.story
    update = StakeholderUpdate(number=1, reason=UpdateReason.ESCALATED, since_seq=opened.seq, until_seq=escalated.seq)
    told = stakeholder_update(situation.incident, situation.policy, update, situation.story, situation.now)
    assert "opened it" not in told.text
    assert "nobody acknowledged in time at tier 1 (first line)" in told.text
    assert "it moved to tier 2 (platform)" in told.text
    assert "<@U0GRACE001> acknowledged" not in told.text
    assert [breached.seq, acknowledged.seq] == [2, 4]


def test_of_many_news_the_newest_are_told() -> None:
    situation = stories.acknowledged()
    event = situation.story[-1]
    many = [
        TimelineEvent(seq=seq, at=event.at + timedelta(minutes=seq), by=event.by, fact=event.fact)
        for seq in range(2, 402)
    ]
    update = StakeholderUpdate(number=1, reason=UpdateReason.CADENCE, since_seq=1, until_seq=401)
    news = _news(stakeholder_update(situation.incident, situation.policy, update, many, situation.now))
    first, *rest = news.split("\n")[1:]
    assert first == f"… and {400 - len(rest)} earlier"
    assert rest[-1].startswith(f"• <!date^{int(many[-1].at.timestamp())}^")


def test_an_update_mentions_only_who_has_it_and_who_acted() -> None:
    assert references(_update(stories.acknowledged(stories.escalated_by_ben()))) == {"<@U0GRACE001"}


def test_in_brief_an_update_says_how_it_is() -> None:
    situation = stories.acknowledged()
    assert brief_update(situation.incident, situation.policy) == (
        "Checkout is down (INC-7, sev1, checkout). <@U0ANA00001> is working on it, at tier 1 of 4 (first line)."
    )


def _news(update: Rendered) -> str:
    return next(str(block["text"]["text"]) for block in update.blocks if "*Since" in block["text"]["text"])


def _update(situation: stories.Situation) -> Rendered:
    (message,) = (message for message in situation.messages if isinstance(message, StakeholderUpdate))
    return stakeholder_update(situation.incident, situation.policy, message, situation.story, situation.now)
