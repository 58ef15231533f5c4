"""What Slack delivers twice, a bot that is killed in between, and more than anybody should ask."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.wanted import EVERYTHING
from bot.playground import Fault
from bot.playground.delivery import Ack, EnvelopeType
from bot.services.quota import PER_PERSON
from handlers.gatekeeper import OTHER_APP, TOO_MANY_CLICKS, TOO_MUCH
from tests.clock import ManualClock
from tests.scenarios.conftest import LogEntries
from tests.scenarios.stored import read_only, row_counts
from tests.scenarios.world import (
    Json,
    Transport,
    World,
    answer_text,
    playground,
    running_world,
    world,
)

FIRST = "tier-1-support"
FILLED = {"title": "Search is slow", "severity": "sev2", "service": "website"}
TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])


async def again(story: World) -> Ack:
    """Slack sends its last request once more, as it is."""
    ack = await story.slack.send_again()
    await story.bot.settled()
    return ack


@TRANSPORTS
async def test_a_command_that_comes_twice_opens_one_incident_and_is_answered_the_same(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        answer = await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        before = await row_counts(database_url)
        for _ in range(2):
            ack = await again(story)
            assert ack.ok
            assert (ack.body or {}).get("text") == answer.text
        assert await row_counts(database_url) == before
        await story.advance(seconds=2)
        assert len(story.said()) == 2, "one page, one parent"


@TRANSPORTS
async def test_the_same_command_at_once_opens_one_incident(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        last = story.slack.envelopes[-1]
        another = replace(last, payload={**last.payload, "trigger_id": "1.2.another"})
        acks = await asyncio.gather(*(story.slack.send_again(another) for _ in range(4)))
        await story.bot.settled()
        assert len({(ack.body or {})["text"] for ack in acks}) == 1
        assert (await story.bot.desk.list_page(EVERYTHING, page=1)).total == 2
        await story.advance(seconds=3)
        story.said()


@TRANSPORTS
async def test_a_verb_that_was_typed_is_done_once(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        answer = await story.command("ana", "/incident ack INC-1")
        ack = await again(story)
        assert (ack.body or {}).get("text") == answer.text, "and not that it was taken already"
        _, events = await story.bot.desk.show(1)
        assert len(events) == 2
        await story.advance(seconds=2)
        assert len(story.said()) == 1


@TRANSPORTS
async def test_a_click_that_comes_twice_is_done_once_and_nobody_is_told_off(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        await story.opened()
        await story.click("ana", FIRST, "acknowledge")
        before = await row_counts(database_url)
        assert await again(story) == Ack()
        assert story.ephemerals("ana", FIRST) == []
        assert await row_counts(database_url) == before
        await story.advance(seconds=2)
        assert len(story.said()) == 1


@TRANSPORTS
async def test_a_form_that_comes_twice_opens_one_incident(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        form = await story.slack.shortcut("sam", "shortcut_open")
        assert form.view is not None
        refused = await story.slack.submit("sam", form.view.id, FILLED | {"title": " "})
        assert not refused.ok, "the same form, sent in before it was filled in, is not what was done"
        assert (await story.slack.submit("sam", form.view.id, FILLED)).ok
        await story.bot.settled()
        assert await again(story) == Ack()
        assert (await story.bot.desk.list_page(EVERYTHING, page=1)).total == 1
        await story.advance(seconds=3)
        assert {said.place for said in story.said()} == {"@sam", "#tier-1-support", "#incident-updates"}


@TRANSPORTS
async def test_an_event_that_comes_twice_is_handled_once(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        await story.slack.open_home("sam")
        await story.bot.settled()
        assert published(story) == 1
        event = next(each for each in story.slack.envelopes if each.type is EnvelopeType.EVENT)
        for retry in (1, 2, 3):
            envelope = replace(event, retry_num=retry, retry_reason="http_timeout")
            assert await story.slack.send_again(envelope) == Ack()
            await story.bot.settled()
        assert published(story) == 1
        assert (await row_counts(database_url))["inbox"] == 1


async def test_an_event_that_nothing_is_done_about_is_acknowledged_and_not_kept(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.slack.open_home("sam")
        event = story.slack.envelopes[-1]
        other = {**event.payload, "event_id": "Ev2", "event": {"type": "team_join"}}
        assert await story.slack.send_again(replace(event, payload=other)) == Ack()
        await story.bot.settled()
        assert (await row_counts(sqlite_database))["inbox"] == 1


@pytest.mark.parametrize("away", [20, 90])
async def test_an_event_outlives_the_bot_that_took_it(clock: ManualClock, database_url: str, away: int) -> None:
    async with playground(clock) as slack:
        async with running_world(slack, clock, database_url) as story:
            slack.faults.add(Fault(method="views.publish", kind="error:internal_error"))
            await slack.open_home("sam")
            await story.bot.settled()
            assert slack.workspace.homes == {}
        clock.advance(seconds=away)
        async with running_world(slack, clock, database_url, after=story) as later:
            await later.bot.settled()
            assert slack.workspace.homes != {}
            await later.advance(seconds=20)
            story_before = len(slack.workspace.calls)
            await later.advance(minutes=15)
            assert "views.publish" not in [call.method for call in slack.workspace.calls[story_before:]]
            later.said()


async def test_an_event_that_cannot_be_stored_is_delivered_again_by_slack(
    clock: ManualClock, sqlite_database: str, logs: LogEntries
) -> None:
    async with world(clock, sqlite_database, transport="http") as story:
        async with read_only(story.bot):
            await story.slack.open_home("sam")
            event = story.slack.envelopes[-1]
            assert not (await story.slack.send_again(event)).ok
        assert "event.not_stored" in {entry["event"] for entry in logs}
        await story.advance(minutes=2)
        assert await story.slack.wait_for(lambda: published(story)) == 1
        assert story.slack.lost_events == []


async def test_who_floods_the_bot_is_refused_in_words_and_is_in_nobodys_way(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        answers = [
            answer_text(await story.slack.command("ana", "general", "/incident help")) for _ in range(PER_PERSON)
        ]
        assert TOO_MUCH not in answers
        before = await row_counts(sqlite_database)
        assert answer_text(await story.command("ana", "/incident open sev1 checkout: Again")) == TOO_MUCH
        shortcut = await story.slack.shortcut("ana", "shortcut_open")
        assert (shortcut.ok, shortcut.view) == (True, None)
        assert await row_counts(sqlite_database) == before
        assert answer_text(await story.command("ben", "/incident show INC-1")) != TOO_MUCH
        assert (await story.click("ana", FIRST, "acknowledge")).ok
        assert (await story.bot.desk.show(1))[0].incident.assignee == "U0ANA00001", "the button works"
        await story.advance(minutes=1)
        assert answer_text(await story.command("ana", "/incident show INC-1")) != TOO_MUCH
        story.said()


async def test_a_form_over_the_quota_stays_open_and_says_so(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        form = await story.slack.shortcut("sam", "shortcut_open")
        assert form.view is not None
        for _ in range(PER_PERSON - 1):
            await story.slack.command("sam", "general", "/incident help")
        refused = await story.slack.submit("sam", form.view.id, FILLED)
        assert refused.errors == {"title": TOO_MUCH}
        clock.advance(minutes=1)
        assert (await story.slack.submit("sam", form.view.id, FILLED)).ok
        await story.advance(seconds=3)
        story.said()


async def test_who_clicks_too_much_hears_it_once(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.click("ana", FIRST, "acknowledge")
        await story.advance(seconds=2)
        story.said()
        told = story.ephemerals("ana", FIRST)
        click = story.slack.envelopes[-1]
        for _ in range(PER_PERSON + 5):
            assert await story.slack.send_again(click) == Ack()
        await story.bot.settled()
        assert story.ephemerals("ana", FIRST)[len(told) :] == [TOO_MANY_CLICKS]


@TRANSPORTS
async def test_what_was_sent_to_another_app_is_refused(
    clock: ManualClock, sqlite_database: str, transport: Transport, logs: LogEntries
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        await story.command("sam", "/incident help")

        def elsewhere(body: Json) -> None:
            body.update(api_app_id="A0OTHERS01", text="ack INC-1")

        assert await story.forged(elsewhere) == Ack(body={"response_type": "ephemeral", "text": OTHER_APP})
        assert (await story.bot.desk.show(1))[0].incident.assignee is None
        assert {"event": "request.other_app", "log_level": "warning", "app": "A0OTHERS01"} in logs


def published(story: World) -> int:
    """How often the Home tab was drawn."""
    return sum(call.method == "views.publish" for call in story.slack.workspace.calls)
