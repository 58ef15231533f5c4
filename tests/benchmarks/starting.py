"""From nothing to a bot that takes what Slack sends, and the memory it then has."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Final

from bot.clock import SystemClock, now
from tests.benchmarks.bench import Bench, NotMeasured, Room
from tests.benchmarks.child import LOG, log_file
from tests.benchmarks.copying import Numbers
from tests.benchmarks.figure import Figure, at_most
from tests.benchmarks.filling import Group, filled, opened
from tests.benchmarks.memory import peak_megabytes_of
from tests.benchmarks.workspace import ROOT, playground, settings_of

READY: Final = "bot.ready"
AFTER: Final = 2.0
"""Real seconds after which the memory is read: every loop has run by then."""

PATIENCE: Final = 60.0
ONLY_IMPORTS: Final = ("-c", "import bot.cli; print(flush=True); input()")
NOTHING: Final = ("-c", "print(flush=True); input()")
BOT: Final = ("-m", "bot", "run")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    seconds: float
    memory: float


def start(bench: Bench) -> Sequence[Figure]:
    count = bench.sizes.open_at_start
    with Room.on_sqlite() as room:
        runs = asyncio.run(_runs(bench, room, count))
    bots, imports, nothing = zip(*runs, strict=True)
    group = f"start with {count:,} open, SQLite"
    return [
        Figure(
            group=group,
            what="until it takes what Slack sends",
            unit="s",
            runs=[one.seconds for one in bots],
            target=at_most(2),
            baseline="only the imports",
            baseline_runs=[one.seconds for one in imports],
        ),
        Figure(
            group=group,
            what="only the imports",
            unit="s",
            runs=[one.seconds for one in imports],
            baseline="a Python that does nothing",
            baseline_runs=[one.seconds for one in nothing],
        ),
        Figure(
            group=group,
            what="memory",
            unit="MB",
            runs=[one.memory for one in bots],
            target=at_most(150),
            baseline="only the imports",
            baseline_runs=[one.memory for one in imports],
        ),
    ]


async def _runs(bench: Bench, room: Room, count: int) -> Sequence[tuple[Start, Start, Start]]:
    """On one database: nothing in it is due so soon."""
    just_now = now() - timedelta(seconds=1)
    await filled(room.url, room.policy, [Group(numbers=Numbers(count=count), life=opened(just_now))], now=just_now)
    runs = []
    async with playground(SystemClock()) as slack:
        environment = settings_of(slack, room.url, room.policy)
        for _ in bench.runs():
            bot = await _started(BOT, room, environment, ready=READY)
            imports = await _started(ONLY_IMPORTS, room, {}, ready="")
            runs.append((bot, imports, await _started(NOTHING, room, {}, ready="")))
    return runs


async def _started(arguments: Sequence[str], room: Room, environment: Mapping[str, str], *, ready: str) -> Start:
    """Until it said a line with `ready` in it."""
    began = perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments),
        cwd=room.folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            await _until_said(process, ready)
        seconds = perf_counter() - began
        await asyncio.sleep(AFTER if ready else 0)
        return Start(seconds=seconds, memory=peak_megabytes_of(process.pid))
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _until_said(process: asyncio.subprocess.Process, ready: str) -> None:
    assert process.stdout is not None
    with log_file() as log:
        while line := await process.stdout.readline():
            log.write(line)
            if not ready or json.loads(line).get("event") == ready:
                return
    raise NotMeasured(f"the bot did not start: see {LOG}")
