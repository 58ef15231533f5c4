"""`tierline policy …`: the policy file checked, tried out, compared and applied."""

import re
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.text import Text

from bot.clock import now
from bot.policy_file import PolicyDocument, PolicyFileError, lint, read, schema, to_policy
from bot.policy_file.errors import place
from bot.services.explaining import simulated, zone_of
from bot.services.policies import adopt
from bot.services.policy_changes import PolicyChange, changes, readable
from bot.services.policy_check import Checked, check
from bot.settings import ToolSettings, read_tool_settings
from bot.simulation_request import Asked, offline_directory, plan_of
from bot.simulation_table import as_values, show
from bot.slack.calls import SlackUnavailable
from bot.slack.workspace import SlackWorkspace
from bot.start import CannotStart
from bot.tools import errors, output, print_json, reading_database, slack_of, the_workspace, writing_database
from storage import policies
from storage.policies import PolicyVersion

WITH_WARNINGS = 1
MEND_FIRST = 2

_PLACED = re.compile(r"(?P<file>.*?) line (?P<line>\d+): (?P<text>.*)", re.DOTALL)

File = Annotated[Path | None, typer.Argument(help="The policy file; default: TIERLINE_POLICY_FILE, or policy.yml.")]
Json = Annotated[bool, typer.Option("--json", help="For a script: a stable structure instead of sentences.")]
Start = Callable[[Callable[[], Coroutine[Any, Any, int | None]]], None]


def policy_app(start: Start) -> typer.Typer:
    """The sub-commands; `start` runs one of them and says in a sentence what keeps it from working."""
    app = typer.Typer(no_args_is_help=True, help="Check, try out, compare and apply the policy file.")

    @app.command("check")
    def check_command(
        file: File = None,
        strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when there are warnings.")] = False,
        as_json: Json = False,
    ) -> None:
        """Say what is wrong with the file or looks wrong; with SLACK_BOT_TOKEN also against Slack."""
        start(lambda: _check(file, strict=strict, as_json=as_json))

    @app.command("simulate")
    def simulate_command(
        severity: Annotated[str, typer.Option(help="The severity of the incident, like sev1.")],
        service: Annotated[str, typer.Option(help="The service that is affected.")],
        file: File = None,
        at: Annotated[str, typer.Option(help="When it is opened, like sat 03:00 or 2026-11-14 03:00.")] = "now",
        ack_after: Annotated[str, typer.Option(help="Somebody acknowledges this long after it, like 7m.")] = "",
        escalate_after: Annotated[str, typer.Option(help="Somebody escalates then.")] = "",
        hold_after: Annotated[str, typer.Option(help="Somebody puts it on hold then.")] = "",
        hold_for: Annotated[str, typer.Option(help="How long the hold lasts.")] = "2h",
        resolve_after: Annotated[str, typer.Option(help="Somebody resolves it then.")] = "",
        until: Annotated[str, typer.Option(help="How much of the future is told.")] = "24h",
        as_json: Json = False,
    ) -> None:
        """Show the whole future of an incident that is not there, without Slack."""
        asked = Asked(
            severity=severity,
            service=service,
            at=at,
            ack_after=ack_after,
            escalate_after=escalate_after,
            hold_after=hold_after,
            hold_for=hold_for,
            resolve_after=resolve_after,
            until=until,
        )
        start(lambda: _simulate(file, asked, as_json=as_json))

    @app.command("diff")
    def diff_command(
        file: File = None,
        version: Annotated[int | None, typer.Option(help="Compare with this version; default: the newest.")] = None,
        as_json: Json = False,
    ) -> None:
        """Say what would change if the file were applied."""
        start(lambda: _diff(file, version, as_json=as_json))

    @app.command("apply")
    def apply_command(file: File = None) -> None:
        """Check the file and make it the policy of incidents opened from now on, also in a running bot."""
        start(lambda: _apply(file))

    @app.command("show")
    def show_command(
        version: Annotated[int | None, typer.Option(help="Another version than the newest.")] = None,
        as_json: Json = False,
    ) -> None:
        """Print the policy that new incidents get."""
        start(lambda: _show(version, as_json=as_json))

    @app.command("schema")
    def schema_command() -> None:
        """Print the JSON Schema of the file, for editors."""
        print_json(schema())

    return app


async def _check(file: Path | None, *, strict: bool, as_json: bool) -> int:
    """The exit code."""
    settings = read_tool_settings()
    path = file or settings.policy_file
    problems, warnings, looked_up = await _findings(path, settings)
    if as_json:
        print_json(
            {
                "file": str(path),
                "problems": [_placed(text) for text in problems],
                "warnings": [_placed(text) for text in warnings],
                "looked_up_in_slack": looked_up,
            }
        )
    else:
        _say_findings(path, problems, warnings, looked_up=looked_up)
    if problems:
        return MEND_FIRST
    return WITH_WARNINGS if warnings and strict else 0


async def _findings(path: Path, settings: ToolSettings) -> tuple[Sequence[str], Sequence[str], bool]:
    """Problems, warnings, and whether Slack was asked."""
    today = now().date()
    try:
        document = read(path, allow_short=settings.clock_url is not None)
    except PolicyFileError as error:
        return error.problems, [], False
    found = [(line, text, False) for line, text in lint(document, today, settings.notifiers)]
    async with slack_of(settings) as slack:
        if slack is not None:
            checked = await _ask_slack(document, slack)
            found += [(finding.line, finding.sentence, finding.serious) for finding in checked.findings]
    found.sort(key=lambda each: each[0])
    said = [(f"{place(str(path), line)}{text}", serious) for line, text, serious in found]
    problems = [text for text, serious in said if serious]
    return problems, [text for text, serious in said if not serious], settings.slack_bot_token is not None


