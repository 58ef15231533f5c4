"""What people were told is done is on disk: after a kill at that very instant, and after an orderly stop under load."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.domain.delivery import PromiseState
from bot.playground import Answer, Fault
from tests.crash.stored import Facts
from tests.crash.world import TIER_1, Opened, World, opened_by

pytestmark = pytest.mark.asyncio(loop_scope="session")

STOPS_WITHIN = 10.0


async def test_what_somebody_was_told_is_open_survives_a_kill_right_after_the_answer(world: World) -> None:
    known = set((await world.facts()).incidents)
    typing = _type_commands(world, 3)
    await asyncio.wait(typing, return_when=asyncio.FIRST_COMPLETED)
    await world.kill()
    told = _told(await asyncio.gather(*typing))
    assert told, "the first answer was the sign to kill"
    await world.start()

    facts = await world.settle()
    _assert_paged_once(world, facts, told, known)
    await world.finish()


async def test_a_stop_under_load_ends_in_time_and_leaves_nothing_on_its_way(world: World) -> None:
    known = set((await world.facts()).incidents)
    slow = world.strike(Fault(method="chat.postMessage", kind="delay_after", channel=TIER_1, delay_seconds=0.5))
    first = await world.open("A page on its way")
    await slow()
    typing = _type_commands(world, 5)
    await asyncio.wait(typing, return_when=asyncio.FIRST_COMPLETED)
    assert await world.bot.stop(within=STOPS_WITHIN) == 0, world.bot.last_words()
    told = [first, *_told(await asyncio.gather(*typing))]
    facts = await world.facts()
    assert not facts.in_state(PromiseState.SENDING), "what ran was finished, and its outcome recorded"
    assert not facts.in_state(PromiseState.UNKNOWN)
    assert facts.state(first.page()) is PromiseState.SENT
    await world.start()

    facts = await world.settle()
    assert {incident.number for incident in told} == facts.incidents.keys() - known, (
        "nobody opens it twice, told of a failure"
    )
    _assert_paged_once(world, facts, told, known)
    await world.finish()


async def test_a_stop_while_slack_hangs_ends_in_time_and_nothing_is_lost_or_said_twice(
    world_from_disk: World,
) -> None:
    world = world_from_disk
    posts = world.strike(Fault(method="chat.postMessage", kind="delay", times=None))
    first = await world.open("A page that hangs")
    await posts()
    for method in ("conversations.history", "usergroups.users.list", "users.info", "chat.update"):
        world.slack.faults.add(Fault(method=method, kind="delay", times=None))
    typing = _type_commands(world, 5)
    await asyncio.wait(typing, return_when=asyncio.FIRST_COMPLETED)
    assert await world.bot.stop(within=STOPS_WITHIN) == 0, world.bot.last_words()
    told = [first, *_told(await asyncio.gather(*typing))]
    world.slack.faults.clear()  # what Slack held is done now, when nobody waits for it any more
    await world.start()

    facts = await world.settle()
    assert {incident.number for incident in told} == facts.incidents.keys()
    _assert_paged_once(world, facts, told, set())
    await world.finish()


def _type_commands(world: World, count: int) -> Sequence[asyncio.Task[Answer]]:
    """So many people at once, each of another problem."""
    commands = [f"/incident open sev1 checkout: Problem {number} of many" for number in range(count)]
    return [asyncio.ensure_future(world.slack.command("sam", "general", command)) for command in commands]


def _told(answers: Sequence[Answer]) -> Sequence[Opened]:
    return [opened_by(answer.text or "") for answer in answers if answer.ok]


def _assert_paged_once(world: World, facts: Facts, told: Sequence[Opened], known: set[int]) -> None:
    stored = [Opened(number=number) for number in facts.incidents if number not in known]
    assert {incident.number for incident in told} <= {incident.number for incident in stored}
    for incident in stored:
        assert [len(world.copies(key)) for key in (incident.page(), incident.parent)] == [1, 1]
        assert world.rung("ana", incident.page()) == 1
