"""What does not come from our workspace, and what is not as Slack sends it: refused in words where words can go."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain.wanted import EVERYTHING
from bot.playground.delivery import Ack, Envelope, EnvelopeType
from tests.clock import ManualClock
from tests.scenarios.conftest import LogEntries
from tests.scenarios.world import Json, Transport, World, world

FIRST = "tier-1-support"
OTHER_WORKSPACE = "This bot serves another workspace; nothing was changed. Please ask its operator for one of your own."
NOT_UNDERSTOOD = (
    "That came in a form this bot does not understand. Nothing was changed; `/incident help` shows what there is."
)


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_command_of_another_workspace_is_refused_in_words_and_changes_nothing(
    clock: ManualClock, sqlite_database: str, transport: Transport, logs: LogEntries
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        before = await _facts(story)
        await story.command("sam", "/incident help")
        for text in ("open sev1 checkout: ours?", "ack INC-1", "list", ""):
            ack = await story.forged(_with(team_id="T0OTHERS01", text=text))
            assert ack == Ack(body={"response_type": "ephemeral", "text": OTHER_WORKSPACE})
        assert await _facts(story) == before
        refused = {"event": "request.other_workspace", "log_level": "warning", "team": "T0OTHERS01"}
        assert [entry for entry in logs if entry["event"] == "request.other_workspace"] == [refused] * 4


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_form_of_another_workspace_is_refused_at_its_field_and_opens_nothing(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        form = await story.slack.shortcut("sam", "shortcut_open")
        assert form.view is not None
        await story.slack.submit("sam", form.view.id, {"title": " ", "severity": "sev1", "service": "checkout"})
        ack = await story.forged(_elsewhere(_titled))
        assert ack == Ack(body={"response_action": "errors", "errors": {"title": OTHER_WORKSPACE}})
        assert (await story.bot.desk.list_page(EVERYTHING, page=1)).total == 0


async def test_a_form_about_an_incident_of_another_workspace_is_refused_at_a_field_that_it_has(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.choose("ana", FIRST, "Put on hold…")
        await story.submit("ana", until="dawn")
        before = await _facts(story)
        ack = await story.forged(_elsewhere(lambda body: body))
        assert ack == Ack(body={"response_action": "errors", "errors": {"until": OTHER_WORKSPACE}})
        assert await _facts(story) == before


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_click_of_another_workspace_is_refused_in_words_and_changes_nothing(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        await story.opened("Search is slow")
        await story.click("ana", FIRST, "acknowledge")
        await story.advance(seconds=2)
        story.said()
        before = await _facts(story)
        for button in ("acknowledge", "escalate", "resolve"):
            assert await story.forged(_elsewhere(_pressed(button))) == Ack()
        assert story.ephemerals("ana", FIRST) == [OTHER_WORKSPACE] * 3
        assert await _facts(story) == before


MALFORMED: list[tuple[str, EnvelopeType, Json]] = [
    ("nothing", EnvelopeType.INTERACTIVE, {}),
    ("no type", EnvelopeType.INTERACTIVE, {"user": {"id": "U0ANA00001"}}),
    ("an unknown type", EnvelopeType.INTERACTIVE, {"type": "nonsense"}),
    ("a click without actions", EnvelopeType.INTERACTIVE, {"type": "block_actions"}),
    ("a form without a view", EnvelopeType.INTERACTIVE, {"type": "view_submission"}),
    ("a closed form that nobody asked about", EnvelopeType.INTERACTIVE, {"type": "view_closed", "view": {}}),
    ("a shortcut without a name", EnvelopeType.INTERACTIVE, {"type": "shortcut"}),
    ("a question for options", EnvelopeType.INTERACTIVE, {"type": "block_suggestion", "action_id": "x", "value": "y"}),
    ("a command without a name", EnvelopeType.COMMAND, {"text": "list"}),
    ("a command of another app", EnvelopeType.COMMAND, {"command": "/other", "text": "list"}),
    ("a command from nobody", EnvelopeType.COMMAND, {"command": "/incident", "text": "open"}),
    ("an event without an event", EnvelopeType.EVENT, {"type": "event_callback"}),
    ("an event nobody asked for", EnvelopeType.EVENT, {"type": "event_callback", "event": {"type": "new_event"}}),
    ("a Home tab of nobody", EnvelopeType.EVENT, {"type": "event_callback", "event": {"type": "app_home_opened"}}),
    (
        "a Home tab without a person",
        EnvelopeType.EVENT,
        {"type": "event_callback", "event": {"type": "app_home_opened", "tab": "home"}},
    ),
]


async def test_payloads_with_something_missing_are_acknowledged_and_logged_and_the_bot_lives_on(
    clock: ManualClock, sqlite_database: str, logs: LogEntries
) -> None:
    async with world(clock, sqlite_database) as story:
        for name, type_, payload in MALFORMED:
            envelope = Envelope(type=type_, payload={"team_id": "T0TIERLINE"} | payload, takes_payload=True)
            before = len(logs)
            ack = await story.slack.send_again(envelope)
            assert ack.ok, name
            noted = {entry["event"] for entry in logs[before:]}
            home_of_nobody = name == "a Home tab of nobody"  # the messages tab looks like that
            assert home_of_nobody or noted & {"request.malformed", "request.ignored"}, name
            if type_ is EnvelopeType.COMMAND and payload.get("command") != "/other":
                assert (ack.body or {}).get("text") == NOT_UNDERSTOOD, name
        await story.opened()
        assert (await story.click("ana", FIRST, "acknowledge")).ok
        await story.advance(seconds=2)
        story.said()


WITHOUT: dict[str, Callable[[Json], object]] = {
    "a trigger": lambda body: body.pop("trigger_id"),
    "a value": lambda body: body.update(actions=[{"action_id": "acknowledge"}]),
    "any value": lambda body: body.update(actions=[{"action_id": "escalate", "value": None}]),
    "a channel": lambda body: body.pop("channel"),
    "a channel's name": lambda body: body.update(channel={}),
}


async def test_a_click_with_something_missing_is_answered_and_changes_no_more_than_a_whole_one(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.click("ana", FIRST, "acknowledge")
        await story.advance(seconds=2)
        story.said()
        before = await _facts(story)
        for number, (name, change) in enumerate(WITHOUT.items(), start=1):
            assert (await story.forged(change)).ok, name
            directly = story.slack.workspace.dm("ana").visible()
            assert len(story.ephemerals("ana", FIRST)) + len(directly) == number, name
            await story.advance(seconds=1)
        assert await _facts(story) == before
        assert {said.place for said in story.said()} == {"@ana"}, "directly where no channel is known"


async def test_a_payload_that_bolt_cannot_read_is_logged_and_the_bot_lives_on(
    clock: ManualClock, sqlite_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.click("ana", FIRST, "acknowledge")
        unread = replace(story.slack.envelopes[-1], payload={"type": "block_actions", "user": 7})
        waiting = asyncio.create_task(story.slack.send_again(unread))
        assert (await story.command("sam", "/incident list")).ok
        assert "Failed to run a request listener" in caplog.text
        waiting.cancel()
        await asyncio.wait((waiting,))
        await story.advance(seconds=2)
        story.said()


async def _facts(story: World) -> object:
    return await story.bot.desk.show(1), (await story.bot.desk.list_page(EVERYTHING, page=1)).total


def _elsewhere(change: Callable[[Json], object]) -> Callable[[Json], object]:
    def changed(body: Json) -> None:
        body["team"] = {"id": "T0OTHERS01", "domain": "others"}
        body["user"]["team_id"] = "T0OTHERS01"
        change(body)

    return changed


def _with(**changes: str) -> Callable[[Json], object]:
    return lambda body: body.update(changes)


def _titled(body: Json) -> None:
    body["view"]["state"]["values"]["title"]["title"]["value"] = "ours?"


def _pressed(button: str) -> Callable[[Json], object]:
    def changed(body: Json) -> None:
        body["actions"][0].update(action_id=button, value="1|1|0")

    return changed
