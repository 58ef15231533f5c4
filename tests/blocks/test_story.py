"""The timeline in sentences."""

import re
from dataclasses import replace

import pytest

from bot.domain import timeline
from bot.domain.ids import THE_BOT, UserId
from bot.domain.policy import Severity
from bot.domain.timeline import Fact, PageReason, Target, TimelineEvent
from bot.slack.blocks import story
from tests.blocks import stories
from tests.builders import ANA, BEN, CHLOE, GRACE, HUGO, NOW, SAM, a_policy, an_incident, minutes

THEN = "<!date^1794625200^{date_short_pretty} at {time}|2026-11-14 at 03:00 UTC>"

SENTENCES: list[tuple[UserId, Fact, str]] = [
    (
        SAM,
        timeline.Opened(title="t", description="", severity=Severity.SEV1, service="checkout", tier=3, skipped=(1, 2)),
        "<@U0SAM00001> opened it as sev1 (past tiers 1 and 2, which have no channel)",
    ),
    (
        THE_BOT,
        timeline.Warned(target=Target.RESPONSE, percent=75, tier=1, due_at=NOW, told=(GRACE,)),
        "three quarters of the time to acknowledge was over; told: <@U0GRACE001>",
    ),
    (
        THE_BOT,
        timeline.Warned(target=Target.RESOLUTION, percent=60, tier=1, due_at=NOW, told=()),
        "60% of the time to resolve was over",
    ),
    (
        THE_BOT,
        timeline.Breached(number=1, tier=1, cycle=0, due_at=NOW - minutes(2), told=(GRACE,), route="checkout"),
        "nobody acknowledged in time at tier 1 (first line), noticed 2 minutes late; told: <@U0GRACE001>",
    ),
    (
        THE_BOT,
        timeline.Breached(target=Target.RESOLUTION, number=2, tier=1, cycle=0, due_at=NOW, told=()),
        "it was not resolved in time",
    ),
    (THE_BOT, timeline.ManagersInformed(told=(HUGO,)), "managers were told: <@U0HUGO0001>"),
    (
        BEN,
        timeline.Escalated(from_tier=1, to_tier=1, reason="the index", route="search"),
        "<@U0BEN00001> escalated it to tier 1 (first line) of search: the index",
    ),
    (
        THE_BOT,
        timeline.Escalated(from_tier=1, to_tier=3, reason="", skipped=(2,), catching_up=True),
        "it moved to tier 3 (experts) (past tier 2, which has no channel), with at most 5 minutes to acknowledge "
        "since Tierline had been away",
    ),
    (
        THE_BOT,
        timeline.PagedAgain(tier=1, cycle=1, number=0, reason=PageReason.EXPIRED),
        "tier 1 (first line) was paged again (no sign of life)",
    ),
    (
        THE_BOT,
        timeline.PagedAgain(tier=9, cycle=1, number=2),
        "tier 9 was paged again (repeat 2)",
    ),
    (
        THE_BOT,
        timeline.Exhausted(tier=4, told=(GRACE,)),
        "nobody answered at tier 4 (management), the last one; 1 manager told",
    ),
    (
        THE_BOT,
        timeline.StillAsked(assignee=ANA, answer_by=NOW),
        f"<@U0ANA00001> was asked “still on it?”, with an answer due {THEN}",
    ),
    (ANA, timeline.StillOnIt(), "<@U0ANA00001> is still on it"),
    (
        THE_BOT,
        timeline.AcknowledgementExpired(assignee=ANA, tier=1),
        "<@U0ANA00001> did not answer, so nobody has it, and tier 1 (first line) was paged again",
    ),
    (BEN, timeline.PassedOn(tier=1, to=CHLOE), "<@U0BEN00001> said that it is not theirs, so <@U0CHLOE001> was asked"),
    (BEN, timeline.PassedOn(tier=1, to=None), "<@U0BEN00001> said that it is not theirs"),
    (ANA, timeline.Assigned(to=BEN, accepted=True), "<@U0ANA00001> gave it to <@U0BEN00001>"),
    (ANA, timeline.Assigned(to=BEN, accepted=False), "<@U0ANA00001> asked <@U0BEN00001> to take it"),
    (
        ANA,
        timeline.Held(until=NOW, reason="<!here>", assignee=ANA),
        f"<@U0ANA00001> put it on hold until {THEN}: &lt;!here&gt;",
    ),
    (ANA, timeline.Resumed(), "<@U0ANA00001> resumed it"),
    (THE_BOT, timeline.Resumed(), "the hold was over"),
    (
        SAM,
        timeline.SeverityChanged(before=Severity.SEV3, after=Severity.SEV1, reason="it spreads."),
        "<@U0SAM00001> changed the severity from sev3 (moderate) to sev1 (the most urgent): it spreads",
    ),
    (
        ANA,
        timeline.Cancelled(reason="", duplicate_of=2),
        "<@U0ANA00001> cancelled it as a duplicate of INC-2",
    ),
    (ANA, timeline.Cancelled(reason="a test", duplicate_of=None), "<@U0ANA00001> cancelled it: a test"),
    (
        BEN,
        timeline.Pinned(text="it is <the> cache.", author=ANA, said_at=NOW, link="https://acme.slack.com/p1?a=1&b=2"),
        f"<@U0BEN00001> pinned what <@U0ANA00001> said {THEN} (<https://acme.slack.com/p1?a=1&amp;b=2|there>): "
        "it is &lt;the&gt; cache",
    ),
    (
        ANA,
        timeline.Pinned(text="it is the cache", author=ANA, said_at=NOW, link=""),
        f"<@U0ANA00001> pinned what they said {THEN}: it is the cache",
    ),
    (
        SAM,
        timeline.Reopened(tier=1, reason="it is back"),
        "<@U0SAM00001> reopened it at tier 1 (first line): it is back",
    ),
]


@pytest.mark.parametrize(("by", "fact", "told"), SENTENCES, ids=[fact.kind for _, fact, _ in SENTENCES])
def test_every_fact_has_its_sentence(by: UserId, fact: Fact, told: str) -> None:
    event = TimelineEvent(seq=1, at=NOW, by=by, fact=fact)
    assert story.lines([event], an_incident(), a_policy(), limit=2_000) == f"• {THEN}: {told}"


def test_tiers_are_those_of_the_policy_that_was_followed_then() -> None:
    breached = stories.next_deadline(stories.next_deadline(stories.routed()))
    said = _without_times(story.lines(breached.story, breached.incident, breached.policy, limit=2_000))
    assert said[1:] == [
        "managers were told: <@U0HUGO0001>",
        "<@U0BEN00001> escalated it to tier 1 (search team) of search: the index is gone",
        "three quarters of the time to acknowledge was over",
        "nobody acknowledged in time at tier 1 (search team); told: <@U0GRACE001>",
        "it moved to tier 3 (experts) (past tier 2, which has no channel)",
    ]


def test_a_stretch_of_the_story_knows_the_present_policy() -> None:
    situation = stories.acknowledged(stories.routed())
    last = situation.story[-1]
    said = story.news([last], situation.incident, situation.policy, since_seq=0, until_seq=99, limit=2_000)
    assert _without_times(said) == ["<@U0ANA00001> acknowledged at tier 1 (search team)"]


def test_a_service_that_the_policy_does_not_know_is_no_obstacle() -> None:
    situation = stories.acknowledged()
    lost = replace(situation.incident, service="gone")
    assert "at tier 1" in story.lines(situation.story, lost, situation.policy, limit=2_000)


def _without_times(lines: str) -> list[str]:
    return [re.sub(r"^• <[^>]*>: ", "", line) for line in lines.split("\n")]
