"""What a policy would do, as a table in the terminal and as values for a script."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.domain.forecast import Moment
from bot.domain.policy import Policy
from bot.services.explaining import Plan
from bot.slack.blocks.simulation import Row, rows, since
from bot.slack.blocks.voice import Plain
from bot.slack.blocks.words import sentence_case

COLOURS = {"response": "red", "resolution": "red", "repeat": "magenta", "acknowledgement": "yellow", "hold": "blue",
           "update": "dim", "": "green"}  # fmt: skip


def show(console: Console, moments: Sequence[Moment], policy: Policy, plan: Plan, zone: ZoneInfo) -> None:
    voice = Plain(zone=zone, names={})
    table = Table(
        title=f"{plan.severity} of {plan.service}, opened {voice.at(plan.at)} ({zone.key})",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        expand=True,
    )
    table.add_column("since", justify="right", no_wrap=True)
    table.add_column("at", justify="right", no_wrap=True, style="dim")
    table.add_column("what happens", ratio=5, overflow="fold")
    table.add_column("tier", justify="center")
    table.add_column("who is told", ratio=3, overflow="fold")
    table.add_column("clock", no_wrap=True)
    day = None
    for row in rows(moments, policy):
        local = row.at.astimezone(zone)
        new_day, day = local.date() != day, local.date()
        time = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
        _add(table, row, voice, at=f"{local:%a} {time}" if new_day else time, new_day=new_day)
    console.print(table)
    console.print(Text(_ending(moments, plan), style="dim"))


def as_values(moments: Sequence[Moment], policy: Policy, plan: Plan) -> dict[str, Any]:
    """Times in ISO 8601 and UTC, spans in seconds; keys are only ever added."""
    voice = Plain(names={})
    return {
        "severity": plan.severity,
        "service": plan.service,
        "opened_at": plan.at.isoformat(),
        "until": (plan.at + plan.span).isoformat(),
        "moments": [
            {
                "at": row.at.isoformat(),
                "since_opening_seconds": row.elapsed.total_seconds(),
                "what": _sentences(row, voice),
                "tier": row.tier,
                "told": [voice.read(each) for each in row.hears],
                "clock": row.clock or None,
            }
            for row in rows(moments, policy)
        ],
    }


def _add(table: Table, row: Row, voice: Plain, *, at: str, new_day: bool) -> None:
    if new_day and table.row_count:
        table.add_section()
    table.add_row(
        since(row.elapsed),
        at,
        Text(_sentences(row, voice, beside=row.at), style="dim" if row.clock == "update" else ""),
        str(row.tier),
        Text("\n".join(voice.read(each) for each in row.hears)),
        Text(row.clock or "a person", style=COLOURS.get(row.clock.split(",")[0], "")),
    )


def _sentences(row: Row, voice: Plain, *, beside: datetime | None = None) -> str:
    return sentence_case(voice.read(row.what, beside=beside))


def _ending(moments: Sequence[Moment], plan: Plan) -> str:
    last = moments[-1].transition.incident
    if last.is_over:
        return "It is over; nothing more happens."
    hours = plan.span / timedelta(hours=1)
    stays = " Nobody answered at any tier: it stays at the last one until somebody takes it."
    exhausted = stays if last.exhausted_at is not None and last.is_open else ""
    return f"These are the first {hours:g} hours.{exhausted} Names and channels are as the file writes them."
