"""Bots as processes that start at once: each is forked from one that has read the bot's code already."""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["bot.cli"])


class Forked:
    """One process; of asyncio's own it has what a `BotProcess` needs."""

    def __init__(self, environment: Mapping[str, str], folder: Path, log: Path, ahead: timedelta | None) -> None:
        self.returncode: int | None = None
        self._ended = asyncio.Event()
        self._process = _context.Process(target=_live, args=(dict(environment), folder, log, ahead), daemon=True)
        self._process.start()
        asyncio.get_running_loop().add_reader(self._process.sentinel, self._on_end)

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None and self._process.pid is not None:
            os.kill(self._process.pid, number)

    async def wait(self) -> int:
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def _on_end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self.returncode = self._process.exitcode
        self._ended.set()


def _live(environment: Mapping[str, str], folder: Path, log: Path, ahead: timedelta | None) -> None:
    """As `tierline run` in that folder with nothing but these settings."""
    from bot import cli

    os.chdir(folder)
    lines = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(lines, stream.fileno())
    os.environ.clear()  # noqa: TID251 — the settings of a process, before it reads them
    os.environ.update(environment)  # noqa: TID251
    if ahead is not None:
        _set_wrong(ahead)
    sys.argv = ["tierline", "run"]
    cli.main()


def _set_wrong(ahead: timedelta) -> None:
    """The clock of this machine; timers stay right, since they would be wrong like what they are compared with."""
    from bot import app, clock

    class WrongClock(clock.SystemClock):
        def now(self) -> datetime:
            return super().now() + ahead

    app.SystemClock = WrongClock  # type: ignore[attr-defined]
