"""What is measured, how often, and beside what."""

import asyncio
import gc
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

from bot.services.tick import BATCH
from tests.benchmarks import state_machine
from tests.benchmarks.clicks import AT_A_TIME, Clicks, bare_commits, clicks
from tests.benchmarks.figure import Figure, at_least, at_most, percentile
from tests.benchmarks.obvious import Obvious, obvious
from tests.benchmarks.state_machine import STEPS
from tests.benchmarks.storm import Storm, clicks_in_a_storm, storm
from tests.databases import PostgresServer, sqlite_url

RUNS: Final = 5
RUNS_OF_THE_OBVIOUS: Final = 3
"""It takes seconds for what the tick does in a fraction of one."""

THE_OBVIOUS: Final = "one APScheduler job per incident"
BARE: Final = "one bare durable SQLite commit"
RANDOM: Final = "the rules under random acts, every invariant after each step"

NOTES: Final = (
    "“until durable” ends when the transaction that decided is committed; “in the ledger” is breached_at - due_at.",
    "SQLite is a file with synchronous=FULL on both sides, PostgreSQL runs with fsync on.",
    f"{THE_OBVIOUS}: APScheduler 3 with SQLAlchemyJobStore on SQLite, for both; on PostgreSQL it needs a synchronous "
    "driver, which Tierline does not have. A job writes 3 rows and deletes itself; a decision writes 7 and 2 cards.",
)

Measurement = Callable[[Callable[[str], None]], Sequence[Figure]]


def breaches_on_sqlite(say: Callable[[str], None]) -> Sequence[Figure]:
    storms, waits, jobs = [], [], []
    for run in _runs(say):
        with _sqlite() as url:
            storms.append(asyncio.run(storm(url)))
        with _sqlite() as url:
            waits.append(asyncio.run(clicks_in_a_storm(url)))
        if run <= RUNS_OF_THE_OBVIOUS:
            with _folder() as folder:
                jobs.append(obvious(folder))
    return _of_storms("SQLite", storms, waits, jobs)


def breaches_on_postgresql(say: Callable[[str], None]) -> Sequence[Figure]:
    storms, waits = [], []
    with PostgresServer(durable=True) as server, _folder() as folder:
        for _ in _runs(say):
            with _postgresql(server) as url:
                storms.append(asyncio.run(storm(url)))
            with _postgresql(server) as url:
                waits.append(asyncio.run(clicks_in_a_storm(url)))
        jobs = [obvious(folder)]
    return _of_storms("PostgreSQL", storms, waits, jobs)


def clicks_on_sqlite(say: Callable[[str], None]) -> Sequence[Figure]:
    single, many, bare = [], [], []
    for _ in _runs(say):
        with _folder() as folder:
            one_by_one, at_once = asyncio.run(clicks(sqlite_url(folder / "tierline.sqlite3")))
            single.append(one_by_one)
            many.append(at_once)
            bare.append(bare_commits(folder))
    return [
        *_of_clicks("click to commit, one at a time", single, bare),
        *_of_clicks(f"click to commit, {AT_A_TIME} at a time", many, bare),
    ]


def random_steps(say: Callable[[str], None]) -> Sequence[Figure]:
    """Once: it is a proof, and its speed is only how long one waits for it."""
    say(f"{STEPS:,} steps")
    walk = state_machine.run()
    return [
        Figure(group=RANDOM, what="state machine steps", unit="steps", runs=[walk.steps], target=at_least(STEPS)),
        Figure(group=RANDOM, what="speed", unit="steps/s", runs=[walk.steps / walk.seconds]),
    ]


MEASUREMENTS: Final[Mapping[str, Measurement]] = {
    "breaches": breaches_on_sqlite,
    "breaches-postgresql": breaches_on_postgresql,
    "clicks": clicks_on_sqlite,
    "rules": random_steps,
}


def _of_storms(
    where: str, storms: Sequence[Storm], waits: Sequence[Sequence[float]], jobs: Sequence[Obvious]
) -> Sequence[Figure]:
    group = f"1,000 breaches at one instant, {where}"
    usual = median(one.per_second for one in jobs)
    return [
        Figure(
            group=group,
            what="decisions",
            unit="/s",
            runs=[one.per_second for one in storms],
            target=at_least(3_000),
            baseline=THE_OBVIOUS,
            baseline_runs=[one.per_second for one in jobs],
        ),
        Figure(
            group=group,
            what="as many as the obvious design",
            unit="times",
            runs=[one.per_second / usual for one in storms],
            target=at_least(10),
        ),
        *(
            Figure(
                group=group,
                what=f"late until durable, p{percent}",
                unit="ms",
                runs=[percentile(one.durable, percent) for one in storms],
                baseline=THE_OBVIOUS,
                baseline_runs=[percentile(one.durable, percent) for one in jobs],
            )
            for percent in (50, 99)
        ),
        *(
            Figure(
                group=group,
                what=f"late in the ledger, p{percent}",
                unit="ms",
                runs=[percentile(one.decided, percent) for one in storms],
            )
            for percent in (50, 99)
        ),
        Figure(
            group=group,
            what=f"statements for a batch of {BATCH}",
            unit="",
            runs=[one.statements for one in storms],
        ),
        Figure(
            group=group,
            what="longest wait of a click meanwhile",
            unit="ms",
            runs=[max(one) for one in waits],
            target=at_most(100),
            baseline=f"one batch of {BATCH}",
            baseline_runs=[1_000 * BATCH / one.per_second for one in storms],
        ),
    ]


def _of_clicks(group: str, measured: Sequence[Clicks], bare: Sequence[Clicks]) -> Sequence[Figure]:
    return [
        *(
            Figure(
                group=group,
                what=f"p{percent}",
                unit="ms",
                runs=[percentile(one.waited, percent) for one in measured],
                baseline=BARE,
                baseline_runs=[percentile(one.waited, percent) for one in bare],
            )
            for percent in (50, 99)
        ),
        Figure(
            group=group,
            what="clicks",
            unit="/s",
            runs=[one.per_second for one in measured],
            baseline=BARE,
            baseline_runs=[one.per_second for one in bare],
        ),
    ]


def _runs(say: Callable[[str], None]) -> Iterator[int]:
    for run in range(1, RUNS + 1):
        say(f"run {run} of {RUNS}")
        gc.collect()
        yield run


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tierline-bench-") as folder:
        yield Path(folder)


@contextmanager
def _sqlite() -> Iterator[str]:
    with _folder() as folder:
        yield sqlite_url(folder / "tierline.sqlite3")


@contextmanager
def _postgresql(server: PostgresServer) -> Iterator[str]:
    url = server.fresh_url()
    try:
        yield url
    finally:
        server.drop(url)
