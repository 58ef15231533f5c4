"""The gate: what passes it is ours, within bounds, and, when it is an event, stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.domain.ids import ChannelId, UserId
from bot.services.errors import CommitUnknown, NotStored
from bot.services.inbox import InboxFull
from bot.services.quota import PER_PERSON, Asked, Quota
from handlers.gatekeeper import OTHER_APP, OTHER_WORKSPACE, TOO_MANY_CLICKS, TOO_MUCH, Gatekeeper
from tests.builders import SAM, TIER_1_CHANNEL, WORKSPACE
from tests.clock import ManualClock
from tests.handlers.payloads import (
    CLICK,
    COMMAND,
    FORM,
    HOME,
    MENTION,
    MESSAGE_SHORTCUT,
    REACTION,
    SHORTCUT,
    Json,
    changed,
)

APP = "A0TIERLINE"


@dataclass(slots=True)
class FakeInbox:
    error: Exception | None = None
    held: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def takes(self, kind: str) -> bool:
        return kind in ("app_home_opened", "app_mention", "reaction_added")

    async def put(self, cause: str, body: Mapping[str, Any]) -> None:
        if self.error is not None:
            raise self.error
        self.held.append((cause, body))


class Gate:
    """The gatekeeper, and what came of it."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.inbox = FakeInbox()
        self.quota = Quota(clock)
        self.passed = 0
        self.told: list[tuple[ChannelId | None, UserId, str]] = []
        self.answered: list[tuple[str, str]] = []
        self._gatekeeper = Gatekeeper(WORKSPACE, APP, self.inbox, self.quota, self._say, self._answer_at)

    async def __call__(self, body: Json) -> tuple[int, str] | None:
        """Status and body of what stopped it; None when it passed."""
        before = self.passed
        answer = await self._gatekeeper(body, self._next)
        assert (answer is None) == (self.passed == before + 1)
        return None if answer is None else (answer.status, answer.body)

    async def _next(self) -> None:
        self.passed += 1

    def _answer_at(self, address: str, text: str) -> None:
        self.answered.append((address, text))

    def _say(self, channel: ChannelId | None, user: UserId, text: str) -> None:
        self.told.append((channel, user, text))


@pytest.fixture
def gate(clock: ManualClock) -> Gate:
    return Gate(clock)


async def test_an_event_is_stored_before_it_passes(gate: Gate) -> None:
    assert await gate(HOME) is None
    assert gate.inbox.held == [("event/Ev0000000001", HOME)]


@pytest.mark.parametrize("error", [NotStored("locked"), CommitUnknown("reset"), InboxFull("more than 1000")])
async def test_an_event_that_is_not_stored_is_not_acknowledged(gate: Gate, error: Exception) -> None:
    gate.inbox.error = error
    with capture_logs() as logs:
        assert await gate(HOME) == (503, "")
    assert logs == [{"event": "event.not_stored", "log_level": "error", "kind": "app_home_opened", "error": str(error)}]


async def test_an_event_that_nobody_handles_passes_and_is_not_kept(gate: Gate) -> None:
    assert await gate(changed(HOME, lambda body: body["event"].update(type="team_join"))) is None
    assert await gate(changed(HOME, lambda body: body.pop("event_id"))) is None, "nor one without a name"
    assert gate.inbox.held == []


@pytest.mark.parametrize("payload", [COMMAND, CLICK, FORM, SHORTCUT, MESSAGE_SHORTCUT, HOME])
async def test_what_is_not_ours_does_not_pass(gate: Gate, payload: Json) -> None:
    def elsewhere(body: Json) -> None:
        body.update(team_id="T0OTHERS01")
        if "team" in body:
            body.update(team={"id": "T0OTHERS01"})

    status, said = await gate(changed(payload, elsewhere)) or (0, "")
    assert status == 200
    assert (OTHER_WORKSPACE in said) == (payload in (COMMAND, FORM))
    status, said = await gate(changed(payload, lambda body: body.update(api_app_id="A0OTHERS01"))) or (0, "")
    assert status == 200
    assert (OTHER_APP in said) == (payload in (COMMAND, FORM))
    assert await gate(changed(payload, lambda body: body.update(api_app_id=APP))) is None


async def test_who_cannot_be_answered_in_the_acknowledgement_is_answered_at_their_address(gate: Gate) -> None:
    click = changed(CLICK, lambda body: body.update(api_app_id="A0OTHERS01", response_url="https://slack.test/1"))
    assert await gate(click) == (200, "")
    assert await gate(changed(COMMAND, lambda body: body.update(api_app_id="A0OTHERS01"))) is not None
    assert gate.answered == [("https://slack.test/1", OTHER_APP)]


async def test_too_much_is_answered_where_it_was_asked(gate: Gate) -> None:
    for _ in range(PER_PERSON):
        gate.quota.admit(SAM, Asked.WORDS)
        gate.quota.admit(SAM, Asked.CLICK)
    assert await gate(COMMAND) == (200, _json(response_type="ephemeral", text=TOO_MUCH))
    assert await gate(FORM) == (200, _json(response_action="errors", errors={"title": TOO_MUCH}))
    assert await gate(CLICK) == (200, "")
    assert gate.told == [], "who was told a moment ago is not told again beside the answer"
    assert await gate(HOME) is None, "events are bounded by the inbox"
    gate.clock.advance(minutes=1)
    assert await gate(CLICK) is None


async def test_what_is_said_to_the_bot_by_its_name_counts_as_a_command(gate: Gate) -> None:
    for number in range(PER_PERSON):
        assert await gate(MENTION | {"event_id": f"Ev{number}"}) is None
    held = list(gate.inbox.held)
    for _ in range(3):
        assert await gate(MENTION) == (200, "")
    assert gate.inbox.held == held
    assert gate.told == [(TIER_1_CHANNEL, SAM, TOO_MUCH)]
    assert await gate(REACTION) is None, "an emoji is no words"
    assert await gate(changed(MENTION, lambda body: body["event"].pop("user"))) is None, "its listener refuses it"


async def test_who_clicks_too_much_is_told_where_they_clicked(gate: Gate) -> None:
    for _ in range(PER_PERSON):
        assert await gate(CLICK) is None
    for _ in range(3):
        assert await gate(CLICK) == (200, "")
    assert gate.told == [(TIER_1_CHANNEL, SAM, TOO_MANY_CLICKS)]


async def test_a_shortcut_too_many_is_told_directly(gate: Gate) -> None:
    for _ in range(PER_PERSON):
        gate.quota.admit(SAM, Asked.WORDS)
    assert await gate(SHORTCUT) == (200, "")
    assert gate.told == [(None, SAM, TOO_MUCH)]


async def test_a_request_of_nobody_counts_for_nobody(gate: Gate) -> None:
    for _ in range(2 * PER_PERSON):
        assert await gate(changed(COMMAND, lambda body: body.pop("user_id"))) is None


def _json(**answer: object) -> str:
    return json.dumps(answer)
