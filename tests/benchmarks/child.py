"""A process of its own for what is measured: it is asked, a line of JSON each, and answers in the same way.

So its processor time and its memory are its own, and it does not wait for whoever measures it.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from time import process_time
from typing import IO, Any, Final

from bot.observability import set_up_logs
from tests.benchmarks.memory import peak_megabytes

Json = dict[str, Any]
Task = Callable[["Asked", Json], Coroutine[Any, Any, None]]
Reply = Callable[..., Awaitable[object]]

LOG: Final = Path("build/bench.log")
"""What a bot writes while it works costs it time, so it is written in a measurement too."""

LONGEST_LINE: Final = 2**26
PATIENCE: Final = 300.0


def log_file() -> IO[bytes]:
    return LOG.open("ab")


class ChildFailed(Exception):
    """The process ended, or did not answer; its log says why."""


class Child:
    """Another process, as whoever measures it sees it."""

    def __init__(self, task: str, process: asyncio.subprocess.Process) -> None:
        self._task = task
        self._process = process

    async def ask(self, do: str, **given: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **given}).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            line = await self._process.stdout.readline()
        if not line:
            raise ChildFailed(f"the process “{self._task}” ended when it was asked to {do}: see {LOG}")
        return json.loads(line)


@asynccontextmanager
async def child(task: str, **given: Any) -> AsyncIterator[Child]:
    """Runs one of the tasks until the block ends."""
    with log_file() as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.benchmarks.tasks", task, json.dumps(given)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            limit=LONGEST_LINE,
        )
    try:
        yield Child(task, process)
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            if await process.wait():
                raise ChildFailed(f"the process “{task}” ended with an error: see {LOG}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class Asked:
    """Whoever measures, as the process sees that."""

    async def answer(self, replies: Mapping[str, Reply]) -> None:
        """Until nothing more is asked. Each reply is given what came with the question."""
        reader = asyncio.StreamReader(limit=LONGEST_LINE)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            given = json.loads(line)
            sys.stdout.write(json.dumps(await replies[given.pop("do")](**given)) + "\n")
            sys.stdout.flush()


async def usage() -> Json:
    """Seconds of processor time and megabytes at most, of this process until now."""
    return {"cpu": process_time(), "memory": peak_megabytes()}


def run(tasks: Mapping[str, Task]) -> None:
    name, given = sys.argv[1:]
    set_up_logs("json")
    asyncio.run(tasks[name](Asked(), json.loads(given)))
