"""The composition root: builds one bot out of its parts, runs it, and takes it down in order."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, time

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.catalogue import UnknownLanguage, speak
from bot.clock import Clock, FollowedClock, ServerClock, SteadyClock, SystemClock, monotonic_seconds
from bot.domain.delivery import Delivered, Limited, Refused
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.metrics import Metrics
from bot.notifier import Address, Notifier, unknown_to_apprise
from bot.operations import Operations
from bot.policy_file import Directory, PolicyDocument, read
from bot.scheduler import Loop, Scheduler
from bot.services.auditor import Auditor, Nobody, Url
from bot.services.cards import CardKeeper
from bot.services.common_time import CommonTime
from bot.services.delivery import Delivery
from bot.services.downtime import Heartbeat
from bot.services.elsewhere import Elsewhere
from bot.services.errands import Errands
from bot.services.feedback import FeedbackBox
from bot.services.feeds import HttpFeedReader, feed_session
from bot.services.gauges import StoredGauges
from bot.services.giving_up import GivingUp
from bot.services.health import Health
from bot.services.homes import Homes
from bot.services.inbox import Handler, Inbox
from bot.services.incident_channels import IncidentChannels
from bot.services.incidents import IncidentDesk
from bot.services.introduction import Introduction
from bot.services.jobs import DailyJob
from bot.services.last_look import LastLook
from bot.services.memberships import Memberships
from bot.services.on_call import OnCallBook
from bot.services.parachute import ParachuteKeeper
from bot.services.people import Names
from bot.services.policies import PolicyBook, PolicyWatch, adopt, look_up
from bot.services.pulse import Pulse
from bot.services.quota import Quota
from bot.services.retention import Retention
from bot.services.room_tasks import RoomTasks
from bot.services.signal import Signal
from bot.services.sweep import Sweep
from bot.services.tick import Tick
from bot.services.whereabouts import Whereabouts
from bot.settings import Settings
from bot.slack.blocks.rendered import Rendered
from bot.slack.channels import SlackChannels
from bot.slack.gateway import Identity, SlackGateway, SlackUnavailable, make_client, make_session
from bot.socket_intake import AppTokenRefused
from bot.socket_mode import Line
from handlers import (
    app_mentions,
    buttons,
    command,
    feedback,
    following,
    forms_about_one,
    gatekeeper,
    home,
    lists,
    opening,
    pins,
    reactions,
)
from handlers.aside import Aside
from handlers.in_place import InPlace
from handlers.listener import Heard
from storage import presence, workspaces
from storage.database import Database, open_database
from storage.errors import NotStored
from storage.schema import ensure_current

log = structlog.get_logger()

AT_NIGHT = time(3)
"""In UTC, when old rows are removed."""

LOOK_UPS = 3
"""How often the start waits when Slack asks for a pause while the policy's names are looked up."""


STOP_WITHIN_SECONDS = 6.0
"""A stop waits so long for the calls that are under way, which leaves the rest of ten seconds for everything else. One
that is given up keeps its lease in the database; the next process then looks for its message before it posts again."""


class CannotStart(Exception):
    """A part of the world is missing; the text is one sentence that says which and what to do."""


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


def _speak(settings: Settings) -> None:
    try:
        speak(settings.language)
    except UnknownLanguage as error:
        raise CannotStart(f"TIERLINE_LANGUAGE has a wrong value: {error}") from error


