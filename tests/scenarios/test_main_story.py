"""The main job, end to end: every message that people see, over both transports and on both databases."""

import pytest

from tests.clock import ManualClock
from tests.scenarios.world import Said, Transport, world

WHAT = "Checkout is down (INC-1, sev1, checkout)."


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_an_unanswered_incident_climbs_is_taken_and_resolved(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        answer = await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        assert answer.text is not None
        assert answer.text.startswith("INC-1 is open: Checkout is down")

        await story.advance(seconds=2)
        assert story.said() == [
            Said(
                "#incident-updates",
                f"{WHAT} It is with tier 1 of 4 (First line). Nobody has taken it yet. Next update by 03:20.",
            ),
            Said(
                "#tier-1-support",
                "<!subteam^S0FIRSTLN1> please acknowledge INC-1 by 03:05. "
                f"{WHAT} It is open at tier 1 of 4, First line. "
                "Otherwise it goes to tier 2 (Platform) in <#C0PLATFRM1>.",
            ),
        ]

        await story.advance(minutes=4, seconds=57)
        assert not story.said(), "nothing is said before the target has run out"

        await story.advance(seconds=3)
        assert story.said() == [
            Said(
                "#incident-updates thread",
                f"{WHAT} It is with tier 2 of 4 (Platform). Nobody has taken it yet. "
                "It has been going on for 5 minutes.\n"
                "*Since it was opened*\n"
                "• 03:05: nobody acknowledged in time at tier 1 (First line)\n"
                "• 03:05: it moved to tier 2 (Platform)\n"
                "The next update comes by 03:25.",
            ),
            Said(
                "#tier-1-support broadcast",
                f"<@U0GRACE001> {WHAT} INC-1 was not acknowledged at tier 1 (First line). It waited there since 03:00; "
                "its time ran out 03:05. It is now at tier 2 (Platform) in <#C0PLATFRM1> since 03:05.",
            ),
            Said(
                "#tier-2-platform",
                f"<!subteam^S0PLATFRM1> please acknowledge INC-1 by 03:10. {WHAT} It is open at tier 2 of 4, Platform. "
                "Otherwise it goes to tier 3 (Experts) in <#C0EXPERTS1>. "
                "⏰ Breached: not acknowledged in time.",
            ),
        ]
        assert story.notified() == {"ana": 1, "ben": 1, "grace": 1, "chloe": 1, "dev": 1}

        assert (await story.click("chloe", "tier-2-platform", "acknowledge")).ok
        await story.advance(seconds=2)
        assert story.said() == [
            Said(
                "#incident-updates thread",
                f"{WHAT} Chloé Martin is working on it, at tier 2 of 4 (Platform). It has been going on for 5 minutes "
                "and 2 seconds.\n"
                "*Since the last update*\n"
                "• 03:05: Chloé Martin acknowledged at tier 2 (Platform)\n"
                "The next update comes by 03:25.",
            ),
        ]

        await story.advance(minutes=40)
        assert story.said() == [
            _quiet_update("25 minutes, 20 minutes of that", "03:45"),
            _quiet_update("45 minutes, 40 minutes of that", "04:05"),
        ]

        await story.resolve("chloe", "tier-2-platform")
        await story.advance(seconds=2)
        assert story.said() == [
            Said(
                "#incident-updates thread",
                f"{WHAT} Resolved by Chloé Martin 03:45, after 45 minutes. "
                "No more updates follow unless it is reopened. Impact: none was reported. "
                "Data loss: none was reported.",
            ),
        ]

        await story.advance(days=2)
        assert not story.said(), "a resolved incident is over"
        for channel in ("tier-1-support", "tier-2-platform", "incident-updates"):
            assert "Resolved by <@U0CHLOE001>" in story.shows(channel)
        assert story.notified() == {"ana": 1, "ben": 1, "grace": 1, "chloe": 1, "dev": 1}
        assert not story.limited(), "Slack never had to ask for a pause"


async def test_an_incident_that_nobody_ever_answers_reaches_the_last_tier_and_raises_the_alarm(
    clock: ManualClock, database_url: str
) -> None:
    async with world(clock, database_url) as story:
        await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        await story.advance(minutes=20, seconds=30)
        places = [said.place for said in story.said() if "incident-updates" not in said.place]
        assert places == [
            "#tier-1-support",
            "#tier-1-support broadcast",
            "#tier-2-platform",
            "#tier-2-platform broadcast",
            "#tier-3-experts",
            "#tier-3-experts broadcast",
            "#tier-4-management",
            "#tier-4-management broadcast",
        ]

        await story.advance(minutes=15)
        again = [said for said in story.said() if "incident-updates" not in said.place]
        assert [said.place for said in again] == ["#tier-4-management broadcast"] * 3
        assert all("<@U0GRACE001>" in said.text for said in again)

        await story.advance(minutes=5)
        alarms = [said for said in story.said() if "incident-updates" not in said.place]
        assert [said.place for said in alarms] == ["#escalation-fallback"]
        assert all(f"<@{manager}>" in alarms[0].text for manager in ("U0GRACE001", "U0HUGO0001", "U0IRIS0001"))

        await story.advance(hours=1)
        assert {said.place for said in story.said()} == {"#incident-updates thread"}, "only stakeholders go on hearing"


def _quiet_update(elapsed: str, next_at: str) -> Said:
    return Said(
        "#incident-updates thread",
        f"{WHAT} Chloé Martin is working on it, at tier 2 of 4 (Platform). It has been going on for {elapsed} "
        "with Chloé Martin.\nNothing has changed since the last update. Nobody has written an update yet: this is what "
        f"Tierline knows.\nThe next update comes by {next_at}.",
    )
