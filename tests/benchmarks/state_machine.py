"""Many thousands of random steps through the rules, with every invariant checked after each. It fails on the first."""

import argparse
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test
from rich.console import Console
from rich.table import Table

from tests.domain.state_machine import IncidentMachine

STEPS: Final = 20_000
STEPS_PER_LIFE: Final = 40
LIVES_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What was walked: `by_rule` counts the steps, `seconds` is all the time they took."""

    by_rule: Mapping[str, int]
    seconds: float

    @property
    def steps(self) -> int:
        return sum(self.by_rule.values())


def run(steps: int = STEPS) -> Walk:
    """At least so many steps. Raises what an invariant raised, with the shortest history that Hypothesis finds."""
    done: Counter[str] = Counter()

    class Counted(IncidentMachine):
        pass

    Counted.done = done
    started = time.perf_counter()
    while done.total() < steps:
        run_state_machine_as_test(
            Counted,
            settings=settings(
                max_examples=LIVES_AT_ONCE,
                stateful_step_count=STEPS_PER_LIFE,
                deadline=None,
                database=None,
                phases=(Phase.generate, Phase.shrink),
                verbosity=Verbosity.quiet,
                suppress_health_check=list(HealthCheck),
            ),
        )
    return Walk(by_rule=done, seconds=time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.state_machine", description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    walk = run(parser.parse_args().steps)
    table = Table("rule", "steps", title=f"{walk.steps:,} steps in {walk.seconds:.0f} s, every invariant after each")
    for rule, count in sorted(walk.by_rule.items(), key=lambda each: -each[1]):
        table.add_row(rule, f"{count:,}")
    Console().print(table)


if __name__ == "__main__":
    main()
