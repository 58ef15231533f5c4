"""A database that cannot be written: people are told that nothing was saved, and nothing is half saved."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.wanted import EVERYTHING
from bot.playground import Answer
from tests.clock import ManualClock
from tests.scenarios.conftest import LogEntries
from tests.scenarios.stored import full, locked, read_only, row_counts
from tests.scenarios.world import World, answer_text, world

FIRST = "tier-1-support"
NOT_SAVED = "That was not saved: the database cannot be written just now. Nothing was changed; please try again."
FILLED = {"title": "Search is slow", "severity": "sev2", "service": "website"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A command, a click and a form at the same moment, and what each person heard."""

    command: Answer
    click: Answer
    form: Answer
    told: str | None


class Trying:
    """One incident with a card to click, and a form somebody has open."""

    def __init__(self, story: World, view_id: str) -> None:
        self._story = story
        self._view_id = view_id
        self._card_ts = story.card(FIRST).ts

    async def everything(self, *, title: str = "Login is down") -> Attempt:
        slack = self._story.slack
        heard = len(self._story.ephemerals("ana", FIRST))
        command, click, form = await asyncio.gather(
            slack.command("sam", "general", f"/incident open sev1 checkout: {title}"),
            slack.click("ana", FIRST, self._card_ts, "acknowledge"),
            slack.submit("sam", self._view_id, FILLED | {"description": title}),
        )
        await self._story.bot.settled()
        told = self._story.ephemerals("ana", FIRST)[heard:]
        return Attempt(command=command, click=click, form=form, told=told[0] if told else None)


async def _trying(story: World) -> Trying:
    await story.opened()
    form = await story.slack.shortcut("sam", "shortcut_open")
    assert form.view is not None
    return Trying(story, form.view.id)


def _nothing_saved(attempt: Attempt, counts: Mapping[str, int], now: Mapping[str, int]) -> None:
    """Each was answered before Slack gave up waiting, which would show as an error of its own."""
    assert (answer_text(attempt.command) or "").partition("\n")[0] == NOT_SAVED
    assert (attempt.click.ok, attempt.told) == (True, NOT_SAVED)
    assert (attempt.form.ok, attempt.form.errors) == (False, {"title": NOT_SAVED})
    assert attempt.form.view is not None, "what was typed stays where it is"
    assert now == counts


async def _all_saved(story: World, attempt: Attempt) -> None:
    opened = answer_text(attempt.command)
    assert opened is not None
    assert " is open: " in opened
    assert (attempt.click.ok, attempt.told) == (True, None)
    assert attempt.form.ok
    await story.advance(seconds=5)
    said = [said for said in story.said() if said.place != "@sam"]
    assert len(said) == 5, "two pages, two parents and the update about the acknowledgement"
    assert story.notified() == {"ana": 3, "ben": 3}, "each incident paged once"
    assert (await story.bot.desk.list_page(EVERYTHING, page=1)).total == 3


async def test_while_another_process_holds_the_lock_everybody_hears_in_time_that_nothing_was_saved(
    clock: ManualClock, database_url: str
) -> None:
    async with world(clock, database_url) as story:
        trying = await _trying(story)
        counts = await row_counts(database_url)
        async with locked(database_url):
            attempt = await trying.everything()
            _nothing_saved(attempt, counts, await row_counts(database_url))
            assert "INC-1: Checkout is down" in (answer_text(await story.command("sam", "/incident list")) or "")
        await _all_saved(story, await trying.everything())


async def test_on_a_read_only_database_nothing_is_saved_and_everybody_hears_it(
    clock: ManualClock, sqlite_database: str, logs: LogEntries
) -> None:
    async with world(clock, sqlite_database) as story:
        trying = await _trying(story)
        counts = await row_counts(sqlite_database)
        async with read_only(story.bot):
            _nothing_saved(await trying.everything(), counts, await row_counts(sqlite_database))
        not_stored = [entry for entry in logs if entry["event"] == "request.not_stored"]
        assert {entry["entrance"]: entry["error"] for entry in not_stored} == dict.fromkeys(
            ("command", "acknowledge", "open_form"), "attempt to write a readonly database"
        )
        assert len(not_stored) == 3
        await _all_saved(story, await trying.everything())


async def test_on_a_full_disk_nothing_is_half_saved_and_everybody_hears_it(
    clock: ManualClock, sqlite_database: str
) -> None:
    long = "word " * 500
    async with world(clock, sqlite_database) as story:
        trying = await _trying(story)
        async with full(story.bot):
            await _use_up(story)
            counts = await row_counts(sqlite_database)
            _nothing_saved(await trying.everything(title=long), counts, await row_counts(sqlite_database))
        attempt = await trying.everything(title=long)
        assert (attempt.command.ok, attempt.click.ok, attempt.told, attempt.form.ok) == (True, True, None, True)

        await story.advance(minutes=1)
        story.said()
        incidents = (await row_counts(sqlite_database))["incidents"]
        assert incidents == counts["incidents"] + 2
        cards = [message for message in story.slack.workspace.channel(FIRST).visible() if not message.is_reply]
        assert len(cards) == incidents, "what could not be recorded was found again: none is lost, none doubled"


async def test_what_is_due_while_nothing_can_be_written_goes_out_once_afterwards(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        async with read_only(story.bot):
            await story.advance(minutes=6)
            assert not story.said(), "what is not on disk is not said"
        await story.advance(minutes=1)
        assert sorted(said.place for said in story.said()) == [
            "#incident-updates thread",
            "#tier-1-support broadcast",
            "#tier-2-platform",
        ]
        assert story.notified() == {"ana": 1, "ben": 1, "chloe": 1, "dev": 1, "grace": 1}


async def _use_up(story: World) -> None:
    """Incidents are opened, and acknowledged, until neither finds room."""
    opened = await _until_refused(story, "open sev1 checkout: Filler {}")
    acknowledged = await _until_refused(story, "ack INC-{}")
    assert acknowledged < opened, "there was room for every acknowledgement"


async def _until_refused(story: World, command: str) -> int:
    number = 2
    while answer_text(await story.command("sam", f"/incident {command.format(number)}")) != NOT_SAVED:
        number += 1
    return number
