"""What the commands beside the bot share: the database, Slack when there is a token, output for scripts."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.tz import tzlocal
from rich.console import Console

from bot.domain.ids import WorkspaceId
from bot.settings import ToolSettings
from bot.slack.client import make_client, make_session
from bot.slack.workspace import SlackWorkspace
from bot.start import CannotStart
from storage import workspaces
from storage.database import Database, Transaction, open_database
from storage.errors import AlreadyRunning
from storage.schema import ensure_current


class _Output(Console):
    def on_broken_pipe(self) -> None:
        """Whoever reads it has seen enough: `| head` is no error."""
        with suppress(SystemExit):
            super().on_broken_pipe()


output = _Output(highlight=False)
errors = Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """As it is, whatever the width of the terminal."""
    output.print(json.dumps(value, ensure_ascii=False, indent=2), markup=False, soft_wrap=True)


def zone_named(name: str) -> tzinfo:
    """That of the machine for no name. Raises `CannotStart`."""
    if not name:
        return tzlocal()
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CannotStart(f"There is no time zone “{name}”: write it like Europe/Paris.") from error


@asynccontextmanager
async def reading_database(settings: ToolSettings) -> AsyncIterator[Database]:
    """Beside a bot that may be running."""
    database = open_database(settings.database_url, beside=True, audit_key=settings.sealing_key)
    try:
        await ensure_current(database, may_migrate=False)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def writing_database(settings: ToolSettings) -> AsyncIterator[Database]:
    """Made or migrated when no bot runs on it and it is a file."""
    is_file = settings.database_url.startswith("sqlite")
    try:
        database, alone = open_database(settings.database_url, audit_key=settings.sealing_key), True
    except AlreadyRunning:
        beside = open_database(settings.database_url, beside=True, audit_key=settings.sealing_key)
        database, alone = beside, False
    try:
        await ensure_current(database, may_migrate=is_file and alone)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def slack_of(settings: ToolSettings) -> AsyncIterator[SlackWorkspace | None]:
    """None without a token."""
    if settings.slack_bot_token is None:
        yield None
        return
    async with make_session() as session:
        token = settings.slack_bot_token.get_secret_value()
        yield SlackWorkspace(make_client(token=token, base_url=settings.slack_api_url, session=session))


async def the_workspace(tx: Transaction) -> WorkspaceId:
    """Raises `CannotStart` when there is none yet, or more than one."""
    known = await workspaces.known(tx)
    match known:
        case [only]:
            return only
        case []:
            raise CannotStart("The database has no workspace yet: run the bot once, or tierline policy apply.")
        case _:
            raise CannotStart("The database has several workspaces: set SLACK_BOT_TOKEN to say which.")
