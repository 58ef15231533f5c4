"""Somebody is about to open what is open already: it is shown first, and nothing typed is ever lost."""

from typing import Any

import pytest

from bot.domain.wanted import EVERYTHING
from bot.playground import Answer, Fault, View
from bot.playground.delivery import Ack
from handlers import forms
from tests.clock import ManualClock
from tests.scenarios.ephemeral import said_in
from tests.scenarios.world import Transport, World, answer_text, filled_in, readable, world

TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])
OPEN = "/incident open sev1 checkout: {}"
ASKED = (
    "*Is it one of these?* Then it is known already: close this form, and nothing of it is sent. Otherwise open yours."
)
FILLED = {"title": "Checkout fails in Asia", "severity": "sev2", "service": "checkout", "description": "Since 03:00"}


async def opened(story: World) -> int:
    """How many incidents there are."""
    return (await story.bot.desk.list_page(EVERYTHING, page=1)).total


def on_top(view: View | None) -> list[str]:
    """What stands above the fields of the form, and what its button says."""
    assert view is not None, "no form is open"
    above = [readable(block["text"]["text"]) for block in view.blocks if block["type"] == "section"]
    return [*above, view.source["submit"]["text"]]


def fields(view: View | None) -> dict[str, str | None]:
    return {name: held for name, held in filled_in(view).items() if name in FILLED}


async def submit(story: World, user: str = "sam", values: dict[str, Any] | None = None) -> Answer:
    view = story.slack.workspace.modal(user)
    assert view is not None, "no form is open"
    answer = await story.slack.submit(user, view.id, values or {})
    await story.bot.settled()
    return answer


