"""Measures, prints one table, and writes build/bench.json. A missed target is shown; it stops nothing.

What could not be measured at all is named below the table, and the exit code is 1."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.status import Status

from bot.observability import set_up_logs
from tests.benchmarks.bench import Bench, NotMeasured
from tests.benchmarks.child import LOG, ChildFailed
from tests.benchmarks.figure import Figure
from tests.benchmarks.measurements import MEASUREMENTS, NOTES
from tests.benchmarks.profiles import PROFILES, print_profile
from tests.benchmarks.report import print_problems, print_table, write_json
from tests.benchmarks.sizes import FULL, QUICK, Sizes

RESULT = Path("build/bench.json")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    names = ", ".join(MEASUREMENTS)
    parser.add_argument("--only", choices=MEASUREMENTS, action="append", metavar="NAME", help=f"some of {names}")
    parser.add_argument("--quick", action="store_true", help="small and few, to try the measurements themselves")
    parser.add_argument("--profile", choices=PROFILES, help="print where the time goes instead")
    options = parser.parse_args()
    RESULT.parent.mkdir(exist_ok=True)
    sizes = QUICK if options.quick else FULL
    with LOG.open("w") as log:
        with redirect_stderr(log):
            set_up_logs("json")  # what the bot writes while it works costs it time, so it is written here too
        if options.profile:
            print_profile(options.profile, sizes)
            return
        figures, problems = _measured(options.only or list(MEASUREMENTS), sizes)
    write_json(figures, problems, RESULT)
    console = Console(width=None if sys.stdout.isatty() else 140)
    print_table(figures, NOTES, console)
    print_problems(problems, console)
    sys.exit(bool(problems))


def _measured(names: Sequence[str], sizes: Sizes) -> tuple[Sequence[Figure], Mapping[str, str]]:
    """The figures; and by its name why a measurement has none."""
    figures: list[Figure] = []
    problems: dict[str, str] = {}
    with Console(stderr=True).status("") as status:
        for name in names:
            try:
                figures.extend(MEASUREMENTS[name](Bench(sizes=sizes, say=partial(_show, status, name))))
            except (NotMeasured, ChildFailed, TimeoutError) as problem:
                problems[name] = f"{type(problem).__name__}: {problem}"
    return figures, problems


def _show(status: Status, name: str, text: str) -> None:
    status.update(f"{name}: {text}")


if __name__ == "__main__":
    main()
