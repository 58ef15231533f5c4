"""The net around every listener: each failure is said to the person concerned, and nothing leaves it."""

from typing import Any

import pytest
from hypothesis import given, settings
from structlog.testing import capture_logs

from bot.domain.errors import IncidentNotFound, InvalidIncident
from bot.domain.ids import ChannelId, UserId
from bot.services.errors import CommitUnknown, NotStored
from bot.slack.blocks.rendered import Rendered
from handlers.forms import FormNotOpened
from handlers.listener import (
    BUG,
    MAYBE_SAVED,
    NOT_OPENED,
    NOT_SAVED,
    NOT_UNDERSTOOD,
    Again,
    Errors,
    at_field,
    beside_ack,
    in_ack,
)
from handlers.payload import MalformedPayload, Payload
from tests.builders import SAM, TIER_1_CHANNEL
from tests.examples import up_to
from tests.handlers import payloads
from tests.handlers.payloads import Json

FAILURES = [
    (IncidentNotFound("INC-9"), "There is no INC-9 here. `/incident list` shows what is open."),
    (InvalidIncident("A title is missing."), "A title is missing."),
    (NotStored("database is locked"), NOT_SAVED),
    (CommitUnknown("connection reset"), MAYBE_SAVED),
    (MalformedPayload("actions"), NOT_UNDERSTOOD),
    (FormNotOpened("Refused('expired_trigger_id')"), NOT_OPENED),
    (ZeroDivisionError("a bug"), BUG),
]


class Recorder:
    """Slack's side: what was acknowledged, and what was said to whom."""

    def __init__(self) -> None:
        self.acks: list[Json] = []
        self.told: list[tuple[ChannelId | None, UserId, str]] = []

    async def ack(self, **answer: Any) -> None:
        self.acks.append(answer)

    def say(self, channel: ChannelId | None, user: UserId, text: str) -> None:
        self.told.append((channel, user, text))


class Failing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    async def __call__(self, body: Payload) -> None:
        raise self._error


@pytest.mark.parametrize(("error", "words"), FAILURES)
async def test_a_failed_command_is_answered_in_its_acknowledgement(error: Exception, words: str) -> None:
    slack = Recorder()
    await in_ack("command", Failing(error))(slack.ack, payloads.COMMAND)
    assert slack.acks == [{"text": words}]


async def test_a_long_command_that_failed_is_repeated_so_that_it_is_not_lost() -> None:
    slack = Recorder()
    typed = "resolve INC-1 Rolled back the deploy of &lt;09:40&gt;, <@U0ANA00001|ana> watches"
    await in_ack("command", Failing(NotStored("locked")))(slack.ack, {**payloads.COMMAND, "text": typed})
    kept = "/incident resolve INC-1 Rolled back the deploy of &lt;09:40&gt;, @ana watches"
    assert slack.acks == [{"text": f"{NOT_SAVED}\nYou wrote: {kept}"}]


@pytest.mark.parametrize(("error", "words"), FAILURES)
async def test_a_failed_click_is_answered_where_it_was_made(error: Exception, words: str) -> None:
    slack = Recorder()
    await beside_ack("click", slack.say, Failing(error))(slack.ack, payloads.CLICK)
    assert slack.acks == [{}]
    assert slack.told == [(TIER_1_CHANNEL, SAM, words)]


@pytest.mark.parametrize(("error", "words"), FAILURES)
async def test_a_failed_form_stays_open_and_says_so_at_its_field(error: Exception, words: str) -> None:
    slack = Recorder()
    await at_field("form", "title", Failing(error))(slack.ack, payloads.FORM)
    assert slack.acks == [{"response_action": "errors", "errors": {"title": words}}]


async def test_what_is_wrong_with_a_form_stands_at_the_fields_that_mend_it() -> None:
    async def refuses(body: Payload) -> Errors:
        return {"impact": "Choose both.", "severity": "Or this."}

    slack = Recorder()
    await at_field("form", "title", refuses)(slack.ack, payloads.FORM)
    assert slack.acks == [{"response_action": "errors", "errors": {"impact": "Choose both.", "severity": "Or this."}}]


