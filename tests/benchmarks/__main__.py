"""Measures, prints one table, and writes build/bench.json. A missed target is shown; it stops nothing."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.status import Status

from bot.observability import set_up_logs
from tests.benchmarks.figure import Figure
from tests.benchmarks.measurements import MEASUREMENTS, NOTES
from tests.benchmarks.report import print_table, write_json

BUILD = Path("build")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", choices=MEASUREMENTS, metavar="NAME", help=f"one of {', '.join(MEASUREMENTS)}")
    only = parser.parse_args().only
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "bench.log").open("w") as log:
        with redirect_stderr(log):
            set_up_logs("json")  # what the bot writes while it works costs it time, so it is written here too
        figures = _measured([only] if only else list(MEASUREMENTS))
    write_json(figures, BUILD / "bench.json")
    print_table(figures, NOTES, Console(width=None if sys.stdout.isatty() else 140))


def _measured(names: Sequence[str]) -> Sequence[Figure]:
    figures: list[Figure] = []
    with Console(stderr=True).status("") as status:
        for name in names:
            figures.extend(MEASUREMENTS[name](partial(_show, status, name)))
    return figures


def _show(status: Status, name: str, text: str) -> None:
    status.update(f"{name}: {text}")


if __name__ == "__main__":
    main()
