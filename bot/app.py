"""The composition root: builds one bot out of its parts, runs it, and takes it down in order."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import http, socket_mode
from bot.clock import Clock, FollowedClock, SteadyClock, SystemClock
from bot.domain.delivery import Delivered, Limited, Refused
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.policy_file import Directory, PolicyDocument, read
from bot.scheduler import Loop, Scheduler
from bot.services.cards import CardKeeper
from bot.services.delivery import Delivery
from bot.services.downtime import Heartbeat
from bot.services.errands import Errands
from bot.services.feeds import HttpFeedReader, feed_session
from bot.services.incidents import IncidentDesk
from bot.services.memberships import Memberships
from bot.services.on_call import OnCallBook
from bot.services.pace import Pace
from bot.services.people import Names
from bot.services.policies import PolicyBook, PolicyWatch, adopt, look_up
from bot.services.signal import Signal
from bot.services.tick import Tick
from bot.settings import Settings
from bot.slack.blocks.rendered import Rendered
from bot.slack.gateway import Identity, SlackGateway, SlackUnavailable, make_client, make_session
from handlers import buttons, command, gatekeeper, home, opening
from storage import presence
from storage.database import Database, open_database
from storage.errors import NotStored
from storage.schema import ensure_current

log = structlog.get_logger()

LOOK_UPS = 3
"""How often the start waits when Slack asks for a pause while the policy's names are looked up."""


class CannotStart(Exception):
    """A part of the world is missing; the text is one sentence that says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """A running bot. `http_port` is None in Socket Mode."""

    identity: Identity
    desk: IncidentDesk
    database: Database
    clock: Clock
    scheduler: Scheduler
    errands: Errands
    http_port: int | None

    async def settled(self) -> None:
        """Returns when there is nothing left to do at the clock's present instant."""
        while self.errands.busy or any(loop.busy for loop in self.scheduler.loops):
            for loop in self.scheduler.loops:
                await loop.rested()
            await self.errands.idle()


@asynccontextmanager
async def running_bot(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Bot]:
    """A bot that is ready when the block begins and stopped when it ends: intake first, then the loops, then the rest.

    Raises `CannotStart`, `PolicyFileError` or storage's errors; each is one sentence.
    """
    document = read(settings.policy_file, allow_short=settings.clock_url is not None)
    async with AsyncExitStack() as stack:
        clock = clock or await _clock(settings, stack)
        database = open_database(settings.database_url)
        stack.push_async_callback(database.close)
        await _check_schema(database, settings)
        session = await stack.enter_async_context(make_session())
        token = settings.slack_bot_token.get_secret_value()
        client = make_client(token=token, base_url=settings.slack_api_url, session=session)
        slack = SlackGateway(client)
        identity = await _identify(slack)
        directory = await _directory(document, slack, clock.now().date())
        book = await adopt(database, identity.workspace_id, document, directory, now=clock.now())
        clock = await _steady(clock, database, identity.workspace_id)

        errands = await stack.enter_async_context(Errands())
        changed = Signal()
        memberships = Memberships(slack, book, clock)
        await memberships()
        feeds = HttpFeedReader(await stack.enter_async_context(feed_session()))
        on_call = OnCallBook(database, identity.workspace_id, book, feeds, clock)
        await on_call.load()
        desk = IncidentDesk(database, identity.workspace_id, book, memberships, clock, changed)
        loops = _loops(database, identity, book, on_call, slack, clock, errands, changed)
        loops.append(Loop("memberships", memberships, clock))
        scheduler = Scheduler(loops)
        changed.subscribe(scheduler.wake)
        stack.push_async_callback(scheduler.stop)
        scheduler.start()
        bolt = _bolt(settings, client, slack, identity, desk, on_call, errands, clock)
        http_port = await _open_intake(settings, bolt, stack)
        log.info("bot.ready", workspace=identity.workspace_name, mode=settings.mode, http_port=http_port)
        stack.callback(log.info, "bot.stopping")
        yield Bot(
            identity=identity,
            desk=desk,
            database=database,
            clock=clock,
            scheduler=scheduler,
            errands=errands,
            http_port=http_port,
        )


