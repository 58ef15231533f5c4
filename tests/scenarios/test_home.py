"""The Home tab over the real protocol: what it shows, how it is kept fresh, and all that can be clicked in it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bot.domain.incident import Report
from bot.domain.policy import Severity
from bot.playground import Answer, Fault, View
from tests.blocks.limits import problems_of_view
from tests.builders import SAM
from tests.clock import ManualClock
from tests.scenarios.world import Json, Transport, World, readable, world

FIRST = "tier-1-support"
TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])


def home_of(story: World, user: str) -> View:
    home = story.slack.workspace.home(user)
    assert home is not None, f"{user} has no Home tab"
    return home


async def opened(story: World, user: str) -> View:
    await story.slack.open_home(user)
    await story.bot.settled()
    return home_of(story, user)


def lines(view: View) -> Sequence[str]:
    """What is read before the part about who is on call."""
    found: list[str] = []
    for block in view.blocks:
        if block["type"] == "divider":
            break
        found += _texts(block)
    return found


def _texts(block: Json) -> Sequence[str]:
    parts = block["elements"] if block["type"] == "context" else [block["text"]] if "text" in block else []
    return [line for part in parts for line in readable(part["text"]).split("\n")]


def published(story: World) -> int:
    return [call.method for call in story.slack.workspace.calls].count("views.publish")


async def click(story: World, user: str, action: str, *, number: int | None = None, value: object = None) -> Answer:
    """A button of the tab as it is now, of that incident when it stands in its row."""
    view = home_of(story, user)
    block = next((block["block_id"] for block in view.blocks if _is_row(block, action, number)), None)
    answer = await story.slack.click_in_view(user, view.id, action, block_id=block, value=value)
    await story.bot.settled()
    return answer


def _is_row(block: Mapping[str, Any], action: str, number: int | None) -> bool:
    elements = [*(block.get("elements") or ()), *([block["accessory"]] if "accessory" in block else ())]
    mine = [element for element in elements if element.get("action_id") == action]
    return any(number is None or str(element.get("value", "")).startswith(f"{number}|") for element in mine) or (
        bool(mine) and block["block_id"] == f"incident_buttons|{number}"
    )


@TRANSPORTS
async def test_it_tells_what_is_mine_and_near_and_what_else_is_open(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        assert lines(await opened(story, "ana")) == ["*All is quiet.* Nothing is open, and nobody waits for you."]
        await story.opened("Checkout is down")
        await story.opened("Search is slow", severity="sev2")
        await story.command("ana", "/incident ack INC-2")
        await story.advance(minutes=5, seconds=10)
        assert lines(await opened(story, "ana")) == [
            "*2 incidents open* · 1 with you · 0 in your tiers or followed · 🔴 1 with nobody · ⏰ 1 breached",
            "Yours: 1",
            "🟡 *INC-2 · sev2 · Search is slow*",
            "Acknowledged: <@U0ANA00001>, since 03:00 · checkout, tier 1 (First line) in <#C0FIRSTLN1>",
            "Next update 03:30, in about 20 min",
            "In your tiers or followed",
            "Your tiers are quiet.",
            "Everything else open: 1",
            "🔴 *INC-1 · sev1 · Checkout is down*",
            "Open, nobody has it yet · checkout, tier 2 (Platform) in <#C0PLATFRM1>",
            "⏰ *Breached just now* · *Acknowledge by* 03:10, in 4 min",
            "Next update 03:25, in about 15 min",
        ]
        assert lines(await opened(story, "chloe"))[3:5] == [
            "In your tiers or followed: 1",
            "🔴 *INC-1 · sev1 · Checkout is down*",
        ]
        story.said()


async def test_it_is_kept_fresh_for_who_looks_and_for_nobody_else(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await opened(story, "ana")
        await story.opened()
        await story.advance(seconds=20)
        assert "*Acknowledge by* 03:05, in 4 min" in lines(home_of(story, "ana"))
        await story.advance(minutes=2)
        assert "*Acknowledge by* 03:05, in 2 min" in lines(home_of(story, "ana"))
        await story.command("ben", "/incident ack INC-1")
        await story.advance(seconds=16)
        assert "🔴 1 with nobody" not in lines(home_of(story, "ana"))[0]
        assert published(story) < 10
        assert set(story.slack.workspace.homes) == {story.slack.workspace.user("ana").id}
        story.said()


async def test_who_closed_it_long_ago_costs_nothing_any_more(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await opened(story, "ana")
        await story.advance(hours=8, minutes=6)
        before = published(story)
        await story.opened()
        await story.advance(minutes=2)
        assert published(story) == before
        story.said()


@TRANSPORTS
async def test_what_is_clicked_in_it_shows_in_it_at_once(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        await story.opened()
        await opened(story, "ana")
        await click(story, "ana", "acknowledge", number=1)
        assert lines(home_of(story, "ana"))[1:3] == ["Yours: 1", "🟡 *INC-1 · sev1 · Checkout is down*"]

        form = await click(story, "ana", "update", number=1)
        assert form.view is not None
        assert form.view.callback_id == "update_incident"
        await story.slack.close_view("ana", form.view.id)

        form = await click(story, "ana", "resolve", number=1)
        assert form.view is not None
        await story.slack.submit("ana", form.view.id, {"summary": "Rolled back"})
        await story.bot.settled()
        assert lines(home_of(story, "ana")) == ["*All is quiet.* Nothing is open, and nobody waits for you."]
        story.said()


async def test_details_are_shown_above_it(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await opened(story, "ana")
        answer = await click(story, "ana", "home_details", number=1)
        assert answer.view is not None
        assert answer.view.source["title"]["text"] == "INC-1"
        assert problems_of_view(answer.view.source) == []


async def test_who_is_late_is_told_directly_and_sees_how_it_is(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        view = await opened(story, "ana")
        await opened(story, "ben")
        shown = view.blocks
        await click(story, "ben", "acknowledge", number=1)
        assert home_of(story, "ana").blocks == shown, "she has not seen it yet"
        story.said()
        await click(story, "ana", "acknowledge", number=1)
        assert [said.place for said in story.said()] == ["@ana"]
        await story.advance(seconds=1)
        assert lines(home_of(story, "ana"))[0] == "*1 incident open* · 0 with you · 1 in your tiers or followed"


async def test_everything_open_is_shown_to_who_asks_for_it(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        for number in range(7):
            report = Report(title=f"Number {number}", severity=Severity.SEV1, service="checkout")
            await story.bot.desk.open(report, by=SAM)
        await opened(story, "emi")
        assert "2 more: `/incident list` shows them." in lines(home_of(story, "emi"))
        await click(story, "emi", "home_scope")
        assert any("Number 6" in line for line in lines(home_of(story, "emi")))
        await story.advance(minutes=2)
        assert any("Number 6" in line for line in lines(home_of(story, "emi"))), "also when it was drawn anew"
        await click(story, "emi", "home_scope")
        assert "2 more: `/incident list` shows them." in lines(home_of(story, "emi"))
        await story.advance(seconds=10)
        story.said()


async def test_slack_away_when_it_is_opened_has_it_drawn_later(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        story.slack.faults.add(Fault(method="views.publish", kind="error:internal_error"))
        await story.slack.open_home("ana")
        await story.bot.settled()
        assert story.slack.workspace.home("ana") is None
        await story.advance(seconds=5)
        assert lines(home_of(story, "ana"))


async def test_of_a_private_incident_only_those_hear_who_may(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.command("grace", "/incident open private sev1 checkout: A leak")
        await story.advance(seconds=2)
        assert "🔴 🔒 *INC-1 · sev1 · A leak*" in lines(await opened(story, "ana"))
        assert lines(await opened(story, "sam")) == ["*All is quiet.* Nothing is open, and nobody waits for you."]
        story.said()


async def test_what_the_menu_answers_comes_directly_and_what_it_opens_is_a_form(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await opened(story, "ana")
        for choice, begins in (("why", "Checkout is down (INC-1"), ("timeline", "The timeline of Checkout is down")):
            await click(story, "ana", "more", number=1, value=f"{choice}|1")
            await story.advance(seconds=1)
            [said] = story.said()
            assert (said.place, said.text[: len(begins)]) == ("@ana", begins)
        for choice in ("hold", "assign", "severity", "escalate", "note", "cancel"):
            answer = await click(story, "ana", "more", number=1, value=f"{choice}|1")
            assert answer.view is not None
            await story.slack.close_view("ana", answer.view.id)


async def test_everybody_has_the_buttons_of_their_state(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.command("ana", "/incident hold INC-1 2h the supplier looks into it")
        await opened(story, "ana")
        await click(story, "ana", "resume", number=1)
        assert lines(home_of(story, "ana"))[2] == "🟡 *INC-1 · sev1 · Checkout is down*"
        await story.opened("Search is slow", severity="sev2")
        await opened(story, "emi")
        await click(story, "emi", "acknowledge", number=2)
        assert lines(home_of(story, "emi"))[1:3] == ["Yours: 1", "🟡 *INC-2 · sev2 · Search is slow*"]
        await click(story, "ana", "home_details", number=1)
        story.said()
