"""Faults on request: what goes wrong with a call of the Web API, how often, and for which channel."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .changes import Changes

_KINDS = re.compile(
    r"drop_before|drop_after|delay|delay_after|truncate_after|429|error(_after)?:[a-z_]+|http_[345]\d\d(_html)?(_after)?"
)

EVERY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with a method. A kind ending in `_after` strikes when the state has already changed.

    * `drop_before`, `drop_after`: the connection is closed with no answer
    * `delay`, `delay_after`: the call is carried out, or answered, `delay_seconds` of real time later;
      None holds it until `Faults.release()`
    * `truncate_after`: half of the answer, then the connection is closed
    * `http_500`, `http_502_html`, `http_503_after`, …: this status, with a JSON or an HTML body
    * `error:fatal_error`, `error_after:internal_error`, …: a 200 with this error
    * `429`: rate limited, with `Retry-After: {retry_after}`; None leaves the header out
    """

    method: str
    kind: str
    times: int | None = 1
    """How many calls it strikes; None: all of them."""
    channel: str | None = None
    delay_seconds: float | None = None
    retry_after: int | None = 1

    def __post_init__(self) -> None:
        if not _KINDS.fullmatch(self.kind):
            raise ValueError(f"unknown kind of fault: {self.kind!r}")
        if self.times is not None and self.times < 1:
            raise ValueError("a fault strikes at least once")

    @property
    def after(self) -> bool:
        """Strikes after the state has changed."""
        return "_after" in self.kind

    @property
    def holds(self) -> bool:
        return self.kind.startswith("delay")

    @property
    def error(self) -> str:
        """Slack's error string of an `error:` fault."""
        return self.kind.partition(":")[2]


@dataclass(slots=True)
class _Armed:
    fault: Fault
    left: int | None


@dataclass(slots=True)
class Faults:
    changes: Changes
    _armed: list[_Armed] = field(default_factory=list)
    _release: asyncio.Event = field(default_factory=asyncio.Event)
    struck: list[Fault] = field(default_factory=list)
    """The faults that struck, in order."""

    def add(self, fault: Fault) -> None:
        self._armed.append(_Armed(fault, fault.times))
        self.changes.happened()

    def clear(self) -> None:
        """Forgets the faults that have not struck yet, and lets go of held calls."""
        self._armed.clear()
        self.release()
        self.changes.happened()

    def release(self) -> None:
        """Lets every held call go."""
        self._release.set()
        self._release = asyncio.Event()

    def take(self, method: str, channels: frozenset[str] = frozenset()) -> Fault | None:
        """The fault that strikes this call, if any; `channels` are the id and the name of the call's channel."""
        for armed in self._armed:
            fault = armed.fault
            if fault.method in (EVERY, method) and (fault.channel is None or fault.channel in channels):
                self._count(armed)
                self.struck.append(fault)
                self.changes.happened()
                return fault
        return None

    async def hold(self, fault: Fault) -> None:
        """Waits as long as a delay says, or until everything held is released."""
        try:
            async with asyncio.timeout(fault.delay_seconds):
                await self._release.wait()
        except TimeoutError:
            return

    def __iter__(self) -> Iterator[tuple[Fault, int | None]]:
        """The faults still to strike, with how often they will."""
        return iter([(armed.fault, armed.left) for armed in self._armed])

    def __bool__(self) -> bool:
        return bool(self._armed)

    def _count(self, armed: _Armed) -> None:
        if armed.left is None:
            return
        armed.left -= 1
        if armed.left == 0:
            self._armed.remove(armed)