def _loops(
    database: Database,
    identity: Identity,
    book: PolicyBook,
    on_call: OnCallBook,
    slack: SlackGateway,
    clock: Clock,
    errands: Errands,
    changed: Signal,
) -> list[Loop]:
    pace = Pace()
    names = Names(slack, clock)
    workspace = identity.workspace_id
    delivery = Delivery(database, workspace, book, on_call, slack, names, clock, pace, errands, changed)
    cards = CardKeeper(database, workspace, book, on_call, slack, clock, pace, errands, changed)
    return [
        Loop("tick", Tick(database, workspace, book, clock, changed), clock),
        Loop("delivery", delivery, clock),
        Loop("cards", cards, clock),
        Loop("heartbeat", Heartbeat(database, workspace, book, clock, changed), clock),
        Loop("policy", PolicyWatch(database, workspace, book, clock), clock),
        Loop("on_call", on_call, clock),
    ]


def _bolt(
    settings: Settings,
    client: AsyncWebClient,
    slack: SlackGateway,
    identity: Identity,
    desk: IncidentDesk,
    on_call: OnCallBook,
    errands: Errands,
    clock: Clock,
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
        client=client,
        authorize=authorize,
        signing_secret=secret.get_secret_value() if secret is not None else "unused in Socket Mode",
        process_before_response=True,
        logger=logging.getLogger("slack_bolt"),
    )
    register_listeners(app, slack, identity.workspace_id, desk, on_call, errands, clock)
    return app


def register_listeners(
    app: AsyncApp,
    slack: SlackGateway,
    workspace_id: WorkspaceId,
    desk: IncidentDesk,
    on_call: OnCallBook,
    errands: Errands,
    clock: Clock,
) -> None:
    """Everything the manifest announces, in the order in which Bolt tries it."""

    async def tell(channel: ChannelId | None, user: UserId, text: str) -> None:
        """In the channel where it was asked, or directly where the bot cannot speak there."""
        message = Rendered(text=text, blocks=[])
        outcome = await slack.tell(channel, user, message) if channel is not None else None
        if outcome is None or isinstance(outcome, Refused):
            outcome = await slack.tell_directly(user, message)
        if not isinstance(outcome, Delivered):
            log.warning("answer.not_delivered", user=user, channel=channel, outcome=repr(outcome))

    def say(channel: ChannelId | None, user: UserId, text: str) -> None:
        errands.start(tell(channel, user, text))

    gatekeeper.register_first(app, workspace_id)
    command.register(app, desk, on_call, slack, clock)
    opening.register(app, desk, slack, say)
    buttons.register(app, desk, say)
    home.register(app, desk, slack, clock)
    gatekeeper.register_last(app)


async def _open_intake(settings: Settings, bolt: AsyncApp, stack: AsyncExitStack) -> int | None:
    """From here on Slack's requests come in; the port when they come over HTTP."""
    if settings.mode == "http" and settings.slack_signing_secret is not None:
        web = http.web_app(bolt, settings.slack_signing_secret.get_secret_value())
        return await stack.enter_async_context(http.serving(web, settings.http_host, settings.http_port))
    if settings.slack_app_token is None:
        raise CannotStart("Socket Mode needs SLACK_APP_TOKEN.")
    try:
        await stack.enter_async_context(socket_mode.listening(bolt, settings.slack_app_token.get_secret_value()))
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        reason = type(error).__name__
        raise CannotStart(f"Slack refused the Socket Mode connection ({reason}): check SLACK_APP_TOKEN.") from error
    return None


async def _check_schema(database: Database, settings: Settings) -> None:
    try:
        await ensure_current(database, may_migrate=settings.database_url.startswith("sqlite"))
    except NotStored as error:
        raise CannotStart(f"The database cannot be used ({error}): check TIERLINE_DATABASE_URL.") from error


async def _identify(slack: SlackGateway) -> Identity:
    try:
        return await slack.identify()
    except SlackUnavailable as error:
        raise CannotStart(f"{error}: check SLACK_BOT_TOKEN and the connection to Slack.") from error


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


async def _clock(settings: Settings, stack: AsyncExitStack) -> Clock:
    if settings.clock_url is None:
        return SystemClock()
    clock = FollowedClock()
    following = asyncio.create_task(clock.follow(settings.clock_url))
    stack.callback(following.cancel)
    await clock.synchronised()
    return clock
