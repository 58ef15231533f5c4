"""A list whose pages are turned and whose filters are chosen, one incident of it, its story, and the way back."""

import pytest

from bot.domain.ids import UserId
from bot.playground import Fault
from handlers.in_place import NOT_SHOWN
from handlers.listener import NOT_UNDERSTOOD
from tests.clock import ManualClock
from tests.scenarios.ephemeral import newest, press, rows, said_in
from tests.scenarios.world import Transport, World, answer_text, readable, world

TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])
FILTERS = "[Any severity | Any service | All open]"
CARD = "[Acknowledge | Escalate | Not mine | Resolve | Update | More…]"


async def many(story: World, count: int) -> None:
    for number in range(1, count + 1):
        severity = "sev1" if number <= 12 else "sev2"
        await story.slack.command("sam", "general", f"/incident open {severity} checkout: Number {number}")
    await story.bot.settled()


@TRANSPORTS
async def test_the_pages_of_a_list_are_turned_in_its_place(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await many(story, 23)
        await story.command("ana", "/incident list")
        first = newest(story, "ana")
        assert said_in(first)[:2] == ["*23 incidents, page 1 of 3*", FILTERS]
        assert rows(first) == [f"🔴 *INC-{number}* Number {number}" for number in range(1, 11)]
        assert said_in(first)[-1] == "[Next ▶]"

        second = await press(story, "ana", "list_next")
        assert (second.ts, said_in(second)[0]) == (first.ts, "*23 incidents, page 2 of 3*")
        assert rows(second) == [f"🔴 *INC-{number}* Number {number}" for number in range(11, 21)]
        assert said_in(second)[-1] == "[◀ Previous | Next ▶]"

        third = await press(story, "ana", "list_next")
        assert rows(third) == [f"🔴 *INC-{number}* Number {number}" for number in range(21, 24)]
        assert said_in(third)[-1] == "[◀ Previous]"
        await press(story, "ana", "list_previous")
        for number in (21, 22, 23):
            await story.bot.desk.cancel(number, by=UserId("U0ANA00001"), reason="a drill")
        last = await press(story, "ana", "list_next")
        assert said_in(last)[0] == "*20 incidents, page 2 of 2*", "as it is by now"
        assert last.ts == first.ts
        await story.advance(seconds=40)
        story.said()


@TRANSPORTS
async def test_the_filters_of_a_list_are_chosen_one_by_one(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened("Checkout is down")
        await story.opened("Cards are refused", severity="sev2")
        await story.command("sam", "/incident open sev2 website: Search is slow")
        await story.command("ana", "/incident ack INC-2")
        await story.command("ana", "/incident cancel INC-1 a drill")
        await story.command("ana", "/incident list")

        async def chosen(action: str, value: str) -> list[str]:
            shown = await press(story, "ana", action, value=value)
            return [*said_in(shown)[:2], *rows(shown)]

        assert await chosen("list_severity", "sev2") == [
            "*2 incidents: sev2*",
            "[sev2 | Any service | All open]",
            "🟡 *INC-2* Cards are refused",
            "🔴 *INC-3* Search is slow",
        ]
        assert await chosen("list_service", ":website") == [
            "*1 incident: sev2, website*",
            "[sev2 | website | All open]",
            "🔴 *INC-3* Search is slow",
        ]
        assert await chosen("list_which", "mine") == [
            "No incident matches. `/incident` opens one.",
            "[sev2 | website | Mine]",
        ]
        assert await chosen("list_service", "any") == [
            "*1 incident: sev2, with you*",
            "[sev2 | Any service | Mine]",
            "🟡 *INC-2* Cards are refused",
        ]
        assert await chosen("list_severity", "any") == [
            "*1 incident: with you*",
            "[Any severity | Any service | Mine]",
            "🟡 *INC-2* Cards are refused",
        ]
        assert await chosen("list_which", "breached") == [
            "No incident matches. `/incident` opens one.",
            "[Any severity | Any service | Breached]",
        ]
        assert await chosen("list_which", "over") == [
            "*1 incident: closed*",
            "[Any severity | Any service | Closed]",
            "⚪ *INC-1* Checkout is down",
        ]
        assert (await chosen("list_which", "all"))[:2] == ["*2 incidents*", FILTERS]
        await story.advance(seconds=3)
        story.said()


async def test_what_was_typed_is_chosen_already(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened("Checkout is down")
        answer = await story.command("ana", "/incident list sev1 sev2 checkout @ben breached")
        assert answer_text(answer) == "No incident matches. `/incident` opens one."
        shown = newest(story, "ana")
        assert said_in(shown)[1] == "[sev1 or sev2 | checkout | Of those you named, breached]"
        kept = await press(story, "ana", "list_which", value="kept")
        assert said_in(kept)[1] == said_in(shown)[1]
        wider = await press(story, "ana", "list_which", value="all")
        assert [said_in(wider)[1], *rows(wider)] == [
            "[sev1 or sev2 | checkout | All open]",
            "🔴 *INC-1* Checkout is down",
        ]


async def test_what_is_over_is_listed_for_who_asks_the_newest_first(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await many(story, 3)
        await story.command("ana", "/incident ack INC-1")
        await story.command("ana", "/incident resolve INC-1 a full disk")
        await story.command("ana", "/incident cancel INC-2 a drill")
        assert answer_text(await story.command("sam", "/incident list closed")) == (
            "2 incidents: closed\nINC-2: Number 2. Cancelled, sev1.\n"
            "INC-1: Number 1. Resolved, with <@U0ANA00001>, sev1."
        )
        assert answer_text(await story.command("ana", "/incident list resolved mine")) == (
            "1 incident: with you, closed\nINC-1: Number 1. Resolved, with <@U0ANA00001>, sev1."
        )
        await story.advance(seconds=5)
        story.said()


@TRANSPORTS
async def test_from_a_list_an_incident_is_shown_taken_and_left_again(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await many(story, 12)
        await story.advance(seconds=15)
        await story.command("ana", "/incident list sev1")
        await press(story, "ana", "list_next")
        shown = await press(story, "ana", "show_incident", beside="INC-12")
        assert said_in(shown)[:3] == ["🔴 INC-12 · sev1 · Number 12", "*State*\nOpen", "*Who has it*\nNobody yet"]
        assert said_in(shown)[-2:] == [CARD, "[Back to list]"]

        taken = await press(story, "ana", "acknowledge")
        assert (taken.ts, said_in(taken)[1]) == (shown.ts, "*State*\nAcknowledged")
        assert said_in(taken)[2].startswith("*Who has it*\n<@U0ANA00001>, since")
        assert story.ephemerals("ana", "general") == [readable(taken.text)], "and nothing else is said"

        back = await press(story, "ana", "list_back")
        assert said_in(back)[0] == "*12 incidents: sev1, page 2 of 2*"
        assert rows(back) == ["🔴 *INC-11* Number 11", "🟡 *INC-12* Number 12"]
        await story.advance(seconds=10)
        story.said()


@TRANSPORTS
async def test_a_race_that_was_lost_is_told_and_what_was_shown_stays(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        await story.command("ana", "/incident show INC-1")
        shown = newest(story, "ana")
        await story.command("ben", "/incident ack INC-1", channel="tier-1-support")
        answer = await story.slack.click("ana", "general", shown.ts, "acknowledge")
        assert answer.ok
        await story.advance(seconds=3)
        assert "*Who has it*\nNobody yet" in said_in(shown)
        told = [said.text for said in story.said() if said.place == "@ana"]
        assert len(told) == 1
        assert "<@U0BEN00001>" in told[0]


@TRANSPORTS
async def test_a_long_story_is_told_page_by_page(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        for number in range(1, 70):
            await story.bot.desk.note(1, by=UserId("U0ANA00001"), text=f"Number {number}")
        await story.command("ana", "/incident timeline INC-1")
        newest_page = newest(story, "ana")
        assert said_in(newest_page)[-2:] == ["Page 3 of 3", "[◀ Earlier | Show INC-1]"]
        assert "Number 69" in said_in(newest_page)[1]

        middle = await press(story, "ana", "timeline_earlier")
        assert (middle.ts, said_in(middle)[-2]) == (newest_page.ts, "Page 2 of 3")
        first = await press(story, "ana", "timeline_earlier")
        assert "opened it as sev1" in said_in(first)[1]
        assert said_in(first)[-1] == "[Later ▶ | Newest | Show INC-1]"
        assert said_in(await press(story, "ana", "timeline_later"))[-2] == "Page 2 of 3"
        await press(story, "ana", "timeline_earlier")
        assert said_in(await press(story, "ana", "timeline_newest")) == said_in(newest_page)
        shown = await press(story, "ana", "show_incident")
        assert said_in(shown)[-1] == CARD
        await story.advance(seconds=40)
        story.said()


@TRANSPORTS
async def test_the_story_and_the_reasons_of_what_is_over_are_seen_in_place(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        await story.command("ana", "/incident resolve INC-1 a full disk")
        await story.advance(seconds=2)
        await story.command("ana", "/incident list closed")
        shown = await press(story, "ana", "show_incident")
        assert said_in(shown)[-2:] == ["[Reopen | More…]", "[Back to list]"]
        told = await press(story, "ana", "more", value="timeline|1")
        assert (told.ts, said_in(told)[-1]) == (shown.ts, "[Show INC-1 | Back to list]")
        await press(story, "ana", "show_incident")
        why = await press(story, "ana", "more", value="why|1")
        assert (why.ts, said_in(why)[-1]) == (shown.ts, "[Show INC-1 | Back to list]")
        assert "Resolved" in why.text
        await press(story, "ana", "show_incident")
        reopened = await press(story, "ana", "reopen")
        assert said_in(reopened)[1] == "*State*\nOpen"
        assert rows(await press(story, "ana", "list_back")) == []
        await story.advance(seconds=3)
        story.said()


@pytest.mark.parametrize("kind", ["http_404", "http_500", "drop_before"])
async def test_an_answer_that_slack_does_not_show_is_asked_for_again(
    clock: ManualClock, sqlite_database: str, kind: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await many(story, 11)
        await story.command("ana", "/incident list", channel="tier-1-support")
        story.slack.faults.add(Fault(method="response_url", kind=kind))
        await press(story, "ana", "list_next", channel="tier-1-support")
        listed, told = story.ephemerals("ana", "tier-1-support")
        assert listed.startswith("11 incidents, page 1 of 2\n"), "it stays as it was"
        assert told == NOT_SHOWN
        await story.advance(seconds=15)
        story.said()


@pytest.mark.parametrize(
    ("button", "value"), [("list_next", "x"), ("list_next", "1|9|||"), ("show_incident", "7|1|0|0"), ("list_back", "")]
)
async def test_a_forged_button_is_not_understood(
    clock: ManualClock, sqlite_database: str, button: str, value: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await many(story, 11)
        await story.command("ana", "/incident list", channel="tier-1-support")
        listed = newest(story, "ana", "tier-1-support").text
        await press(story, "ana", "list_next", channel="tier-1-support")
        await press(story, "ana", "list_previous", channel="tier-1-support")
        ack = await story.forged(lambda body: body["actions"][0].update(action_id=button, value=value))
        assert ack.ok
        assert [each.text for each in story.slack.workspace.channel("tier-1-support").ephemerals] == [
            listed,
            NOT_UNDERSTOOD,
        ]
        await story.advance(seconds=15)
        story.said()


async def test_a_filter_in_another_block_is_not_understood(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.command("ana", "/incident list", channel="tier-1-support")
        await press(story, "ana", "list_severity", value="sev1", channel="tier-1-support")
        for block_id in ("incident_buttons", "list|9|x", "list|1||||\n"):
            await story.forged(lambda body, held=block_id: body["actions"][0].update(block_id=held))  # type: ignore[misc]
        assert story.ephemerals("ana", "tier-1-support")[1:] == [NOT_UNDERSTOOD] * 3


async def test_below_what_everybody_sees_an_answer_is_for_one_alone(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.command("ana", "/incident show INC-1", channel="tier-1-support")
        await press(story, "ana", "acknowledge", channel="tier-1-support")

        def as_on_a_card(body: dict[str, object]) -> None:
            body["container"] = {"type": "message", "message_ts": story.card("tier-1-support").ts}
            body["actions"][0].update(action_id="show_incident", value="1|0|")  # type: ignore[index]

        await story.forged(as_on_a_card)
        assert len(story.ephemerals("ana", "tier-1-support")) == 2
        await story.advance(seconds=3)
        story.said()
