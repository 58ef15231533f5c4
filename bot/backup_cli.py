"""`tierline backup FILE` beside a running bot, and `tierline restore FILE` while none runs."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.text import Text
from sqlalchemy.engine import make_url

from bot.clock import now
from bot.domain.delivery import QUIET
from bot.settings import ToolSettings, read_tool_settings
from bot.start import CannotStart
from bot.tools import errors, output
from storage.backup import BackupError, back_up, restore, sqlite_path
from storage.errors import AlreadyRunning

Target = Annotated[Path, typer.Argument(help="The new file; it must not be there yet.")]
Source = Annotated[Path, typer.Argument(help="A file that tierline backup made.")]


async def make_backup(target: Path) -> None:
    source = _file_of(read_tool_settings(), "pg_dump --format=custom --file={file} {url}", target)
    began = now()
    try:
        with _bar() as bar:
            task = bar.add_task("", total=None)
            size = await back_up(source, target, lambda done, of: bar.update(task, completed=done, total=of))
    except BackupError as error:
        raise CannotStart(f"No backup was made: {error}.") from error
    took = (now() - began) / timedelta(seconds=1)
    output.print(Text(f"{target}: {decimal(size)}, checked, in {took:.1f} s.", style="green"), soft_wrap=True)


async def restore_backup(backup: Path) -> None:
    settings = read_tool_settings()
    path = _file_of(settings, "pg_restore --clean --if-exists --dbname={url} {file}", backup)
    at = now()
    try:
        in_doubt, kept = await restore(
            backup, settings.database_url, quiet_until=at + QUIET, aside=f"before-{at:%Y%m%dT%H%M%SZ}"
        )
    except AlreadyRunning as error:
        raise CannotStart("A bot is running on this database: stop it, restore, and start it again.") from error
    except BackupError as error:
        raise CannotStart(f"Nothing was restored: {error}.") from error
    output.print(Text(f"{path} is what {backup} holds.", style="green"), soft_wrap=True)
    if kept is not None:
        output.print(f"The database that was there is kept as {kept}.", soft_wrap=True)
    if in_doubt:
        what = "message was" if in_doubt == 1 else "messages were"
        output.print(
            f"{in_doubt} {what} not sent yet when the backup was made: once started, the bot looks for each in its"
            " channel before it posts.",
            soft_wrap=True,
        )


def _file_of(settings: ToolSettings, instead: str, file: Path) -> Path:
    """Where the SQLite database is. Raises `CannotStart` with the command to use for another kind."""
    path = sqlite_path(settings.database_url)
    if path is None:
        url = make_url(settings.database_url).render_as_string(hide_password=True)
        raise CannotStart(f"PostgreSQL has its own tools for that: {instead.format(file=file, url=url)}")
    return path


def _bar() -> Progress:
    columns = (TextColumn("Copying"), BarColumn(), TaskProgressColumn())
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)
