"""Clocks that count by a calendar: Friday evening and the weekend are no time in which anybody has to answer."""

from datetime import UTC, datetime

import pytest

from tests.clock import ManualClock
from tests.scenarios.world import ROOT, Said, answer_text, world

SHIPPED = ROOT / "policy.yml"
WHAT = "Reports are late (INC-1, sev3, data)."


@pytest.fixture
def clock() -> ManualClock:
    """Friday, 16:40 in Paris: twenty minutes before the open hours of the policy end."""
    return ManualClock(datetime(2026, 11, 20, 15, 40, tzinfo=UTC))


async def test_an_incident_of_friday_evening_breaches_on_monday_morning(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database, policy_file=SHIPPED) as story:
        opened = await story.command("sam", "/incident open sev3 data: Reports are late")
        assert answer_text(opened) == (
            "INC-1 is open: Reports are late\n"
            "Tier 1 (First line) in <#C0FIRSTLN1> is paged. "
            "If nobody acknowledges by 07:40, it goes to tier 2 (Platform) in <#C0PLATFRM1>."
        )
        await story.advance(seconds=3)
        assert story.said() == [
            Said(
                "#incident-updates",
                f"{WHAT} It is with tier 1 of 4 (First line). Nobody has taken it yet. Next update by 10:40.",
            ),
            Said(
                "#tier-1-support",
                f"<!subteam^S0FIRSTLN1> please acknowledge INC-1 by 07:40. {WHAT} It is open at tier 1 of 4, "
                "First line. Otherwise it goes to tier 2 (Platform) in <#C0PLATFRM1>.",
            ),
        ]

        await story.advance(days=2, hours=15, minutes=29)
        assert not story.said(), "nothing is due until Monday 08:10 in Paris"
        await story.advance(minutes=1)
        assert story.said() == [_warning("Half")]
        await story.advance(minutes=15)
        assert story.said() == [_warning("Three quarters")]

        await story.advance(minutes=15)
        assert story.clock.now() == datetime(2026, 11, 23, 7, 40, 3, tzinfo=UTC)
        assert story.said() == [
            Said(
                "#incident-updates thread",
                f"{WHAT} It is with tier 2 of 4 (Platform). Nobody has taken it yet. "
                "It has been going on for 2 days and 16 hours.\n"
                "*Since it was opened*\n"
                "• 07:40: nobody acknowledged in time at tier 1 (First line)\n"
                "• 07:40: it moved to tier 2 (Platform)\n"
                "The next update comes by 11:40.",
            ),
            Said(
                "#tier-1-support broadcast",
                f"<@U0GRACE001> {WHAT} INC-1 was not acknowledged at tier 1 (First line). It waited there since 15:40; "
                "its time ran out 07:40. It is now at tier 2 (Platform) in <#C0PLATFRM1> since 07:40.",
            ),
            Said(
                "#tier-2-platform",
                f"<!subteam^S0PLATFRM1> please acknowledge INC-1 by 08:40. {WHAT} It is open at tier 2 of 4, Platform. "
                "Otherwise it goes to tier 3 (Experts) in <#C0EXPERTS1>. "
                "⏰ Breached: not acknowledged in time.",
            ),
        ]
        assert story.notified() == {"ana": 3, "ben": 3, "grace": 1, "chloe": 1, "dev": 1}


def _warning(part: str) -> Said:
    return Said(
        "#tier-1-support thread",
        f"<!subteam^S0FIRSTLN1> {WHAT} {part} of the time to acknowledge INC-1 is over, and nobody has it. "
        "Please acknowledge by 07:40; otherwise it goes to tier 2 (Platform) in <#C0PLATFRM1>.",
    )
