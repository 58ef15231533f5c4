"""“@Tierline ack” in a thread, where slash commands do not work: the same grammar, and an answer for one person."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot.playground import Message
from bot.playground.delivery import Ack
from bot.services.quota import PER_PERSON
from bot.services.verifying import verify_all
from handlers.gatekeeper import TOO_MUCH
from tests.clock import ManualClock
from tests.scenarios.one_incident import a_story, told
from tests.scenarios.stored import row_counts
from tests.scenarios.world import Json, Said, Transport, World, filled_in, playground, running_world, world

FIRST = "tier-1-support"
TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])


async def mention(story: World, user: str, words: str, *, channel: str = FIRST, below: Message | None = None) -> str:
    """The newest answer that only they see; empty when there is none."""
    before = len(story.ephemerals(user, channel))
    await story.slack.say(user, channel, f"@Tierline {words}".strip(), thread_ts=below.ts if below else None)
    await story.bot.settled()
    return "\n---\n".join(story.ephemerals(user, channel)[before:])


def threads_of(story: World, user: str) -> set[str | None]:
    """Below which messages they were told something."""
    user_id = story.slack.workspace.user(user).id
    ephemerals = story.slack.workspace.channel(FIRST).ephemerals
    return {message.thread_ts for message in ephemerals if message.ephemeral_to == user_id}


@TRANSPORTS
async def test_in_the_thread_of_a_card_the_incident_is_known(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        await story.opened()
        await story.opened("Checkout is slow")
        card = story.slack.workspace.channel(FIRST).visible()[0]
        answer = await mention(story, "ana", "ack", below=card)
        assert answer == "You have INC-1: Checkout is down\nWhen it is over: `/incident resolve INC-1 what it was`"
        assert threads_of(story, "ana") == {card.ts}, "where it was typed"

        answer = await mention(story, "ben", "note the log shows a timeout of @chloe's cache", below=card)
        assert answer == "Noted in the story of INC-1: `/incident timeline INC-1` shows all of it."
        _, events = await story.bot.desk.show(1)
        assert [event.fact.text for event in events if event.fact.kind == "noted"] == [
            "the log shows a timeout of @Chloé Martin's cache"
        ], "people are named as they are called"
        assert (await mention(story, "ben", "ack", below=card)).startswith("INC-1 was already acknowledged by")
        assert "INC-2" not in await mention(story, "ben", "", below=card), "without words it is shown"
        await story.advance(seconds=2)
        story.said()


async def test_a_person_is_named_and_the_words_before_the_name_are_chatter(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        card = story.card(FIRST)
        await story.slack.say("ana", FIRST, "I cannot. @tierline: assign @ben please", thread_ts=card.ts)
        await story.bot.settled()
        assert story.ephemerals("ana", FIRST) == [
            "They are asked to take INC-1. Until somebody does, nobody has it. If nobody acknowledges by 03:05, it "
            "goes to tier 2 (Platform) in <#C0PLATFRM1>."
        ]
        await story.slack.say("ben", FIRST, "ack @tierline", thread_ts=card.ts)
        await story.bot.settled()
        assert (await story.bot.desk.show(1))[0].incident.assignee == "U0BEN00001"
        await story.advance(seconds=2)
        story.said()


async def test_in_the_stakeholders_thread_it_is_known_too(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.opened("Checkout is slow")
        parent = story.slack.workspace.channel("incident-updates").visible()[1]
        answer = await mention(story, "grace", "why", channel="incident-updates", below=parent)
        assert "INC-2" in answer
        assert "INC-1" not in answer


async def test_in_a_channel_with_one_incident_that_one_is_meant_and_else_it_has_to_be_said(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        assert (await mention(story, "ana", "ack")).startswith("You have INC-1")
        await story.opened("Checkout is slow")
        assert (await mention(story, "ben", "ack")).startswith("It does not say which incident; write for example")
        assert (await mention(story, "ben", "ack INC-2")).startswith("You have INC-2")
        assert threads_of(story, "ben") == {None}, "in a thread that nobody began nobody would see it"
        assert "/incident open" in await mention(story, "ben", "")
        await story.advance(seconds=2)
        story.said()


@TRANSPORTS
async def test_an_incident_is_opened_and_its_thread_is_told(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        complaint = await story.slack.say("ben", FIRST, "Nobody can pay")
        answer = await mention(story, "ana", "open sev1 checkout: nobody can pay", below=complaint)
        assert answer.startswith("INC-1 is open: nobody can pay")
        await story.advance(seconds=3)
        said = story.said()
        await story.slack.pin("ben", FIRST, complaint.ts)
        await story.slack.say("ben", FIRST, "It is the cache", thread_ts=story.card(FIRST).ts)
        await story.slack.pin("ben", FIRST, story.slack.workspace.channel(FIRST).visible()[-1].ts)
        await story.bot.settled()
        verdict = await verify_all(story.bot.database)
        assert (verdict.findings, verdict.entries) == ([], 2), "the story tells all of it again"
        assert (
            Said(
                "#tier-1-support thread",
                "INC-1 was opened from here by Ana Ruiz: nobody can pay (sev1, checkout). It is in <#C0FIRSTLN1>. "
                "`/incident show INC-1` tells how it stands.",
            )
            in said
        )
        assert len(said) == 3


@TRANSPORTS
async def test_what_needs_a_form_is_offered_by_a_button_that_opens_it_filled_in(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        answer = await mention(story, "ana", "open checkout: nobody can pay <https://x.example>")
        assert answer.endswith("A form asks for the rest; from here it opens by this button.")
        [offer] = story.slack.workspace.channel(FIRST).ephemerals
        opened = await story.click("ana", FIRST, "offered_form", ts=offer.ts)
        form = filled_in(opened.view)
        assert (form["title"], form["service"]) == ("nobody can pay https://x.example", "checkout")
        assert opened.view is not None
        assert (await story.slack.submit("ana", opened.view.id, {"severity": "sev2"})).ok
        await story.advance(seconds=3)
        said = story.said()
        assert {one.place for one in said} == {"#incident-updates", "#tier-1-support", "#tier-1-support thread"}
        [below] = [one.text for one in said if one.place.endswith("thread")]
        assert below.startswith("INC-1 was opened from here by Ana Ruiz: nobody can pay")


async def test_an_event_that_comes_again_changes_nothing(clock: ManualClock, database_url: str) -> None:
    async with world(clock, database_url) as story:
        await story.opened()
        await mention(story, "ana", "note it is the cache", below=story.card(FIRST))
        before, told_before = await row_counts(database_url), story.ephemerals("ana", FIRST)
        for retry in (1, 2):
            envelope = replace(story.slack.envelopes[-1], retry_num=retry, retry_reason="http_timeout")
            assert await story.slack.send_again(envelope) == Ack()
            await story.bot.settled()
        assert await row_counts(database_url) == before
        assert story.ephemerals("ana", FIRST) == told_before


async def test_an_edited_message_and_one_of_an_app_are_not_heard(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await mention(story, "ana", "help", below=story.card(FIRST))

        changes: Sequence[Json] = (
            {"edited": {"user": "U0ANA00001", "ts": "1.000000"}},
            {"bot_id": "B0OTHERS01"},
            {"subtype": "bot_message"},
        )
        for number, change in enumerate(changes):
            await story.forged(partial(_changed, change, f"Ev0OTHER{number}"))
        assert (await story.bot.desk.show(1))[0].incident.assignee is None


def _changed(change: Json, event_id: str, body: Json) -> None:
    body["event"] = {**body["event"], "text": "<@U0TIERBOT> ack", **change}
    body["event_id"] = event_id


async def test_who_floods_the_bot_is_refused_once(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        card = story.card(FIRST)
        for _ in range(PER_PERSON):
            await story.slack.say("ana", FIRST, "@Tierline help", thread_ts=card.ts)
        await story.bot.settled()
        before = await row_counts(sqlite_database)
        for _ in range(3):
            await mention(story, "ana", "ack", below=card)
        assert await row_counts(sqlite_database) == before
        assert story.ephemerals("ana", FIRST).count(TOO_MUCH) == 1
        assert (await story.bot.desk.show(1))[0].incident.assignee is None


async def test_what_was_written_while_the_bot_was_away_is_done_if_it_is_still_true(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with playground(clock) as slack:
        async with running_world(slack, clock, sqlite_database) as story:
            await story.opened()
        card = story.card(FIRST)
        await slack.say("ana", FIRST, "@Tierline ack", thread_ts=card.ts)
        await slack.say("ben", FIRST, "@Tierline escalate it is <too> much", thread_ts=card.ts)
        clock.advance(minutes=3)
        async with running_world(slack, clock, sqlite_database, after=story) as later:
            await slack.wait_for(lambda: later.ephemerals("ana", FIRST) and later.ephemerals("ben", FIRST))
            await later.bot.settled()
            incident = (await later.bot.desk.show(1))[0].incident
            assert (incident.assignee, incident.tier) == ("U0ANA00001", 1)
            assert later.ephemerals("ana", FIRST)[0].endswith(
                "You did that 03:00; Tierline was away and came to it only now."
            )
            assert later.ephemerals("ben", FIRST) == [
                "You wrote 03:00: “escalate it is &lt;too&gt; much”. Tierline was away and came to it only now, so "
                "nothing was done. If it is still meant, please write it again."
            ]
            await later.advance(seconds=2)
            later.said()


async def test_who_may_not_is_told_so(clock: ManualClock, sqlite_database: str, policy_file: Path) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        story.slack.workspace.channel(FIRST).members.add(story.slack.workspace.user("finn").id)
        answer = await mention(story, "finn", "resolve it went away", below=story.card(FIRST))
        assert answer.startswith("Only the assignee, the tier's people, managers and admins can resolve INC-1.")
        assert not told(story)
