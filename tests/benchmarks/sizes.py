"""How much is measured, and how often: in full, and small enough to try the measurements themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """`runs` of what takes seconds, `long_runs` of what takes longer; the rest are incidents, clicks or updates."""

    runs: int
    long_runs: int
    storm: int
    big_storm: int
    shared_storm: int
    """For replicas."""
    obvious: int
    open_incidents: Sequence[int]
    """Among so many `due` are due, and that `turns` times."""
    due: int
    turns: int
    clicks: int
    alone: int
    """Clicks of one person, each of which edits two messages: a minute has budget for 50 edits."""
    open_at_start: int
    backlog: int
    steps: int


FULL: Final = Sizes(
    runs=5,
    long_runs=3,
    storm=1_000,
    big_storm=10_000,
    shared_storm=4_000,
    obvious=1_000,
    open_incidents=(1_000, 100_000, 1_000_000),
    due=100,
    turns=7,
    clicks=900,
    alone=20,
    open_at_start=100_000,
    backlog=500,
    steps=20_000,
)
QUICK: Final = Sizes(
    runs=2,
    long_runs=1,
    storm=200,
    big_storm=1_000,
    shared_storm=400,
    obvious=100,
    open_incidents=(1_000, 5_000, 20_000),
    due=50,
    turns=3,
    clicks=100,
    alone=10,
    open_at_start=5_000,
    backlog=50,
    steps=1_000,
)
