"""The sign of life of the whole bot: it is given while everything moves, and its silence is the alarm."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import update

from bot.app import running_bot
from bot.playground import Fault, Playground
from bot.services.health import Part
from storage import tables
from tests.clock import ManualClock
from tests.scenarios.conftest import LogEntries
from tests.scenarios.world import World, playground, settings_for


@dataclass(slots=True)
class Watch:
    """Whoever is called while all is well."""

    url: str = ""
    calls: list[str] = field(default_factory=list)

    def take(self) -> int:
        heard, self.calls = len(self.calls), []
        return heard


@asynccontextmanager
async def a_watch() -> AsyncIterator[Watch]:
    watch = Watch()

    async def hear(request: web.Request) -> web.Response:
        watch.calls.append(request.method)
        return web.Response(text="OK")

    app = web.Application()
    app.router.add_get("/ping/only-we-know-this", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    watch.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ping/only-we-know-this"
    yield watch
    await runner.cleanup()


@asynccontextmanager
async def a_watched_bot(slack: Playground, clock: ManualClock, database_url: str, url: str) -> AsyncIterator[World]:
    settings = settings_for(slack, database_url, transport="socket")
    settings = settings.model_copy(update={"heartbeat_url": SecretStr(url)})
    async with running_bot(settings, clock) as bot:
        story = World(slack, bot, clock)
        await bot.settled()
        yield story


async def minutes_pass(story: World, count: int) -> None:
    for _ in range(count):
        await story.advance(minutes=1)


async def test_while_everything_moves_somebody_hears_it_every_minute(
    clock: ManualClock, database_url: str, logs: LogEntries
) -> None:
    async with (
        a_watch() as watch,
        playground(clock) as slack,
        a_watched_bot(slack, clock, database_url, watch.url) as story,
    ):
        await story.opened()
        await minutes_pass(story, 30)
        assert watch.take() == 30
        assert not [entry for entry in logs if "only-we-know-this" in str(entry)]


async def test_while_slack_is_away_there_is_silence(clock: ManualClock, sqlite_database: str, logs: LogEntries) -> None:
    async with (
        a_watch() as watch,
        playground(clock) as slack,
        a_watched_bot(slack, clock, sqlite_database, watch.url) as story,
    ):
        await minutes_pass(story, 2)
        assert watch.take() == 2
        slack.faults.add(Fault(method="chat.postMessage", kind="429", retry_after=600, channel="tier-1-support"))
        await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        await minutes_pass(story, 5)
        assert watch.take() <= 1
        assert story.bot.health.problems[Part.AUDIT].startswith("Pages are not on their way: INC-1/page/tier:1/cycle:0")
        await minutes_pass(story, 6)
        watch.take()
        await minutes_pass(story, 3)
        assert watch.take() == 3
        assert Part.AUDIT not in story.bot.health.problems


async def test_what_is_planted_is_found_and_what_is_mended_is_well(clock: ManualClock, sqlite_database: str) -> None:
    async with (
        a_watch() as watch,
        playground(clock) as slack,
        a_watched_bot(slack, clock, sqlite_database, watch.url) as story,
    ):
        await story.opened()
        await minutes_pass(story, 1)
        await plant(story, next_evaluation_at=None)
        watch.take()
        await minutes_pass(story, 2)
        assert watch.take() == 0
        assert story.bot.health.problems[Part.AUDIT] == "Nothing will look at INC-1 again, though it is not over."
        await plant(story, next_evaluation_at=clock.now())
        story.a_second_goes_by()
        await story.bot.settled()
        await minutes_pass(story, 1)
        assert watch.take() == 1


async def plant(story: World, **values: object) -> None:
    async with story.bot.database.write() as tx:
        await tx.execute(update(tables.incidents).values(**values))
