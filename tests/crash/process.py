"""The bot as an operator runs it, with nothing but its settings in the environment."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.forked import Forked
from tests.unhurried import undisturbed

LAST_LINES = 30


class BotProcess:
    """One bot that can be started again after it ended. It runs in `folder`, where its log is kept too.

    It is forked from a process that has the code in memory already, or, `from_disk`, it is `python -m bot run`.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path, *, from_disk: bool = False) -> None:
        self._environment = environment
        self._folder = folder
        self._log = folder / "bot.log"
        self._from_disk = from_disk
        self._process: asyncio.subprocess.Process | Forked | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        if self._from_disk:
            self._process = await self._read_from_disk()
        else:
            self._process = Forked(self._environment, self._folder, self._log)

    async def _read_from_disk(self) -> asyncio.subprocess.Process:
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run"),
                env=dict(self._environment),
                cwd=self._folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def kill(self) -> None:
        """SIGKILL: not one more instruction of it runs."""
        await self._end(signal.SIGKILL)

    async def stop(self, *, within: float) -> int:
        """SIGTERM; the exit code. Raises `TimeoutError` when it still runs after so many undisturbed seconds."""
        async with undisturbed(within):
            return await self._end(signal.SIGTERM)

    async def ended(self) -> int:
        """Returns when it has ended by itself."""
        assert self._process is not None, "it was never started"
        return await self._process.wait()

    def last_words(self) -> str:
        """The end of its log, for the message of a test that failed."""
        said = self._log.read_text() if self._log.exists() else "(nothing)"
        return "\n".join(said.splitlines()[-LAST_LINES:])

    async def _end(self, number: signal.Signals) -> int:
        assert self._process is not None, "it was never started"
        self._process.send_signal(number)
        return await self._process.wait()
