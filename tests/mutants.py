"""Changes bot/domain in thousands of small ways, in a copy under build/, and asks the tests which they notice."""

import argparse
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

COPY = Path("build/mutants")
LOG = COPY / "mutmut.log"
COPIED = ("bot", "handlers", "storage", "migrations", "tests", "docs", "pyproject.toml", "policy.yml", "README.md",
          "manifest.yml")  # fmt: skip

ARGUMENTS = '"addopts=--import-mode=importlib"'
SLOW = ("test_properties.py", "test_state_machine.py", "test_calendar_properties.py")
"""Together they take ten times as long as the examples, so they are asked only about what no example notices."""

NOTICED = ("killed", "timeout")
Results = Mapping[str, str]
"""What became of each mutant, by its name."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="of the mutants, with *; without any all of them")
    parser.add_argument("--children", type=int, default=2, help="how many are tried at once")
    asked = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 140)
    _copy()
    results = _examples_asked(asked.names, asked.children)
    missed = _survivors(results)
    console.print(f"{len(results)} mutants, {len(missed)} of them noticed by no example", markup=False)
    if missed:
        results = {**results, **_asked(missed, asked.children)}
    _tell(results, console)


def _copy() -> None:
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    for name in COPIED:
        source, target = Path(name), COPY / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)


def _examples_asked(names: Sequence[str], children: int) -> Results:
    settings = COPY / "pyproject.toml"
    agreed = settings.read_text()
    ignored = "".join(f', "--ignore=tests/domain/{name}"' for name in SLOW)
    if agreed.count(ARGUMENTS) != 1:
        raise RuntimeError(f"[tool.mutmut] in pyproject.toml does not have {ARGUMENTS} once")
    settings.write_text(agreed.replace(ARGUMENTS, ARGUMENTS + ignored))
    results = _asked(names, children)
    settings.write_text(agreed)
    return results


def _asked(names: Sequence[str], children: int) -> Results:
    """Of those that were tried."""
    _mutmut("run", "--max-children", str(children), *names)
    told = _mutmut("results", "--all", "true")
    lines = (line.strip().partition(": ") for line in told.splitlines() if ": " in line)
    return {name: status for name, _, status in lines if status != "not checked"}


def _mutmut(*arguments: str) -> str:
    program = Path(sys.executable).with_name("mutmut").absolute()
    done = subprocess.run([program, *arguments], cwd=COPY, capture_output=True, text=True, check=False)
    with LOG.open("a") as log:
        log.writelines((done.stdout, done.stderr))
    if done.returncode:
        raise SystemExit(f"mutmut {arguments[0]} failed; {LOG} says why")
    return done.stdout


def _survivors(results: Results) -> Sequence[str]:
    return [name for name, status in results.items() if status not in NOTICED]


def _tell(results: Results, console: Console) -> None:
    counted = Counter(results.values())
    figures = ", ".join(f"{count} {status}" for status, count in counted.most_common())
    console.print(f"{len(results)} mutants: {figures}", markup=False)
    for name in _survivors(results):
        console.print(f"  {name}: {results[name]}", markup=False)
    console.print(f"cd {COPY} && mutmut show NAME shows what was changed", markup=False)


if __name__ == "__main__":
    main()
