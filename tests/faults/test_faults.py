"""Whatever fails, nothing is lost, late or doubled; and everything that can fail did, or this would prove nothing.

`python -m tests.faults` tells many more of these stories, and one again with all that happened in it.
"""

import shutil
from collections import Counter
from pathlib import Path
from typing import Final

from tests.databases import PostgresServer, sqlite_url
from tests.faults.chance import Fault, Recovery
from tests.faults.story import Ending, ending_of

FIRST: Final = (115, 130, 131)
"""Seeds of stories that are always told: together they had everything once."""
MORE: Final = range(100, 140)
"""Told until everything was seen: which story has what depends on every line of the bot."""
A_SHORT_ONE: Final = 60.0


def test_whatever_fails_nothing_is_lost_late_or_doubled(migrated_sqlite: Path, tmp_path: Path) -> None:
    seen: Counter[Fault | Recovery] = Counter()
    for seed in (*FIRST, *MORE):
        if seed in MORE and not _unseen(seen):
            break
        path = tmp_path / f"{seed}.sqlite3"
        shutil.copyfile(migrated_sqlite, path)
        ending = ending_of(seed, sqlite_url(path))
        _ends_well(ending)
        seen.update(ending.chance.seen)
        seen.update(ending.chance.mended)
    assert not _unseen(seen)


def test_a_seed_tells_the_same_story_again(migrated_sqlite: Path, tmp_path: Path) -> None:
    told = []
    for name in ("first", "second"):
        path = tmp_path / f"{name}.sqlite3"
        shutil.copyfile(migrated_sqlite, path)
        told.append(ending_of(1, sqlite_url(path), lasts=A_SHORT_ONE).chance.told)
    assert told[0] == told[1]


def test_replicas_on_a_shared_database_end_as_well(postgres_server: PostgresServer) -> None:
    url = postgres_server.fresh_url()
    _ends_well(ending_of(1, url, lasts=2 * A_SHORT_ONE))
    postgres_server.drop(url)


def _ends_well(ending: Ending) -> None:
    assert not ending.wrong, f"again with: python -m tests.faults --seeds 1 --from {ending.seed}\n{ending}"


def _unseen(seen: Counter[Fault | Recovery]) -> list[str]:
    return [what.value for what in (*Fault, *Recovery) if not seen[what]]
