"""What a bot finds out before it can begin, and what it does where a part of the world is missing."""

import asyncio
from contextlib import AsyncExitStack
from datetime import date

import structlog

from bot.catalogue import UnknownLanguage, speak
from bot.clock import Clock, FollowedClock, ServerClock, SteadyClock, SystemClock
from bot.domain.delivery import Limited
from bot.domain.ids import UserId, WorkspaceId
from bot.notifier import Address, Notifier, unknown_to_apprise
from bot.policy_file import Directory, PolicyDocument
from bot.services.common_time import CommonTime
from bot.services.policies import look_up
from bot.settings import Settings
from bot.slack.calls import SlackUnavailable
from bot.slack.workspace import Identity, SlackWorkspace
from storage import presence, workspaces
from storage.database import Database
from storage.errors import NotStored
from storage.schema import ensure_current

log = structlog.get_logger()

LOOK_UPS = 3
"""How often the start waits when Slack asks for a pause while the policy's names are looked up."""


class CannotStart(Exception):
    """A part of the world is missing; the text is one sentence that says which and what to do."""


def choose_language(settings: Settings) -> None:
    try:
        speak(settings.language)
    except UnknownLanguage as error:
        raise CannotStart(f"TIERLINE_LANGUAGE has a wrong value: {error}") from error


def make_notifier(settings: Settings) -> Notifier:
    addresses = [Address(url=url, names=names) for names, url in settings.fallback_addresses]
    wrong = unknown_to_apprise(addresses) if addresses else ()
    if wrong:
        raise CannotStart(
            f"TIERLINE_FALLBACK_URLS: address {wrong[0]} is not one that Apprise knows; see its list of services."
        )
    return Notifier(addresses)


async def check_schema(database: Database, settings: Settings) -> None:
    try:
        await ensure_current(database, may_migrate=settings.database_url.startswith("sqlite"))
    except NotStored as error:
        raise CannotStart(f"The database cannot be used ({error}): check TIERLINE_DATABASE_URL.") from error


async def identify(slack: SlackWorkspace, database: Database) -> Identity:
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


async def look_up_names(document: PolicyDocument, slack: SlackWorkspace, today: date) -> Directory:
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


async def choose_clock(settings: Settings, database: Database, stack: AsyncExitStack) -> Clock:
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


async def steadied(clock: Clock, database: Database, workspace_id: WorkspaceId) -> Clock:
    """It goes on from where the due checks had come to, whatever the machine's clock says now."""
    async with database.read() as tx:
        return SteadyClock(clock, await presence.checked_until(tx, workspace_id))
