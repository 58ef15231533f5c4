"""What is said to somebody whose form others were faster than."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain import verbs
from bot.domain.intent import Glance, Overtaken, refuse_if_overtaken
from bot.domain.policy import Severity, Verb
from bot.slack.blocks.overtaken import overtaken_text
from tests.blocks import stories
from tests.builders import ANA, BEN

CHANGED = "*INC-7 has changed since this form was opened.*"
AGAIN = "Nothing was changed. What you wrote is below: send it once more to do it all the same."


def _severity(before: stories.Situation) -> stories.Situation:
    return stories.done(before, verbs.change_severity, by=BEN, severity=Severity.SEV3, reason="it is slow")


def _given(before: stories.Situation) -> stories.Situation:
    return stories.done(before, verbs.assign, by=ANA, to=BEN)


def _passed(before: stories.Situation) -> stories.Situation:
    return stories.done(before, verbs.pass_on, by=ANA)


FASTER: list[tuple[Verb, Callable[[], stories.Situation], Callable[[stories.Situation], stories.Situation], str]] = [
    (
        Verb.UPDATE,
        stories.taken,
        lambda _: stories.told_by_hand(),
        "<@U0ANA00001> told stakeholders 03:05: identified, “The payment provider rejects our key &amp; "
        "&lt;!channel&gt; nobody else's. A new one is on its way”. Impact: Nobody can pay by card. "
        "It is expected to be solved 03:43.",
    ),
    (
        Verb.UPDATE,
        stories.told_by_hand,
        lambda before: replace(before, incident=before.incident.but(eta=None)),
        "It is not known any more when it will be solved.",
    ),
    (
        Verb.UPDATE,
        stories.taken,
        lambda _: stories.done(stories.resolved_with_losses(), verbs.reopen, by=BEN, reason="it is back"),
        "<@U0ANA00001> told stakeholders 03:05: “The payment provider rejects our key &amp; "
        "&lt;!channel&gt; nobody else's. A new one is on its way”. Impact: Nobody can pay by card.",
    ),
    (Verb.SEVERITY, stories.taken, _severity, "It is sev3 since 03:05."),
    (Verb.ASSIGN, stories.taken, _given, "<@U0BEN00001> has it since 03:05."),
    (Verb.ASSIGN, stories.opened, stories.acknowledged, "<@U0ANA00001> has it since 03:03."),
    (
        Verb.HOLD,
        stories.taken,
        lambda _: stories.held(),
        "<@U0ANA00001> put it on hold until 05:03: The payment provider mends it; &lt;!channel&gt; waits.",
    ),
    (Verb.HOLD, stories.held, lambda before: stories.done(before, verbs.resume, by=ANA), "It is not on hold any more."),
    (
        Verb.ESCALATE,
        stories.opened,
        lambda _: stories.escalated_by_ben(),
        "<@U0BEN00001> moved it to tier 2 (platform) in <#C0PLATFRM1> 03:02.",
    ),
    (
        Verb.ESCALATE,
        stories.opened,
        lambda _: stories.escalated_by_the_clock(),
        "It is at tier 2 (platform) in <#C0PLATFRM1> since 03:05.",
    ),
    (
        Verb.ESCALATE,
        stories.breached_at_the_last_tier,
        lambda _: stories.paged_again(),
        "Its tier was paged again 03:25.",
    ),
    (
        Verb.CANCEL,
        stories.taken,
        _passed,
        "Nobody has it any more.",
    ),
    (
        Verb.RESOLVE,
        stories.taken,
        lambda before: stories.done(stories.resolved(before), verbs.reopen, by=BEN, reason="it is back"),
        "It was on hold or over until 04:12.",
    ),
]


@pytest.mark.parametrize(
    ("verb", "before", "meanwhile", "said"), FASTER, ids=[f"{verb}: {said[:40]}" for verb, _, _, said in FASTER]
)
def test_it_says_what_is_so_now_and_what_to_do(
    verb: Verb,
    before: Callable[[], stories.Situation],
    meanwhile: Callable[[stories.Situation], stories.Situation],
    said: str,
) -> None:
    seen = before()
    now = meanwhile(seen)
    with pytest.raises(Overtaken) as refused:
        refuse_if_overtaken(verb, now.incident, now.policy, Glance.at(seen.incident))
    text = re.sub(r"<!date\^\d+\^[^|]*\|[^>]*(\d\d:\d\d) UTC>", r"\1", overtaken_text(refused.value))
    assert text == f"{CHANGED}\n{said}\n{AGAIN}"
