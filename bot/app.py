"""The composition root: builds one bot out of its parts, runs it, and takes it down in order."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot import loops
from bot.clock import Clock, ServerClock, monotonic_seconds
from bot.listeners import event_handlers, register_listeners
from bot.metrics import Metrics
from bot.operations import Operations
from bot.parts import Parts
from bot.policy_file import read
from bot.scheduler import Loop, Scheduler
from bot.services.downtime import Heartbeat
from bot.services.errands import Errands
from bot.services.feedback import FeedbackBox
from bot.services.feeds import HttpFeedReader, feed_session
from bot.services.gauges import StoredGauges
from bot.services.health import Health
from bot.services.homes import Homes
from bot.services.inbox import Inbox
from bot.services.incidents import IncidentDesk
from bot.services.introduction import Introduction
from bot.services.memberships import Memberships
from bot.services.on_call import OnCallBook
from bot.services.policies import PolicyBook, adopt
from bot.services.pulse import Pulse
from bot.services.signal import News, Signal
from bot.settings import Settings
from bot.slack.client import make_client, make_session
from bot.slack.gateway import SlackGateway
from bot.slack.workspace import Identity, SlackWorkspace
from bot.socket_intake import AppTokenRefused
from bot.socket_mode import Line
from bot.start import (
    CannotStart,
    check_schema,
    choose_clock,
    choose_language,
    identify,
    look_up_names,
    make_notifier,
    steadied,
)
from storage.database import Database, open_database

log = structlog.get_logger()

STOP_WITHIN_SECONDS = 6.0
"""A stop waits so long for the calls that are under way, which leaves the rest of ten seconds for everything else. One
that is given up keeps its lease in the database; the next process then looks for its message before it posts again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """A running bot. `http_port` is None in Socket Mode, `ops_port` unless it was asked for."""

    identity: Identity
    desk: IncidentDesk
    database: Database
    clock: Clock
    scheduler: Scheduler
    errands: Errands
    health: Health
    metrics: Metrics
    http_port: int | None
    ops_port: int | None
    stopped_by: asyncio.Future[str]
    """Done when the bot cannot go on and a new process has to: one sentence that says why."""

    async def settled(self) -> None:
        """Returns when there is nothing left to do at the clock's present instant."""
        while self.errands.busy or any(loop.busy for loop in self.scheduler.loops):
            for loop in self.scheduler.loops:
                await loop.rested()
            await self.errands.idle()


@asynccontextmanager
async def running_bot(
    settings: Settings, clock: Clock | None = None, *, monotonic: Callable[[], float] = monotonic_seconds
) -> AsyncIterator[Bot]:
    """A bot that is ready when the block begins and stopped when it ends: intake first, then the loops, then the rest.

    Raises `CannotStart`, `PolicyFileError` or storage's errors; each is one sentence.
    """
    choose_language(settings)
    document = read(settings.policy_file, allow_short=settings.clock_url is not None)
    notifier = make_notifier(settings)
    async with AsyncExitStack() as stack:
        database = open_database(settings.database_url, audit_key=settings.sealing_key)
        stack.push_async_callback(database.close)
        await check_schema(database, settings)
        clock = clock or await choose_clock(settings, database, stack)
        keeping = [loops.common_time(database, clock)] if isinstance(clock, ServerClock) else []
        session = await stack.enter_async_context(make_session())
        token = settings.slack_bot_token.get_secret_value()
        metrics = Metrics()
        client = make_client(
            token=token, base_url=settings.slack_api_url, session=session, observer=metrics.slack_answered
        )
        slack, workspace = SlackGateway(client), SlackWorkspace(client)
        identity = await identify(workspace, database)
        workspace_id = identity.workspace_id
        directory = await look_up_names(document, workspace, clock.now().date())
        book = await adopt(database, workspace_id, document, directory, now=clock.now())
        clock = await steadied(clock, database, workspace_id)

        errands = await stack.enter_async_context(Errands())
        web = await stack.enter_async_context(feed_session())
        parts = await _parts(database, identity, slack, workspace, clock, book, web, errands, metrics)
        desk, changed, health = parts.desk, parts.changed, parts.health
        inbox = Inbox(database, workspace_id, event_handlers(parts), clock, changed)
        stack.push_async_callback(desk.finish)
        stack.push_async_callback(inbox.finish)
        box = FeedbackBox(database, workspace_id, clock)
        stack.push_async_callback(box.finish)
        bolt = _bolt(settings, client, identity)
        register_listeners(bolt, parts, inbox, box)
        stopped_by: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        stop = _stopping(stopped_by)
        line = _line(settings, bolt, health, stop, monotonic)
        pulse = Pulse(Heartbeat(database, workspace_id, book, clock, changed), health, monotonic=monotonic)
        running = [*loops.promises(parts, notifier), *keeping, *loops.intake(parts, inbox, pulse)]
        running += [loops.home_tabs(parts), *loops.watch(parts, settings, web)]
        running += [loops.incident_channels(parts, client)]
        if not identity.bot_user_id:
            running += [Loop("introduction", Introduction(workspace, workspace_id, clock, health, stop), clock)]
        if line is not None:
            running += [Loop("socket", line.look, clock)]
        scheduler = Scheduler(running, metrics.loop_ran)
        stack.push_async_callback(scheduler.stop)
        scheduler.start()
        stored = StoredGauges(database, workspace_id, metrics, clock, monotonic=monotonic)
        operations = Operations(health, metrics, stored, running, line, monotonic)
        http_port = await _open_intake(settings, bolt, line, operations, stack)
        ops_port = None
        if settings.ops_bind is not None:
            ops_port = await stack.enter_async_context(operations.serving(settings.ops_bind))
        stack.callback(errands.hurry, STOP_WITHIN_SECONDS)
        log.info("bot.ready", workspace=identity.workspace_name, mode=settings.mode, http_port=http_port)
        stack.callback(log.info, "bot.stopping")
        yield Bot(
            identity=identity,
            desk=desk,
            database=database,
            clock=clock,
            scheduler=scheduler,
            errands=errands,
            health=health,
            metrics=metrics,
            http_port=http_port,
            ops_port=ops_port,
            stopped_by=stopped_by,
        )


