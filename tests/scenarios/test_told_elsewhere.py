"""Slack is away, or refuses: the managers hear it another way, clocks go on, and on its return there is no storm."""

from dataclasses import replace
from typing import Any

import pytest

from bot.playground import Fault
from bot.services.health import Part
from bot.start import CannotStart
from tests.clock import ManualClock
from tests.hook import hook
from tests.scenarios.world import playground, running_world, world

FIRST, SECOND, FALLBACK = "tier-1-support", "tier-2-platform", "escalation-fallback"


async def test_while_slack_is_away_pages_are_told_elsewhere_and_then_only_the_present_is_posted(
    clock: ManualClock, sqlite_database: str
) -> None:
    letters: list[Any] = []
    async with (
        hook(letters) as url,
        world(clock, sqlite_database, more={"TIERLINE_FALLBACK_URLS": url}) as story,
    ):
        await story.opened()
        story.slack.faults.add(Fault(method="chat.postMessage", kind="http_503", times=None))
        story.slack.faults.add(Fault(method="chat.update", kind="http_503", times=None))
        story.slack.faults.add(Fault(method="conversations.history", kind="http_503", times=None))
        story.slack.faults.add(Fault(method="conversations.replies", kind="http_503", times=None))
        await story.advance(minutes=6, seconds=20)
        assert "Slack has not confirmed" in letters[0]["title"]
        assert "INC-1  sev1  checkout: Checkout is down" in letters[0]["message"]
        await story.advance(minutes=6)
        case, _ = await story.bot.desk.show(1)
        assert case.incident.tier == 3, "the clocks went on"
        assert story.said() == []
        count = len(letters)

        story.slack.faults.clear()
        await story.advance(minutes=1)
        said = story.said()
        paged = [each.place for each in said if "please acknowledge INC-1" in each.text]
        assert paged == ["#tier-3-experts"], "no tier is paged that the incident has left"
        updates = [each for each in said if each.place == "#incident-updates thread"]
        assert len(updates) == 1, "the last one tells what the others would have told"
        assert "tier 2" in updates[0].text
        assert "tier 3" in updates[0].text
        assert len(letters) == count, "what Slack takes now is not told elsewhere again"
        await story.advance(minutes=2)
        story.said()
        assert story.limited() == []


async def test_a_revoked_token_is_told_at_once_and_the_bot_is_not_ready_until_it_works_again(
    clock: ManualClock, sqlite_database: str
) -> None:
    letters: list[Any] = []
    async with (
        hook(letters) as url,
        world(clock, sqlite_database, more={"TIERLINE_FALLBACK_URLS": url}) as story,
    ):
        story.slack.revoke_token()
        await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        await story.advance(seconds=2)
        assert [letter["title"] for letter in letters] == ["Tierline: Slack has not confirmed 1 page (INC-1)"]
        assert list(story.bot.health.problems) == [Part.SLACK]
        story.slack.restore_token()
        await story.advance(seconds=31)
        assert f"#{FIRST}" in [said.place for said in story.said()]
        assert not story.bot.health.problems
        assert len(letters) == 1


async def test_when_the_fallback_channel_is_gone_too_the_letter_remains(
    clock: ManualClock, sqlite_database: str
) -> None:
    letters: list[Any] = []
    async with (
        hook(letters) as url,
        world(clock, sqlite_database, more={"TIERLINE_FALLBACK_URLS": url}) as story,
    ):
        story.slack.archive(FIRST)
        story.slack.archive(FALLBACK)
        await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        await story.advance(seconds=3)
        assert [said.place for said in story.said()] == ["#incident-updates"]
        assert [letter["title"] for letter in letters] == ["Tierline: Slack refused 1 page (INC-1)"] * 2
        answer = await story.command("sam", "/incident show INC-1")
        assert "told by json too" in str(answer.blocks)


async def test_a_page_that_slack_confirms_in_time_is_told_nowhere_else(
    clock: ManualClock, sqlite_database: str
) -> None:
    letters: list[Any] = []
    async with (
        hook(letters) as url,
        world(clock, sqlite_database, more={"TIERLINE_FALLBACK_URLS": url}) as story,
    ):
        story.slack.faults.add(Fault(method="chat.postMessage", kind="429", retry_after=60, channel=FIRST))
        await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        await story.advance(minutes=2)
        assert f"#{FIRST}" in [said.place for said in story.said()]
        assert letters == []


async def test_a_bot_that_starts_while_slack_is_away_goes_on_with_what_it_knew(
    clock: ManualClock, sqlite_database: str
) -> None:
    letters: list[Any] = []
    async with hook(letters) as url, playground(clock) as slack:
        more = {"TIERLINE_FALLBACK_URLS": url}
        async with running_world(slack, clock, sqlite_database, more=more) as before:
            await before.opened()
        slack.faults.add(Fault(method="*", kind="http_503", times=None))
        clock.advance(seconds=30)
        async with running_world(slack, clock, sqlite_database, more=more, after=before) as story:
            assert {Part.SLACK, Part.SOCKET} <= story.bot.health.problems.keys()
            await story.advance(minutes=6, seconds=20)
            case, _ = await story.bot.desk.show(1)
            assert case.incident.tier == 2
            assert [letter["title"] for letter in letters] == ["Tierline: Slack has not confirmed 1 page (INC-1)"]
            slack.faults.clear()
            await story.advance(minutes=1)
            assert Part.SLACK not in story.bot.health.problems
            assert "#tier-2-platform" in [said.place for said in story.said()]
            assert not story.bot.stopped_by.done()


async def test_with_no_workspace_yet_the_bot_cannot_start_without_slack(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with playground(clock) as slack:
        slack.faults.add(Fault(method="auth.test", kind="http_503", times=None))
        with pytest.raises(CannotStart, match="check SLACK_BOT_TOKEN and the connection to Slack"):
            async with running_world(slack, clock, sqlite_database):
                raise AssertionError("it started")


async def test_a_token_of_another_workspace_ends_the_bot_once_slack_tells(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with playground(clock) as slack:
        async with running_world(slack, clock, sqlite_database):
            pass
        slack.faults.add(Fault(method="auth.test", kind="http_503", times=2))
        async with running_world(slack, clock, sqlite_database) as story:
            slack.workspace.team = replace(slack.workspace.team, id="T0ANOTHER01")
            await story.advance(seconds=11)
            assert story.bot.stopped_by.result() == (
                "SLACK_BOT_TOKEN is of another workspace than the database: mend one of the two."
            )
