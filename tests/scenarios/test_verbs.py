"""Holding, resuming, rating, keeping, reopening and cancelling over the real protocol; each lost race is told."""

from pathlib import Path

from tests.clock import ManualClock
from tests.scenarios.one_incident import ANA, BEN, WHAT, a_story, asked, newest_with, told
from tests.scenarios.world import Said, readable


async def test_a_held_incident_stands_still_until_somebody_resumes_it(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        assert await asked(story, "ana", "hold INC-1 2h the supplier sleeps") == (
            f"INC-1 is on hold until 05:00: the supplier sleeps. {ANA} has it, and is told when it is back.\n"
            "The time to resolve stands still. `/incident resume INC-1` goes on sooner."
        )
        assert await asked(story, "ben", "ack INC-1") == (
            f"{ANA} put INC-1 on hold until 05:00. `/incident resume INC-1` goes on with it."
        )
        await story.advance(hours=1, minutes=50)
        assert not told(story), "no warning, no breach, no question"

        await story.click("ana", "tier-1-support", "resume")
        await story.click("ben", "tier-1-support", "resume", stale=True)
        assert story.ephemerals("ben", "tier-1-support") == [
            "INC-1 is not on hold; it goes on already. `/incident show INC-1` tells how it stands."
        ]
        await story.advance(minutes=31)
        assert (await asked(story, "ana", "still INC-1")).startswith("Thank you: you still have INC-1.")
        await story.advance(minutes=28)
        assert not [said for said in told(story) if "was not resolved" in said.text]
        await story.advance(minutes=1)
        assert [said.place for said in told(story) if "was not resolved" in said.text] == ["#tier-1-support broadcast"]


async def test_a_hold_that_ends_by_itself_is_said_to_who_has_it(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await asked(story, "ana", "hold INC-1 20m")
        await story.advance(minutes=19)
        assert not told(story)
        await story.advance(minutes=2)
        assert told(story) == [
            Said(
                "#tier-1-support thread",
                f"{ANA} {WHAT} The hold of INC-1, since 03:00, is over, and you have it. Resolve it by 04:20, or "
                "managers are told. If it has to wait longer: `/incident hold INC-1 2h why`.",
            )
        ]
        assert await asked(story, "ana", "resume INC-1") == (
            "INC-1 is not on hold; it goes on already. `/incident show INC-1` tells how it stands."
        )


async def test_a_lower_severity_gives_more_time(clock: ManualClock, sqlite_database: str, policy_file: Path) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        answer = await asked(story, "ana", "severity INC-1 sev2 only the slow banner")
        assert answer.startswith("INC-1 is now sev2, urgent.")
        assert answer.endswith("It is to be acknowledged by 03:15. It is to be resolved by 07:00.")
        assert await asked(story, "ana", "severity INC-1 to SEV2") == "INC-1 is sev2 already. Nothing was changed."
        await story.advance(minutes=14)
        assert "#tier-2-platform" not in {said.place for said in told(story)}
        await story.advance(minutes=1)
        assert "#tier-2-platform" in {said.place for said in told(story)}


async def test_a_higher_severity_breaches_at_once_what_is_past_its_target(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await asked(story, "ana", "severity INC-1 sev3")
        await story.advance(minutes=10)
        assert not told(story)
        await asked(story, "ben", "severity INC-1 sev1 everybody is affected")
        said = told(story)
        assert [one.place for one in said] == ["#tier-1-support broadcast", "#tier-2-platform"]
        assert "INC-1 was not acknowledged at tier 1 (First line)" in said[0].text
        assert said[0].text.startswith("<@U0GRACE001>")


async def test_who_answers_that_they_are_still_on_it_keeps_it(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await asked(story, "ana", "ack INC-1")
        await story.advance(minutes=31)
        question = Said(
            "#tier-1-support thread",
            f"{ANA} {WHAT} Are you still on INC-1? Please answer by 03:35; otherwise nobody has it any more, and "
            "tier 1 (First line) is paged again.",
        )
        assert question in told(story)

        ts = newest_with("still_on_it", story)
        await story.click("ben", "tier-1-support", "still_on_it", ts=ts)
        assert story.ephemerals("ben", "tier-1-support") == [
            f"{ANA} has INC-1, and only they can say so. To give it to somebody else: `/incident assign INC-1 @name`"
        ]
        await story.click("ana", "tier-1-support", "still_on_it", ts=ts)
        again = await asked(story, "ana", "still INC-1")
        assert again is not None
        assert again.startswith("Thank you: you still have INC-1."), "a sign of life counts, asked or not"
        await story.advance(minutes=20)
        case, _ = await story.bot.desk.show(1)
        assert case.incident.assignee == "U0ANA00001"
        told(story)


async def test_who_does_not_answer_loses_it_and_the_tier_is_paged_again(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await asked(story, "ana", "ack INC-1")
        await story.advance(minutes=31)
        told(story)
        await story.advance(minutes=5)
        said = [one for one in told(story) if "please acknowledge" in one.text.lower()]
        assert [one.place for one in said] == ["#tier-1-support broadcast"]
        assert said[0].text.startswith(f"{ANA} {BEN}")

        await story.click("ana", "tier-1-support", "still_on_it", ts=newest_with("still_on_it", story))
        assert story.ephemerals("ana", "tier-1-support") == [
            "Nobody has INC-1 now: the time to answer is over. To take it: `/incident ack INC-1`"
        ]
        await asked(story, "ben", "ack INC-1")
        await story.advance(minutes=6)
        assert "#tier-2-platform" not in {one.place for one in told(story)}


async def test_a_resolved_incident_is_reopened_at_the_tier_where_it_ended(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        assert await asked(story, "ana", "reopen INC-1") == (
            "INC-1 is not over, so there is nothing to reopen. `/incident show INC-1` tells how it stands."
        )
        await asked(story, "ana", "resolve INC-1 it went away")
        assert await asked(story, "ben", "hold INC-1 2h why") == (
            f"INC-1 was already resolved by {ANA} 03:00. If it is not over: `/incident reopen INC-1 why`"
        )
        await story.advance(minutes=30)
        assert not told(story)

        await story.click("ben", "tier-1-support", "reopen")
        await story.click("chloe", "tier-1-support", "reopen", stale=True)
        assert story.ephemerals("chloe", "tier-1-support") == [
            "INC-1 is not over, so there is nothing to reopen. `/incident show INC-1` tells how it stands."
        ]
        await story.advance(seconds=2)
        said = told(story)
        assert [one.place for one in said] == ["#tier-1-support broadcast"]
        assert said[0].text.startswith(f"{ANA} {BEN} {WHAT} INC-1 was closed and is open again at tier 1 (First line)")
        await story.advance(minutes=5)
        assert "#tier-2-platform" in {one.place for one in told(story)}, "the response clock started again"


async def test_a_cancelled_incident_says_why_and_rests(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await story.opened("Checkout is slow")
        assert await asked(story, "ana", "cancel INC-2 duplicate of INC-9") == (
            "INC-2 was not cancelled: there is no INC-9 here. `/incident list` shows what is open."
        )
        assert await asked(story, "ana", "cancel INC-2 duplicate of INC-2") == (
            "INC-2 was not cancelled: an incident is no duplicate of itself. `/incident list` shows what is open."
        )
        answer = await asked(story, "ana", "cancel INC-2 duplicate of INC-1")
        assert "Cancelled by <@U0ANA00001>" in answer
        assert "INC-1" in story.shows("tier-1-support")
        answer = await asked(story, "ana", "cancel INC-1 a false alarm")
        assert answer.startswith(f"INC-1: Checkout is down\nCancelled by {ANA} 03:00")
        assert "a false alarm" in readable(story.slack.workspace.channel("tier-1-support").visible()[0].text)
        assert await asked(story, "ben", "ack INC-1") == (
            f"INC-1 was already cancelled by {ANA} 03:00. If it is not over: `/incident reopen INC-1 why`"
        )
        await story.advance(hours=2)
        assert not told(story)
