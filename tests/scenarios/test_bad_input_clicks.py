"""Clicks that come too late, twice, at once, or were never ours: each is answered in words, and changes nothing."""

import asyncio

from tests.clock import ManualClock
from tests.scenarios.conftest import LogEntries
from tests.scenarios.world import Json, answer_text, world

FIRST = "tier-1-support"
SECOND = "tier-2-platform"
LAST = "tier-4-management"
ALREADY_RESOLVED = "INC-1 was already resolved by <@U0ANA00001> 03:00. If it is not over: `/incident reopen INC-1 why`"
NOT_UNDERSTOOD = (
    "That came in a form this bot does not understand. Nothing was changed; `/incident help` shows what there is."
)


async def test_acknowledging_a_resolved_incident_says_who_resolved_it_and_does_not_reopen_it(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.resolve("ana", FIRST)
        resolved = ALREADY_RESOLVED

        assert (await story.click("ben", FIRST, "acknowledge", stale=True)).ok
        assert story.ephemerals("ben", FIRST) == [resolved]
        for verb in ("ack", "escalate", "resolve"):
            assert answer_text(await story.command("sam", f"/incident {verb} INC-1")) == resolved

        await story.advance(hours=1)
        assert [said.text.split(")")[1] for said in story.said()] == [
            ". Resolved by Ana Ruiz 03:00, after 2 seconds. No more updates follow unless it is reopened. "
            "Impact: none was reported. Data loss: none was reported."
        ]


async def test_of_two_people_who_acknowledge_at_once_one_has_it_and_the_other_hears_who(
    clock: ManualClock, database_url: str
) -> None:
    async with world(clock, database_url, transport="http") as story:
        await story.opened()
        ts = story.card(FIRST).ts
        answers = await asyncio.gather(
            story.slack.click("ana", FIRST, ts, "acknowledge"), story.slack.click("ben", FIRST, ts, "acknowledge")
        )
        assert all(answer.ok for answer in answers)
        await story.bot.settled()

        case, events = await story.bot.desk.show(1)
        winner, loser = ("ana", "ben") if case.incident.assignee == "U0ANA00001" else ("ben", "ana")
        told = f"INC-1 was already acknowledged by <@{case.incident.assignee}> 03:00."
        assert (story.ephemerals(winner, FIRST), story.ephemerals(loser, FIRST)) == ([], [told])
        assert len(events) == 2, "opened and acknowledged once"
        await story.advance(seconds=2)
        assert len(story.said()) == 1, "stakeholders hear of it once"


async def test_a_double_click_acknowledges_once(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        ts = story.card(FIRST).ts
        clicks = [story.slack.click("ana", FIRST, ts, "acknowledge") for _ in range(2)]
        assert all(answer.ok for answer in await asyncio.gather(*clicks))
        await story.bot.settled()
        assert story.ephemerals("ana", FIRST) == ["INC-1 was already acknowledged by <@U0ANA00001> 03:00."]
        _, events = await story.bot.desk.show(1)
        assert len(events) == 2
        await story.advance(seconds=2)
        assert len(story.said()) == 1


async def test_a_button_that_is_gone_opens_no_form(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.resolve("ana", FIRST)
        for button in ("resolve", "update"):
            assert (await story.click("ben", FIRST, button, stale=True)).view is None
        assert story.ephemerals("ben", FIRST) == [ALREADY_RESOLVED] * 2
        await story.advance(seconds=2)
        assert len(story.said()) == 1


async def test_a_click_that_slack_delivers_again_changes_nothing(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.click("ana", FIRST, "escalate")
        await story.slack.send_again()
        await story.bot.settled()
        assert not story.ephemerals("ana", FIRST), "it was done when it came first, and is answered as then"
        await story.advance(seconds=3)
        assert sorted(said.place for said in story.said()) == ["#incident-updates thread", f"#{SECOND}"]


async def test_escalate_on_an_old_card_says_where_the_incident_is_and_does_nothing(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.advance(minutes=5)
        story.said()

        assert (await story.click("ben", FIRST, "escalate", stale=True)).ok
        assert story.ephemerals("ben", FIRST) == [
            "INC-1 is already at tier 2, Platform, since 03:05 (moved by the clock). "
            "Nothing was changed; please use its newest message."
        ]
        await story.advance(minutes=1)
        assert not story.said()
        case, _ = await story.bot.desk.show(1)
        assert case.incident.tier == 2


async def test_an_old_acknowledge_button_still_takes_the_incident(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.advance(minutes=5, seconds=1)
        story.said()

        assert (await story.click("ben", FIRST, "acknowledge", stale=True)).ok
        assert not story.ephemerals("ben", FIRST), "the card says it"
        await story.advance(seconds=2)
        assert [said.text.partition("\n")[0] for said in story.said()] == [
            "Checkout is down (INC-1, sev1, checkout). Ben Okafor is working on it, at tier 2 of 4 (Platform). "
            "It has been going on for 5 minutes and 3 seconds."
        ]
        assert "Acknowledged" in _fields(story.card(SECOND).blocks)


async def test_at_the_last_tier_there_is_nowhere_to_escalate_to(clock: ManualClock, sqlite_database: str) -> None:
    last = (
        "INC-1 is already at its last tier, 4, Management, since 03:00. "
        "Please acknowledge it, reach somebody directly, or name where to: `/incident escalate INC-1 to …`"
    )
    async with world(clock, sqlite_database) as story:
        await story.opened()
        for _ in range(3):
            await story.command("sam", "/incident escalate INC-1")
        await story.advance(seconds=5)
        story.said()
        assert answer_text(await story.command("sam", "/incident escalate INC-1 further")) == last

        buttons = [block for block in story.card(LAST).blocks if block["type"] == "actions"]
        assert [element["action_id"] for element in buttons[0]["elements"]] == [
            *("acknowledge", "not_mine", "resolve", "update", "more")
        ]
        await story.click("hugo", LAST, "acknowledge")
        await story.forged(lambda body: body["actions"][0].update(action_id="escalate", value="1|4|3"))
        assert story.ephemerals("hugo", LAST) == [last]
        await story.advance(seconds=2)
        assert len(story.said()) == 1, "only the acknowledgement was told"


FORGED = [
    ("7|x", NOT_UNDERSTOOD),
    ("x" * 3000, NOT_UNDERSTOOD),
    ("", NOT_UNDERSTOOD),
    ("99|1|0", "There is no INC-99 here. `/incident list` shows what is open."),
    ("999999999|1|0", "There is no INC-999999999 here. `/incident list` shows what is open."),
    ("9999999999|1|0", NOT_UNDERSTOOD),
]


async def test_a_forged_button_is_answered_in_words(clock: ManualClock, database_url: str) -> None:
    async with world(clock, database_url) as story:
        await story.opened()
        await story.click("ana", FIRST, "acknowledge")
        await story.advance(seconds=2)
        story.said()
        for button in ("acknowledge", "escalate", "resolve", "update"):
            for value, words in FORGED:
                assert (await story.forged(Pressed(button, value))).ok
                assert story.ephemerals("ana", FIRST)[-1] == words, (button, value[:20])
        await story.advance(minutes=1)
        assert not story.said()
        case, events = await story.bot.desk.show(1)
        assert (case.incident.tier, len(events)) == (1, 2)


async def test_a_forged_page_is_an_old_page(clock: ManualClock, sqlite_database: str) -> None:
    already = "INC-1 is already at tier 1, First line, since 03:00. Nothing was changed; please use its newest message."
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.click("ana", FIRST, "acknowledge")
        for value in ("1|2|0", "1|1|7", "1|9999|999999"):
            await story.forged(Pressed("escalate", value))
        assert story.ephemerals("ana", FIRST) == [already] * 3
        await story.advance(seconds=2)
        assert len(story.said()) == 1


async def test_a_button_that_nobody_knows_any_more_is_acknowledged(
    clock: ManualClock, sqlite_database: str, logs: LogEntries
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.click("ana", FIRST, "acknowledge")
        ack = await story.forged(Pressed("a_button_of_last_year", "1|1|0"))
        assert ack.ok
        assert {"event": "request.ignored", "log_level": "info", "type": "block_actions"} in logs
        await story.advance(seconds=2)
        assert len(story.said()) == 1


class Pressed:
    """The click as if it had been on another button."""

    def __init__(self, button: str, value: str) -> None:
        self._action = {"action_id": button, "value": value}

    def __call__(self, body: Json) -> None:
        body["actions"][0].update(self._action)


def _fields(blocks: list[Json]) -> str:
    return " ".join(field["text"] for block in blocks for field in block.get("fields", ()))
