"""The policy that comes with the bot: who is told of a sev1 at night, who is paged, and when it is to be over."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tests.clock import ManualClock
from tests.scenarios.world import ROOT, Said, Transport, World, answer_text, world

SHIPPED = ROOT / "policy.yml"
WHAT = "Checkout is down (INC-1, sev1, checkout)."
FIRST_LINE, PLATFORM = "<!subteam^S0FIRSTLN1>", "<!subteam^S0PLATFRM1>"
FINN, GRACE, HUGO, IRIS = "<@U0FINN0001>", "<@U0GRACE001>", "<@U0HUGO0001>", "<@U0IRIS0001>"


@pytest.fixture
def clock() -> ManualClock:
    """The night of a Tuesday in the week of Finn, who takes turns with Emi."""
    return ManualClock(datetime(2026, 11, 17, 3, 0, tzinfo=UTC))


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_the_night_of_a_sev1(clock: ManualClock, sqlite_database: str, transport: Transport) -> None:
    async with world(clock, sqlite_database, transport=transport, policy_file=SHIPPED) as story:
        await _it_is_opened(story)
        await _nobody_answers_at_tier_1(story)
        await _nobody_answers_at_tier_2(story)
        await _finn_takes_it_and_is_asked_whether_he_still_is_on_it(story)
        await _it_takes_too_long(story)
        assert not story.limited(), "Slack never had to ask for a pause"


async def _it_is_opened(story: World) -> None:
    await story.command("sam", "/incident open sev1 checkout: Checkout is down")
    await story.advance(seconds=3)
    assert _to_those_who_work(story) == [
        Said(
            "#tier-1-support",
            f"{FIRST_LINE} please acknowledge INC-1 by 03:05. {WHAT} It is open at tier 1 of 4, First line. "
            "Otherwise it goes to tier 2 (Platform) in <#C0PLATFRM1>.",
        ),
        Said(
            "#tier-1-support thread",
            f"{GRACE} {WHAT} You are told because INC-1 is sev1, the most urgent. "
            "It is open at tier 1 of 4, First line. Nothing is asked of you: being told does not move it.",
        ),
    ]


async def _nobody_answers_at_tier_1(story: World) -> None:
    await story.advance(minutes=3, seconds=41)
    assert not _to_those_who_work(story)
    await story.advance(seconds=1)
    assert _to_those_who_work(story) == [
        Said(
            "#tier-1-support thread",
            f"{FIRST_LINE} {GRACE} {WHAT} Three quarters of the time to acknowledge INC-1 is over, and nobody has it. "
            "Please acknowledge by 03:05; otherwise it goes to tier 2 (Platform) in <#C0PLATFRM1>.",
        )
    ]
    await story.advance(minutes=1, seconds=17)
    assert _to_those_who_work(story) == [
        Said(
            "#tier-1-support broadcast",
            f"{GRACE} {WHAT} INC-1 was not acknowledged at tier 1 (First line). It waited there since 03:00; "
            "its time ran out 03:05. It is now at tier 2 (Platform) in <#C0PLATFRM1> since 03:05.",
        ),
        Said(
            "#tier-2-platform",
            f"{PLATFORM} please acknowledge INC-1 by 03:10. {WHAT} It is open at tier 2 of 4, Platform. "
            "Otherwise it goes to tier 3 (Experts) in <#C0EXPERTS1>. "
            "⏰ Breached: not acknowledged in time.",
        ),
    ]


async def _nobody_answers_at_tier_2(story: World) -> None:
    await story.advance(minutes=5)
    assert _to_those_who_work(story) == [
        Said(
            "#tier-2-platform thread",
            f"{PLATFORM} {GRACE} {HUGO} {WHAT} Three quarters of the time to acknowledge INC-1 is over, "
            "and nobody has it. Please acknowledge by 03:10; "
            "otherwise it goes to tier 3 (Experts) in <#C0EXPERTS1>.",
        ),
        Said(
            "#tier-2-platform broadcast",
            f"{GRACE} {HUGO} {WHAT} INC-1 was not acknowledged at tier 2 (Platform). It waited there since 03:05; "
            "its time ran out 03:10. It is now at tier 3 (Experts) in <#C0EXPERTS1> since 03:10.",
        ),
        Said(
            "#tier-3-experts",
            f"{FINN} please acknowledge INC-1 by 03:15. {WHAT} It is open at tier 3 of 4, Experts. "
            "Otherwise it goes to tier 4 (Management) in <#C0MANAGERS>. "
            "⏰ Breached 2 times: not acknowledged in time.",
        ),
    ]
    assert "emi" not in story.notified(), "it is not her week"


async def _finn_takes_it_and_is_asked_whether_he_still_is_on_it(story: World) -> None:
    assert (await story.click("finn", "tier-3-experts", "acknowledge")).ok
    await story.advance(minutes=30, seconds=2)
    assert _to_those_who_work(story) == [
        Said(
            "#tier-3-experts thread",
            f"{FINN} {WHAT} The next stakeholder update on INC-1 is due 03:30. "
            "Write what is new, or Tierline posts what it knows.",
        ),
        Said(
            "#tier-3-experts thread",
            f"{FINN} {WHAT} Are you still on INC-1? Please answer by 03:45; "
            "otherwise nobody has it any more, and tier 3 (Experts) is paged again.",
        ),
        Said(
            "#tier-3-experts thread",
            f"{HUGO} {WHAT} No person has told stakeholders anything yet. An update on INC-1 was due 03:30, and "
            "Tierline posted what it knew. Finn Larsen has it: ask for news, or write the update yourself.",
        ),
    ]
    answer = answer_text(await story.command("finn", "/incident still INC-1"))
    assert answer == "Thank you: you still have INC-1.\nIt is to be resolved by 07:00."


async def _it_takes_too_long(story: World) -> None:
    """The half and three quarters of its four hours are told; then it is one more breach, and goes up a tier."""
    said: list[Said] = []
    for _ in range(6):
        await story.advance(minutes=31)
        await story.command("finn", "/incident still INC-1")
        said += [one for one in _to_those_who_work(story) if not _ASKING.search(one.text)]
    assert said == [
        Said("#tier-3-experts thread", _resolution_warning("Half", FINN, "")),
        Said("#tier-3-experts thread", _resolution_warning("Three quarters", f"{FINN} {HUGO}", f" {FINN} has it now.")),
    ]
    await story.advance(minutes=14)
    assert _to_those_who_work(story) == [
        Said(
            "#tier-3-experts broadcast",
            f"{HUGO} {IRIS} {WHAT} INC-1 was not resolved in time. It was opened 03:00; its time ran out 07:00. "
            "It is now at tier 4 (Management) in <#C0MANAGERS> since 07:00. Finn Larsen had it and does not any more.",
        ),
        Said(
            "#tier-4-management",
            f"{GRACE} {HUGO} {IRIS} please acknowledge INC-1 by 07:05. {WHAT} It is open at tier 4 of 4, Management. "
            "Otherwise this tier gets 3 more pages, 5 minutes apart. ⏰ Breached 2 times: not acknowledged in time. "
            "⏰ Breached 07:00: not resolved in time.",
        ),
    ]


_ASKING = re.compile("still on INC-1|The next stakeholder update")
"""What Finn is asked again and again."""


def _resolution_warning(part: str, people: str, who: str) -> str:
    return (
        f"{people} {WHAT} {part} of the time to resolve INC-1 is over. If it is not resolved by 07:00, "
        f"managers are told and it goes to tier 4 (Management).{who}"
    )


def _to_those_who_work(story: World) -> Sequence[Said]:
    """What stakeholders read is taken too: the main story has it."""
    return [said for said in story.said() if not said.place.startswith("#incident-updates")]
