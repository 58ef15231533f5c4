"""`tierline …`: what an operator types. Exit code 2 means that a setting or a file has to be mended, 1 of `run`
that the bot wants to be started again."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, NoReturn

import typer

from bot import backup_cli, doctor_cli, explain_cli, export_cli, feedback_cli
from bot.app import running_bot
from bot.audit_cli import audit_app
from bot.explained import IncidentKey, Zone
from bot.export import Format
from bot.interpreter import settle_in
from bot.listening import CannotListen
from bot.observability import set_up_logs
from bot.policy_cli import policy_app
from bot.policy_file import PolicyFileError
from bot.settings import SettingsError, read_settings, read_tool_settings
from bot.start import CannotStart
from bot.tools import errors, output
from storage.database import open_database
from storage.errors import NotStored, StorageError
from storage.schema import migrate as migrate_schema

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

CANNOT_GO_ON = 1
MEND_FIRST = 2
DEMO_PORT = 8765
DEMO_SPEED = 10.0
"""Fast enough to see a five-minute target run out while watching, slow enough to click before it does."""


@app.callback()
def tierline() -> None:
    """Tierline: a self-hosted Slack bot for escalations."""


@app.command()
def run(
    mode: Annotated[str | None, typer.Option(help="socket or http; default: TIERLINE_MODE, or socket.")] = None,
) -> None:
    """Run the bot until it is told to stop."""
    _start(lambda: _run(mode))


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the page is served.")] = DEMO_PORT,
    speed: Annotated[float, typer.Option(help="How fast the playground's clock runs.")] = DEMO_SPEED,
) -> None:
    """Run a bot in a local Slack, with two incidents that nobody answers."""
    _start(lambda: _demo(port, speed))


@app.command()
def playground(
    port: Annotated[int, typer.Option(help="Where the page is served.")] = DEMO_PORT,
    speed: Annotated[float, typer.Option(help="How fast the playground's clock runs.")] = 1.0,
) -> None:
    """Run the local Slack alone, and print the settings with which a bot lives in it."""
    _start(lambda: _playground(port, speed))


@app.command()
def migrate(revision: Annotated[str, typer.Argument(help="A schema revision; default: the newest.")] = "head") -> None:
    """Bring the database to this version's schema."""
    _start(lambda: _migrate(revision))


@app.command()
def explain(incident: IncidentKey, zone: Zone = "", as_json: explain_cli.Json = False) -> None:
    """Say why an incident is where it is, what each clock shows and what comes next."""
    _start(lambda: explain_cli.explain(incident, zone=zone, as_json=as_json))


@app.command()
def export(
    incident: IncidentKey,
    form: export_cli.Form = Format.MARKDOWN,
    target: export_cli.Target = None,
    zone: Zone = "",
) -> None:
    """Write an incident's whole story, its missed targets and its clocks."""
    _start(lambda: export_cli.export(incident, form=form, target=target, zone=zone))


@app.command()
def doctor(as_json: doctor_cli.Json = False) -> None:
    """Look at everything around the bot, and say what to do; exit code 1 when there is a problem."""
    _start(lambda: doctor_cli.examine(as_json=as_json))


@app.command()
def backup(target: backup_cli.Target) -> None:
    """Copy the SQLite database into a new file, beside a bot that may be running."""
    _start(lambda: backup_cli.make_backup(target))


@app.command()
def restore(source: backup_cli.Source) -> None:
    """Put a backup in the place of the SQLite database; no bot may be running on it."""
    _start(lambda: backup_cli.restore_backup(source))


@app.command("feedback")
def feedback(days: feedback_cli.Days = 90, as_json: feedback_cli.AsJson = False) -> None:
    """Show what people thought of how incidents were handled."""
    _start(lambda: feedback_cli.show_feedback(days, as_json=as_json))


def main() -> None:
    app()


def _start(work: Callable[[], Coroutine[Any, Any, int | None]]) -> None:
    """Ends with the exit code that the work returns, if it returns one."""
    try:
        code = asyncio.run(_until_told_to_stop(work))
    except PolicyFileError as error:
        for problem in error.problems:
            errors.print(problem, markup=False, soft_wrap=True)
        raise SystemExit(MEND_FIRST) from None
    except NotStored as error:
        _mend(f"the database cannot be used ({error}): check TIERLINE_DATABASE_URL.")
    except (SettingsError, CannotStart, CannotListen, StorageError) as error:
        _mend(str(error))
    if code:
        raise SystemExit(code)


app.add_typer(policy_app(_start), name="policy")
app.add_typer(audit_app(_start), name="audit")


def _mend(sentence: str) -> NoReturn:
    errors.print(sentence, markup=False, soft_wrap=True)
    raise SystemExit(MEND_FIRST) from None


async def _run(mode: str | None) -> int:
    settings = read_settings(mode)
    set_up_logs(settings.log_format, settings.secrets)
    async with running_bot(settings) as bot:
        settle_in()
        reason = await asyncio.shield(bot.stopped_by)
    errors.print(reason, markup=False, soft_wrap=True)
    return CANNOT_GO_ON


async def _until_told_to_stop(work: Callable[[], Coroutine[Any, Any, int | None]]) -> int | None:
    """Ctrl-C and SIGTERM end the work wherever it is; what it opened is closed in order."""
    task = asyncio.ensure_future(work())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    await asyncio.wait((task,))
    return None if task.cancelled() else task.result()


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _demo(port: int, speed: float) -> None:
    set_up_logs("console")
    logging.getLogger().setLevel(logging.WARNING)
    from bot.demo import running_demo  # with a whole Slack, which a bot that runs does not need

    try:
        async with running_demo(port, speed) as url:
            output.print(f"\n  Open [bold]{url}[/bold] in a browser: a local Slack with Tierline in it.")
            output.print(f"  Two incidents are open and nobody answers; the clock runs {speed:g} times as fast.")
            output.print("  Ctrl-C ends it.\n")
            await _for_ever()
    except asyncio.CancelledError:
        output.print("  Stopped; nothing was kept.")
        raise


async def _playground(port: int, speed: float) -> None:
    set_up_logs("console")
    from bot.demo import clock_url, local_slack  # as above

    async with local_slack(port, speed) as slack:
        output.print(f"The local Slack is at {slack.url}. A bot lives in it with:", markup=False)
        for line in (
            f"export SLACK_BOT_TOKEN={slack.bot_token} SLACK_APP_TOKEN={slack.app_token}",
            f"export TIERLINE_SLACK_API_URL={slack.api_url} TIERLINE_CLOCK_URL={clock_url(slack)}",
            "tierline run",
        ):
            output.print(f"  {line}", markup=False, soft_wrap=True)
        await _for_ever()


async def _migrate(revision: str) -> None:
    settings = read_tool_settings()
    database = open_database(settings.database_url, audit_key=settings.sealing_key)
    try:
        await migrate_schema(database, revision)
    finally:
        await database.close()
    errors.print("The database has this version's schema." if revision == "head" else f"The database is at {revision}.")
