"""People: what they ask at random instants, of whichever bot, and what they are told."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Final

from bot.domain.errors import Refusal
from bot.domain.incident import Report
from bot.domain.policy import Severity
from bot.domain.progress import StatusReport
from bot.services.incidents import Case, IncidentDesk
from storage.errors import CommitUnknown, StorageError
from tests.builders import ANA, BEN, CHLOE, SAM
from tests.faults.bot import Bot
from tests.faults.chance import Fault, Recovery
from tests.faults.database import unanswered
from tests.faults.stage import Stage

PEOPLE: Final = (ANA, BEN, CHLOE, SAM)
MOST_INCIDENTS: Final = 3
NEWS: Final = StatusReport(changed="the cause is known")


class Told(StrEnum):
    """What somebody was answered; `NOTHING` by a bot that died."""

    DONE = "done"
    REFUSED = "refused"
    NOT_STORED = "not stored"
    UNKNOWN = "nobody knows"
    NOTHING = "nothing"


@dataclass(slots=True)
class Request:
    """By its cause; the same one may be asked more than once."""

    cause: str
    what: str
    ask: Callable[[IncidentDesk], Awaitable[Case]]
    told: list[Told] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)
    """The incidents that it was said to be about."""


class People:
    def __init__(self, stage: Stage, bots: Callable[[], Sequence[Bot]]) -> None:
        self.requests: list[Request] = []
        self._stage = stage
        self._chance = stage.chance
        self._bots = bots
        self._causes = itertools.count(1)
        self._opened = 0
        self._asking: set[asyncio.Task[None]] = set()

    async def act(self, until: float) -> None:
        """At random instants; what they ask is answered beside."""
        await self._open()
        while asyncio.get_running_loop().time() < until:
            await asyncio.sleep(self._chance.between(0, 2) if self._chance.random.random() < 0.3 else self._calmly())
            await (self._open() if self._wants_to_open() else self._change())

    async def end_everything(self, numbers: Sequence[int]) -> None:
        """They resolve what is still open, and hear that it is."""
        for number in numbers:
            request = self._request(f"resolve {number}", partial(_resolve, number))
            await self._ask(request, self._bots()[0])
            assert request.told == [Told.DONE], request

    def forget(self) -> None:
        """Nobody waits for an answer any longer."""
        for task in self._asking:
            task.cancel()

    def _calmly(self) -> float:
        return self._chance.between(5, 50)

    def _wants_to_open(self) -> bool:
        return self._opened < MOST_INCIDENTS and self._chance.random.random() < 0.25

    async def _open(self) -> None:
        self._opened += 1
        severity = self._chance.random.choice((Severity.SEV1, Severity.SEV1, Severity.SEV2, Severity.SEV3))
        service = self._chance.random.choice(("checkout", "checkout", "search"))
        report = Report(title=f"Failure {self._opened}", severity=severity, service=service)
        cause = self._next_cause()
        self._begin(self._request("open", lambda desk: desk.open(report, by=SAM, cause=cause), cause))

    async def _change(self) -> None:
        cause, number = self._next_cause(), self._chance.random.randint(1, max(self._opened, 1))
        by = self._chance.random.choice(PEOPLE)
        what = self._chance.random.choice(tuple(_VERBS))
        verb = _VERBS[what]
        until = self._stage.clock.now() + timedelta(seconds=self._chance.between(60, 400))
        self._begin(self._request(f"{what} {number}", lambda desk: verb(desk, number, by, until, cause), cause))

    def _next_cause(self) -> str:
        return f"click/{next(self._causes)}"

    def _request(self, what: str, ask: Callable[[IncidentDesk], Awaitable[Case]], cause: str = "") -> Request:
        request = Request(cause, what, ask)
        if cause:
            self.requests.append(request)
        return request

    def _begin(self, request: Request) -> None:
        task = asyncio.ensure_future(self._ask_perhaps_twice(request))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _ask_perhaps_twice(self, request: Request) -> None:
        times = 2 if self._chance.happens(Fault.REQUEST_REPEATED) else 1
        async with asyncio.TaskGroup() as group:
            for _ in range(times):
                bots = [bot for bot in self._bots() if bot.acts]
                if bots:
                    group.create_task(self._ask(request, self._chance.random.choice(bots)))
                await asyncio.sleep(self._chance.random.choice((0, 0.2, 5)))
        if times == 2 and request.told == [Told.DONE, Told.DONE]:
            self._chance.mends(Recovery.ANSWERED_THE_SAME)

    async def _ask(self, request: Request, bot: Bot) -> None:
        await bot.lives()
        self._chance.tell(f"? {request.what} ({request.cause}) asked of {bot.name}")
        told, doubts = Told.DONE, list[Fault]()
        unanswered.set(doubts)
        try:
            case = await request.ask(bot.desk)
        except Refusal:
            told = Told.REFUSED
        except CommitUnknown:
            told = Told.UNKNOWN
        except StorageError:
            told = Told.NOT_STORED
        else:
            request.numbers.add(case.incident.number)
            if doubts:
                self._chance.mends(Recovery.LOOKED_UP)
        request.told.append(Told.NOTHING if bot.is_dead else told)
        self._chance.tell(f"? {request.what} ({request.cause}): {request.told[-1]}")


async def _resolve(number: int, desk: IncidentDesk) -> Case:
    return await desk.resolve(number, by=SAM)


Verb = Callable[..., Awaitable[Case]]

_VERBS: Final[dict[str, Verb]] = {
    "acknowledge": lambda desk, number, by, _, cause: desk.acknowledge(number, by=by, cause=cause),
    "acknowledge again": lambda desk, number, by, _, cause: desk.acknowledge(number, by=by, cause=cause),
    "escalate": lambda desk, number, by, _, cause: desk.escalate(number, by=by, reason="help", cause=cause),
    "pass on": lambda desk, number, by, _, cause: desk.pass_on(number, by=by, cause=cause),
    "still on it": lambda desk, number, by, _, cause: desk.confirm_still_on_it(number, by=by, cause=cause),
    "assign": lambda desk, number, by, _, cause: desk.assign(number, by=by, to=BEN, cause=cause),
    "hold": lambda desk, number, by, until, cause: desk.hold(number, by=by, until=until, reason="a part", cause=cause),
    "resume": lambda desk, number, by, _, cause: desk.resume(number, by=by, cause=cause),
    "severity": lambda desk, number, by, _, cause: desk.change_severity(
        number, by=by, severity=Severity.SEV1, reason="worse", cause=cause
    ),
    "tell": lambda desk, number, by, _, cause: desk.tell_stakeholders(number, by=by, report=NEWS, cause=cause),
    "follow": lambda desk, number, by, _, cause: desk.follow(number, by=by, who=by, cause=cause),
    "unfollow": lambda desk, number, by, _, cause: desk.unfollow(number, by=by, cause=cause),
    "resolve": lambda desk, number, by, _, cause: desk.resolve(number, by=by, summary="rolled back", cause=cause),
    "cancel": lambda desk, number, by, _, cause: desk.cancel(number, by=by, reason="a false alarm", cause=cause),
    "reopen": lambda desk, number, by, _, cause: desk.reopen(number, by=by, reason="again", cause=cause),
}
