"""A form is there while its trigger lives: the limits as they are in earnest, and that whoever opens one keeps them."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from bot.domain.delivery import Refused
from bot.domain.ids import ChannelId
from bot.domain.incident import Report
from bot.domain.policy import Severity, Verb
from bot.services.errors import NotStored
from bot.services.incidents import Case
from bot.services.lists import Similar
from bot.slack.queries import Place
from handlers import forms
from handlers.begun import Begun
from handlers.feedback import FeedbackDesk
from handlers.forms import FormNotOpened
from handlers.forms_about_one import FormsAboutOne, Wish
from handlers.home import Home
from handlers.mentions import Mentions
from handlers.opening import Opening, open_at_once, similar_open
from handlers.parsing import command_request
from handlers.understanding import Typed, Understanding
from tests.builders import ANA, a_policy, an_incident
from tests.clock import ManualClock
from tests.handlers.payloads import CLICK, COMMAND, FORM, changed

TRIGGER_LIVES_SECONDS: Final = 3.0
"""Slack's, and as long it waits for an answer."""

IN_EARNEST: Final = """
import json
from handlers import forms
print(json.dumps({name: value for name, value in vars(forms).items() if name.endswith("_WITHIN_SECONDS")}))
"""


def test_whatever_comes_before_a_form_it_is_opened_while_its_trigger_lives() -> None:
    """In a process that no test has made patient."""
    told = subprocess.run([sys.executable, "-c", IN_EARNEST], capture_output=True, check=True, text=True)
    within = {name.removesuffix("_WITHIN_SECONDS"): seconds for name, seconds in json.loads(told.stdout).items()}
    assert within.keys() == {"OPEN", "LINK", "LOOK"}
    ways = {
        "a shortcut on a message, which is linked": within["LINK"] + within["OPEN"],
        "a click on a card": within["LOOK"] + within["OPEN"],
        "a command that does not say which incident": 2 * within["LOOK"] + within["OPEN"],
    }
    assert {way: seconds for way, seconds in ways.items() if seconds >= TRIGGER_LIVES_SECONDS} == {}


class Hanging:
    """A desk whose database does not answer; nothing is opened after that."""

    policy = a_policy()

    def seen_by(self, *_: object) -> "Hanging":
        return self

    async def _hang(self, *_: object, **__: object) -> Any:
        await asyncio.Event().wait()

    show = look = similar = only_one_in = open_for = _hang


DESK: Any = Hanging()


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "LOOK_WITHIN_SECONDS", 0.0)


@pytest.mark.parametrize(
    "opens",
    [
        lambda clock: Home(DESK, DESK, DESK, clock).details(clicked("1|1|0")),
        lambda clock: FeedbackDesk(DESK, DESK).clicked(clicked("7|5")),
        lambda clock: Opening(DESK, DESK, clock, DESK).show_similar(clicked(Place(number=7).encode())),
        lambda clock: FormsAboutOne(DESK, DESK, clock).open(
            Wish(verb=Verb.UPDATE, number=7, by=ANA, channel=None, trigger_id="1.2")
        ),
    ],
    ids=["an incident on the Home tab", "a score", "a similar incident", "a form about one"],
)
async def test_whoever_opens_one_does_not_wait_longer_for_the_database(
    opens: Callable[[ManualClock], Awaitable[None]], clock: ManualClock
) -> None:
    with pytest.raises(FormNotOpened, match="the database did not answer in time"):
        await opens(clock)


async def test_what_is_similar_is_left_out_when_the_database_is_slow() -> None:
    report = Report(title="Checkout is down", severity=Severity.SEV1, service="checkout")
    assert await similar_open(DESK, report, None) == Similar()


class Slow(Hanging):
    """A desk that tells until when it was asked to store, by a clock that has moved on meanwhile."""

    def __init__(self) -> None:
        self.clock = 0.0
        self.until: list[float | None] = []

    def deadline(self) -> float:
        return self.clock + 2.5

    async def similar(self, *_: object, **__: object) -> Similar:
        self.clock += 2
        return Similar(incidents=(an_incident(),))

    async def open(self, _report: Report, *, until: float | None = None, **_: object) -> Case:
        self.until.append(until)
        return Case(incident=an_incident(), policy=self.policy)

    async def open_view(self, *_: object) -> Refused:
        return Refused("expired_trigger_id")


async def test_who_looked_for_something_similar_has_so_much_less_time_to_store(
    monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    monkeypatch.setattr(forms, "LOOK_WITHIN_SECONDS", 60)
    desk: Any = Slow()
    report = Report(title="Checkout is down", severity=Severity.SEV1, service="checkout")
    await open_at_once(desk, desk, report, command_request(COMMAND), clock.now())
    assert desk.until == [2.5]
    form = changed(FORM, lambda body: body["view"].update(private_metadata=Begun(similar_shown=True).encode()))
    await Opening(desk, desk, clock, lambda *_: None).submitted(form)
    assert desk.until == [2.5, 4.5]


async def test_which_incident_is_meant_is_not_waited_for_either(clock: ManualClock) -> None:
    typed = Typed(user=ANA, channel=ChannelId("C0FIRSTLN1"), text="update", mentions=Mentions())
    with pytest.raises(NotStored, match="the database did not answer in time"):
        await Understanding(DESK, clock)(typed)


def clicked(value: str) -> Any:
    return changed(CLICK, lambda body: body["actions"][0].update(value=value))
