"""The form that opens an incident: every door to it, and what the person hears who sent it in."""

from dataclasses import replace

import pytest

from tests.clock import ManualClock
from tests.scenarios.conftest import LogEntries
from tests.scenarios.world import Said, Transport, World, answer_text, filled_in, world

FILLED = {"title": "Search is slow", "severity": "sev2", "service": "website", "description": "In Asia"}
EMPTY = {"title": None, "severity": None, "service": None, "description": None, "private": None}
OPENED = (
    "INC-1 is open: Search is slow\nTier 1 (First line) in <#C0FIRSTLN1> is paged. "
    "If nobody acknowledges by 03:15, it goes to tier 2 (Platform) in <#C0PLATFRM1>."
)
UPDATE = (
    "Search is slow (INC-1, sev2, website). It is with tier 1 of 4 (First line). Nobody has taken it yet. "
    "Next update by 03:30."
)
PAGE = (
    "<!subteam^S0FIRSTLN1> please acknowledge INC-1 by 03:15. Search is slow (INC-1, sev2, website). "
    "It is open at tier 1 of 4, First line. Otherwise it goes to tier 2 (Platform) in <#C0PLATFRM1>. In Asia"
)
SAID = [Said("#incident-updates", UPDATE), Said("#tier-1-support", PAGE)]
TOLD = Said("@sam", OPENED)
FROM_HERE = Said(
    "#tier-1-support thread",
    "INC-1 was opened from here by Sam Reed: Search is slow (sev2, website). It is in <#C0FIRSTLN1>. "
    "`/incident show INC-1` tells how it stands.",
)


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_the_command_alone_opens_the_form_and_the_answer_comes_where_it_was_typed(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        answer = await story.command("sam", "/incident", channel="tier-1-support")
        assert answer_text(answer) is None
        assert filled_in(answer.view) == EMPTY
        await _submit(story)
        assert story.ephemerals("sam", "tier-1-support") == [OPENED]
        assert story.said() == SAID


async def test_the_global_shortcut_opens_the_form_and_the_answer_comes_directly(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        answer = await story.slack.shortcut("sam", "shortcut_open")
        assert filled_in(answer.view) == EMPTY
        await _submit(story)
        assert story.said() == [*SAID, TOLD]


async def test_the_message_shortcut_quotes_and_links_the_message(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        message = await story.slack.say("ana", "tier-1-support", "Customers & I see <nothing>\nat https://x.example")
        answer = await story.slack.shortcut("sam", "shortcut_from_message", channel="tier-1-support", ts=message.ts)
        link = f"{story.slack.url}/archives/C0FIRSTLN1/p{message.ts.replace('.', '')}"
        assert filled_in(answer.view) == EMPTY | {
            "title": "Customers & I see <nothing>",
            "description": f"Customers & I see <nothing>\nat https://x.example\n\n{link}",
        }
        await _submit(story)
        assert story.ephemerals("sam", "tier-1-support") == [OPENED]
        assert story.said() == [*SAID, FROM_HERE]
        thread = story.slack.workspace.channel("tier-1-support").find(message.ts)
        assert thread is not None
        assert [reply.text for reply in thread.replies] == [FROM_HERE.text]


async def test_of_a_message_in_a_thread_that_thread_is_told(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        root = await story.slack.say("ana", "tier-2-platform", "It is slow")
        reply = await story.slack.say("ben", "tier-2-platform", "Customers see nothing", thread_ts=root.ts)
        await story.slack.shortcut("sam", "shortcut_from_message", channel="tier-2-platform", ts=reply.ts)
        await _submit(story)
        assert story.said() == [*SAID, replace(FROM_HERE, place="#tier-2-platform thread")]
        assert [each.text for each in root.replies] == ["Customers see nothing", FROM_HERE.text]


async def test_where_the_bot_is_not_no_thread_is_told_and_nobody_is_alarmed(
    clock: ManualClock, sqlite_database: str, logs: LogEntries
) -> None:
    async with world(clock, sqlite_database) as story:
        message = await story.slack.say("ana", "general", "Customers see nothing")
        await story.slack.shortcut("sam", "shortcut_from_message", channel="general", ts=message.ts)
        await _submit(story)
        assert story.said() == [*SAID, TOLD]
        assert message.replies == []
        calls = [call.method for call in story.slack.workspace.calls]
        assert "conversations.join" not in calls, "it goes nowhere uninvited"
        assert not [entry for entry in logs if entry["log_level"] == "error"]
        await story.advance(minutes=10)
        assert "#escalation-fallback" not in {said.place for said in story.said()}


async def test_a_long_message_is_quoted_as_far_as_the_form_holds_it(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        message = await story.slack.say("ana", "general", "word " * 2000)
        answer = await story.slack.shortcut("sam", "shortcut_from_message", channel="general", ts=message.ts)
        form = filled_in(answer.view)
        assert form["title"] == ("word " * 30).strip()
        quote, _, link = (form["description"] or "").partition("…\n\n")
        assert len(form["description"] or "") in (2_999, 3_000)
        assert quote == ("word " * 600)[: len(quote)]
        assert link.endswith(f"/archives/C0GENERAL1/p{message.ts.replace('.', '')}"), "it leads to the rest"


async def test_the_home_tab_opens_the_form_and_the_answer_comes_directly(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.slack.open_home("sam")
        await story.bot.settled()
        home = story.slack.workspace.home("sam")
        assert home is not None
        answer = await story.slack.click_in_view("sam", home.id, "open_form")
        assert filled_in(answer.view) == EMPTY
        await _submit(story)
        assert story.said() == [*SAID, TOLD]


async def test_who_asked_in_a_channel_without_the_bot_is_told_directly(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.command("sam", "/incident", channel="general")
        await _submit(story)
        assert story.said() == [*SAID, TOLD]


async def _submit(story: World) -> None:
    view = story.slack.workspace.modal("sam")
    assert view is not None
    answer = await story.slack.submit("sam", view.id, FILLED)
    assert answer.ok
    assert answer.view is None, "the form closes"
    await story.advance(seconds=2)
