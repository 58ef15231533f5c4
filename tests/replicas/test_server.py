"""The server itself goes away under load and comes back: that costs time, and nobody's incident."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.services.commits import ANSWER_WITHIN_SECONDS
from handlers.listener import MAYBE_SAVED, NOT_SAVED
from tests.crash.world import PATIENCE
from tests.databases import PostgresServer
from tests.replicas.world import TARGET, Fleet, Heard, a_fleet

TITLES = [f"Problem {number}" for number in range(1, 31)]


async def test_while_the_server_is_down_the_bots_say_so_and_afterwards_they_go_on(fleet: Fleet) -> None:
    await fleet.add(2)
    heard = [await opened(fleet, TITLES[:8])]
    fleet.let_run()
    await fleet.slack.wait_for(lambda: fleet.copies(heard[0].opened[0].page()))

    during = asyncio.create_task(fleet.open_many(TITLES[8:16]))
    await fleet.next_request()
    await asyncio.to_thread(fleet.server.stop_at_once)
    heard.append(await during)
    heard.append(await fleet.open_many(TITLES[16:20]))
    assert (heard[-1].opened, set(heard[-1].failures)) == ([], {NOT_SAVED})
    fleet.move_to(fleet.clock.now() + TARGET)
    await asyncio.to_thread(fleet.server.start_again)
    fleet.let_run()

    for number in range(20, 28, 4):
        during = asyncio.create_task(fleet.open_many(TITLES[number : number + 4]))
        await fleet.next_request()
        await asyncio.to_thread(fleet.server.stop_at_once)
        await asyncio.to_thread(fleet.server.start_again)
        heard.append(await during)
    heard.append(await opened(fleet, TITLES[28:]))

    facts = await fleet.all_said(tiers=1)
    fleet.check_told(facts, heard)
    fleet.check(facts)
    fleet.check_breached(facts, heard[0].opened)


async def test_a_server_that_answers_nobody_is_told_of_while_people_still_wait(fleet: Fleet) -> None:
    await fleet.add(1)
    heard = [await opened(fleet, TITLES[:2])]
    fleet.server.freeze()
    try:
        heard.append(await fleet.open_many(TITLES[2:4]))
    finally:
        fleet.server.thaw()
    assert (heard[-1].opened, set(heard[-1].failures) <= {NOT_SAVED, MAYBE_SAVED}) == ([], True)
    heard.append(await opened(fleet, TITLES[4:6]))

    facts = await fleet.all_said(tiers=1)
    fleet.check_told(facts, heard)
    fleet.check(facts)


async def opened(fleet: Fleet, titles: Sequence[str]) -> Heard:
    """People try until it succeeds for one of them: who was refused in time on a busy machine tries again."""
    everything = Heard(opened=(), failures=())
    async with asyncio.timeout(PATIENCE):
        while not everything.opened:
            heard = await fleet.open_many(titles)
            everything = Heard(opened=heard.opened, failures=[*everything.failures, *heard.failures])
    return everything


@pytest.fixture
async def fleet(own_server: PostgresServer, tmp_path: Path) -> AsyncIterator[Fleet]:
    """Its bots tell people within the bot's own time whether something was stored."""
    async with a_fleet(own_server, tmp_path, answers_within=ANSWER_WITHIN_SECONDS) as fleet:
        yield fleet
