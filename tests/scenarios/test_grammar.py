"""The command as people type it where they work: without a number, with a channel, with a time of day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.policy import Severity
from bot.domain.wanted import EVERYTHING
from tests.clock import ManualClock
from tests.scenarios.one_incident import ANA, POLICY, a_story, asked, told, unclear
from tests.scenarios.world import answer_text, readable, world

HOURS = 'calendars: {office: {zone: Europe/Paris, week: {mon-fri: "08:00-17:00"}}}'
FIRST, SECOND = "tier-1-support", "tier-2-platform"


async def test_where_one_incident_is_worked_its_number_can_be_left_out(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        lost = await story.command("ana", "/incident ack")
        assert answer_text(lost) == (
            "It does not say which incident; write for example /incident ack INC-12.\nYou wrote: /incident ack"
        )
        taken = await story.command("ana", "/incident ack", FIRST)
        assert (answer_text(taken) or "").startswith("You have INC-1: Checkout is down")

        await story.opened("Search is slow")
        either = await story.command("ana", "/incident resolve a full disk", FIRST)
        assert (answer_text(either) or "").startswith("“a” is not an incident; write for example")

        await story.command("ana", "/incident resolve INC-2")
        ended = await story.command("ana", "/incident resolve a full disk", FIRST)
        assert "Resolved by" in (answer_text(ended) or "")
        case, _ = await story.bot.desk.show(1)
        assert case.incident.resolution == "a full disk"
        await story.advance(seconds=5)
        story.said()


async def test_nothing_is_done_to_one_of_two_and_what_is_said_beside_is_repeated(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await story.opened("Search is slow")
        for typed in ("ack INC-1, INC-2", "assign INC-1 @ana she knows", "pass INC-1 to @ben"):
            answer = answer_text(await story.command("ana", f"/incident {typed}")) or ""
            assert "othing was done" in answer
            assert answer.endswith(f"You wrote: /incident {typed}")
        for number in (1, 2):
            case, _ = await story.bot.desk.show(number)
            assert case.incident.assignee is None
        taken = await asked(story, "ana", "ack INC-1 the disk is <full>")
        assert taken.startswith("You have INC-1: Checkout is down")
        assert taken.endswith("“the disk is &lt;full&gt;” is kept nowhere; for its story: `/incident note INC-1 …`")
        typed_at = clock.now()
        await asked(story, "ana", "ack INC-2 20m")
        case, _ = await story.bot.desk.show(2)
        assert case.incident.eta == typed_at + timedelta(minutes=20)
        told(story)


async def test_a_channel_is_where_its_tier_works(clock: ManualClock, sqlite_database: str, policy_file: Path) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        assert (await asked(story, "ana", f"escalate INC-1 to #{SECOND}, they know it")).startswith(
            "INC-1 is now at tier 2 (Platform)"
        )
        case, events = await story.bot.desk.show(1)
        assert case.incident.tier == 2
        assert getattr(events[-1].fact, "reason", None) == "they know it"
        refused = await unclear(story, "ana", "escalate INC-1 to #general")
        assert "First line" in refused
        assert "#general" in refused
        told(story)


async def test_a_hold_ends_at_the_time_of_day_that_was_said(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        answer = await asked(story, "ana", "hold INC-1 until tomorrow 9:00 “the supplier sleeps”")
        assert "the supplier sleeps" in answer
        case, _ = await story.bot.desk.show(1)
        until = case.incident.hold_until
        assert until is not None
        assert f"{until:%a %H:%M}" == "Sun 09:00"
        assert case.incident.hold_reason == "the supplier sleeps"
        assert await unclear(story, "ana", "hold INC-1 until today 1:00") == "“today 1:00” has passed."
        told(story)


async def test_a_time_of_day_is_one_where_people_work_by_the_policy(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    keep_office_hours(policy_file)
    async with world(clock, sqlite_database, policy_file=policy_file) as story:
        await story.opened()
        await story.command("ana", "/incident hold INC-1 until 14:00 lunch")
        case, _ = await story.bot.desk.show(1)
        assert case.incident.hold_until == datetime(2026, 11, 14, 13, 0, tzinfo=UTC), "14:00 in Paris"
        await story.advance(seconds=5)
        story.said()


async def test_an_incident_is_opened_in_whatever_order(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        typed = (
            "open Payments & cards fail in checkout 1 sev1",
            "open “Payments & cards fail in checkout 2” !sev1 checkout",
            "checkout sev1 Payments & cards fail in checkout 3",
        )
        for number, words in enumerate(typed, start=1):
            answer = await story.command("sam", f"/incident {words}")
            assert f"is open: Payments &amp; cards fail in checkout {number}" in (answer_text(answer) or "")
        found = (await story.bot.desk.list_page(EVERYTHING, page=1)).incidents
        assert [(one.severity, one.service, one.title) for one in found] == [
            (Severity.SEV1, "checkout", f"Payments & cards fail in checkout {number}") for number in (1, 2, 3)
        ]
        await story.advance(seconds=10)
        story.said()


async def test_who_is_on_call_and_the_whole_story_are_shown_to_who_asks(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        shown = await story.command("sam", "/incident oncall checkout")
        assert answer_text(shown) == "Who is on call for checkout now."
        written = readable(str(shown.blocks))
        assert "1. First line in" in written
        assert ANA in written
        assert "Cards" not in written
        assert "Cards" in readable(str((await story.command("sam", "/incident oncall")).blocks))

        await asked(story, "ana", "ack INC-1")
        story_told = await story.command("sam", "/incident timeline #1")
        assert (answer_text(story_told) or "").startswith("The timeline of Checkout is down (INC-1, sev1, checkout).\n")
        assert f"{ANA} acknowledged at" in readable(str(story_told.blocks))
        told(story)


def keep_office_hours(policy_file: Path) -> None:
    at_the_office = POLICY.replace("sev4: {", "sev4: {clock: office, ")
    policy_file.write_text(f"{at_the_office}{HOURS}\n", encoding="utf-8")
