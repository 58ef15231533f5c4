"""What the processes of the measurements do: `python -m tests.benchmarks.tasks NAME GIVEN`, started by `child`."""

from collections.abc import Mapping
from typing import Final

from tests.benchmarks.child import Task, run
from tests.benchmarks.clicking import click
from tests.benchmarks.empty_listener import empty_listener
from tests.benchmarks.serving import serve
from tests.benchmarks.ticking import tick

TASKS: Final[Mapping[str, Task]] = {
    "tick": tick,
    "serve": serve,
    "empty listener": empty_listener,
    "click": click,
}

if __name__ == "__main__":
    run(TASKS)
