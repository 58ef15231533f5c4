"""The rules under random acts, with every invariant checked after each."""

from collections.abc import Sequence
from typing import Final

from tests.benchmarks import state_machine
from tests.benchmarks.bench import Bench
from tests.benchmarks.figure import Figure, at_least

RANDOM: Final = "the rules under random acts, every invariant after each step"


def random_steps(bench: Bench) -> Sequence[Figure]:
    """Once: it is a proof, and its speed is only how long one waits for it."""
    bench.say(f"{bench.sizes.steps:,} steps")
    walk = state_machine.run(bench.sizes.steps)
    return [
        Figure(
            group=RANDOM,
            what="state machine steps",
            unit="steps",
            runs=[walk.steps],
            target=at_least(bench.sizes.steps),
        ),
        Figure(group=RANDOM, what="speed", unit="steps/s", runs=[walk.steps / walk.seconds]),
    ]
