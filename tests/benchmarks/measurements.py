"""What can be measured, by name, and what to know when reading the table."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tests.benchmarks.answers import answers
from tests.benchmarks.backlog import backlog
from tests.benchmarks.bench import Bench
from tests.benchmarks.clicks import clicks
from tests.benchmarks.clicks_in_a_storm import clicks_in_a_storm
from tests.benchmarks.figure import Figure
from tests.benchmarks.obvious import THE_OBVIOUS
from tests.benchmarks.replicas import two_replicas
from tests.benchmarks.rules import random_steps
from tests.benchmarks.scaling import due_among_many
from tests.benchmarks.starting import start
from tests.benchmarks.storms import breaches_on_postgresql, breaches_on_sqlite, many_breaches
from tests.benchmarks.whole_life import whole_life

Measurement = Callable[[Bench], Sequence[Figure]]

MEASUREMENTS: Final[Mapping[str, Measurement]] = {
    "clicks": clicks,
    "answers": answers,
    "breaches": breaches_on_sqlite,
    "breaches-postgresql": breaches_on_postgresql,
    "many-breaches": many_breaches,
    "scaling": due_among_many,
    "clicks-in-a-storm": clicks_in_a_storm,
    "replicas": two_replicas,
    "start": start,
    "life": whole_life,
    "backlog": backlog,
    "rules": random_steps,
}

NOTES: Final = (
    "“until durable” ends when the transaction that decided is committed; “in the ledger” is breached_at - due_at.",
    "SQLite is a file with synchronous=FULL on both sides, PostgreSQL runs with fsync on. Each bot is a process of its "
    "own; so are the hundred people who click. The first decisions and clicks of each process are not counted.",
    f"{THE_OBVIOUS}: APScheduler 3 with SQLAlchemyJobStore on SQLite, for both; on PostgreSQL it needs a synchronous "
    "driver, which Tierline does not have. A job writes 3 rows and deletes itself; a decision writes 7 and 2 cards.",
    "A target for clicks is the median bare commit of the same run and 15 ms.",
)
