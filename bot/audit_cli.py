"""`tierline audit verify`: whether the stories are what was stored, and what is wrong with them if not."""

import re
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from bot.clock import now
from bot.services.verifying import Finding, KeyNeeded, Verdict, verify_all, verify_one
from bot.settings import read_tool_settings
from bot.start import CannotStart
from bot.tools import errors, output, print_json, reading_database, the_workspace
from storage.database import Database

WITH_FINDINGS = 1
SHOWN = 100
"""So many findings are printed; `--json` has more."""

_INCIDENT = re.compile(r"(?:inc-?)?([1-9][0-9]{0,8})", re.IGNORECASE)

Start = Callable[[Callable[[], Coroutine[Any, Any, int | None]]], None]


def audit_app(start: Start) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True, help="Check that nobody edited, removed or inserted anything.")

    @app.callback()
    def audit() -> None:
        """Check that nobody edited, removed or inserted anything."""

    @app.command("verify")
    def verify_command(
        incident: Annotated[str, typer.Argument(help="Only this incident, like INC-12.")] = "",
        as_json: Annotated[
            bool, typer.Option("--json", help="For a script: a stable structure instead of sentences.")
        ] = False,
    ) -> None:
        """Verify each story's chain, and the incidents, breaches and promises against the stories; 1 on findings."""
        start(lambda: _verify(incident, as_json=as_json))

    return app


async def _verify(incident: str, *, as_json: bool) -> int:
    """The exit code."""
    settings = read_tool_settings()
    opened_since = None if settings.keep is None else now() - settings.keep
    async with reading_database(settings) as database:
        try:
            verdict = await (_one(database, incident) if incident else _all(database, opened_since))
        except KeyNeeded as error:
            raise CannotStart(str(error)) from error
    if as_json:
        print_json(as_values(verdict))
    else:
        _say(verdict)
    return WITH_FINDINGS if verdict.found else 0


async def _one(database: Database, key: str) -> Verdict:
    match = _INCIDENT.fullmatch(key.strip())
    if match is None:
        raise CannotStart(f"“{key}” is not an incident: write it like INC-12.")
    number = int(match.group(1))
    async with database.read() as tx:
        workspace = await the_workspace(tx)
    verdict = await verify_one(database, workspace, number)
    if verdict is None:
        raise CannotStart(f"There is no INC-{number} in this database.")
    return verdict


async def _all(database: Database, opened_since: datetime | None) -> Verdict:
    columns = (TextColumn("Verifying"), BarColumn(), MofNCompleteColumn(), TextColumn("entries"), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def show(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        return await verify_all(database, show, opened_since=opened_since)


def as_values(verdict: Verdict) -> dict[str, Any]:
    """Keys are only ever added."""
    return {
        "incidents": verdict.incidents,
        "entries": verdict.entries,
        "sealed_entries": verdict.sealed,
        "intact": verdict.found == 0,
        "found": verdict.found,
        "findings": [
            {"incident": each.incident, "entry": each.seq, "kind": each.kind, "what": each.sentence}
            for each in verdict.findings
        ],
    }


def _say(verdict: Verdict) -> None:
    for finding in verdict.findings[:SHOWN]:
        output.print(Text.assemble((f"{_where(finding)}  ", "bold red"), finding.sentence), soft_wrap=True)
    if verdict.found > SHOWN:
        output.print(f"… and {verdict.found - SHOWN:,} more: --json has them.")
    if not verdict.key_fits:
        said = "Not one sealed entry fits the key: TIERLINE_AUDIT_KEY is probably not the one they were sealed with."
        output.print(Text(said, style="yellow"), soft_wrap=True)
    sealed = f", {verdict.sealed:,} of them sealed with a key" if verdict.sealed else ""
    looked_at = f"{_many(verdict.incidents, 'incident', 'incidents')}, {_many(verdict.entries, 'entry', 'entries')}"
    if verdict.found:
        output.print(f"{looked_at}{sealed}: {_many(verdict.found, 'finding', 'findings')}.", soft_wrap=True)
    else:
        good = f"{looked_at}{sealed}: nothing was edited, removed or inserted."
        output.print(Text(good, style="green"), soft_wrap=True)


def _where(finding: Finding) -> str:
    if not finding.incident:
        return "database"
    return finding.incident if finding.seq is None else f"{finding.incident} entry {finding.seq}"


def _many(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