@asynccontextmanager
async def running_bot(
    settings: Settings, clock: Clock | None = None, *, monotonic: Callable[[], float] = monotonic_seconds
) -> AsyncIterator[Bot]:
    """A bot that is ready when the block begins and stopped when it ends: intake first, then the loops, then the rest.

    Raises `CannotStart`, `PolicyFileError` or storage's errors; each is one sentence.
    """
    _speak(settings)
    document = read(settings.policy_file, allow_short=settings.clock_url is not None)
    notifier = _notifier(settings)
    async with AsyncExitStack() as stack:
        database = open_database(settings.database_url, audit_key=settings.sealing_key)
        stack.push_async_callback(database.close)
        await _check_schema(database, settings)
        clock = clock or await _clock(settings, database, stack)
        keeping = [Loop("clock", CommonTime(database, clock), clock)] if isinstance(clock, ServerClock) else []
        session = await stack.enter_async_context(make_session())
        token = settings.slack_bot_token.get_secret_value()
        metrics = Metrics()
        client = make_client(
            token=token, base_url=settings.slack_api_url, session=session, observer=metrics.slack_answered
        )
        slack = SlackGateway(client)
        identity = await _identify(slack, database)
        directory = await _directory(document, slack, clock.now().date())
        book = await adopt(database, identity.workspace_id, document, directory, now=clock.now())
        clock = await _steady(clock, database, identity.workspace_id)

        errands = await stack.enter_async_context(Errands())
        changed, health = Signal(), Health()
        memberships = Memberships(slack, book, clock)
        await memberships()
        web = await stack.enter_async_context(feed_session())
        feeds = HttpFeedReader(web)
        on_call = OnCallBook(database, identity.workspace_id, book, feeds, clock)
        await on_call.load()
        desk = IncidentDesk(database, identity.workspace_id, book, memberships, clock, changed)
        drawing = Signal()
        tabs = Homes(database, identity.workspace_id, book, on_call, memberships, slack, clock, drawing)
        changed.subscribe(tabs.stir)
        heard = _listening(database, identity, desk, on_call, tabs, slack, clock, errands, metrics)
        inbox = Inbox(database, identity.workspace_id, heard, clock, changed)
        stack.push_async_callback(desk.finish)
        stack.push_async_callback(inbox.finish)
        box = FeedbackBox(database, identity.workspace_id, clock)
        stack.push_async_callback(box.finish)
        bolt = _bolt(settings, client, slack, identity, desk, on_call, inbox, box, tabs, errands, clock, metrics)
        stopped_by: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        stop = _stopping(stopped_by)
        line = _line(settings, bolt, health, stop, monotonic)
        pulse = Pulse(Heartbeat(database, identity.workspace_id, book, clock, changed), health, monotonic=monotonic)
        loops = _loops(database, identity, book, on_call, slack, clock, errands, notifier, health, changed, metrics)
        loops += [Loop("heartbeat", pulse, clock)]
        loops += [*keeping, Loop("memberships", memberships, clock), Loop("inbox", inbox, clock, on_change=True)]
        homes_loop = Loop("homes", tabs, clock, on_change=True)
        drawing.subscribe(homes_loop.wake)
        loops.append(homes_loop)
        loops += _watch(settings, database, identity, book, on_call, slack, clock, web, health, changed)
        loops.append(_incident_channels(database, identity, book, on_call, memberships, client, slack, clock, changed))
        if not identity.bot_user_id:
            asking = Introduction(slack, identity.workspace_id, clock, health, stop)
            loops.append(Loop("introduction", asking, clock))
        if line is not None:
            loops.append(Loop("socket", line.look, clock))
        scheduler = Scheduler(loops, metrics.loop_ran)
        changed.subscribe(scheduler.wake)
        stack.push_async_callback(scheduler.stop)
        scheduler.start()
        stored = StoredGauges(database, identity.workspace_id, metrics, clock, monotonic=monotonic)
        operations = Operations(health, metrics, stored, loops, line, monotonic)
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


def _loops(
    database: Database,
    identity: Identity,
    book: PolicyBook,
    on_call: OnCallBook,
    slack: SlackGateway,
    clock: Clock,
    errands: Errands,
    notifier: Notifier,
    health: Health,
    changed: Signal,
    metrics: Metrics,
) -> list[Loop]:
    workspace = identity.workspace_id
    elsewhere = Elsewhere(database, workspace, book, notifier, clock, errands, health, changed)
    look = LastLook(database, book, on_call, clock)
    giving_up, names = GivingUp(book, elsewhere), Names(slack, clock)
    delivery = Delivery(database, workspace, look, giving_up, slack, names, clock, errands, health, changed)
    cards = CardKeeper(database, workspace, book, on_call, slack, clock, errands, changed)
    return [
        Loop("tick", Tick(database, workspace, book, clock, changed, metrics), clock, on_change=True),
        Loop("delivery", delivery, clock, on_change=True),
        Loop("cards", cards, clock, on_change=True),
        Loop("elsewhere", elsewhere, clock, on_change=True),
        Loop("sweep", Sweep(database, workspace, slack, clock), clock, on_change=True),
        Loop("policy", PolicyWatch(database, workspace, book, clock), clock),
        Loop("on_call", on_call, clock),
    ]


