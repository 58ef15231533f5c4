"""Who has it is reminded before an update is due, and managers hear, once, that people owe one."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.clock import ManualClock
from tests.scenarios.one_incident import ANA, BEN, POLICY, WHAT, asked, newest_with
from tests.scenarios.world import Said, Transport, World, playground, running_world, world

GRACE = "<@U0GRACE001>"
THREAD = "#tier-1-support thread"
PATIENT = {"update_every: 12h, ack_expires_after: 30m": "update_every: 20m", "resolve_within: 1h, ": ""}
"""Of a sev1: updates, and no other clock."""


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yml"
    text = POLICY
    for before, after in PATIENT.items():
        text = text.replace(before, after, 1)
    path.write_text(f"{text}updates: {{nudge_before: 5m, overdue_after: 50%}}\n")
    return path


async def taken(story: World) -> None:
    """INC-1 is with Ana."""
    await story.opened()
    await story.click("ana", "tier-1-support", "acknowledge")
    await story.advance(seconds=3)
    story.said()


def nudged(who: str, due: str) -> Said:
    words = f"The next stakeholder update on INC-1 is due {due}. Write what is new, or Tierline posts what it knows."
    return Said(THREAD, f"{who} {WHAT} {words}")


def at_work(story: World) -> list[Said]:
    return [said for said in story.said() if not said.place.startswith("#incident-updates")]


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_silence_is_reminded_of_and_told_to_managers_once(
    clock: ManualClock, sqlite_database: str, policy_file: Path, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport, policy_file=policy_file) as story:
        await taken(story)
        told = story.notified()
        await story.advance(minutes=15)
        assert at_work(story) == [nudged(ANA, "03:20")]
        assert story.notified() == {**told, "ana": told.get("ana", 0) + 1}, "it rings nobody but her"
        await story.advance(minutes=5)
        [update] = [said for said in story.said() if said.place == "#incident-updates thread"]
        assert "Nothing has changed since the last update. Nobody has written an update yet" in update.text
        await story.advance(minutes=10)
        assert at_work(story) == [
            Said(
                THREAD,
                f"{GRACE} {WHAT} No person has told stakeholders anything yet. An update on INC-1 was due 03:20, and "
                "Tierline posted what it knew. Ana Ruiz has it: ask for news, or write the update yourself.",
            )
        ]
        assert "📭 Stakeholders wait for an update by a person since 03:20." in story.shows("tier-1-support")
        await story.advance(minutes=45)
        assert at_work(story) == [nudged(ANA, "03:40"), nudged(ANA, "04:00"), nudged(ANA, "04:20")]


async def test_words_of_a_person_settle_it(clock: ManualClock, sqlite_database: str, policy_file: Path) -> None:
    async with world(clock, sqlite_database, policy_file=policy_file) as story:
        await taken(story)
        await story.advance(minutes=25)
        await asked(story, "ana", "update INC-1 identified the key was revoked")
        await story.advance(seconds=5)
        assert "📭" not in story.shows("tier-1-support")
        story.said()
        await story.advance(minutes=10)
        assert at_work(story) == [], "it was told in time"
        await story.advance(minutes=6)
        assert at_work(story) == [nudged(ANA, "03:45")]
        await story.advance(minutes=15)
        [late] = at_work(story)
        assert f"{GRACE} {WHAT} No person has told stakeholders anything since 03:25." in late.text


async def test_the_button_of_the_reminder_opens_the_form(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with world(clock, sqlite_database, policy_file=policy_file) as story:
        await taken(story)
        await story.advance(minutes=15)
        answer = await story.click("ana", "tier-1-support", "update", ts=newest_with("update", story))
        assert answer.view is not None
        await story.submit("ana", changed="The key was revoked; a new one is on its way.")
        await story.advance(seconds=5)
        [told] = [said for said in story.said() if said.place == "#incident-updates thread"]
        assert "The key was revoked" in told.text
        await story.advance(minutes=14)
        assert at_work(story) == [], "no other yet"


async def test_whoever_is_given_it_is_reminded_in_time(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with world(clock, sqlite_database, policy_file=policy_file) as story:
        await taken(story)
        await story.advance(minutes=16)
        story.said()
        await asked(story, "ana", "assign INC-1 @ben")
        given, reminded = at_work(story)
        assert "INC-1 is yours now" in given.text
        assert reminded == nudged(BEN, "03:20")


async def test_a_bot_that_was_away_reminds_nobody_late(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with playground(clock) as slack:
        async with running_world(slack, clock, sqlite_database, policy_file=policy_file) as before:
            await taken(before)
            await before.advance(minutes=13)
        clock.move_to(clock.now() + timedelta(minutes=4))
        async with running_world(slack, clock, sqlite_database, policy_file=policy_file, after=before) as story:
            await story.advance(seconds=5)
            assert at_work(story) == []
            answer = await story.command("ana", "/incident timeline INC-1")
            assert "but Tierline was away when it was time for the reminder" in str(answer.blocks)
            await story.advance(minutes=4)
            assert [said.place for said in story.said()] == ["#incident-updates thread"]


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_of_a_private_incident_an_update_is_owed_once_somebody_follows_it(
    clock: ManualClock, sqlite_database: str, policy_file: Path, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport, policy_file=policy_file) as story:
        await story.command("ana", "/incident open private sev1 checkout: Checkout is down")
        await asked(story, "ana", "ack INC-1")
        assert "nobody follows it" in await asked(story, "ana", "update INC-1 the door is locked")
        await story.advance(seconds=3)
        story.said()
        await story.advance(hours=2)
        assert story.said() == []
        assert "stakeholder update" not in story.shows("tier-1-support")
        assert "takeholder update" not in await asked(story, "ana", "why INC-1")

        await asked(story, "ana", "follow INC-1 <@U0SAM00001|sam>")
        await story.advance(seconds=3)
        assert "Next stakeholder update" in story.shows("tier-1-support")
        story.said()
        await story.advance(minutes=20)
        assert [each.place for each in story.said()] == [THREAD, "@sam"], "the reminder, then the update"
        await story.advance(minutes=10)
        assert [each.place for each in story.said()] == [THREAD], "managers hear that it is owed"
