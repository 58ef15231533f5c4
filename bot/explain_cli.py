"""`tierline explain INC-12`: why an incident is where it is, from the database; it needs no Slack."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.clock import now
from bot.explained import as_values, explained
from bot.slack.blocks.explanation import Account, Line, account
from bot.slack.blocks.voice import Plain
from bot.tools import output, print_json

_BOLD = re.compile(r"\*([^*]+)\*:")

Json = Annotated[bool, typer.Option("--json", help="For a script: a stable structure instead of sentences.")]


async def explain(incident: str, *, zone: str, as_json: bool) -> None:
    explanation, voice = await explained(incident, zone=zone)
    if as_json:
        print_json(as_values(explanation, voice))
    else:
        show(account(explanation), voice)


def show(told: Account, voice: Plain) -> None:
    """The same sentences as in Slack."""
    output.print(Text(voice.read(told.headline), style="bold"))
    output.print(Text(voice.read(told.now)))
    output.print(Text(f"Times are in {now().astimezone(voice.zone):%Z}.", style="dim"))
    _heading("What happened, and why")
    output.print(_lines(told.past, voice))
    _heading("The clocks")
    for clock in told.clocks:
        output.print(Padding(_with_bold(voice.read(clock)), (0, 0, 0, 2)))
    _heading("What happens next if nobody acts")
    if told.next:
        output.print(_lines(told.next, voice))
    output.print(Padding(Text(told.afterwards, style="dim"), (0, 0, 0, 2)))


def _heading(text: str) -> None:
    output.print()
    output.print(Text(text, style="bold cyan"))


def _lines(lines: Sequence[Line], voice: Plain) -> Table:
    table = Table.grid(padding=(0, 0, 0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    before = None
    for line in lines:
        table.add_row(_instant(line, before, voice), Text(voice.read(line.text, beside=line.at)))
        for words in line.more:
            table.add_row("", Text(voice.read(words)))
        before = line.at or before
    return table


def _instant(line: Line, before: datetime | None, voice: Plain) -> str:
    """The day only where it changes; times stand below one another."""
    if line.at is None:
        return ""
    said = voice.at(line.at, beside=before)
    return said if said == voice.at(line.at) else " " * len("Sat 2026-11-14 ") + said


def _with_bold(text: str) -> Text:
    match = _BOLD.match(text)
    if match is None:
        return Text(text)
    return Text.assemble((match.group(1), "bold"), text[match.end() - 1 :])
