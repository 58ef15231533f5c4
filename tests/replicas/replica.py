"""One of several bots: a process that can also be paused, and says when it takes what Slack sends."""

import asyncio
import signal
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from tests.crash.process import BotProcess
from tests.forked import Forked
from tests.unhurried import LONG

READY = b"bot.ready"
PATIENCE = 180.0
LOOK_EVERY = 0.02


class Replica(BotProcess):
    """A bot in a folder of its own; `port` is where it takes requests when they come over HTTP."""

    def __init__(
        self,
        environment: Mapping[str, str],
        folder: Path,
        *,
        port: int | None = None,
        ahead: timedelta | None = None,
        answers_within: float = LONG,
    ) -> None:
        """`ahead` is by how much the clock of its machine is wrong; `answers_within` as of `Forked`."""
        super().__init__(environment, folder)
        self._ahead = ahead
        self._answers_within = answers_within
        self.name = folder.name
        self.port = port
        self._starts = 0
        self._ended_by_us = False

    async def start(self) -> None:
        """Returns when it is ready."""
        self._starts += 1
        self._ended_by_us = False
        self._process = Forked(
            self._environment, self._folder, self._log, ahead=self._ahead, answers_within=self._answers_within
        )
        ended = asyncio.ensure_future(self.ended())
        try:
            async with asyncio.timeout(PATIENCE):
                while not self._log.exists() or self._log.read_bytes().count(READY) < self._starts:
                    assert not ended.done(), f"{self.name} did not start:\n{self.last_words()}"
                    await asyncio.sleep(LOOK_EVERY)
        finally:
            ended.cancel()

    @property
    def alive(self) -> bool:
        """Whether it runs, unless it was told not to."""
        return self.running or self._ended_by_us

    async def kill(self) -> None:
        self._ended_by_us = True
        await super().kill()

    def pause(self) -> None:
        """Not one more instruction of it runs for now, and its connections stay as they are."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def said(self, event: str) -> int:
        """How often it logged the event."""
        return self._log.read_text().count(event)

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None, "it was never started"
        self._process.send_signal(number)