def _incident_channels(
    database: Database,
    identity: Identity,
    book: PolicyBook,
    on_call: OnCallBook,
    memberships: Memberships,
    client: AsyncWebClient,
    slack: SlackGateway,
    clock: Clock,
    changed: Signal,
) -> Loop:
    workspace, names = identity.workspace_id, Names(slack, clock)
    tasks = RoomTasks(database, workspace, identity.bot_user_id, SlackChannels(client), slack, clock)
    keeper = IncidentChannels(database, workspace, book, on_call, memberships, names, tasks, clock, changed)
    return Loop("incident_channels", keeper, clock, on_change=True)


def _watch(
    settings: Settings,
    database: Database,
    identity: Identity,
    book: PolicyBook,
    on_call: OnCallBook,
    slack: SlackGateway,
    clock: Clock,
    web: aiohttp.ClientSession,
    health: Health,
    changed: Signal,
) -> list[Loop]:
    """What looks after the bot itself: should it be gone, should it stand still, and what it need not keep."""
    workspace, url = identity.workspace_id, settings.heartbeat_url
    parachutes = ParachuteKeeper(database, workspace, book, on_call, slack, clock, changed, wanted=settings.parachute)
    listener = Nobody() if url is None else Url(web, url.get_secret_value())
    auditor = Auditor(database, workspace, book, clock, health, listener)
    retention = Retention(database, workspace, keep=settings.keep)
    cleaning = DailyJob("retention", database, workspace, clock, retention, at=AT_NIGHT)
    return [
        Loop("parachute", parachutes, clock, on_change=True),
        Loop("auditor", auditor, clock),
        Loop("retention", cleaning, clock),
    ]


def _listening(
    database: Database,
    identity: Identity,
    desk: IncidentDesk,
    on_call: OnCallBook,
    tabs: Homes,
    slack: SlackGateway,
    clock: Clock,
    errands: Errands,
    metrics: Metrics,
) -> Mapping[str, Handler]:
    """What is done about each kind of event, from the inbox."""
    whereabouts, us = Whereabouts(database, identity.workspace_id), identity.bot_user_id
    aside, names = Aside(slack, clock, errands.start, metrics.request_ended), Names(slack, clock)
    spoken_to = command.IncidentCommand(desk, on_call, slack, clock)
    kept = pins.Pins(desk, whereabouts, slack, names, aside, us)
    return {
        **home.handlers(tabs, clock),
        **pins.handlers(kept),
        **reactions.handlers(reactions.Reactions(desk, whereabouts, slack, kept, aside)),
        **app_mentions.handlers(app_mentions.AppMentions(spoken_to, whereabouts, names, aside, us)),
    }