async def test_a_form_that_is_shown_again_takes_the_place_of_the_one_sent_in() -> None:
    async def shows(body: Payload) -> Again:
        return Again({"type": "modal"})

    slack = Recorder()
    await at_field("form", "title", shows)(slack.ack, payloads.FORM)
    assert slack.acks == [{"response_action": "update", "view": {"type": "modal"}}]


async def test_success_is_acknowledged_without_a_word() -> None:
    async def works(body: Payload) -> None:
        """There is nothing to say."""

    slack = Recorder()
    for listener in (
        in_ack("command", works),
        beside_ack("click", slack.say, works),
        at_field("form", "title", works),
    ):
        await listener(slack.ack, payloads.CLICK)
    assert (slack.acks, slack.told) == ([{}, {}, {}], [])


async def test_the_answer_to_a_command_is_in_its_acknowledgement() -> None:
    async def answers(body: Payload) -> Rendered:
        return Rendered(text="done", blocks=[{"type": "divider"}])

    slack = Recorder()
    await in_ack("command", answers)(slack.ack, payloads.COMMAND)
    assert slack.acks == [{"text": "done", "blocks": [{"type": "divider"}]}]


@pytest.mark.parametrize(
    ("error", "entry"),
    [
        (
            IncidentNotFound("INC-9"),
            {"event": "request.refused", "log_level": "info", "entrance": "x", "reason": "IncidentNotFound"},
        ),
        (
            NotStored("disk full"),
            {"event": "request.not_stored", "log_level": "error", "entrance": "x", "error": "disk full"},
        ),
        (
            MalformedPayload("user"),
            {"event": "request.malformed", "log_level": "warning", "entrance": "x", "part": "user"},
        ),
        (
            FormNotOpened("Limited"),
            {"event": "form.not_opened", "log_level": "warning", "entrance": "x", "outcome": "Limited"},
        ),
    ],
)
async def test_the_log_says_what_went_wrong(error: Exception, entry: Json) -> None:
    with capture_logs() as logs:
        await in_ack("x", Failing(error))(Recorder().ack, {})
    assert logs == [entry]


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (IncidentNotFound("INC-9"), "refused"),
        (NotStored("locked"), "not_stored"),
        (CommitUnknown("reset"), "not_stored"),
        (MalformedPayload("actions"), "malformed"),
        (FormNotOpened("Limited"), "not_opened"),
        (ZeroDivisionError("a bug"), "failed"),
    ],
)
async def test_what_became_of_a_request_is_heard(error: Exception, result: str) -> None:
    heard: list[tuple[str, str]] = []
    slack, failing = Recorder(), Failing(error)

    def hear(entrance: str, became: str) -> None:
        heard.append((entrance, became))

    async def works(body: Payload) -> None:
        """Answers with nothing."""

    await in_ack("command", failing, hear)(slack.ack, payloads.COMMAND)
    await beside_ack("click", slack.say, failing, hear)(slack.ack, payloads.CLICK)
    await at_field("form", "title", failing, hear)(slack.ack, payloads.FORM)
    await in_ack("command", works, hear)(slack.ack, payloads.COMMAND)
    assert heard == [("command", result), ("click", result), ("form", result), ("command", "answered")]


async def test_the_log_holds_the_traceback_of_a_bug() -> None:
    bug = ZeroDivisionError("a bug")
    with capture_logs() as logs:
        await in_ack("x", Failing(bug))(Recorder().ack, {})
    assert logs == [{"event": "request.failed", "log_level": "error", "entrance": "x", "exc_info": bug}]


@settings(max_examples=up_to(50))
@given(body=payloads.spoiled())
async def test_nothing_leaves_a_listener_whatever_was_sent(body: Json) -> None:
    slack = Recorder()
    broken = Failing(MalformedPayload("something"))
    for listener in (
        in_ack("command", broken),
        beside_ack("click", slack.say, broken),
        at_field("form", "title", broken),
    ):
        await listener(slack.ack, body)
    assert len(slack.acks) == 3
    for channel, user, _ in slack.told:
        assert isinstance(channel, str | None)
        assert isinstance(user, str)
        assert user
