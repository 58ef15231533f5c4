"""The task “click”: people who acknowledge incidents, each in a signed request as Slack sends it."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.clock import now
from bot.domain.message import PageTier
from bot.domain.policy import Severity
from bot.playground.http_delivery import signature
from bot.services.policies import CurrentPolicy, PolicyBook
from bot.slack.blocks.message import render
from bot.slack.ids import ActionId, ButtonValue
from tests.benchmarks.child import Asked, Child, Json
from tests.benchmarks.copying import original_ts
from tests.benchmarks.filling import Opening, reported
from tests.benchmarks.workspace import SIGNING_SECRET, WORKSPACE, colleague

KIND = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicks:
    """Milliseconds from each click to its answer, and the seconds that all of them took."""

    waited: Sequence[float]
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.waited) / self.seconds


class ClickRefused(Exception):
    """The bot did not answer a click with 200."""


class Clicker:
    """The people, in a process of their own."""

    def __init__(self, process: Child, port: int, card: Json) -> None:
        self._process = process
        self._port = port
        self._card = card

    async def click(self, numbers: range, *, people: int, each: float = 0) -> Clicks:
        """Every number once, by a colleague each, so many at a time: the next clicks as soon as one was answered, and
        `each` seconds after that one's click at the earliest."""
        answer = await self._process.ask(
            "click",
            port=self._port,
            card=self._card,
            first=numbers.start,
            end=numbers.stop,
            people=people,
            each=each,
        )
        return Clicks(waited=answer["waited"], seconds=answer["seconds"])


def card_of(book: PolicyBook) -> Json:
    """What a click carries of the message that has the button: much the most of the request."""
    current: CurrentPolicy = book.current
    opening = Opening(number=1, report=reported(Severity.SEV1, next(iter(current.policy.services))), book=book)
    page = PageTier(tier=1, cycle=0)
    shown = render(page, opening.at(now()).incident, current.policy, rings=True, story=(), now=now())
    return {"type": "message", "text": shown.text, "blocks": shown.blocks}


async def click(asked: Asked, _given: Json) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def click_all(*, port: int, card: Json, first: int, end: int, people: int, each: float) -> Json:
            url = f"http://127.0.0.1:{port}/slack/events"
            payloads = (_payload(number, card) for number in range(first, end))
            return await _clicked(session, url, payloads, people=people, each=each)

        await asked.answer({"click": click_all})


async def _clicked(
    session: aiohttp.ClientSession, url: str, payloads: Iterator[Json], *, people: int, each: float
) -> Json:
    waited: list[float] = []
    prepared = iter([urlencode({"payload": json.dumps(payload)}).encode() for payload in payloads])
    started = perf_counter()

    async def person(index: int) -> None:
        earliest = started + each * index / people
        for body in prepared:
            await asyncio.sleep(max(0.0, earliest - perf_counter()))
            clicked = perf_counter()
            async with session.post(url, data=body, headers=_signed(body)) as response:
                await response.read()
            if response.status != 200:
                raise ClickRefused(f"{response.status}: {await response.text()}")
            answered = perf_counter()
            waited.append(1_000 * (answered - clicked))
            earliest = max(clicked + each, answered)

    async with asyncio.TaskGroup() as group:
        for index in range(people):
            group.create_task(person(index))
    return {"waited": waited, "seconds": perf_counter() - started}


def _payload(number: int, card: Mapping[str, Any]) -> Json:
    value = ButtonValue(number=number, tier=1, cycle=0).encode()
    message = deepcopy(dict(card)) | {"ts": original_ts(number, 0)}
    for block in message["blocks"]:
        for element in block["elements"] if block["type"] == "actions" else ():
            element["value"] = value
    return {
        "type": "block_actions",
        "team": {"id": WORKSPACE, "domain": "acme"},
        "user": {"id": colleague(number), "name": f"colleague-{number}", "team_id": WORKSPACE},
        "channel": {"id": "C0FIRSTLN1", "name": "tier-1-support"},
        "container": {"type": "message", "message_ts": message["ts"], "channel_id": "C0FIRSTLN1"},
        "message": message,
        "actions": [
            {
                "action_id": ActionId.ACKNOWLEDGE.value,
                "block_id": "incident_buttons",
                "type": "button",
                "value": value,
                # Of no two clicks the same, as in Slack.
                "action_ts": f"{now().timestamp():.0f}.{number:06}",
            }
        ],
        "trigger_id": f"{number}.{number}.{number}",
        "response_url": "http://127.0.0.1:9/",
    }


def _signed(body: bytes) -> Mapping[str, str]:
    stamp = str(int(now().timestamp()))
    return {
        "Content-Type": KIND,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature(SIGNING_SECRET, stamp, body),
    }
