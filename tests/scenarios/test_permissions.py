"""Who may end, pause or rate an incident: who may not is told in a sentence who may, and nothing has changed."""

import pytest

from tests.clock import ManualClock
from tests.scenarios.world import ROOT, Said, Transport, answer_text, world

SHIPPED = ROOT / "policy.yml"
FIRST, UPDATES = "tier-1-support", "#incident-updates thread"


def _refused(doing: str) -> str:
    return (
        f"Only the assignee, the tier's people, managers and admins can {doing}. "
        "Nothing was changed; please ask one of them."
    )


KEPT = {
    "resolve INC-1 it went away": "resolve INC-1",
    "hold INC-1 2h the vendor is asked": "put INC-1 on hold",
    "severity INC-1 sev4 nobody uses it": "change the severity of INC-1",
    "cancel INC-1 a false alarm": "cancel INC-1",
}


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_who_has_not_the_right_hears_who_has_and_nothing_is_changed(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport, policy_file=SHIPPED) as story:
        await story.opened()
        before = await story.bot.desk.show(1)
        for typed, doing in KEPT.items():
            assert answer_text(await story.command("sam", f"/incident {typed}")) == _refused(doing)
        assert (await story.click("sam", FIRST, "resolve")).ok
        assert story.ephemerals("sam", FIRST) == [_refused("resolve INC-1")]
        assert await story.bot.desk.show(1) == before
        await story.advance(minutes=1)
        assert not story.said()


async def test_a_member_of_the_tiers_group_may(clock: ManualClock, database_url: str) -> None:
    async with world(clock, database_url, policy_file=SHIPPED) as story:
        await story.opened()
        rated = answer_text(await story.command("ben", "/incident severity INC-1 sev2 only some cards"))
        assert rated == (
            "INC-1 is now sev2, urgent. The times of sev2 apply, counted from the same start.\n"
            "It is to be acknowledged by 03:15. It is to be resolved by 11:00."
        )
        await story.advance(seconds=1)
        assert story.said() == [
            Said(
                UPDATES,
                "Checkout is down (INC-1, sev2, checkout). Its severity is now sev2, urgent. "
                "It is with tier 1 of 4 (First line). Nobody has taken it yet. It has been going on for 2 seconds.\n"
                "*Since it was opened*\n"
                "• 03:00: Ben Okafor changed the severity from sev1 (the most urgent) to sev2 (urgent): "
                "only some cards\nThe next update comes by 03:30.",
            )
        ]
        resolved = answer_text(await story.command("ana", "/incident resolve INC-1 a full disk"))
        assert resolved == "INC-1: Checkout is down\nResolved by <@U0ANA00001> 03:00, after 3 seconds."
        await story.advance(seconds=3)
        last = _last_update("sev2", "Ana Ruiz 03:00, after 3 seconds", " a full disk")
        assert [said for said in story.said() if said.place != "@sam"] == [last], "and Sam is asked how it was"


async def test_the_assignee_may_whoever_it_is(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database, policy_file=SHIPPED) as story:
        await story.opened()
        assert answer_text(await story.command("sam", "/incident ack INC-1")) == (
            "You have INC-1: Checkout is down\nIt is to be resolved by 07:00.\n"
            "When it is over: `/incident resolve INC-1 what it was`"
        ), "taking it is open to anyone"
        await story.resolve("sam", FIRST)
        assert story.ephemerals("sam", FIRST) == [
            "INC-1: Checkout is down\nResolved by <@U0SAM00001> 03:00, after 2 seconds."
        ]
        await story.advance(seconds=3)
        _, ending = story.said()
        assert ending == _last_update("sev1", "Sam Reed 03:00, after 2 seconds")


async def test_who_joins_the_group_may_soon_after(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database, policy_file=SHIPPED) as story:
        await story.opened(severity="sev2")
        assert answer_text(await story.command("sam", "/incident resolve INC-1")) == _refused("resolve INC-1")
        story.slack.workspace.usergroups["S0FIRSTLN1"].user_ids.append("U0SAM00001")
        await story.advance(minutes=5)
        assert answer_text(await story.command("sam", "/incident resolve INC-1")) == (
            "INC-1: Checkout is down\nResolved by <@U0SAM00001> 03:05, after 5 minutes and 2 seconds."
        )
        await story.advance(seconds=3)
        assert story.said() == [_last_update("sev2", "Sam Reed 03:05, after 5 minutes and 2 seconds")]


def _last_update(severity: str, ended: str, summary: str = "") -> Said:
    return Said(
        UPDATES,
        f"Checkout is down (INC-1, {severity}, checkout). Resolved by {ended}. "
        "No more updates follow unless it is reopened. "
        f"Impact: none was reported. Data loss: none was reported.{summary}",
    )
