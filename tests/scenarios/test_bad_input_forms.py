"""Forms sent in with something missing or wrong: the form stays, says what, and keeps what was typed."""

from collections.abc import Callable

import pytest

from bot.domain.wanted import EVERYTHING
from bot.playground import Fault
from bot.playground.delivery import Ack
from handlers import forms
from tests.clock import ManualClock
from tests.scenarios.world import Json, Said, World, answer_text, world

FILLED = {"title": "Search is slow", "severity": "sev2", "service": "website"}
NOT_UNDERSTOOD = (
    "That came in a form this bot does not understand. Nothing was changed; `/incident help` shows what there is."
)
NOT_OPENED = "Slack did not open the form in time. Nothing was changed; please try again."
NO_TITLE = "An incident needs a title: say in a few words what is wrong."


@pytest.mark.parametrize("title", ["   ", "\u202e\u2066"])
async def test_an_empty_title_is_said_at_the_field_and_the_form_stays(
    clock: ManualClock, sqlite_database: str, title: str
) -> None:
    async with world(clock, sqlite_database) as story:
        form = await story.slack.shortcut("sam", "shortcut_open")
        assert form.view is not None
        answer = await story.slack.submit("sam", form.view.id, FILLED | {"title": title})
        assert (answer.ok, answer.errors, answer.view) == (False, {"title": NO_TITLE}, form.view)

        answer = await story.slack.submit("sam", form.view.id, {"title": "Search is slow"})
        assert answer.ok, "the severity and the service that were chosen are still there"
        await story.bot.settled()
        case, _ = await story.bot.desk.show(1)
        assert (case.incident.title, case.incident.service) == ("Search is slow", "website")
        await story.advance(seconds=2)
        story.said()


FORGED: list[tuple[str, Callable[[Json], object], str]] = [
    ("a severity that is not there", lambda values: _choose(values, "severity", "sev9"), NOT_UNDERSTOOD),
    ("a service that is not there", lambda values: _choose(values, "service", "g<o>ne"), "“g&lt;o&gt;ne” is not"),
    ("no service", lambda values: values.pop("service"), NOT_UNDERSTOOD),
    ("no title", lambda values: values["title"]["title"].update(value=None), NO_TITLE),
    ("no title field", lambda values: values.pop("title"), NOT_UNDERSTOOD),
]


async def test_a_forged_form_is_refused_in_words_and_opens_nothing(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await _sent_in(story)
        for name, change, words in FORGED:
            ack = await story.forged(_in_the_fields(change))
            assert ack.body is not None, name
            assert ack.body["response_action"] == "errors", name
            assert ack.body["errors"]["title"].startswith(words), name
        unchosen = await story.forged(
            _in_the_fields(lambda values: values["severity"]["severity"].update(selected_option=None))
        )
        assert unchosen.body is not None
        assert unchosen.body["errors"].keys() == {"severity"}
        assert await _open(story) == 1, "only the one sent in before"


@pytest.mark.parametrize("metadata", ["", "{broken"])
async def test_a_form_of_another_version_opens_the_incident_and_is_answered_directly(
    clock: ManualClock, sqlite_database: str, metadata: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await _sent_in(story)

        def of_another_version(body: Json) -> None:
            body["view"].update(private_metadata=metadata)
            _in_the_fields(lambda values: values["title"]["title"].update(value="Baskets are empty"))(body)

        ack = await story.forged(of_another_version)
        assert ack == Ack(), "accepted, the form closes"
        await story.advance(seconds=2)
        answers = [said for said in story.said() if said.place == "@sam"]
        assert [said.text.partition("\n")[0] for said in answers] == ["INC-2 is open: Baskets are empty"]


async def test_an_expired_trigger_is_said_to_who_used_the_shortcut(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        message = await story.slack.say("ana", "tier-1-support", "It is down")
        story.slack.faults.add(Fault(method="views.open", kind="error:expired_trigger_id", times=2))

        answer = await story.slack.shortcut("sam", "shortcut_from_message", channel="tier-1-support", ts=message.ts)
        assert (answer.ok, answer.view) == (True, None)
        await story.bot.settled()
        assert story.ephemerals("sam", "tier-1-support") == [NOT_OPENED]

        answer = await story.slack.shortcut("sam", "shortcut_open")
        assert (answer.ok, answer.view) == (True, None)
        await story.bot.settled()
        assert story.said() == [Said("@sam", NOT_OPENED)]


async def test_when_slack_hangs_the_person_hears_it_while_slack_still_waits(
    clock: ManualClock, sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "OPEN_WITHIN_SECONDS", 0.05)
    monkeypatch.setattr(forms, "LINK_WITHIN_SECONDS", 0.05)
    async with world(clock, sqlite_database) as story:
        message = await story.slack.say("ana", "tier-1-support", "It is down")
        for method in ("views.open", "chat.getPermalink"):
            story.slack.faults.add(Fault(method=method, kind="delay", times=None))
        answer = await story.command("sam", "/incident open Search is slow")
        assert answer_text(answer) == f"{NOT_OPENED}\nYou wrote: /incident open Search is slow"

        answer = await story.slack.shortcut("sam", "shortcut_from_message", channel="tier-1-support", ts=message.ts)
        assert answer.ok
        await story.bot.settled()
        assert story.ephemerals("sam", "tier-1-support") == [NOT_OPENED]
        story.slack.faults.clear()


async def test_a_message_that_cannot_be_linked_is_quoted_all_the_same(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        message = await story.slack.say("ana", "general", "It is down")
        story.slack.faults.add(Fault(method="chat.getPermalink", kind="error:channel_not_found"))
        answer = await story.slack.shortcut("sam", "shortcut_from_message", channel="general", ts=message.ts)
        assert answer.view is not None
        description = next(block for block in answer.view.blocks if block["block_id"] == "description")
        assert description["element"]["initial_value"] == "It is down"


async def test_a_form_is_acknowledged_also_when_the_answer_to_it_hangs(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        form = await story.slack.shortcut("sam", "shortcut_open")
        assert form.view is not None
        story.slack.faults.add(Fault(method="chat.postMessage", kind="delay", channel="U0SAM00001"))
        answer = await story.slack.submit("sam", form.view.id, FILLED)
        assert answer.ok, "the incident is on disk, whatever becomes of the answer"
        await story.slack.wait_for(lambda: story.slack.faults.struck)
        story.slack.faults.release()
        await story.advance(seconds=2)
        assert "@sam" in [said.place for said in story.said()]


async def _sent_in(story: World) -> None:
    """A form filled in and sent, all said about it taken."""
    form = await story.slack.shortcut("sam", "shortcut_open")
    assert form.view is not None
    assert (await story.slack.submit("sam", form.view.id, FILLED)).ok
    await story.advance(seconds=2)
    story.said()


async def _open(story: World) -> int:
    return (await story.bot.desk.list_page(EVERYTHING, page=1)).total


def _in_the_fields(change: Callable[[Json], object]) -> Callable[[Json], object]:
    return lambda body: change(body["view"]["state"]["values"])


def _choose(values: Json, field: str, value: str) -> None:
    values[field][field]["selected_option"]["value"] = value
