"""Tells stories with faults, one a seed, and prints what went wrong; a seed tells the same story each time.

    python -m tests.faults --seeds 500 --from 1    many of them, and at the end how often everything was seen
    python -m tests.faults --seeds 1 --from 17     one again, with all that happened when something is wrong in it
    python -m tests.faults --seeds 1 --from 17 --log                      … or in any case
    python -m tests.faults --seeds 20 --postgresql    on a PostgreSQL server of its own; there the order may vary

It stops at the first story that ends badly, unless told to `--go-on`.
"""

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bot.clock import monotonic_seconds
from tests.databases import PostgresServer, fast_folder, run_migrations, sqlite_url
from tests.faults.chance import Fault, Recovery
from tests.faults.story import Ending, ending_of


def main() -> int:
    arguments = _arguments()
    seen: Counter[Fault | Recovery] = Counter()
    bad, messages, began = 0, 0, monotonic_seconds()
    with ExitStack() as stack:
        fresh = stack.enter_context(_postgresql() if arguments.postgresql else _sqlite())
        for seed in range(arguments.first, arguments.first + arguments.seeds):
            ending = ending_of(seed, fresh())
            seen.update(ending.chance.seen)
            seen.update(ending.chance.mended)
            messages += ending.messages
            bad += bool(ending.wrong)
            _say(ending, in_full=arguments.log, briefly=arguments.go_on)
            if ending.wrong and not arguments.go_on:
                break
    for what in (*Fault, *Recovery):
        print(f"{seen[what]:7} {what}")  # noqa: T201
    print(f"{bad} bad; {messages} messages in {monotonic_seconds() - began:.1f} s")  # noqa: T201
    return 1 if bad else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=100, help="how many stories")
    parser.add_argument("--from", type=int, default=1, dest="first", help="the first seed")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--log", action="store_true", help="print all that happened")
    parser.add_argument("--go-on", action="store_true", help="also after a bad ending")
    return parser.parse_args()


def _say(ending: Ending, *, in_full: bool, briefly: bool) -> None:
    if in_full or (ending.wrong and not briefly):
        print(ending)  # noqa: T201
    elif ending.wrong:
        print(ending.summary)  # noqa: T201


@contextmanager
def _sqlite() -> Iterator[Callable[[], str]]:
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        migrated, path = Path(folder) / "migrated.sqlite3", Path(folder) / "tierline.sqlite3"
        run_migrations(sqlite_url(migrated))

        def fresh() -> str:
            for beside in path.parent.glob(f"{path.name}*"):
                beside.unlink()
            shutil.copyfile(migrated, path)
            return sqlite_url(path)

        yield fresh


@contextmanager
def _postgresql() -> Iterator[Callable[[], str]]:
    with PostgresServer() as server:
        yield server.fresh_url


if __name__ == "__main__":
    sys.exit(main())