async def _parts(
    database: Database,
    identity: Identity,
    slack: SlackGateway,
    workspace: SlackWorkspace,
    clock: Clock,
    book: PolicyBook,
    web: aiohttp.ClientSession,
    errands: Errands,
    metrics: Metrics,
) -> Parts:
    """With what is read before anything is decided: who belongs to which user group, and who is on call."""
    workspace_id, changed, drawing = identity.workspace_id, Signal(), Signal()
    memberships = Memberships(workspace, book, clock)
    await memberships()
    on_call = OnCallBook(database, workspace_id, book, HttpFeedReader(web), clock)
    await on_call.load()
    tabs = Homes(database, workspace_id, book, on_call, memberships, slack, clock, drawing)
    changed.subscribe(tabs.stir, to=News.INCIDENTS)
    return Parts(
        database=database,
        identity=identity,
        slack=slack,
        workspace=workspace,
        clock=clock,
        book=book,
        memberships=memberships,
        on_call=on_call,
        desk=IncidentDesk(database, workspace_id, book, memberships, clock, changed, us=identity.bot_user_id),
        tabs=tabs,
        errands=errands,
        changed=changed,
        drawing=drawing,
        health=Health(),
        metrics=metrics,
    )


def _bolt(settings: Settings, client: AsyncWebClient, identity: Identity) -> AsyncApp:
    """Bolt, which waits for a listener before it answers: what Slack is told is done is on disk."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=identity.workspace_id,
            bot_user_id=identity.bot_user_id,
            bot_token=settings.slack_bot_token.get_secret_value(),
        )

    secret = settings.slack_signing_secret
    return AsyncApp(
        name="tierline",  # without one Bolt reads the source of everything that called it, for a tenth of a second
        client=client,
        authorize=authorize,
        signing_secret=secret.get_secret_value() if secret is not None else "unused in Socket Mode",
        process_before_response=True,
        logger=logging.getLogger("slack_bolt"),
    )


def _stopping(stopped_by: asyncio.Future[str]) -> Callable[[str], None]:
    """Has the process end for its supervisor; of several reasons the first counts."""

    def stop(reason: str) -> None:
        if not stopped_by.done():
            log.critical("bot.cannot_go_on", reason=reason)
            stopped_by.set_result(reason)

    return stop


def _line(
    settings: Settings,
    bolt: AsyncApp,
    health: Health,
    stop: Callable[[str], None],
    monotonic: Callable[[], float],
) -> Line | None:
    """None when Slack's requests come over HTTP."""
    if settings.mode == "http":
        return None
    if settings.slack_app_token is None:
        raise CannotStart("Socket Mode needs SLACK_APP_TOKEN.")
    token = settings.slack_app_token.get_secret_value()
    return Line(bolt, token, health, monotonic=monotonic, broken=stop)


async def _open_intake(
    settings: Settings, bolt: AsyncApp, line: Line | None, operations: Operations, stack: AsyncExitStack
) -> int | None:
    """From here on Slack's requests come in; the port when they come over HTTP."""
    if line is None and settings.slack_signing_secret is not None:
        from bot import http  # a web server, which a bot in Socket Mode does without

        web = http.web_app(bolt, settings.slack_signing_secret.get_secret_value())
        web.include_router(operations.router())
        return await stack.enter_async_context(http.serving(web, settings.http_host, settings.http_port))
    if line is not None:
        try:
            await stack.enter_async_context(line)
        except AppTokenRefused as error:
            raise CannotStart(f"Slack refused the Socket Mode connection ({error}): check SLACK_APP_TOKEN.") from error
    return None
