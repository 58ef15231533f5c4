"""Where the time goes: `python -m tests.benchmarks --profile breaches`, or what is asked of a database: `life`."""

import asyncio
import cProfile
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bot.clock import now
from bot.services.incidents import IncidentDesk
from bot.services.signal import Signal
from bot.services.tick import Tick
from storage.database import Database, open_database
from tests.benchmarks.bench import Room
from tests.benchmarks.bots import a_bot
from tests.benchmarks.clicks import PEOPLE, WARM_UP
from tests.benchmarks.copying import Numbers
from tests.benchmarks.filling import Group, adopted, filled, opened
from tests.benchmarks.held_clock import HeldClock
from tests.benchmarks.serving import profile_text
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.storms import brew
from tests.benchmarks.whole_life import lived
from tests.benchmarks.workspace import READER, WORKSPACE

LINES: Final = 40


class NoGroups:
    """Nobody is in a user group; taking an incident is open to anyone."""

    def groups_of(self, _user: str) -> tuple[str, ...]:
        return ()


def print_profile(name: str, sizes: Sizes) -> None:
    with Room.on_sqlite() as room:
        asyncio.run(PROFILES[name](room, sizes))


async def _breaches(room: Room, sizes: Sizes) -> None:
    """The tick deciding a storm; the run before has connected and compiled the statements."""
    due_at = now()
    await brew(room, sizes.storm, due_at, bystanders=1)
    clock = HeldClock(due_at - timedelta(seconds=1))
    database = open_database(room.url)
    book = await adopted(database, room.policy, now=clock.now())
    tick = Tick(database, WORKSPACE, book, clock, Signal())
    await tick()
    clock.release(showing=due_at, at=now())
    await _print_profile_of(tick)
    await database.close()


async def _clicks(room: Room, sizes: Sizes) -> None:
    """Acknowledgements through the desk, one after the other."""
    due_at = now()
    await brew(room, 1, due_at, bystanders=sizes.clicks)
    database = open_database(room.url)
    desk = await _desk(database, room, HeldClock(due_at - timedelta(seconds=1)))
    await desk.acknowledge(2, by=READER)

    async def acknowledge_all() -> None:
        for number in range(3, sizes.clicks + 2):
            await desk.acknowledge(number, by=READER)

    await _print_profile_of(acknowledge_all)
    await database.close()


async def _desk(database: Database, room: Room, clock: HeldClock) -> IncidentDesk:
    book = await adopted(database, room.policy, now=clock.now())
    return IncidentDesk(database, WORKSPACE, book, NoGroups(), clock, Signal())


async def _life(room: Room, _sizes: Sizes) -> None:
    """Every kind of statement in an incident's whole life, and how often it was said."""
    life = await lived(room)
    table = Table("times", "in", "statement", title="one incident's whole life")
    for (kind, sql), count in life.statements.most_common():
        table.add_row(str(count), kind, " ".join(sql.split())[:300])
    Console().print(table)


async def _served_clicks(room: Room, sizes: Sizes) -> None:
    """The whole bot while people click over signed HTTP, each as soon as the last was answered."""
    just_now = now() - timedelta(seconds=1)
    total = WARM_UP + sizes.clicks
    await filled(room.url, room.policy, [Group(numbers=Numbers(count=total), life=opened(just_now))], now=just_now)
    async with a_bot(room) as bot:
        await bot.people.click(range(1, WARM_UP + 1), people=PEOPLE)
        await bot.process.ask("start profiling")
        await bot.people.click(range(WARM_UP + 1, total + 1), people=PEOPLE)
        _print(await bot.process.ask("stop profiling", lines=LINES))


async def _print_profile_of(work: Callable[[], Awaitable[object]]) -> None:
    profile = cProfile.Profile()
    profile.enable()
    await work()
    profile.disable()
    _print(profile_text(profile, LINES))


def _print(text: str) -> None:
    Console().print(text, markup=False, highlight=False, soft_wrap=True)


PROFILES: Final[Mapping[str, Callable[[Room, Sizes], Coroutine[Any, Any, None]]]] = {
    "breaches": _breaches,
    "clicks": _clicks,
    "served-clicks": _served_clicks,
    "life": _life,
}
