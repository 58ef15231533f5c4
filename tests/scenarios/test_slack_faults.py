"""Slack asks for a pause or takes the token away: pages wait, nothing is lost and nothing comes twice."""

from collections import Counter

import pytest

from bot.playground import Fault
from tests.clock import ManualClock
from tests.scenarios.world import Said, World, answer_text, world

FIRST = "tier-1-support"
WHAT = "Checkout is down (INC-1, sev1, checkout)."


async def test_after_429_the_posts_rest_as_long_as_slack_asks_and_the_page_goes_out_right_after(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        story.slack.faults.add(Fault(method="chat.postMessage", kind="429", retry_after=30, channel=FIRST))
        await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        await story.advance(seconds=29, milliseconds=999)
        assert [said.place for said in story.said()] == ["#incident-updates"]
        assert _posts(story) == 2, "the refused one, and the stakeholders' that was on its way"

        acknowledged = await story.command("ana", "/incident list")
        assert answer_text(acknowledged) == ("1 incident\nINC-1: Checkout is down. Open, sev1."), (
            "nothing sleeps inside a call"
        )

        await story.advance(milliseconds=1)
        assert [said.place for said in story.said()] == [f"#{FIRST}"]
        assert _posts(story) == 3


async def test_while_posts_rest_clocks_go_on_and_what_is_no_longer_true_is_not_posted(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        story.slack.faults.add(Fault(method="chat.postMessage", kind="429", retry_after=600, channel=FIRST))
        await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        await story.advance(minutes=9, seconds=59)
        assert [said.place for said in story.said()] == ["#incident-updates"]
        case, _ = await story.bot.desk.show(1)
        assert case.incident.tier == 2, "the escalation does not wait for Slack"

        await story.advance(seconds=1)
        pages = [said for said in story.said() if "incident-updates" not in said.place]
        assert [said.place for said in pages] == [f"#{FIRST}", "#tier-2-platform", "#tier-3-experts"]
        assert pages[0].text.startswith(f"<@U0GRACE001> {WHAT} INC-1 was not acknowledged at tier 1"), (
            "no page any more"
        )


async def test_an_edit_that_slack_limits_is_made_when_the_pause_is_over(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        story.slack.faults.add(Fault(method="chat.update", kind="429", retry_after=20, times=2))
        await story.click("ana", FIRST, "acknowledge")
        await story.advance(seconds=19)
        assert "It is open" in story.shows(FIRST)
        await story.advance(seconds=3)
        assert "It is acknowledged" in story.shows(FIRST)
        assert len(story.said()) == 1, "only the update for the stakeholders"


@pytest.mark.parametrize("header", [None, 5])
async def test_a_429_with_and_without_retry_after_is_honoured(
    clock: ManualClock, sqlite_database: str, header: int | None
) -> None:
    async with world(clock, sqlite_database) as story:
        story.slack.faults.add(Fault(method="chat.postMessage", kind="429", retry_after=header, channel=FIRST))
        await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        await story.advance(seconds=(header or 30) - 1)
        assert [said.place for said in story.said()] == ["#incident-updates"]
        await story.advance(seconds=1)
        assert [said.place for said in story.said()] == [f"#{FIRST}"]


async def test_while_the_token_is_revoked_pages_wait_and_then_go_out_once(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        story.slack.revoke_token()
        await story.bot.settled()

        opened = answer_text(await story.command("sam", "/incident open sev1 website: Search is slow"))
        assert opened is not None
        assert opened.startswith("INC-2 is open: Search is slow"), "commands are answered all the same"
        assert (await story.click("ana", FIRST, "acknowledge")).ok
        await story.advance(seconds=45)
        assert not story.said()

        story.slack.restore_token()
        await story.advance(seconds=31)
        said = story.said()
        assert Counter(said.place for said in said) == {
            f"#{FIRST}": 1,
            "#incident-updates": 1,
            "#incident-updates thread": 1,
        }
        assert (
            Said(
                f"#{FIRST}",
                "<!subteam^S0FIRSTLN1> please acknowledge INC-2 by 03:05. Search is slow (INC-2, sev1, website). "
                "It is open at tier 1 of 4, First line. Otherwise it goes to tier 2 (Platform) in <#C0PLATFRM1>.",
            )
            in said
        )
        assert story.notified() == {"ana": 2, "ben": 2}
        assert await _shown(story, 1) == "Acknowledged", "cards are brought up to date"

        await story.advance(minutes=3)
        assert not story.said()


async def test_a_revocation_that_outlasts_a_target_pages_the_tier_where_the_incident_is_then(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        story.slack.revoke_token()
        await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        await story.advance(minutes=5, seconds=10)
        assert not story.said()
        story.slack.restore_token()
        await story.advance(seconds=33)
        assert Counter(said.place for said in story.said()) == {
            "#tier-1-support": 1,
            "#tier-2-platform": 1,
            "#incident-updates": 1,
            "#incident-updates thread": 1,
        }
        assert story.notified() == {"chloe": 1, "dev": 1, "grace": 1}, "the first line is not paged for what it missed"


def _posts(story: World) -> int:
    return sum(call.method == "chat.postMessage" for call in story.slack.workspace.calls)


async def _shown(story: World, number: int) -> str:
    root = next(
        message for message in story.slack.workspace.channel(FIRST).visible() if f"(INC-{number}," in message.text
    )
    fields = [str(field["text"]) for block in root.blocks for field in block.get("fields", ())]
    state = next(field.removeprefix("*State*\n") for field in fields if field.startswith("*State*"))
    return state.partition(":")[0]
