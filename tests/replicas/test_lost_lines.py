"""Lines to the server that are cut: at any instant, and at the very commit, whose outcome nobody knows then."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import NOW
from tests.crash.world import PATIENCE
from tests.databases import PostgresServer
from tests.replicas.world import Fleet, a_fleet
from tests.storage.broken_line import Break, BrokenLine, broken_line

TITLES = [f"Problem {number}" for number in range(1, 9)]
A_TS = str(int(NOW.timestamp()))[:6].encode()
"""How the timestamp of a message begins that was posted in the first hour of a story."""


async def test_connections_are_ended_again_and_again_while_everybody_works(fleet: Fleet) -> None:
    await fleet.add(2)
    heard, ended = [], 0
    for title in TITLES:
        opened, lines = await asyncio.gather(fleet.open_many([title]), fleet.hang_up())
        heard.append(opened)
        ended += lines
    fleet.let_run()
    for _ in range(sum(len(one.opened) for one in heard)):  # each has two messages at the least
        await fleet.next_call()
        ended += await fleet.hang_up()
    assert ended > len(TITLES), "the bots were connected"

    facts = await fleet.all_said(tiers=1)
    fleet.check_told(facts, heard)
    fleet.check(facts)


async def test_what_became_of_a_commit_without_an_answer_is_found_out(
    own_server: PostgresServer, tmp_path: Path, short_folder: Path
) -> None:
    url = own_server.fresh_url()
    async with (
        broken_line(url, short_folder) as (line, by_way),
        a_fleet(own_server, tmp_path, database_url=url, by_way=by_way) as fleet,
    ):
        await fleet.add(1)
        for number, at in enumerate(Break):
            await _cut(fleet, line, at, b"Opened", f"Opened, and nobody knows it: {number}")
        for number, at in enumerate(Break):
            await _cut(fleet, line, at, A_TS, f"Posted, and nobody noted it: {number}")


async def _cut(fleet: Fleet, line: BrokenLine, at: Break, about: bytes, title: str) -> None:
    """The commit of an opening, or of what became of a post; then everything is as if nothing had been."""
    known = set((await fleet.facts()).incidents)
    line.broken.clear()
    line.at, line.about = at, about
    heard = await fleet.open_many([title])
    fleet.let_run()
    async with asyncio.timeout(PATIENCE):
        await line.broken.wait()
    facts = await fleet.all_said(tiers=1)
    fresh = facts.incidents.keys() - known
    assert {incident.number for incident in heard.opened} in (fresh, set()), "what is told is so"
    assert len(fresh) == 1 or (at is Break.BEFORE_COMMIT and not fresh and heard.failures)
    fleet.check(facts)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """The path of a socket may have about a hundred characters."""
    with tempfile.TemporaryDirectory(prefix="tl-") as folder:
        yield Path(folder)