async def _ask_slack(document: PolicyDocument, slack: SlackWorkspace) -> Checked:
    try:
        return await check(document, slack, today=now().date())
    except SlackUnavailable as error:
        raise CannotStart(f"{error}: check SLACK_BOT_TOKEN and the connection to Slack.") from error


def _say_findings(path: Path, problems: Sequence[str], warnings: Sequence[str], *, looked_up: bool) -> None:
    for text in problems:
        output.print(Text.assemble(("problem  ", "bold red"), text), soft_wrap=True)
    for text in warnings:
        output.print(Text.assemble(("warning  ", "yellow"), text), soft_wrap=True)
    if problems:
        return
    where = "also in Slack" if looked_up else "without Slack: set SLACK_BOT_TOKEN to look its names up"
    good = f"{path} is right, but look at the above" if warnings else f"{path} is right"
    output.print(Text(f"{good} ({where}).", style="green"), soft_wrap=True)


def _placed(text: str) -> dict[str, Any]:
    match = _PLACED.fullmatch(text)
    return {"line": int(match["line"]), "text": match["text"]} if match else {"line": None, "text": text}


async def _simulate(file: Path | None, asked: Asked, *, as_json: bool) -> None:
    settings = read_tool_settings()
    document = read(file or settings.policy_file, allow_short=settings.clock_url is not None)
    policy = to_policy(document, offline_directory(document))
    plan = plan_of(asked, policy)
    moments = list(simulated(plan, policy))
    if as_json:
        print_json(as_values(moments, policy, plan))
    else:
        show(output, moments, policy, plan, zone_of(policy, plan.severity))


async def _diff(file: Path | None, version: int | None, *, as_json: bool) -> None:
    settings = read_tool_settings()
    document = read(file or settings.policy_file, allow_short=settings.clock_url is not None)
    stored = await _stored(settings, version)
    found = changes(stored.document, document.canonical_json())
    if as_json:
        listed = [{"key": each.key, "before": each.before, "after": each.after} for each in found]
        print_json({"version": stored.id, "changes": listed})
        return
    if not found:
        output.print(f"Nothing differs from version {stored.id}.")
        return
    output.print(f"Against version {stored.id}:")
    _say_changes(found)


async def _stored(settings: ToolSettings, version: int | None) -> PolicyVersion:
    async with reading_database(settings) as database, database.read() as tx:
        workspace = await the_workspace(tx)
        found = await policies.numbered(tx, workspace, version)
    if found is None:
        what = "no policy was applied yet" if version is None else f"there is no version {version}"
        raise CannotStart(f"In this database {what}.")
    return found


def _say_changes(found: Sequence[PolicyChange]) -> None:
    for each in found:
        match each:
            case PolicyChange(before=None):
                output.print(Text(f"  + {each.key}: {each.after}", style="green"), soft_wrap=True)
            case PolicyChange(after=None):
                output.print(Text(f"  - {each.key}: {each.before}", style="red"), soft_wrap=True)
            case _:
                what = Text.assemble(
                    (f"  ~ {each.key}: ", "yellow"), (each.before or "", "red"), " → ", (each.after or "", "green")
                )
                output.print(what, soft_wrap=True)


async def _apply(file: Path | None) -> None:
    settings = read_tool_settings()
    path = file or settings.policy_file
    document = read(path, allow_short=settings.clock_url is not None)
    async with slack_of(settings) as slack:
        if slack is None:
            raise CannotStart("SLACK_BOT_TOKEN is not set: names are looked up in Slack before a policy is applied.")
        checked = await _ask_slack(document, slack)
        problems = [f"{place(str(path), each.line)}{each.sentence}" for each in checked.findings if each.serious]
        if problems:
            raise PolicyFileError(problems)
        try:
            identity = await slack.identify()
        except SlackUnavailable as error:
            raise CannotStart(f"{error}: check SLACK_BOT_TOKEN and the connection to Slack.") from error
    for each in checked.findings:
        errors.print(Text(f"warning  {place(str(path), each.line)}{each.sentence}", style="yellow"), soft_wrap=True)
    async with writing_database(settings) as database:
        async with database.read() as tx:
            before = await policies.numbered(tx, identity.workspace_id, None)
        book = await adopt(database, identity.workspace_id, document, checked.directory, now=now())
    _say_applied(before, book.current.version_id, document)


def _say_applied(before: PolicyVersion | None, version: int, document: PolicyDocument) -> None:
    if before is not None and before.id == version:
        output.print(f"Version {version} is this very policy already; nothing changed.")
        return
    output.print(f"Version {version} is the policy of incidents opened from now on; open ones keep theirs.")
    if before is None:
        return
    found = changes(before.document, document.canonical_json())
    if found:
        output.print(f"Against version {before.id}:")
        _say_changes(found)
    else:
        output.print(f"The file says the same as version {before.id}; what its names or holidays mean has changed.")


async def _show(version: int | None, *, as_json: bool) -> None:
    stored = await _stored(read_tool_settings(), version)
    values = readable(stored.document)
    if as_json:
        print_json({"version": stored.id, "applied_at": stored.applied_at.isoformat(), "policy": values})
        return
    output.print(Text(f"# version {stored.id}, applied {stored.applied_at:%Y-%m-%d %H:%M} UTC", style="dim"))
    text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
    output.print(text.rstrip(), markup=False, soft_wrap=True)
