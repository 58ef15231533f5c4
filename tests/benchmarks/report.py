"""The table for people and the file for machines."""

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.figure import Figure, shown


def print_table(figures: Sequence[Figure], notes: Sequence[str], console: Console) -> None:
    table = Table(title="Tierline, measured (medians; lowest … highest run)", title_justify="left")
    table.add_column("what")
    for heading in ("median", "runs", "target"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("beside it, in the same run")
    table.add_column("median", justify="right", no_wrap=True)
    for group, members in groupby(figures, key=attrgetter("group")):
        table.add_section()
        table.add_row(f"[bold]{group}[/]")
        for figure in members:
            table.add_row(*_cells(figure))
    console.print(table)
    for note in notes:
        console.print(f"· {note}")


def print_problems(problems: Mapping[str, str], console: Console) -> None:
    for name, problem in problems.items():
        console.print(f"[red]not measured[/] {name}: {problem}", markup=True, highlight=False)


def write_json(figures: Sequence[Figure], problems: Mapping[str, str], path: Path) -> None:
    """What could not be measured is in it too, without a value and not ok."""
    entries = [*(figure.to_json() for figure in figures), *(_missing(*one) for one in problems.items())]
    path.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n")


def _missing(name: str, problem: str) -> Mapping[str, object]:
    nothing = dict.fromkeys(("value", "unit", "target", "baseline", "baseline_value"))
    return {"name": name, **nothing, "ok": False, "problem": problem}


def _cells(figure: Figure) -> tuple[str, ...]:
    colour = {True: "green", False: "red", None: "default"}[figure.ok]
    missed = " missed" if figure.ok is False else ""
    baseline = figure.baseline_value
    return (
        f"  {figure.what}",
        f"[{colour}]{shown(figure.value)} {figure.unit}[/]",
        f"{shown(min(figure.runs))} … {shown(max(figure.runs))}",
        f"{figure.target}{missed}" if figure.target else "",
        figure.baseline or "",
        f"{shown(baseline)} {figure.unit}" if baseline is not None else "",
    )