@TRANSPORTS
async def test_a_command_that_says_it_again_asks_first(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened("Checkout is down")
        await story.command("ana", "/incident ack INC-1")
        await story.advance(minutes=4)
        story.said()
        answer = await story.command("sam", OPEN.format("checkout is broken!"), channel="tier-1-support")
        assert answer_text(answer) is None
        assert on_top(answer.view) == [
            ASKED,
            "🟡 *INC-1* Checkout is down: open for 4 minutes and 2 seconds, <@U0ANA00001> has it",
            "Open anyway",
        ]
        assert fields(answer.view) == {
            "title": "checkout is broken!",
            "severity": "sev1",
            "service": "checkout",
            "description": None,
        }
        assert await opened(story) == 1

        anyway = await submit(story)
        assert (anyway.ok, anyway.view, await opened(story)) == (True, None, 2)
        (told,) = story.ephemerals("sam", "tier-1-support")
        assert told.startswith("INC-2 is open: checkout is broken!\n")
        await story.advance(seconds=3)
        assert len(story.said()) == 2, "one page, one parent"


@TRANSPORTS
async def test_who_finds_it_known_closes_the_form_and_nothing_is_opened(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened("Checkout is down")
        answer = await story.command("sam", OPEN.format("Checkout is down"))
        assert answer.view is not None
        shown = await story.slack.click_in_view("sam", answer.view.id, "show_similar")
        await story.bot.settled()
        assert shown.view is not None
        assert (shown.view.source["title"]["text"], shown.view.previous_id) == ("INC-1", answer.view.id)
        assert said_in(shown.view)[0] == "🔴 INC-1 · sev1 · Checkout is down"
        await story.slack.close_view("sam", shown.view.id)
        assert story.slack.workspace.modal("sam") is answer.view, "what was typed is still there"
        await story.slack.close_view("sam", answer.view.id)
        assert await opened(story) == 1


@TRANSPORTS
async def test_the_form_asks_once_with_everything_that_was_typed(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened("Checkout is down")
        await story.command("sam", "/incident")
        asked = await submit(story, values=FILLED)
        assert on_top(asked.view) == [
            ASKED,
            "🔴 *INC-1* Checkout is down: open for 2 seconds, nobody has it yet",
            "Open anyway",
        ]
        assert fields(asked.view) == FILLED
        assert await opened(story) == 1

        wrong = await submit(story, values={"title": " "})
        assert not wrong.ok, "it is still a form like any other"
        done = await submit(story, values={"title": "Checkout is down for me too"})
        assert (done.ok, done.view, await opened(story)) == (True, None, 2)
        case, _ = await story.bot.desk.show(2)
        assert (case.incident.title, case.incident.description) == ("Checkout is down for me too", "Since 03:00")
        await story.advance(seconds=3)
        assert {said.place for said in story.said()} == {"@sam", "#tier-1-support", "#incident-updates"}


async def test_the_likest_three_are_shown(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        for title in ("Checkout is down in Asia", "Search is slow", "Checkout page is down", "Checkout is failing"):
            await story.command("sam", OPEN.format(title))
            if story.slack.workspace.modal("sam") is not None:
                await submit(story)
        assert await opened(story) == 4
        answer = await story.command("ben", OPEN.format("Checkout is down"))
        assert [line.partition(":")[0] for line in on_top(answer.view)[1:-1]] == [
            "🔴 *INC-4* Checkout is failing",
            "🔴 *INC-3* Checkout page is down",
            "🔴 *INC-1* Checkout is down in Asia",
        ]
        await story.advance(seconds=8)
        story.said()


async def test_what_is_over_or_of_another_service_or_another_number_does_not_ask(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened("Node 1 is down")
        await story.opened("Search is slow")
        await story.command("ana", "/incident resolve INC-2 a full disk")
        for typed in (
            "open sev1 checkout: Node 2 is down",
            "open sev1 checkout: Search is slow",
            "open sev1 website: Node 1 is down",
        ):
            answer = await story.command("sam", f"/incident {typed}")
            assert (answer_text(answer) or "").startswith("INC-"), typed
            assert answer.view is None
        await story.advance(seconds=5)
        story.said()


@pytest.mark.parametrize("kind", ["drop_before", "http_500", "error:internal_error", "delay"])
async def test_what_slack_does_not_ask_in_time_is_opened_at_once(
    clock: ManualClock, sqlite_database: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "delay":
        monkeypatch.setattr(forms, "OPEN_WITHIN_SECONDS", 0.05)
    async with world(clock, sqlite_database) as story:
        await story.opened("Checkout is down")
        story.slack.faults.add(Fault(method="views.open", kind=kind))
        answer = await story.command("sam", OPEN.format("Checkout is broken"))
        assert (answer_text(answer) or "").splitlines() == [
            "INC-2 is open: Checkout is broken",
            "Tier 1 (First line) in <#C0FIRSTLN1> is paged. If nobody acknowledges by 03:05, it goes to tier 2 "
            "(Platform) in <#C0PLATFRM1>.",
            "Similar, and open already:",
            "• *INC-1* Checkout is down: open for 2 seconds, nobody has it yet",
            "If it is the same: `/incident cancel INC-2 duplicate of INC-1`",
        ]
        again = await story.slack.send_again()
        assert (again.body or {})["text"] == answer.text
        assert await opened(story) == 2
        story.slack.faults.release()
        await story.advance(seconds=3)
        story.said()


@TRANSPORTS
async def test_a_form_that_shows_after_all_opens_no_second_one(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened("Checkout is down")
        story.slack.faults.add(Fault(method="views.open", kind="drop_after"))
        answer = await story.command("sam", OPEN.format("Checkout is broken"))
        assert (answer_text(answer) or "").startswith("INC-2 is open")
        assert answer.view is not None, "Slack did what it did not answer"
        assert (await submit(story)).ok
        assert await opened(story) == 2
        await story.advance(seconds=3)
        said = story.said()
        assert {one.place for one in said} == {"@sam", "#tier-1-support", "#incident-updates"}
        assert all("INC-2" in one.text for one in said)


@TRANSPORTS
async def test_where_no_form_can_be_shown_it_is_opened_and_what_is_similar_is_named(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened("Checkout is down")
        complaint = await story.slack.say("ben", "tier-1-support", "Nobody can pay")
        mention = "@Tierline open sev1 checkout: checkout is broken"
        await story.slack.say("ana", "tier-1-support", mention, thread_ts=complaint.ts)
        await story.bot.settled()
        (told,) = story.ephemerals("ana", "tier-1-support")
        assert told.startswith("INC-2 is open: checkout is broken\n")
        assert "• *INC-1* Checkout is down: open for 2 seconds, nobody has it yet\n" in told
        await story.advance(seconds=3)
        assert len(story.said()) == 3, "the page, the parent, and the thread it was opened from"


@TRANSPORTS
async def test_requests_that_come_twice_ask_once_and_open_once(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened("Checkout is down")
        first = await story.command("sam", OPEN.format("Checkout is broken"))
        assert await story.slack.send_again() == Ack()
        assert (story.slack.workspace.modal("sam"), await opened(story)) == (first.view, 1)
        assert (await submit(story)).ok
        assert await story.slack.send_again() == Ack()
        assert await opened(story) == 2

        await story.command("sam", "/incident")
        assert (await submit(story, values=FILLED)).view is not None
        again = await story.slack.send_again()
        assert (again.body or {})["response_action"] == "update"
        assert (await submit(story)).ok
        assert await story.slack.send_again() == Ack()
        assert await opened(story) == 3
        await story.advance(seconds=3)
        story.said()


@TRANSPORTS
async def test_a_form_whose_metadata_is_not_ours_is_taken_all_the_same(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened("Checkout is down")
        await story.command("sam", "/incident")
        assert (await submit(story, values=FILLED)).view is not None
        for metadata in ("{", '{"similar_shown": 1}', '{"cause": 5}'):
            ack = await story.forged(lambda body, held=metadata: body["view"].update(private_metadata=held))  # type: ignore[misc]
            assert (ack.body or {})["response_action"] == "update"
        ack = await story.forged(lambda body: body["view"].update(private_metadata='{"similar_shown": true}'))
        assert ack == Ack()
        assert await opened(story) == 2
        await story.advance(seconds=3)
        story.said()


@pytest.mark.parametrize("value", ["", "x", "0|0|", "1|1|0", "2|0|"])
async def test_a_forged_show_says_so(clock: ManualClock, sqlite_database: str, value: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened("Checkout is down")
        answer = await story.command("sam", OPEN.format("Checkout is down"))
        assert answer.view is not None
        await story.slack.click_in_view("sam", answer.view.id, "show_similar")
        ack = await story.forged(lambda body: body["actions"][0].update(value=value))
        assert ack == Ack()
        await story.advance(seconds=2)
        (told,) = story.said()
        assert (told.place, told.text.startswith(("That came in a form", "There is no INC-2"))) == ("@sam", True)
