"""A private incident: its tiers and who follows it see all of it, everybody else nothing, and no word of it leaks."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from bot.playground import Fault, Message
from tests.clock import ManualClock
from tests.hook import hook
from tests.scenarios.conftest import LogEntries
from tests.scenarios.ephemeral import rows
from tests.scenarios.one_incident import asked
from tests.scenarios.world import Transport, World, answer_text, filled_in, world

TITLE = "Payroll spreadsheet leaked"
WORDS = ("Payroll", "spreadsheet", "whistleblower", "locksmith", "confession", "shredded")
TIERS = ("tier-1-support", "tier-2-platform", "tier-3-experts", "tier-4-management")
OPEN = f"/incident open private sev1 checkout: {TITLE}"
NOT_THERE = "There is no INC-1 here. `/incident list` shows what is open."


def everything(message: Message) -> str:
    """All that was ever shown of it."""
    return " ".join(map(str, (message.text, message.blocks, [one.blocks for one in message.edited_versions])))


def leaks(story: World, *, but: Sequence[str]) -> Iterator[str]:
    """The words of the incident that stand anywhere but in these channels; `@sam` are direct messages."""
    people = story.slack.workspace.users
    for channel in story.slack.workspace.channels.values():
        names = [f"@{people[each].name}" for each in channel.members if not people[each].is_bot]
        if (channel.name or names[0]) in but:
            continue
        for message in (*channel.visible(), *channel.ephemerals):
            yield from (f"{channel.name or names}: {word}" for word in WORDS if word in everything(message))


async def opened(story: World, user: str = "sam") -> None:
    answer = answer_text(await story.command(user, OPEN))
    assert "Only its tiers and those who follow it are told: it is private." in (answer or "")
    await story.advance(seconds=3)


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_no_word_of_it_leaks_whatever_becomes_of_it(
    clock: ManualClock, sqlite_database: str, transport: Transport, logs: LogEntries
) -> None:
    letters: list[Any] = []
    async with (
        hook(letters) as url,
        world(clock, sqlite_database, transport=transport, more={"TIERLINE_FALLBACK_URLS": url}) as story,
    ):
        await opened(story)
        await asked(story, "sam", "follow INC-1")
        await asked(story, "sam", "note INC-1 the whistleblower called")
        await story.advance(minutes=6)
        await asked(story, "chloe", "hold INC-1 10m waits for the locksmith")
        await asked(story, "chloe", "update INC-1 identified there is a confession impact: the payroll")
        await story.advance(minutes=20)
        await asked(story, "chloe", "pass INC-1")
        story.slack.archive("tier-4-management")
        await story.advance(hours=1)
        story.slack.archive("tier-4-management", archived=False)
        await story.advance(hours=1)
        await asked(story, "chloe", "resolve INC-1 shredded impact: the payroll data loss: shredded")
        await asked(story, "chloe", "reopen INC-1 another whistleblower")
        await story.advance(minutes=4)
        await asked(story, "chloe", "cancel INC-1 no confession after all")
        await story.advance(minutes=2)
        said = story.said()

        assert list(leaks(story, but=(*TIERS, "@sam", "general"))) == []
        assert "A private incident (INC-1, sev1, checkout)." in str(said)
        fallback = [each.text for each in said if each.place == "#escalation-fallback"]
        assert any("could not be posted" in text for text in fallback)
        assert any("did not answer" in text or "Nobody" in text for text in fallback)
        assert not [each for each in said if "incident-updates" in each.place]
        assert letters
        assert not [word for word in WORDS if word in str(letters)]
        assert not [word for word in WORDS if word in str([{**entry, "exception": ""} for entry in logs])]

        told = [each.text for each in said if each.place == "@sam"]
        assert "Payroll spreadsheet leaked (INC-1, sev1, checkout, 🔒 private)." in told[0]
        assert "confession" in str(told)
        cards = str([each.text for each in said if each.place == "#tier-1-support"])
        assert "Payroll spreadsheet leaked (INC-1, sev1, checkout, 🔒 private)." in cards
        assert "🔒 private · Payroll spreadsheet leaked" in everything(story.card("tier-1-support"))


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_for_everybody_else_it_is_not_there(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        stranger = "sam"
        await opened(story, "ana")
        await story.command("ana", "/incident open sev2 checkout: Checkout is slow")
        await story.advance(seconds=3)
        story.said()
        not_there = await asked(story, stranger, "show INC-3")
        for words in (
            *("show INC-1", "why INC-1", "timeline INC-1", "ack INC-1", "escalate INC-1", "pass INC-1"),
            *(
                "note INC-1 hello",
                "follow INC-1",
                "update INC-1 all is well",
                "resolve INC-1",
                "reopen INC-1 it is back",
            ),
            *("hold INC-1 2h", "assign INC-1 me", "severity INC-1 sev2", "cancel INC-1", "still INC-1", "resume INC-1"),
        ):
            assert await asked(story, stranger, words) == not_there.replace("INC-3", "INC-1"), words
        assert "there is no INC-1 here" in await asked(story, stranger, "cancel INC-2 duplicate of INC-1")
        assert story.said() == []

        listed = await story.command(stranger, "/incident list")
        assert (listed.text or "").startswith("1 incident\n")
        assert rows(listed) == ["🔴 *INC-2* Checkout is slow"]
        await story.slack.open_home(stranger)
        await story.advance(seconds=5)
        shown = story.slack.workspace.home(stranger)
        assert shown is not None
        assert "Payroll" not in str(shown.blocks)

        for user in ("ana", "chloe", "grace"):
            assert TITLE in (answer_text(await story.command(user, "/incident show INC-1")) or ""), user
            assert "2 incidents" in ((await story.command(user, "/incident list")).text or ""), user
        assert TITLE in (answer_text(await story.command(stranger, "/incident show INC-1", "tier-1-support")) or "")


async def test_what_is_over_is_not_there_either(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await opened(story, "ana")
        await asked(story, "ana", "resolve INC-1")
        story.said()
        assert TITLE not in ((await story.command("sam", "/incident list closed")).text or "")
        assert TITLE in ((await story.command("ben", "/incident list closed")).text or "")


async def test_who_sees_it_can_let_others_in(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await opened(story, "ana")
        story.said()
        assert "no INC-1" in await asked(story, "sam", "follow INC-1")
        assert "no INC-1" in await asked(story, "sam", "follow INC-1 <@U0SAM00001|sam>")
        await asked(story, "ana", "follow INC-1 <@U0SAM00001|sam>")
        [told] = story.said()
        assert told.place == "@sam"
        assert TITLE in told.text
        assert TITLE in (answer_text(await story.command("sam", "/incident show INC-1")) or "")
        await asked(story, "sam", "unfollow INC-1")
        assert "no INC-1" in await asked(story, "sam", "show INC-1")


async def test_whoever_is_in_the_channel_of_a_tier_can_take_it_there(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await opened(story, "ana")
        story.said()
        await story.click("sam", "tier-1-support", "acknowledge")
        await story.advance(seconds=3)
        assert "It is acknowledged at tier 1 of 4, First line, with <@U0SAM00001>." in story.shows("tier-1-support")
        assert story.said() == [], "nobody follows it"


async def test_the_form_asks_whether_it_is_private(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        answer = await story.command("sam", f"/incident open private sev1 {TITLE}")
        assert answer.view is not None
        element = next(block["element"] for block in answer.view.blocks if block["block_id"] == "private")
        assert [each["value"] for each in element["initial_options"]] == ["private"]
        values = {
            "title": filled_in(answer.view)["title"],
            "severity": "sev1",
            "service": "checkout",
            "description": None,
            "private": ["private"],
        }
        assert (await story.slack.submit("sam", answer.view.id, values)).ok
        await story.advance(seconds=3)
        said = story.said()
        assert [each.place for each in said] == ["#tier-1-support", "@sam"], "no channel of stakeholders"
        assert "🔒 private" in said[0].text


async def test_similar_ones_are_shown_only_to_who_may_see_them(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await opened(story, "ana")
        story.said()
        again = await story.command("sam", f"/incident open sev1 checkout: {TITLE}")
        assert again.view is None, "opened at once: nothing similar is known to them"
        await story.advance(seconds=3)
        story.said()
        known = await story.command("ben", f"/incident open sev1 checkout: {TITLE}")
        assert known.view is not None
        assert "INC-1" in str(known.view.blocks)


async def test_its_pages_that_slack_does_not_confirm_are_told_elsewhere_without_a_word(
    clock: ManualClock, sqlite_database: str
) -> None:
    letters: list[Any] = []
    async with (
        hook(letters) as url,
        world(clock, sqlite_database, more={"TIERLINE_FALLBACK_URLS": url}) as story,
    ):
        story.slack.faults.add(Fault(method="chat.postMessage", kind="http_503", times=None))
        await story.command("sam", OPEN)
        await story.advance(minutes=2)
        assert "INC-1  sev1  checkout: A private incident" in letters[0]["message"]
        assert not [word for word in WORDS if word in str(letters)]
        story.slack.faults.clear()
        await story.advance(minutes=1)
        story.said()