def _bolt(
    settings: Settings,
    client: AsyncWebClient,
    slack: SlackGateway,
    identity: Identity,
    desk: IncidentDesk,
    on_call: OnCallBook,
    inbox: Inbox,
    box: FeedbackBox,
    tabs: Homes,
    errands: Errands,
    clock: Clock,
    metrics: Metrics,
) -> AsyncApp:
    """Bolt with our listeners. It waits for the listener before it answers: what Slack is told is done is on disk."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=identity.workspace_id,
            bot_user_id=identity.bot_user_id,
            bot_token=settings.slack_bot_token.get_secret_value(),
        )

    secret = settings.slack_signing_secret
    app = AsyncApp(
        name="tierline",  # without one Bolt reads the source of everything that called it, for a tenth of a second
        client=client,
        authorize=authorize,
        signing_secret=secret.get_secret_value() if secret is not None else "unused in Socket Mode",
        process_before_response=True,
        logger=logging.getLogger("slack_bolt"),
    )
    workspace, heard = identity.workspace_id, metrics.request_ended
    register_listeners(app, slack, workspace, identity.app_id, desk, on_call, inbox, box, tabs, errands, clock, heard)
    return app


def register_listeners(
    app: AsyncApp,
    slack: SlackGateway,
    workspace_id: WorkspaceId,
    app_id: str | None,
    desk: IncidentDesk,
    on_call: OnCallBook,
    inbox: Inbox,
    box: FeedbackBox,
    tabs: Homes,
    errands: Errands,
    clock: Clock,
    heard: Heard,
) -> None:
    """Everything the manifest announces, in the order in which Bolt tries it."""

    async def tell(channel: ChannelId | None, user: UserId, message: Rendered) -> None:
        """In the channel where it was asked, or directly where the bot cannot speak there."""
        outcome = await slack.tell(channel, user, message) if channel is not None else None
        if outcome is None or isinstance(outcome, Refused):
            outcome = await slack.tell_directly(user, message)
        if not isinstance(outcome, Delivered):
            log.warning("answer.not_delivered", user=user, channel=channel, outcome=repr(outcome))

    def show(channel: ChannelId | None, user: UserId, message: Rendered) -> None:
        errands.start(tell(channel, user, message))

    def say(channel: ChannelId | None, user: UserId, text: str) -> None:
        show(channel, user, Rendered(text=text, blocks=[]))

    async def answer(address: str, text: str) -> None:
        outcome = await slack.answer(address, text)
        if not isinstance(outcome, Delivered):
            log.warning("refusal.not_delivered", outcome=repr(outcome))

    def answer_at(address: str, text: str) -> None:
        errands.start(answer(address, text))

    gate = gatekeeper.Gatekeeper(workspace_id, app_id, inbox, Quota(clock), say, answer_at)
    gatekeeper.register_first(app, gate)
    about_one = forms_about_one.FormsAboutOne(desk, slack, clock)
    listed, in_place = lists.Lists(desk, on_call, clock), InPlace(slack, say, errands.start)
    shown = lists.Shown(listed, in_place, heard)
    pressed = buttons.Buttons(desk, about_one, shown)
    buttons.register(app, pressed, shown, say, heard)  # of all that comes, what should wait the least
    forms_about_one.register(app, about_one, say, heard)
    command.register(app, desk, on_call, slack, clock, heard)
    app_mentions.register(app, command.IncidentCommand(desk, on_call, slack, clock), say, show, heard)
    reactions.register(app, desk, in_place, heard)
    following.register(app, desk, in_place, heard)
    pins.register(app)
    opening.register(app, desk, slack, clock, say, heard)
    lists.register(app, listed, in_place, heard)
    feedback.register(app, box, slack, say, heard)
    home.register(app, tabs, desk, slack, clock, say, heard)
    gatekeeper.register_last(app)


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


def _notifier(settings: Settings) -> Notifier:
    addresses = [Address(url=url, names=names) for names, url in settings.fallback_addresses]
    wrong = unknown_to_apprise(addresses) if addresses else ()
    if wrong:
        raise CannotStart(
            f"TIERLINE_FALLBACK_URLS: address {wrong[0]} is not one that Apprise knows; see its list of services."
        )
    return Notifier(addresses)


async def _check_schema(database: Database, settings: Settings) -> None:
    try:
        await ensure_current(database, may_migrate=settings.database_url.startswith("sqlite"))
    except NotStored as error:
        raise CannotStart(f"The database cannot be used ({error}): check TIERLINE_DATABASE_URL.") from error


async def _identify(slack: SlackGateway, database: Database) -> Identity:
    """While Slack is away, the one workspace that the bot worked for before: its clocks must go on."""
    try:
        return await slack.identify()
    except SlackUnavailable as error:
        async with database.read() as tx:
            known = await workspaces.known(tx)
        if not error.is_away or len(known) != 1:
            raise CannotStart(f"{error}: check SLACK_BOT_TOKEN and the connection to Slack.") from error
        log.warning("slack.away_at_start", reason=str(error))
        return Identity(workspace_id=known[0], workspace_name="", bot_user_id=UserId(""))


async def _directory(document: PolicyDocument, slack: SlackGateway, today: date) -> Directory:
    """Empty when Slack does not say: a bot that ran with this file before goes on with what it knew then."""
    for _ in range(LOOK_UPS):
        try:
            return await look_up(document, slack, today=today)
        except SlackUnavailable as error:
            log.warning("policy.names_not_looked_up", reason=str(error))
            if not isinstance(error.outcome, Limited):
                break
            await asyncio.sleep(error.outcome.wait.total_seconds())
    return Directory(channels={}, people={})


async def _steady(clock: Clock, database: Database, workspace_id: WorkspaceId) -> Clock:
    """It goes on from where the due checks had come to, whatever the machine's clock says now."""
    async with database.read() as tx:
        return SteadyClock(clock, await presence.checked_until(tx, workspace_id))


async def _clock(settings: Settings, database: Database, stack: AsyncExitStack) -> Clock:
    """The database's where several bots may share it, so that they agree what is due."""
    if settings.clock_url is None and database.is_shared:
        common = ServerClock()
        await CommonTime(database, common).read()
        return common
    if settings.clock_url is None:
        return SystemClock()
    clock = FollowedClock()
    following = asyncio.create_task(clock.follow(settings.clock_url))
    stack.callback(following.cancel)
    await clock.synchronised()
    return clock
