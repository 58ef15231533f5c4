"""`tierline doctor`: everything around the bot looked at once, with what to do; it works beside a running bot."""

import platform
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from bot.clock import now
from bot.policy_file import PolicyDocument, PolicyFileError, read
from bot.services import doctor
from bot.services.doctor import Check, Grade
from bot.services.policy_check import check
from bot.settings import SettingsError, ToolSettings, read_settings, read_tool_settings
from bot.slack.calls import SlackUnavailable
from bot.slack.workspace import SlackWorkspace
from bot.start import CannotStart
from bot.tools import output, print_json, slack_of, the_workspace
from storage import verification
from storage.backup import sqlite_path
from storage.database import Database, open_database
from storage.errors import NotStored, SchemaMismatch, StorageError
from storage.schema import ensure_current

WITH_PROBLEMS = 1

Json = Annotated[bool, typer.Option("--json", help="For a script: a stable structure instead of a table.")]

_STYLES: Final = {Grade.OK: "green", Grade.WARNING: "yellow", Grade.PROBLEM: "bold red", Grade.SKIPPED: "dim"}


async def examine(*, as_json: bool) -> int:
    """The exit code: 1 when there is a problem."""
    checks = [each async for each in _checks()]
    if as_json:
        print_json({"checks": [_values(each) for each in checks], "healthy": not _ill(checks)})
    else:
        _show(checks)
    return WITH_PROBLEMS if _ill(checks) else 0


async def _checks() -> AsyncIterator[Check]:
    try:
        settings = read_tool_settings()
    except SettingsError as error:
        yield doctor.problem("Settings", str(error), "mend it; nothing else was looked at")
        return
    path = sqlite_path(settings.database_url)
    litestream = path is not None and path.with_name(f".{path.name}-litestream").exists()
    yield doctor.of_versions(platform.python_version(), sqlite3.sqlite_version, is_replicated=litestream)
    yield _of_settings(settings)
    document = None
    try:
        document = read(settings.policy_file, allow_short=settings.clock_url is not None)
    except PolicyFileError as error:
        yield doctor.problem("Policy file", error.problems[0], "run tierline policy check")
    else:
        yield doctor.ok("Policy file", f"{settings.policy_file} is right")
    async for each in _of_database(settings, path):
        yield each
    async for each in _of_slack(settings, document):
        yield each
    yield doctor.of_fallback(settings.fallback_addresses)


def _of_settings(settings: ToolSettings) -> Check:
    """Those of the bot too, if it is to run here."""
    if settings.slack_bot_token is None:
        return doctor.ok("Settings", "those of the commands can be read; SLACK_BOT_TOKEN is not set")
    try:
        read_settings()
    except SettingsError as error:
        return doctor.problem("Settings", str(error), "mend it, or the bot does not start")
    return doctor.ok("Settings", "all can be read")


async def _of_database(settings: ToolSettings, path: Path | None) -> AsyncIterator[Check]:
    try:
        database = open_database(settings.database_url, beside=True, audit_key=settings.sealing_key)
    except NotStored as error:
        yield doctor.problem("Database", str(error), "start the bot once, or check TIERLINE_DATABASE_URL")
        return
    try:
        if path is not None:
            yield _of_disk(path)
            async with database.read() as tx:
                for each in await doctor.of_file(tx):
                    yield each
        try:
            await ensure_current(database, may_migrate=False)
        except SchemaMismatch as error:
            yield doctor.problem("Schema", str(error), "run tierline migrate, or install the version that fits")
            return
        yield doctor.ok("Schema", "it is this version's")
        async for each in _of_content(database, settings):
            yield each
    except StorageError as error:
        yield doctor.problem("Database", str(error), "check TIERLINE_DATABASE_URL, and that the database is up")
    finally:
        await database.close()


def _of_disk(path: Path) -> Check:
    return doctor.of_space(shutil.disk_usage(path.parent).free, path.stat().st_size)


async def _of_content(database: Database, settings: ToolSettings) -> AsyncIterator[Check]:
    async with database.read() as tx:
        extent = await verification.extent(tx)
        yield doctor.ok("Database", f"{extent.incidents:,} incidents, {extent.entries:,} entries in their stories")
        yield doctor.of_key(extent.sealed_since, has_key=settings.sealing_key is not None)
        if database.is_shared:
            yield await doctor.of_server(tx, now())
        try:
            workspace = await the_workspace(tx)
        except CannotStart as error:
            yield doctor.skipped("Bot", str(error))
            return
        for each in await doctor.of_work(tx, workspace, now()):
            yield each


async def _of_slack(settings: ToolSettings, document: PolicyDocument | None) -> AsyncIterator[Check]:
    async with slack_of(settings) as slack:
        if slack is None:
            yield doctor.skipped("Slack", "SLACK_BOT_TOKEN is not set")
            return
        try:
            async for each in _asked(slack, document):
                yield each
        except SlackUnavailable as error:
            yield doctor.problem("Slack", str(error), "check SLACK_BOT_TOKEN and the connection to Slack")


async def _asked(slack: SlackWorkspace, document: PolicyDocument | None) -> AsyncIterator[Check]:
    identity = await slack.identify()
    yield doctor.ok("Slack", f"the token works in {identity.workspace_name or identity.workspace_id}")
    standing = await slack.standing()
    yield doctor.of_scopes(standing)
    yield doctor.of_slack_clock(standing, now())
    if document is None:
        yield doctor.skipped("Policy in Slack", "the policy file cannot be read")
        return
    for each in doctor.of_policy((await check(document, slack, today=now().date())).findings):
        yield each


def _ill(checks: list[Check]) -> bool:
    return any(each.grade is Grade.PROBLEM for each in checks)


def _values(each: Check) -> dict[str, str]:
    return {"check": each.name, "grade": each.grade, "sentence": each.sentence, "fix": each.fix}


def _show(checks: list[Check]) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    for column in (True, True, False):
        table.add_column(no_wrap=column, overflow="fold")
    for each in checks:
        said = Text(each.sentence)
        if each.fix:
            said.append(f"\n→ {each.fix}", style="bold")
        table.add_row(Text(each.grade, style=_STYLES[each.grade]), Text(each.name), said)
    output.print(table)
    output.print()
    output.print(_summary(checks))


def _summary(checks: list[Check]) -> Text:
    problems = sum(each.grade is Grade.PROBLEM for each in checks)
    warnings = sum(each.grade is Grade.WARNING for each in checks)
    if not problems and not warnings:
        return Text("All is well.", style="green")
    counted = f"{problems} {'problem' if problems == 1 else 'problems'}, "
    counted += f"{warnings} {'warning' if warnings == 1 else 'warnings'}."
    return Text(counted, style="bold red" if problems else "yellow")
