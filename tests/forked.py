"""`tierline …` as processes that start at once: each is forked from one that has read the bot's code already."""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.unhurried import LONG, be_unhurried, be_unhurried_beside_others

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["bot.cli", "tests.unhurried", "storage.schema", "aiosqlite", "asyncpg", "uvicorn"])

WITHIN: Final = 180.0
"""Real seconds a command is given to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int
    out: str
    err: str


class Forked:
    """One process; it does and has what one of asyncio's own does and has.

    What it says is added to `log`; its errors to `errors`, if they are kept apart. `ahead` is by how much the clock of
    its machine is wrong. People hear within `answers_within` seconds whether something was stored: long, unless that
    is what is looked at.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        *,
        arguments: tuple[str, ...] = ("run",),
        errors: Path | None = None,
        ahead: timedelta | None = None,
        answers_within: float = LONG,
    ) -> None:
        self.returncode: int | None = None
        self._ended = asyncio.Event()
        what = (dict(environment), folder, log, errors or log, arguments, ahead, answers_within)
        self._process = _context.Process(target=_live, args=what, daemon=True)
        self._process.start()
        asyncio.get_running_loop().add_reader(self._process.sentinel, self._on_end)

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None and self._process.pid is not None:
            with suppress(ProcessLookupError):  # it has ended by itself, and we hear of it in a moment
                os.kill(self._process.pid, number)

    async def wait(self) -> int:
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def _on_end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self.returncode = self._process.exitcode
        self._ended.set()


async def run_forked(environment: Mapping[str, str], folder: Path, *arguments: str) -> Ended:
    """`tierline` with these arguments, in that folder, with nothing but these settings."""
    with TemporaryDirectory() as place:
        out, err = Path(place) / "out", Path(place) / "err"
        process = Forked(environment, folder, out, arguments=arguments, errors=err)
        try:
            async with asyncio.timeout(WITHIN):
                code = await process.wait()
        except BaseException:
            process.send_signal(signal.SIGKILL)
            raise
        return Ended(code=code, out=out.read_text(), err=err.read_text())


def _live(
    environment: Mapping[str, str],
    folder: Path,
    out: Path,
    errors: Path,
    arguments: tuple[str, ...],
    ahead: timedelta | None,
    answers_within: float,
) -> None:
    from bot import cli

    be_unhurried(answers_within=answers_within)
    be_unhurried_beside_others()
    os.chdir(folder)
    for stream, path in ((sys.stdout, out), (sys.stderr, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream.fileno())
    os.environ.clear()  # noqa: TID251 — the settings of a process, before it reads them
    os.environ.update(environment)  # noqa: TID251
    if ahead is not None:
        _set_wrong(ahead)
    sys.argv = ["tierline", *arguments]
    cli.main()


def _set_wrong(ahead: timedelta) -> None:
    """The clock of this machine; timers stay right, since they would be wrong like what they are compared with."""
    from bot import clock, start

    class WrongClock(clock.SystemClock):
        def now(self) -> datetime:
            return super().now() + ahead

    start.SystemClock = WrongClock  # type: ignore[attr-defined]
